"""A bill that was wrong is taken back whole and made anew, linked; what was paid on it goes on to the new one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.adjustments import queries as adjustments
from accounts.adjustments.rules import Booked, Correction, Standing, correct, journal_lines
from accounts.assessments.service import lock_accounts
from accounts.billing_runs.drafting import SUBJECT, Rules, drafted, insert, line_of, new_run, rules_in
from accounts.billing_runs.earned import too_much
from accounts.billing_runs.models import BillingItem, BillingRun
from accounts.billing_runs.penalties import Less
from accounts.billing_runs.rules import Event, NeedsAReason, NotCorrectable, State, moved
from accounts.charges.rules import NewCharge
from accounts.cities import queries as cities
from accounts.cities.chart import AccountKind, RevenueLine
from accounts.cities.queries import RulingCity
from accounts.cities.rules import City, NotInTheCity
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.money import ZERO, Money
from accounts.pricing.proration import Period
from accounts.pricing.working import PricedLine
from accounts.staff.rules import Authority, Permission
from accounts.utilities.gathering import Billable
from accounts.utilities.rules import DAY

Raised = tuple[int, NewCharge]
"""A charge with its id."""
POLICY = "rebilled"
"""The policy of an allocation that carries what was paid from a bill to the one made anew."""
_BILL = text("""
    SELECT b.id, b.customer_account_id, b.period_from, b.period_to, b.source_system, a.reference, a.premises_id,
           a.opened_on, a.is_protected, a.is_restricted, u.cycle,
           EXISTS (SELECT FROM billing_runs r
                    WHERE r.corrects_bill_id = b.id AND r.state <> 'canceled') AS corrected,
           EXISTS (SELECT FROM charges c WHERE c.bill_id = b.id AND c.source_system <> 'ventanilla') AS is_foreign
      FROM bills b
      JOIN customer_accounts a ON a.id = b.customer_account_id
      JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE b.id = :bill""")
_CHARGES = text("SELECT id FROM charges WHERE bill_id = :bill AND kind <> 'penalty' ORDER BY id")
_TAKE_BACK = text("""
    WITH x AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (charge bigint, cents bigint, back bigint,
                                                                           reason text)
    ), written AS (
        INSERT INTO adjustments (charge_id, amount_cents, reason, source_system, source_key, journal_id)
        SELECT charge, cents, reason, 'ventanilla', 'rebill:' || CAST(:run AS bigint) || ':' || charge, :journal
          FROM x
    ), given AS (
        INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)
        SELECT :journal, charge, -back, :policy FROM x WHERE back > 0
    ), credited AS (
        UPDATE customer_accounts SET credit_cents = credit_cents + (SELECT sum(back) FROM x) WHERE id = :account
    )
    UPDATE charges c SET open_cents = c.open_cents + x.cents + x.back, version = c.version + 1
      FROM x WHERE c.id = x.charge""")
_CARRY = text("""
    WITH x AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (charge bigint, cents bigint)
    ), met AS (
        INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)
        SELECT :journal, charge, cents, :policy FROM x
    ), spent AS (
        UPDATE customer_accounts SET credit_cents = credit_cents - (SELECT sum(cents) FROM x) WHERE id = :account
    )
    UPDATE charges c SET open_cents = c.open_cents - x.cents, version = c.version + 1 FROM x WHERE c.id = x.charge""")


@dataclass(frozen=True)
class Taken:
    """What was paid on a bill that was taken back, and stands to the account's credit until it is carried on."""

    account_id: int = 0
    actor_id: int = 0
    account_kind: AccountKind = "utility"
    paid: Money = ZERO


def start(
    sessions: Sessions, ruling: RulingCity, by: Authority, bill_id: int, reason: str, *, today: date, now: datetime
) -> int:
    """Use case: a run of one bill, made anew for the same period by today's reads and rules; returns its id.

    The old bill stands until the run is approved by another person and posted. Raises ``NotAllowed``,
    :class:`NeedsAReason`, ``NotFound`` (also where the account is hidden) and :class:`NotCorrectable`.
    """
    by.must(Permission.BILLS_RUN)
    words = reason.strip()
    if not words:
        raise NeedsAReason("say why the bill is made anew")
    with transaction(sessions) as session:
        bill = session.execute(_BILL, {"bill": bill_id}).one_or_none()
        hidden = bill is not None and (
            (bill.is_protected and not by.may(Permission.PROTECTED_SEE))
            or (bill.is_restricted and not by.may(Permission.RESTRICTED_SEE))
        )
        if bill is None or hidden:
            raise NotFound(f"no bill {bill_id}")
        lock_accounts(session, [bill.customer_account_id], today)
        why = _why_not(session.execute(_BILL, {"bill": bill_id}).one())
        if why:
            raise NotCorrectable(f"bill {bill_id} is not made anew: {why}", why=why)
        run = new_run(ruling, by, Period(first=bill.period_from, last=bill.period_to), max(today, _after(bill)), now)
        run.cycle, run.reason, run.corrects_bill_id = bill.cycle, words, bill_id
        session.add(run)
        session.flush()
        rules = rules_in(session, run)
        account = Billable(bill.customer_account_id, bill.reference, bill.premises_id, bill.opened_on)
        insert(session, run, rules, drafted(session, rules, [account]))
        run.state, run.drafted_at = moved(run.state, Event.DRAFTED).value, now
        audit.record(
            session, "bill-correction-begun", subject=("account", account.id), actor_id=by.actor_id, bill=bill_id,
            run=run.id, reason=words,
        )  # fmt: skip
        return run.id


