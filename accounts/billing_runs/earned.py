"""What a wrong bill earned in penalties, and by how much that is too much. Reads; the caller holds the account."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.billing_runs.penalties import Earned, Less, WrongLine, recomputed
from accounts.cities import queries as cities
from accounts.cities.rules import City
from accounts.money import Money
from accounts.pricing.working import PricedLine

_EARNED = text("""
    WITH RECURSIVE chain AS (
        SELECT CAST(:bill AS bigint) AS bill
         UNION
        SELECT r.corrects_bill_id
          FROM chain c
          JOIN billing_items i ON i.bill_id = c.bill
          JOIN billing_runs r ON r.id = i.run_id AND r.corrects_bill_id IS NOT NULL
    )
    SELECT p.id, p.source_key, p.city_release_id, p.amount_cents,
           p.amount_cents + coalesce((SELECT sum(amount_cents) FROM adjustments WHERE charge_id = p.id), 0) AS asked,
           p.billed_on, p.working, l.revenue_line, coalesce(l.working ->> 'rule', '') AS rule,
           l.amount_cents + coalesce((SELECT sum(amount_cents) FROM adjustments
                                       WHERE charge_id = l.id AND journal_id < p.journal_id), 0) AS line_asked
      FROM chain
      JOIN charges l ON l.bill_id = chain.bill AND l.kind <> 'penalty'
      JOIN charges p ON p.customer_account_id = l.customer_account_id AND p.kind = 'penalty'
                    AND p.source_system = 'ventanilla' AND p.city_release_id IS NOT NULL
                    AND split_part(p.source_key, ':', 3) || ':' || split_part(p.source_key, ':', 4)
                        IN ('charge:' || l.id, 'bill:' || l.bill_id)
     ORDER BY p.id, l.id""")


def too_much(session: Session, bill_id: int, right: Sequence[PricedLine]) -> list[Less]:
    """Step: penalties that a bill (and those in whose place it came) earned beyond what these lines would have.

    At least one statement, and one for each release that raised some of them.
    """

    @cache
    def city_of(release_id: int) -> City:
        return cities.release(session, release_id)

    return recomputed(city_of, _earned(session, bill_id), right)


def _earned(session: Session, bill_id: int) -> list[Earned]:
    found = []
    for _, rows in groupby(session.execute(_EARNED, {"bill": bill_id}), key=lambda row: row.id):
        first, *others = rows
        lines = tuple(WrongLine(row.revenue_line, row.rule, Money(int(row.line_asked))) for row in (first, *others))
        found.append(
            Earned(
                first.id, first.source_key, first.city_release_id, Money(first.amount_cents), Money(int(first.asked)),
                first.billed_on, first.working, lines,
            )
        )  # fmt: skip
    return found
