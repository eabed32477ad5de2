"""``verify`` proves what people did by two, and names what an owner of the tables changed behind their back."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.orm import Session

from accounts.adjustments.commands import Adjust, ByLines, StatedLine, TakeBack, Waive
from accounts.approvals import service as approvals
from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from accounts.fees.rules import PostFee
from accounts.money import Money
from accounts.seals.queries import broken_days
from accounts.seals.service import close_days
from payments.moves.rules import Move
from portal.sealing import PARTS
from portal.verification import decided
from portal.verify import verify
from tests.factories.desk import Desk, open_desk

pytestmark = pytest.mark.long

TWO, EXECUTED, CORRECTED, MOVED, BEYOND = (question.name for question in decided.QUESTIONS)


@pytest.fixture
def acts(sessions: Sessions, clock: FixedClock) -> Desk:
    """One of each: done alone, approved, rejected, withdrawn, stale, taken back, moved there and in part back."""
    desk = open_desk(sessions, clock)
    clerk, supervisor = desk.person("clara", "clerk"), desk.person("sofia", "supervisor")
    wrong, right = desk.account("utility", ("water", "service", 50_00)), desk.account("utility")
    fee = desk.propose(clerk, PostFee(customer_account_id=wrong, rate="cut-lock"))
    (charge,) = fee.outcome["charge_ids"]
    desk.propose(clerk, Waive(charge_id=charge, amount_cents=5_00, reason_code="city-error"))
    paid = desk.pay({wrong: Money(120_00)})
    move = {"payment_id": paid.payment_id}
    desk.done(clerk, supervisor, Move(**move, from_account_id=wrong, to_account_id=right, amount_cents=70_00))
    desk.done(clerk, supervisor, Move(**move, from_account_id=right, to_account_id=wrong, amount_cents=10_00))
    stale = desk.waits(clerk, less(charge, -7_00))
    done = desk.done(supervisor, desk.person("fred", "finance"), less(charge, -6_00))
    with pytest.raises(approvals.WorldChanged):
        desk.approve(supervisor, stale)
    back = Adjust(by=TakeBack(adjustment_id=done.outcome["adjustment_ids"][0]))
    approvals.reject(sessions, desk.waits(clerk, back), supervisor, clock=clock, reason="wait")
    approvals.withdraw(sessions, desk.waits(clerk, back), clerk, clock=clock)
    desk.done(clerk, supervisor, back)
    desk.waits(clerk, less(charge, -7_00))
    return desk


def less(charge: int, cents: int) -> Adjust:
    line = StatedLine(label="taken off", rate=Decimal(cents).scaleb(-2))
    return Adjust(by=ByLines(charge_id=charge, amount_cents=cents, reason_code="other", lines=(line,)))


def wrong(sessions: Sessions) -> dict[str, list[str]]:
    with reading(sessions) as session:
        return {check.name: check.violations for check in verify(session) if check.violations}


def test_what_was_done_by_two_has_no_violation(acts: Desk) -> None:
    assert wrong(acts.sessions) == {}
    with reading(acts.sessions) as session:
        figures = {check.name: check.figure for check in verify(session)}
    assert figures[TWO] == "10 proposals, 9 decided, 2 done alone"
    assert figures[EXECUTED] == "8 journals of acts"
    assert figures[CORRECTED] == "3 adjustments, 3 of ours, 1 taken back"
    assert figures[MOVED] == "2 moves, $80.00"
    assert figures[BEYOND] == "1 payments moved"


_APPROVED = "(SELECT min(proposal_id) FROM proposal_decisions WHERE verdict = 'approved')"
TAMPERINGS = [
    (TWO, "approved by staff:sofia, proposed by staff:sofia; the decision names another maker",
     ("UPDATE proposals SET proposed_by = (SELECT id FROM actors WHERE handle = 'staff:sofia')"
      f" WHERE id = {_APPROVED}")),
    (TWO, "approved by nobody", "DELETE FROM actors WHERE handle = 'staff:sofia'"),
    (TWO, "it waited for a second person", "UPDATE proposals SET waits = true WHERE NOT waits"),
    (TWO, "it did not wait", f"UPDATE proposals SET waits = false WHERE id = {_APPROVED}"),
    (TWO, "not there", f"DELETE FROM proposals WHERE id = {_APPROVED}"),
    (TWO, "but nobody decided it", "DELETE FROM proposal_decisions WHERE verdict = 'alone'"),
    (EXECUTED, "but has no journal", "DELETE FROM source_effects WHERE source_kind = 'proposal'"),
    (EXECUTED, "which nobody agreed to", ("UPDATE proposal_decisions SET verdict = 'rejected', reason = 'x'"
      f" WHERE proposal_id = {_APPROVED}")),
    (EXECUTED, "its adjustments to", "UPDATE proposals SET effect_cents = effect_cents - 1 WHERE act = 'waiver'"),
    (EXECUTED, "its charges to", "UPDATE proposals SET effect_cents = effect_cents - 1 WHERE act = 'fee'"),
    (CORRECTED, "no proposal", "UPDATE adjustments SET proposal_id = NULL WHERE reverses_id IS NULL"),
    (CORRECTED, "in a journal of kind none", "UPDATE adjustments SET journal_id = 9999 WHERE reverses_id IS NULL"),
    (CORRECTED, "which was $-6.00: it is $5.00",
     "UPDATE adjustments SET amount_cents = 500 WHERE reverses_id IS NOT NULL"),
    (CORRECTED, "which is not there", "UPDATE adjustments SET reverses_id = 9999 WHERE reverses_id IS NOT NULL"),
    (CORRECTED, "which is of another charge", "UPDATE adjustments SET charge_id = 1 WHERE reverses_id IS NOT NULL"),
    (CORRECTED, "asks less than nothing", "UPDATE adjustments SET amount_cents = -99999 WHERE amount_cents = -500"),
    (MOVED, "are not one pair", "UPDATE journals SET memo = 'else' WHERE kind = 'move-in'"),
    (MOVED, "are not one pair", "UPDATE journals SET effective_on = effective_on - 1 WHERE kind = 'move-out'"),
    (MOVED, "is of no move", "DELETE FROM moves WHERE number = 2"),
    (MOVED, "postings say $-70.00", "UPDATE moves SET amount_cents = amount_cents + 1 WHERE number = 1"),
    (MOVED, "by journal", "UPDATE moves SET from_account_id = to_account_id, to_account_id = from_account_id"),
    (BEYOND, "has come to", "UPDATE payments SET amount_cents = amount_cents - 1"),
    (BEYOND, "has $-35.00 on charge",
     "DELETE FROM allocations WHERE journal_id IN (SELECT journal_id FROM payments)"),
    (BEYOND, "on the charges and the credit of account",
     "DELETE FROM allocations WHERE journal_id IN (SELECT journal_id FROM payments)"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "says", "sql"), TAMPERINGS, ids=[f"{name}: {says}" for name, says, _ in TAMPERINGS])
def test_tampering_is_named(acts: Desk, owner_engine: Engine, name: str, says: str, sql: str) -> None:
    with owner_engine.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.execute(text(sql)).rowcount > 0, "the tampering found nothing to tamper with"
    assert says in "\n".join(wrong(acts.sessions).get(name, []))


SEALED = [
    ("decisions", "UPDATE proposals SET reason = 'else' WHERE act = 'waiver'"),
    ("decisions", "UPDATE proposals SET evidence = evidence || '{\"steps\": []}' WHERE act = 'adjustment'"),
    ("decisions", "UPDATE proposal_decisions SET decided_at = decided_at + interval '1 second'"),
    ("adjustment_origins", "UPDATE adjustments SET reverses_id = NULL WHERE reverses_id IS NOT NULL"),
    ("moves", "UPDATE moves SET from_account_id = to_account_id, to_account_id = from_account_id"),
]


def test_what_two_people_did_is_sealed_with_its_day(acts: Desk, owner_engine: Engine) -> None:
    tomorrow = FixedClock(acts.clock.now() + timedelta(days=1))
    close_days(acts.sessions, PARTS, clock=tomorrow, swept_through=tomorrow.now())
    assert wrong(acts.sessions) == {}
    for part, sql in SEALED:
        with owner_engine.connect() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            assert connection.execute(text(sql)).rowcount > 0
            ((_, problems),) = [(day.day, day.problems) for day in broken_days(Session(connection), PARTS)]
            connection.rollback()
            connection.execute(text("SET session_replication_role = origin"))
        assert [problem for problem in problems if part in problem], (part, problems)
    assert wrong(acts.sessions) == {}
