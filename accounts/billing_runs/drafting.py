"""Make a run and draft its bills. Each batch of accounts is a transaction, and goes on where the last one ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, kill_points, outbox
from accounts.assessments.service import BATCH, Progress
from accounts.billing_runs.models import BillingItem, BillingRun
from accounts.billing_runs.rules import Billed, Drafted, Event, PeriodNotOver, State, draft, moved
from accounts.cities import queries as cities
from accounts.cities.queries import RulingCity
from accounts.cities.rules import City
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.money import Money
from accounts.pricing.proration import Period
from accounts.pricing.working import PricedLine, Working
from accounts.staff.rules import Authority, Permission
from accounts.utilities.gathering import Billable, gather, look_back
from accounts.utilities.rules import PriceList, billing_period

SUBJECT = "billing_run"
MADE = "billing_run_made"
"""The fact that a run waits to be drafted."""
_NEXT = text("""
    SELECT a.id, a.reference, a.premises_id, a.opened_on
      FROM customer_accounts a JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.id > :after AND a.system_of_record = 'ventanilla' AND (a.status = 'open' OR a.closed_on >= :first)
       AND (a.opened_on IS NULL OR a.opened_on <= :last) AND (:cycle = '' OR u.cycle = :cycle)
       AND NOT EXISTS (SELECT FROM bills b WHERE b.source_system = 'ventanilla'
                          AND b.source_key = a.id || ':' || CAST(:last AS date))
       AND NOT EXISTS (SELECT FROM billing_items i WHERE i.customer_account_id = a.id AND i.period_to = :last
                          AND i.state <> 'left_out' AND NOT i.is_correction)
     ORDER BY a.id LIMIT :most""")
_INSERT = text("""
    INSERT INTO billing_items (run_id, customer_account_id, period_to, state, problems, evidence, used, total_cents,
                               lines, is_correction)
    SELECT :run, x.account, :last, x.state, x.problems, x.evidence, x.used, x.cents, x.lines, :is_correction
      FROM jsonb_to_recordset(CAST(:items AS jsonb)) AS x (account bigint, state text, problems text[],
           evidence jsonb, used numeric, cents bigint, lines jsonb)
        ON CONFLICT DO NOTHING
    RETURNING customer_account_id, state""")
_TOTALS = text("""
    INSERT INTO billing_totals (run_id, revenue_line, fund, lines, amount_cents)
    SELECT :run, x.line, x.fund, x.lines, x.cents
      FROM jsonb_to_recordset(CAST(:sums AS jsonb)) AS x (line text, fund text, lines bigint, cents bigint)
        ON CONFLICT (run_id, revenue_line, fund) DO UPDATE
       SET lines = billing_totals.lines + excluded.lines,
           amount_cents = billing_totals.amount_cents + excluded.amount_cents""")
_HOW_MANY = text("""
    SELECT count(*) FILTER (WHERE a.id <= :after), count(*)
      FROM customer_accounts a JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.system_of_record = 'ventanilla' AND a.status = 'open' AND (:cycle = '' OR u.cycle = :cycle)""")


@dataclass(frozen=True)
class Rules:
    """What a run is priced by: the release under which it was made, read once."""

    city: City
    release_id: int
    billed: Billed


def make(
    sessions: Sessions, ruling: RulingCity, by: Authority, *, cycle: str, bill_date: date, today: date, now: datetime
) -> int:
    """Use case: a run for the period before ``bill_date``; its draft is made by :func:`go_on`. Returns its id.

    Raises ``NotAllowed`` and :class:`PeriodNotOver`.
    """
    by.must(Permission.BILLS_RUN)
    city = ruling.city
    period = billing_period(city.billing_policy(bill_date).cycle, bill_date)
    if period.last >= today:
        raise PeriodNotOver(f"the period ends on {period.last}", last=period.last)
    with transaction(sessions) as session:
        run = new_run(ruling, by, period, bill_date, now)
        run.cycle = cycle
        session.add(run)
        session.flush()
        audit.record(
            session, "billing-run-made", subject=(SUBJECT, run.id), actor_id=by.actor_id, cycle=cycle,
            bill_date=bill_date.isoformat(), period_from=period.first.isoformat(), period_to=period.last.isoformat(),
        )  # fmt: skip
        outbox.announce(session, MADE, run_id=run.id)
        return run.id


def new_run(ruling: RulingCity, by: Authority, period: Period, bill_date: date, now: datetime) -> BillingRun:
    """A run that is not stored yet, with the days that its bills will have."""
    city = ruling.city
    return BillingRun(
        cycle="", period_from=period.first, period_to=period.last, bill_date=bill_date, due_on=city.due_on(bill_date),
        delinquent_on=city.delinquent_on(bill_date), city_release_id=ruling.release_id, reason="",
        state=State.DRAFTING.value, last_account_id=0, made_by=by.actor_id,
        made_at=now,
    )  # fmt: skip


def go_on(sessions: Sessions, run_id: int, now: datetime, *, progress: Progress | None = None) -> None:
    """Use case: draft what is not drafted yet; may be cut and begun again at any point. A run that is past it stays.

    Bounded in memory: a batch of accounts at a time.
    """
    rules = rules_of(sessions, run_id)
    while _draft_batch(sessions, rules, run_id, now):
        kill_points.reached("billing-runs.drafted")
        if progress:
            progress(*how_far(sessions, run_id))


def rules_of(sessions: Sessions, run_id: int) -> Rules:
    """What a run is priced by; raises ``NotFound``."""
    with reading(sessions) as session:
        run = session.get(BillingRun, run_id)
        if run is None:
            raise NotFound(f"no billing run {run_id}")
        return rules_in(session, run)


def rules_in(session: Session, run: BillingRun) -> Rules:
    """Step: the same, in an open session."""
    city = cities.release(session, run.city_release_id)
    cycle = city.billing_policy(run.bill_date).cycle
    period = Period(first=run.period_from, last=run.period_to)
    billed = Billed(PriceList(city, cycle), city.billing_check(run.bill_date), period, cycle)
    return Rules(city, run.city_release_id, billed)


def how_far(sessions: Sessions, run_id: int) -> tuple[int, int]:
    """Accounts drafted, and accounts in all."""
    with reading(sessions) as session:
        run = session.get_one(BillingRun, run_id)
        done, all_ = session.execute(_HOW_MANY, {"after": run.last_account_id, "cycle": run.cycle}).one()
    return done, all_


def locked(session: Session, run_id: int) -> BillingRun:
    """Step: the run under lock, so that one thing is done to it at a time; raises ``NotFound``."""
    run = session.get(BillingRun, run_id, with_for_update=True, populate_existing=True)
    if run is None:
        raise NotFound(f"no billing run {run_id}")
    return run


def drafted(session: Session, rules: Rules, accounts: Sequence[Billable]) -> dict[int, Drafted]:
    """Step: the bills of some accounts, by account."""
    period = rules.billed.period
    found = gather(session, accounts, period, look_back(rules.city))
    return {one.id: draft(rules.billed, found.services[one.id], found.meters[one.premises_id]) for one in accounts}


def insert(session: Session, run: BillingRun, rules: Rules, bills: Mapping[int, Drafted]) -> int:
    """Step: items of a run, with its totals; an account that stands in another run meanwhile is left to it.

    A bill that comes to nothing is none, unless it takes the place of another.
    """
    keep_all = run.corrects_bill_id is not None
    wanted = {account: bill for account, bill in bills.items() if keep_all or not bill.is_nothing}
    items = [{"account": account, **stored(bill)} for account, bill in wanted.items()]
    values = {
        "run": run.id, "last": run.period_to, "items": json.dumps(items),
        "is_correction": run.corrects_bill_id is not None,
    }  # fmt: skip
    taken = session.execute(_INSERT, values).all()
    add_to_totals(
        session, rules.city, run.id, [wanted[account].lines for account, state in taken if state == "ready"]
    )
    return len(taken)


def stored(bill: Drafted) -> dict[str, object]:
    """What an item keeps of a bill."""
    return {
        "state": "held" if bill.problems else "ready",
        "problems": [problem.value for problem in bill.problems],
        "evidence": dict(bill.evidence),
        "used": None if bill.used is None else str(bill.used),
        "cents": bill.total.cents,
        "lines": [as_json(line) for line in bill.lines],
    }


def as_json(line: PricedLine) -> dict[str, object]:
    """A priced line as an item keeps it."""
    return {
        "revenue_line": line.revenue_line,
        "kind": line.kind,
        "description": line.description,
        "cents": line.amount.cents,
        "working": line.working.as_json(),
    }


def line_of(kept: Mapping[str, Any]) -> PricedLine:
    """The line that an item keeps."""
    return PricedLine(
        Money(kept["cents"]), kept["revenue_line"], kept["kind"], kept["description"],
        Working.model_validate(kept["working"]),
    )  # fmt: skip


def add_to_totals(
    session: Session, city: City, run_id: int, bills: Sequence[Sequence[PricedLine]], *, sign: int = 1
) -> None:
    """Step: bills that came into a run (or went out of it, with ``sign`` -1) are in its totals (or no more)."""
    sums: dict[tuple[str, str], list[int]] = {}
    for line in (line for lines in bills for line in lines):
        found = sums.setdefault((line.revenue_line, city.revenue_line(line.revenue_line).fund), [0, 0])
        found[0] += sign
        found[1] += sign * line.amount.cents
    if sums:
        rows = [{"line": line, "fund": fund, "lines": n, "cents": cents} for (line, fund), (n, cents) in sums.items()]
        session.execute(_TOTALS, {"run": run_id, "sums": json.dumps(rows)})


def ready_lines(item: BillingItem) -> list[PricedLine]:
    """The lines of an item that is counted in the totals; of another none."""
    return [line_of(line) for line in item.lines or ()] if item.state == "ready" else []


def _draft_batch(sessions: Sessions, rules: Rules, run_id: int, now: datetime) -> bool:
    """Whether there may be more."""
    with transaction(sessions) as session:
        run = locked(session, run_id)
        if run.state != State.DRAFTING:
            return False
        asked = {
            "after": run.last_account_id, "first": run.period_from, "last": run.period_to, "cycle": run.cycle,
            "most": BATCH,
        }  # fmt: skip
        accounts = [Billable(*row) for row in session.execute(_NEXT, asked)]
        if accounts:
            insert(session, run, rules, drafted(session, rules, accounts))
            run.last_account_id = accounts[-1].id
        else:
            run.state, run.drafted_at = moved(run.state, Event.DRAFTED).value, now
        return bool(accounts)
