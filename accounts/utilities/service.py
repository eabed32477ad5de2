"""Bill runs: read, price, raise, in batches; and the penalties of late bills."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.assessments import service as assessments
from accounts.assessments.rules import Dates, charge_of
from accounts.assessments.service import Assessed, Progress, batches, lock_accounts, raise_assessed
from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading, transaction
from accounts.exceptions.service import NewException, open_exceptions
from accounts.ledger.rules import Source
from accounts.money import ZERO, Money, total
from accounts.pricing.proration import Period
from accounts.pricing.working import PricedLine
from accounts.utilities.gathering import Billable, gather, look_back
from accounts.utilities.rules import MissingRead, PriceList, billing_period

_UNBILLED = text("""
    SELECT a.id, a.reference, a.premises_id
      FROM customer_accounts a JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.system_of_record = 'ventanilla' AND (a.status = 'open' OR a.closed_on >= :first)
       AND (a.opened_on IS NULL OR a.opened_on <= :last) AND (:cycle = '' OR u.cycle = :cycle)
       AND (CAST(:accounts AS bigint[]) IS NULL OR a.id = ANY (:accounts))
       AND NOT EXISTS (SELECT FROM bills b WHERE b.source_system = 'ventanilla'
                          AND b.source_key = a.id || ':' || CAST(:last AS date))
     ORDER BY a.id""")
_BILLS = text("""
    INSERT INTO bills (customer_account_id, number, period_from, period_to, billed_on, due_on, delinquent_on,
                       source_system, source_key)
    SELECT x.account, x.number, :first, :last, :billed_on, :due_on, :delinquent_on,
           'ventanilla', x.account || ':' || CAST(:last AS date)
      FROM jsonb_to_recordset(CAST(:bills AS jsonb)) AS x (account bigint, number text)
        ON CONFLICT (source_system, source_key) DO NOTHING
    RETURNING customer_account_id, id""")


@dataclass(frozen=True)
class BillRun:
    """What a run did. ``held`` are accounts whose bill waits for a read; they are in the exceptions queue."""

    bills: int = 0
    charges: int = 0
    amount: Money = ZERO
    held: int = 0
    nothing_to_bill: int = 0

    def __add__(self, other: BillRun) -> BillRun:
        return BillRun(
            self.bills + other.bills,
            self.charges + other.charges,
            self.amount + other.amount,
            self.held + other.held,
            self.nothing_to_bill + other.nothing_to_bill,
        )


@dataclass(frozen=True)
class _Run:
    ruling: RulingCity
    cycle: str
    bill_date: date
    period: Period
    dates: Dates
    actor_id: int
    prices: PriceList


def bill_run(
    sessions: Sessions,
    ruling: RulingCity,
    bill_date: date,
    actor_id: int,
    *,
    cycle: str = "",
    accounts: Collection[int] | None = None,
    progress: Progress | None = None,
) -> BillRun:
    """Use case: bill every open utility account (of a cycle, or of those named) for the period before ``bill_date``.

    One transaction and one journal per batch. An account is billed once for a period, however often this runs; one
    whose meter was not read is held, and said so in the exceptions queue.
    """
    city = ruling.city
    period = billing_period(city.billing_policy(bill_date).cycle, bill_date)
    dates = Dates(bill_date, city.due_on(bill_date), city.delinquent_on(bill_date))
    run = _Run(
        ruling, cycle, bill_date, period, dates, actor_id, PriceList(city, city.billing_policy(bill_date).cycle)
    )
    parameters = {
        **_days(period),
        "cycle": cycle,
        "accounts": None if accounts is None else sorted(accounts),
    }
    with reading(sessions) as session:
        unbilled = [Billable(*row) for row in session.execute(_UNBILLED, parameters)]
    outcome, done = BillRun(), 0
    for batch in batches(unbilled):
        with transaction(sessions) as session:
            outcome += _bill(session, run, batch)
        done += len(batch)
        if progress:
            progress(done, len(unbilled))
    return outcome


def assess_penalties(
    sessions: Sessions, ruling: RulingCity, on: date, actor_id: int, *, progress: Progress | None = None
) -> Assessed:
    """Use case: the city's penalties on utility bills that are delinquent on a day, each once."""
    return assessments.assess_penalties(sessions, ruling, "utility", on, actor_id, progress=progress)


def _bill(session: Session, run: _Run, accounts: Sequence[Billable]) -> BillRun:
    priced, held = _priced(session, run, accounts)
    open_exceptions(session, held)
    outcome = BillRun(held=len(held), nothing_to_bill=len(accounts) - len(priced) - len(held))
    if not priced:
        return outcome
    lock_accounts(session, [account.id for account, _ in priced], run.bill_date)
    bills = _write_bills(session, run, [account for account, _ in priced])
    charges = [
        charge_of(
            run.ruling.city,
            run.ruling.release_id,
            account.id,
            line,
            run.dates,
            source_key=f"bill:{bills[account.id]}:{number}",
            bill_id=bills[account.id],
        )
        for account, lines in priced
        if account.id in bills
        for number, line in enumerate(lines, start=1)
    ]
    if not charges:
        return outcome
    # Named by its first account, which no other batch for this period can hold.
    source = Source("bill-run", f"{run.cycle or 'all'}:{run.bill_date}:{charges[0].customer_account_id}", "raise")
    raise_assessed(
        session, run.ruling.city, charges, source=source, kind="bill-run", effective_on=run.bill_date,
        actor_id=run.actor_id,
    )  # fmt: skip
    return replace(outcome, bills=len(bills), charges=len(charges), amount=total(c.amount for c in charges))


def _priced(
    session: Session, run: _Run, accounts: Sequence[Billable]
) -> tuple[list[tuple[Billable, list[PricedLine]]], list[NewException]]:
    """Accounts with lines to bill, and those that must wait."""
    found = gather(session, accounts, run.period, look_back(run.ruling.city))
    priced, held = [], []
    for account in accounts:
        try:
            lines = run.prices.lines(found.services[account.id], found.meters[account.premises_id], run.period)
        except MissingRead as missing:
            held.append(_held(run, account, missing))
            continue
        if lines:
            priced.append((account, lines))
    return priced, held


def _held(run: _Run, account: Billable, missing: MissingRead) -> NewException:
    return NewException(
        "bill-held",
        f"{account.id}:{run.period.last}",
        {"reason": str(missing), "meter": missing.facts.get("serial"), "bill_date": run.bill_date.isoformat()},
        "Read the meter or enter an estimate, then run the bills again.",
        account.id,
    )


def _write_bills(session: Session, run: _Run, accounts: Sequence[Billable]) -> dict[int, int]:
    """Bills by account; an account that somebody else billed meanwhile gets none."""
    bills = [{"account": a.id, "number": f"{run.bill_date:%y%m%d}-{a.reference}"} for a in accounts]
    parameters = {
        **_days(run.period),
        "billed_on": run.dates.billed_on,
        "due_on": run.dates.due_on,
        "delinquent_on": run.dates.delinquent_on,
        "bills": json.dumps(bills),
    }
    return dict(session.execute(_BILLS, parameters).all())


def _days(period: Period) -> dict[str, object]:
    return {"first": period.first, "last": period.last}
