"""A bill that was wrong is taken back whole and made anew, linked; what was paid on it goes on to the new one."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, cast

from sqlalchemy import Row, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.adjustments import queries as adjustments
from accounts.adjustments.rules import Booked, Correction, Standing, correct, journal_lines
from accounts.assessments.service import lock_accounts
from accounts.billing_runs.drafting import SUBJECT, Rules, drafted, insert, new_run, rules_in
from accounts.billing_runs.models import BillingRun
from accounts.billing_runs.rules import Event, NeedsAReason, NotCorrectable, moved
from accounts.charges.rules import NewCharge
from accounts.cities import queries as cities
from accounts.cities.chart import AccountKind, RevenueLine
from accounts.cities.queries import RulingCity
from accounts.cities.rules import City, NotInTheCity
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.money import ZERO, Money
from accounts.pricing.proration import Period
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
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (charge bigint, cents bigint, back bigint)
    ), written AS (
        INSERT INTO adjustments (charge_id, amount_cents, reason, source_system, source_key, journal_id)
        SELECT charge, cents, :reason, 'ventanilla', 'rebill:' || CAST(:run AS bigint) || ':' || charge, :journal
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


def take_back(session: Session, rules: Rules, run: BillingRun, actor_id: int) -> Taken:
    """Step: every line of the corrected bill down to nothing, in one journal; what was paid is credit for now."""
    charges = list(session.scalars(_CHARGES, {"bill": run.corrects_bill_id}))
    standings = adjustments.standings(session, charges)
    policy = rules.city.adjustment_policy(run.bill_date)
    reason = policy.rebill_reason.code if policy.rebill_reason else POLICY
    changes = [
        correct(Booked(one, _line(session, rules.city, one)), -one.asked, reason)
        for one in standings.values()
        if one.asked
    ]
    if not changes:
        return Taken()
    source = Source("billing-run", str(run.id), "take-back")
    lines = journal_lines(rules.city, changes)
    draft = JournalDraft("bill-reversal", source, run.bill_date, actor_id, lines, memo=run.reason)
    account = changes[0].standing.account_id
    values = {
        "rows": json.dumps([_row(change) for change in changes]), "journal": ledger.post(session, draft),
        "run": run.id, "reason": reason, "policy": POLICY, "account": account,
    }  # fmt: skip
    session.execute(_TAKE_BACK, values)
    audit.record(session, "bill-taken-back", subject=(SUBJECT, run.id), actor_id=actor_id, bill=run.corrects_bill_id)
    paid = Money(sum(change.taken_back.cents for change in changes))
    return Taken(account, actor_id, changes[0].standing.account_kind, paid)


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


def _row(change: Correction) -> dict[str, int]:
    return {"charge": change.standing.id, "cents": change.amount.cents, "back": change.taken_back.cents}
