"""Residents and businesses who have signed in before: their accounts are in their lists, and some are shared."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from accounts.account_links import service as links
from accounts.account_links import sharing
from accounts.account_links.rules import Offer, Right, Standing
from accounts.account_links.sharing import NewInvitation, new_token
from accounts.clock import Clock
from accounts.database import Sessions, reading, transaction
from portal.identity.passwords import hasher
from portal.identity.residents.mailed_links import new_sign_in

_HOMES = text("""
    SELECT a.id FROM customer_accounts a JOIN customers c ON c.id = a.customer_id
     WHERE a.kind = 'utility' AND a.status = 'open' AND NOT a.is_protected AND NOT a.is_restricted
       AND c.language = :language AND c.kind = 'person'
       AND EXISTS (SELECT FROM charges o WHERE o.customer_account_id = a.id AND o.open_cents > 0
                   GROUP BY o.customer_account_id HAVING (min(o.due_on) < :today) = :is_late)
     ORDER BY a.id LIMIT :most""")
_OTHERS = text("""
    SELECT a.id FROM customer_accounts a
     WHERE a.kind = :kind AND a.status = 'open' AND NOT a.is_protected AND NOT a.is_restricted
       AND EXISTS (SELECT FROM charges o WHERE o.customer_account_id = a.id AND o.open_cents > 0)
     ORDER BY a.id LIMIT :most""")
BUSINESSES = 40


@dataclass(frozen=True)
class _Resident:
    """Somebody with a sign-in. The password is known to everybody: the demo has no secrets."""

    email: str
    password: str
    language: str
    what: str


_MARIA = _Resident("maria.lopez@example.com", "siete mesas azules vuelan", "es", "late-in-spanish")
_JAMES = _Resident("james.walker@example.com", "seven blue tables fly north", "en", "in-good-time")
_GRACE = _Resident("grace.kim@example.com", "green lanterns over quiet harbor", "en", "landlord")
_PETRA = _Resident("petra.books@example.com", "ledgers sing on rainy mondays", "en", "bookkeeper")


def move_in(sessions: Sessions, clock: Clock, folder: Path) -> None:
    """Let them register, prove their accounts and share some; write down how they get in (``people.json``)."""
    with reading(sessions) as session:

        def homes(language: str, *, is_late: bool, most: int) -> list[int]:
            asked = {"language": language, "today": clock.today(), "is_late": is_late, "most": most}
            return list(session.scalars(_HOMES, asked))

        late = homes("es", is_late=True, most=1)
        good = homes("en", is_late=False, most=6)
        tickets = list(session.scalars(_OTHERS, {"kind": "citation", "most": 1}))
        shops = list(session.scalars(_OTHERS, {"kind": "license", "most": BUSINESSES}))
    maria = _registers(sessions, _MARIA, clock)
    james = _registers(sessions, _JAMES, clock)
    grace = _registers(sessions, _GRACE, clock)
    petra = _registers(sessions, _PETRA, clock)
    _links(sessions, maria, [*late, *tickets], clock)
    _links(sessions, james, good[:1], clock)
    _links(sessions, grace, good[1:], clock)
    _links(sessions, petra, shops, clock)
    if len(good) > 1:
        _shares(sessions, grace, james, good[1], clock)
    people = [
        {"email": one.email, "password": one.password, "language": one.language, "what": one.what}
        for one in (_MARIA, _JAMES, _GRACE, _PETRA)
    ]
    (folder / "people.json").write_text(json.dumps(people, indent=1, ensure_ascii=False))


def _registers(sessions: Sessions, one: _Resident, clock: Clock) -> int:
    with transaction(sessions) as session:
        made = new_sign_in(session, one.language, email=one.email, verified_at=clock.now())
        made.password_hash = hasher().hash(one.password)
        return made.actor_id


def _links(sessions: Sessions, actor_id: int, accounts: Sequence[int], clock: Clock) -> None:
    for account_id in accounts:
        links.link(sessions, actor_id, account_id, "proof", now=clock.now())


def _shares(sessions: Sessions, owner: int, tenant: int, account_id: int, clock: Clock) -> None:
    """The tenant of one of the houses sees and pays."""
    token = new_token()
    offer = Offer(Standing.TENANT, frozenset({Right.SEE, Right.PAY}))
    new = NewInvitation(token, "", "j•••@example.com", "en", offer)
    sharing.invite(sessions, owner, account_id, new, now=clock.now())
    sharing.accept(sessions, tenant, token, now=clock.now())
