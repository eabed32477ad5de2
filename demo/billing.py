"""Bills of the made-up city that were wrong: one made anew and posted by a run, one whose run is still a draft."""

from __future__ import annotations

from sqlalchemy import text

from accounts.billing_runs import corrections, posting, queries, service, working
from accounts.billing_runs.working import NewRead, Seen
from accounts.database import reading
from demo.colleagues import CLERK, FINANCE, Colleagues

_READ_WRONG = text("""
    SELECT DISTINCT ON (a.id) b.id, a.id, m.serial, r.read_on, r.value
      FROM bills b
      JOIN customer_accounts a ON a.id = b.customer_account_id AND NOT a.is_protected AND NOT a.is_restricted
      JOIN meters m ON m.premises_id = a.premises_id AND m.removed_on IS NULL
      JOIN meter_reads r ON r.meter_id = m.id AND r.read_on > b.period_from AND r.read_on <= b.period_to
     WHERE b.source_system = 'ventanilla' AND b.billed_on = (SELECT max(billed_on) FROM bills)
       AND NOT EXISTS (SELECT FROM charges c WHERE c.customer_account_id = a.id
                          AND (c.kind = 'penalty' OR c.open_cents <> c.amount_cents))
       AND (SELECT count(*) FROM charges c WHERE c.bill_id = b.id AND c.revenue_line = 'water') = 2
     ORDER BY a.id DESC, r.read_on DESC, b.id LIMIT 2""")
TOO_MANY = 2
"""Counts that the wrong reads had too much."""


def work(people: Colleagues) -> None:
    """The clerk begins both corrections; the finance officer lets the first one go."""
    sessions, ana, ben = people.sessions, people.person(CLERK), people.person(FINANCE)
    now, today = people.clock.now(), people.clock.today()
    with reading(sessions) as session:
        found = session.execute(_READ_WRONG).all()
    for place, (bill, account, serial, on, value) in enumerate(found):
        run = corrections.start(sessions, people.ruling, ana, bill, "The meter was read wrong.", today=today, now=now)
        if place:
            continue
        with reading(sessions) as session:
            version = queries.item(session, run, account, sees_protected=False, sees_restricted=False).version
        right = NewRead(serial, max(value - TOO_MANY, 0), on)
        if not working.reread(sessions, ana, Seen(run, account, version), right, now=now):
            looked = Seen(run, account, version + 1)
            working.accept(sessions, ana, looked, "Read twice; the customer was away.", now=now)
        with reading(sessions) as session:
            seen = queries.run(session, run).amount
        service.review(sessions, ana, run, seen=seen, now=now)
        service.approve(sessions, ben, run, seen=seen, now=now)
        posting.post(sessions, run, now)