def take_back(session: Session, rules: Rules, run: BillingRun, actor_id: int, right: Sequence[PricedLine]) -> Taken:
    """Step: every line of the corrected bill down to nothing, and its penalties to what the right lines would have
    earned, in one journal; what was paid is credit for now."""
    changes = _changes(session, rules, run, right)
    if not changes:
        return Taken()
    source = Source("billing-run", str(run.id), "take-back")
    lines = journal_lines(rules.city, changes)
    draft = JournalDraft("bill-reversal", source, run.bill_date, actor_id, lines, memo=run.reason)
    account = changes[0].standing.account_id
    values = {
        "rows": json.dumps([_row(change) for change in changes]), "journal": ledger.post(session, draft),
        "run": run.id, "policy": POLICY, "account": account,
    }  # fmt: skip
    session.execute(_TAKE_BACK, values)
    audit.record(session, "bill-taken-back", subject=(SUBJECT, run.id), actor_id=actor_id, bill=run.corrects_bill_id)
    paid = Money(sum(change.taken_back.cents for change in changes))
    return Taken(account, actor_id, changes[0].standing.account_kind, paid)


def preview(sessions: Sessions, run_id: int) -> list[Less]:
    """What penalties of the old bill ask now, and would by the draft; nothing for a run that corrects no bill."""
    with reading(sessions) as session:
        run = session.get(BillingRun, run_id)
        if run is None or run.corrects_bill_id is None or run.state in {State.POSTED, State.CANCELED}:
            return []
        kept = session.scalars(select(BillingItem.lines).where(BillingItem.run_id == run_id)).first()
        return penalties_of(session, rules_in(session, run), run, [line_of(line) for line in kept or ()])


def give_back(session: Session, rules: Rules, run: BillingRun, taken: Taken, raised: Sequence[Raised]) -> None:
    """Step: what was paid on the bill taken back meets the lines of the new one; what is left stays credit."""
    left, rows, lines = taken.paid, [], list[Line]()
    for charge_id, charge in raised:
        part = min(left, charge.amount)
        if part:
            rows.append({"charge": charge_id, "cents": part.cents})
            lines += _from_credit(rules.city, taken, charge, part)
            left -= part
    if not rows:
        return
    source = Source("billing-run", str(run.id), "carry")
    journal = ledger.post(session, JournalDraft("bill-carried", source, run.bill_date, taken.actor_id, tuple(lines)))
    session.execute(
        _CARRY, {"rows": json.dumps(rows), "journal": journal, "policy": POLICY, "account": taken.account_id}
    )


def _from_credit(city: City, taken: Taken, charge: NewCharge, part: Money) -> Iterator[Line]:
    """A part of the credit against a receivable; in another fund the money follows it there through the pool."""
    roles = city.roles
    credit = roles.customer_credits[taken.account_kind]
    credit_fund = city.ledger_account(credit).fund
    yield Line(credit, credit_fund, part, taken.account_id)
    yield Line(charge.receivable, charge.fund, -part, taken.account_id)
    if credit_fund != charge.fund:
        yield Line(roles.claim_on_pooled_cash[credit_fund], credit_fund, -part)
        yield Line(roles.due_to_funds, roles.pooled_cash_fund, part)
        yield Line(roles.claim_on_pooled_cash[charge.fund], charge.fund, part)
        yield Line(roles.due_to_funds, roles.pooled_cash_fund, -part)


def _changes(session: Session, rules: Rules, run: BillingRun, right: Sequence[PricedLine]) -> list[Correction]:
    """By charge: the whole of each line, and what each penalty has too much where the city takes that back."""
    policy = rules.city.adjustment_policy(run.bill_date)
    reason = policy.rebill_reason.code if policy.rebill_reason else POLICY
    charges = list(session.scalars(_CHARGES, {"bill": run.corrects_bill_id}))
    lower = {one.charge_id: one for one in penalties_of(session, rules, run, right)}
    changes = []
    for one in adjustments.standings(session, [*charges, *lower]).values():
        booked = Booked(one, _line(session, rules.city, one))
        if one.id in lower and policy.penalty_reason:
            changes.append(correct(booked, lower[one.id].now - one.asked, policy.penalty_reason.code))
        elif one.asked:
            changes.append(correct(booked, -one.asked, reason))
    return changes


def penalties_of(session: Session, rules: Rules, run: BillingRun, right: Sequence[PricedLine]) -> list[Less]:
    """Step: penalties of the old bill that go down when these lines take the place of its own."""
    takes_back = rules.city.adjustment_policy(run.bill_date).penalty_reason is not None
    return too_much(session, run.corrects_bill_id, right) if takes_back and run.corrects_bill_id else []


def _after(bill: Row[Any]) -> date:
    return cast("date", bill.period_to) + DAY


def _why_not(bill: Row[Any]) -> str:
    """Why a bill is not made anew; empty where it may be."""
    if bill.source_system != "ventanilla" or bill.is_foreign:
        return "foreign"
    if bill.period_from is None or bill.period_to is None:
        return "no-period"
    return "corrected" if bill.corrected else ""


def _line(session: Session, city: City, standing: Standing) -> RevenueLine:
    """As the charge is booked: a line that moved to another fund is taken from the release that raised it."""
    line = city.revenue_lines.get(standing.revenue_line)
    if line is not None and line.fund == standing.fund:
        return line
    if standing.release_id is None:
        raise NotInTheCity(f"no revenue line {standing.revenue_line!r}", what=standing.revenue_line)
    return cities.release(session, standing.release_id).revenue_line(standing.revenue_line)


def _row(change: Correction) -> dict[str, object]:
    back = change.taken_back.cents
    return {"charge": change.standing.id, "cents": change.amount.cents, "back": back, "reason": change.reason}
