"""The demo's counter: something waits in every inbox, everything was done by people who may, the books are right."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from sqlalchemy import text

from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from demo import billing, office, staff
from demo.city import Size, load_city
from demo.colleagues import Colleagues
from portal.identity.staff.signing_in import Door
from portal.identity.vault import SECOND_FACTORS, Vault
from portal.verify import verify
from tests.demo.test_city import CITY, KEY

TODAY = date(2026, 11, 17)


def test_every_inbox_has_something_true_in_it(sessions: Sessions, tmp_path: Path) -> None:
    load_city(sessions, CITY, tmp_path, proof_key=KEY, say=lambda _: None, today=TODAY, size=Size(300, 60, 40))
    with reading(sessions) as session:
        ruled = ruling(session)
    door = Door(KEY, Vault(["a secret key of the tests, long enough"], SECOND_FACTORS))
    staff.hire(sessions, ruled.city, door, tmp_path, FixedClock())
    office.work(Colleagues(sessions, ruled, FixedClock()))
    billing.work(Colleagues(sessions, ruled, FixedClock()))

    with reading(sessions) as session:
        assert [violation for check in verify(session) for violation in check.violations] == []
        runs = session.execute(text("SELECT state, corrects_bill_id IS NOT NULL FROM billing_runs ORDER BY id"))
        assert [tuple(row) for row in runs] == [
            ("posted", False), ("posted", False), ("posted", False), ("posted", True), ("draft", True),
            ("draft", False),
        ]  # fmt: skip
        became = session.execute(text("SELECT outcome, count(*) > 0 FROM bill_printing_items GROUP BY 1"))
        assert {"printed", "paperless"} <= {outcome for outcome, _ in became}
        run = session.scalar(text("SELECT max(id) FROM billing_runs"))
        items = session.execute(
            text("SELECT problems[1], state FROM billing_items WHERE run_id = :run"), {"run": run}
        )
        found = {(problem, state) for problem, state in items if problem or state != "ready"}
        kinds = ("high", "low", "zero", "negative", "missing", "estimated")
        assert {problem for problem, state in found if state == "held"} == set(kinds)
        worked = session.scalars(text("SELECT resolution FROM billing_items WHERE run_id = :run AND worked_by <> 0"),
                                 {"run": run})  # fmt: skip
        assert sorted(worked) == ["accept", "estimate", "leave_out", "reread"]
        acts = session.execute(
            text(
                "SELECT p.act, coalesce(d.verdict, 'waits') FROM proposals p"
                " LEFT JOIN proposal_decisions d ON d.proposal_id = p.id WHERE p.act <> 'city-release' ORDER BY p.id"
            )
        )
        assert sorted(tuple(row) for row in acts) == [
            ("adjustment", "approved"),
            ("adjustment", "waits"),
            ("fee", "alone"),
            ("fee", "waits"),
            ("move", "waits"),
            ("waiver", "alone"),
        ]
        assert session.scalar(text("SELECT count(*) FROM follow_ups WHERE due_on < :today"), {"today": TODAY}) == 1
        assert session.scalar(text("SELECT count(*) FROM contacts")) == 3
        assert session.scalar(text("SELECT count(*) FROM exception_lines WHERE closed_at IS NULL")) >= 1
