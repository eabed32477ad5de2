"""Bills as they come about: a run from its draft to its posted bills, by two people."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.billing_runs import drafting, posting, queries, service, working
from accounts.billing_runs.queries import RunView
from accounts.billing_runs.rules import NOTHING_TO_ACCEPT
from accounts.billing_runs.working import Seen
from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading, transaction
from accounts.staff.rules import Authority, Permission

_HELD = text("""
    SELECT customer_account_id, version, problems FROM billing_items WHERE run_id = :run AND state = 'held'
     ORDER BY customer_account_id""")
_MAY = frozenset(
    {Permission.BILLS_RUN, Permission.BILLS_APPROVE, Permission.PROTECTED_SEE, Permission.RESTRICTED_SEE}
)


def bill_all(sessions: Sessions, ruling: RulingCity, bill_date: date, *, cycle: str = "") -> RunView:
    """The bills of a date, posted: what is odd is accepted, and what has no bill left out. The run as it is then."""
    now = datetime.combine(bill_date + timedelta(days=1), time(18), UTC)
    with transaction(sessions) as session:
        maker, checker = (
            Authority(actor_id(session, f"staff:{name}"), f"staff:{name}", _MAY)
            for name in ("biller", "bill-checker")
        )
    run = drafting.make(
        sessions, ruling, maker, cycle=cycle, bill_date=bill_date, today=bill_date + timedelta(days=1), now=now
    )
    drafting.go_on(sessions, run, now)
    with reading(sessions) as session:
        held = session.execute(_HELD, {"run": run}).all()
    for account, version, problems in held:
        seen = Seen(run, account, version)
        work = working.leave_out if NOTHING_TO_ACCEPT.intersection(problems) else working.accept
        work(sessions, maker, seen, "looked at", now=now)
    drafted = run_of(sessions, run)
    service.review(sessions, maker, run, seen=drafted.amount, now=now)
    service.approve(sessions, checker, run, seen=drafted.amount, now=now)
    posting.post(sessions, run, now)
    return run_of(sessions, run)


def run_of(sessions: Sessions, run: int) -> RunView:
    with reading(sessions) as session:
        return queries.run(session, run)
