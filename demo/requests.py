"""Requests of the made-up city's residents, in different states, by the use cases that residents and staff have."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from accounts.cases import service as work
from accounts.cases.lifecycle import CaseDesk
from accounts.cases.queries import case
from accounts.cases.rules import Outcome
from accounts.customer_changes.desk import ChangeDesk
from accounts.database import reading
from accounts.requests import residents, service
from accounts.requests.residents import Resident
from accounts.requests.service import RequestDesk
from demo.colleagues import CLERK, Colleagues
from portal.acts import acts_under

_MINE = text("""
    SELECT l.customer_account_id FROM account_links l
      JOIN resident_sign_ins s ON s.actor_id = l.actor_id
      JOIN customer_accounts a ON a.id = l.customer_account_id AND a.kind = 'utility'
     WHERE s.email = :email AND l.ended_at IS NULL AND l.rights @> ARRAY['manage'] ORDER BY l.id""")
_WHO = text("SELECT actor_id, language FROM resident_sign_ins WHERE email = :email")
_BILL = text("""
    SELECT id FROM bills WHERE customer_account_id = :account AND billed_on >= :since
     ORDER BY billed_on DESC LIMIT 1""")


def ask(people: Colleagues, folder: Path) -> None:
    """Some ask, and some are answered; ``requests.json`` says which there are, for ``/demo.json``."""
    ruling = people.ruling
    desk = CaseDesk(people.sessions, people.clock, ruling.city, ruling.release_id)
    made = [*_of_maria(people, desk), *_of_grace(people, desk)]
    with reading(people.sessions) as session:
        lines = [case(session, id_) for id_ in made]
    told = [
        {"number": one.number, "kind": one.kind, "state": one.state.value, "page": f"/staff/cases/{one.id}",
         "resident_page": f"/my/requests/{one.id}"}
        for one in lines
    ]  # fmt: skip
    (folder / "requests.json").write_text(json.dumps(told, indent=1))


def _of_maria(people: Colleagues, desk: CaseDesk) -> list[int]:
    """She appeals a bill, where one is new enough, and paid another through a bank."""
    who, mine = _resident(people, "maria.lopez@example.com")
    made = []
    for account in mine[:1]:
        since = desk.today - timedelta(days=30)
        with reading(people.sessions) as session:
            bill = session.scalar(_BILL, {"account": account, "since": since})
        if bill is not None:
            answers = {"bill": bill, "grounds": "reading", "statement": "En esa casa no vive nadie desde agosto."}
            made.append(_asks(desk, who, "bill-appeal", account, answers))
        paid = {"paid_through": "Mi banco", "paid_on": desk.today, "amount": 60_00}
        made.append(_asks(desk, who, "paid-elsewhere", account, paid))
    return made


def _of_grace(people: Colleagues, desk: CaseDesk) -> list[int]:
    """Her question is answered; of her new address the counter asks something; one question is new."""
    who, mine = _resident(people, "grace.kim@example.com")
    if len(mine) < 3:
        return []
    clerk = people.person(CLERK)
    answered = _asks(desk, who, "bill-question", mine[0], {"question": "Why is the sewer line the same each month?"})
    work.take(desk, clerk, answered, seen=_version(people, answered))
    changes = ChangeDesk(people.sessions, people.clock, people.ruling.city, b"")
    words = "Sewer for homes is a flat rate: it does not follow how much water you use."
    service.decide(
        RequestDesk(desk, changes, acts_under(people.ruling)), clerk, answered, Outcome.ANSWERED, words,
        seen_version=_version(people, answered),
    )  # fmt: skip
    moved = {"new_address": "18 Quiet Harbor Lane, Fresno, CA 93701", "from_day": desk.today + timedelta(days=14)}
    waiting = _asks(desk, who, "change-address", mine[1], moved)
    work.take(desk, clerk, waiting, seen=_version(people, waiting))
    work.ask(
        desk, clerk, waiting, "Is this address for all five of your accounts, or for this one only?",
        seen=_version(people, waiting),
    )  # fmt: skip
    new = _asks(desk, who, "bill-question", mine[2], {"question": "Which days does this bill cover?"})
    return [answered, waiting, new]


def _resident(people: Colleagues, email: str) -> tuple[Resident, list[int]]:
    with reading(people.sessions) as session:
        row = session.execute(_WHO, {"email": email}).one()
        mine = list(session.scalars(_MINE, {"email": email}))
    return Resident(row.actor_id, row.language), mine


def _asks(desk: CaseDesk, who: Resident, kind: str, account: int, answers: Mapping[str, object]) -> int:
    made = residents.begin(desk, who, kind, account)
    residents.keep_answers(desk, who, made, answers)
    residents.submit(desk, who, made)
    return made


def _version(people: Colleagues, case_id: int) -> int:
    with reading(people.sessions) as session:
        return case(session, case_id).version
