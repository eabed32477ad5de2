"""The office of each test of billing runs; when the test ends, its books must prove themselves."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from accounts.database import Sessions
from tests.accounts.billing_runs.offices import Office, open_office


@pytest.fixture
def office(sessions: Sessions) -> Iterator[Office]:
    made = open_office(sessions)
    yield made
    kept = made.rows("SELECT run_id, revenue_line, lines, amount_cents FROM billing_totals WHERE amount_cents <> 0"
                     " ORDER BY 1, 2")  # fmt: skip
    of_items = made.rows("""
        SELECT run_id, line, count(*), sum(cents) FROM (
            SELECT i.run_id, l ->> 'revenue_line' AS line, (l ->> 'cents')::bigint AS cents
              FROM billing_items i, jsonb_array_elements(i.lines) l WHERE i.state = 'ready'
            UNION ALL
            SELECT i.run_id, c.revenue_line, c.amount_cents
              FROM billing_items i JOIN charges c ON c.bill_id = i.bill_id
             WHERE c.kind <> 'penalty') x
         GROUP BY 1, 2 ORDER BY 1, 2""")
    assert [tuple(row) for row in kept] == [(run, line, n, int(cents)) for run, line, n, cents in of_items]
    assert (
        made.rows("""
        SELECT id FROM charges c
         WHERE open_cents <> amount_cents
               + coalesce((SELECT sum(amount_cents) FROM adjustments WHERE charge_id = c.id), 0)
               - coalesce((SELECT sum(amount_cents) FROM allocations WHERE charge_id = c.id), 0)""")
        == []
    )
