"""Post the bills of an approved run: bills, charges, one journal a batch. Each once; begun again at any point."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.assessments.rules import Dates, charge_of
from accounts.assessments.service import BATCH, Progress, lock_accounts, raise_assessed
from accounts.billing_runs.corrections import Taken, give_back, take_back
from accounts.billing_runs.drafting import SUBJECT, Rules, add_to_totals, line_of, locked, rules_of
from accounts.billing_runs.models import BillingRun
from accounts.billing_runs.rules import Event, NotInThatState, State, moved
from accounts.charges.rules import NewCharge
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.pricing.working import PricedLine

_READY = text("""
    SELECT customer_account_id FROM billing_items WHERE run_id = :run AND state = 'ready'
     ORDER BY customer_account_id LIMIT :most""")
_ITEMS = text("""
    SELECT i.customer_account_id, a.reference, i.lines
      FROM billing_items i JOIN customer_accounts a ON a.id = i.customer_account_id
     WHERE i.run_id = :run AND i.customer_account_id = ANY (:accounts) AND i.state = 'ready'
     ORDER BY i.customer_account_id""")
_BILLS = text("""
    INSERT INTO bills (customer_account_id, number, period_from, period_to, billed_on, due_on, delinquent_on,
                       source_system, source_key)
    SELECT x.account, x.number, :first, :last, :billed_on, :due_on, :delinquent_on, 'ventanilla', x.key
      FROM jsonb_to_recordset(CAST(:bills AS jsonb)) AS x (account bigint, number text, key text)
        ON CONFLICT (source_system, source_key) DO NOTHING
    RETURNING customer_account_id, id""")
_POSTED = text("""
    UPDATE billing_items i SET state = 'posted', bill_id = x.bill, lines = NULL, version = i.version + 1
      FROM unnest(CAST(:accounts AS bigint[]), CAST(:bills AS bigint[])) AS x (account, bill)
     WHERE i.run_id = :run AND i.customer_account_id = x.account""")
_ELSEWHERE = text("""
    UPDATE billing_items SET state = 'left_out', resolution = 'elsewhere', version = version + 1
     WHERE run_id = :run AND customer_account_id = ANY (:accounts)""")
_ANNOUNCE = text("""
    SELECT announce_fact('bill_issued', jsonb_build_object('bill_id', bill), 0)
      FROM unnest(CAST(:bills AS bigint[])) AS bill""")
_DONE = text("""
    SELECT count(*) FILTER (WHERE state = 'posted'), count(*) FILTER (WHERE state IN ('ready', 'posted'))
      FROM billing_items WHERE run_id = :run""")


def post(sessions: Sessions, run_id: int, now: datetime, *, progress: Progress | None = None) -> None:
    """Use case: post what is not posted yet of an approved run. Each bill once, however often this runs or is cut.

    Raises ``NotInThatState`` for a run that nobody has approved; one that is posted stays as it is.
    """
    rules = rules_of(sessions, run_id)
    while _post_batch(sessions, rules, run_id, now):
        kill_points.reached("billing-runs.batch-posted")
        if progress:
            with reading(sessions) as session:
                progress(*session.execute(_DONE, {"run": run_id}).one())


def _post_batch(sessions: Sessions, rules: Rules, run_id: int, now: datetime) -> bool:
    """Whether there may be more."""
    with transaction(sessions) as session:
        run = locked(session, run_id)
        if run.state == State.POSTED:
            return False
        if run.state != State.APPROVED:
            raise NotInThatState(f"run {run_id} is {run.state}", state=run.state)
        accounts = list(session.scalars(_READY, {"run": run_id, "most": BATCH}))
        if not accounts:
            run.state, run.posted_at = moved(run.state, Event.POST).value, now
            audit.record(session, "billing-run-posted", subject=(SUBJECT, run_id), actor_id=run.approved_by)
            return False
        lock_accounts(session, accounts, run.bill_date)
        _post_accounts(session, rules, run, accounts)
        kill_points.reached("billing-runs.posting")
        return True


def _post_accounts(session: Session, rules: Rules, run: BillingRun, accounts: Sequence[int]) -> None:
    rows = session.execute(_ITEMS, {"run": run.id, "accounts": list(accounts)})
    lines = {}
    references = {}
    for account, reference, kept in rows:
        lines[account], references[account] = [line_of(line) for line in kept], reference
    bills = _write_bills(session, run, references)
    _leave_out(session, rules, run, {account: lines[account] for account in lines if account not in bills})
    if not bills:
        return
    actor = run.approved_by or run.made_by
    taken = Taken()
    if run.corrects_bill_id is not None:
        taken = take_back(session, rules, run, actor, [line for account in bills for line in lines[account]])
    charges = _charges(rules, run, bills, lines)
    # Named by its first account, which no other batch of this run can hold.
    source = Source("billing-run", f"{run.id}:{min(bills)}", "raise")
    if charges:
        ids = raise_assessed(
            session, rules.city, charges, source=source, kind="bill-run", effective_on=run.bill_date, actor_id=actor
        )
        give_back(session, rules, run, taken, list(zip(ids, charges, strict=True)))
    found = {"run": run.id, "accounts": list(bills), "bills": list(bills.values())}
    session.execute(_POSTED, found)
    session.execute(_ANNOUNCE, {"bills": list(bills.values())})


def _write_bills(session: Session, run: BillingRun, references: Mapping[int, str]) -> dict[int, int]:
    """Bills by account; one that was billed for this period elsewhere meanwhile gets none."""
    mark = "" if run.corrects_bill_id is None else f"-R{run.id}"
    key = f"{run.period_to}" if run.corrects_bill_id is None else f"{run.period_to}:rebill:{run.id}"
    bills = [
        {"account": account, "number": f"{run.bill_date:%y%m%d}-{reference}{mark}", "key": f"{account}:{key}"}
        for account, reference in references.items()
    ]
    days = {"first": run.period_from, "last": run.period_to, "billed_on": run.bill_date, "due_on": run.due_on,
            "delinquent_on": run.delinquent_on}  # fmt: skip
    return dict(session.execute(_BILLS, {**days, "bills": json.dumps(bills)}).all())


def _charges(
    rules: Rules, run: BillingRun, bills: Mapping[int, int], lines: Mapping[int, Sequence[PricedLine]]
) -> list[NewCharge]:
    dates = Dates(run.bill_date, run.due_on, run.delinquent_on)
    return [
        charge_of(
            rules.city, rules.release_id, account, line, dates, source_key=f"bill:{bill}:{number}", bill_id=bill
        )
        for account, bill in bills.items()
        for number, line in enumerate(lines[account], start=1)
    ]


def _leave_out(session: Session, rules: Rules, run: BillingRun, missed: Mapping[int, Sequence[PricedLine]]) -> None:
    if missed:
        session.execute(_ELSEWHERE, {"run": run.id, "accounts": list(missed)})
        add_to_totals(session, rules.city, run.id, list(missed.values()), sign=-1)
