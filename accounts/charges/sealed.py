"""What of charges is sealed with the day of their journal: all but what payments change."""

from __future__ import annotations

from accounts.seals.canonical import Part

CHARGES = Part(
    "charges",
    """SELECT j.business_day, c.journal_id, c.amount_cents,
              json_build_array(c.id, c.journal_id, c.customer_account_id, c.bill_id, c.revenue_line, c.kind, c.fund,
                               c.receivable, c.description, c.amount_cents, c.billed_on, c.due_on, c.delinquent_on,
                               c.working, c.city_release_id, c.source_system, c.source_key,
                               c.created_at AT TIME ZONE 'UTC')
         FROM journals j JOIN charges c ON c.journal_id = j.id AND c.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
ADJUSTMENTS = Part(
    "adjustments",
    """SELECT j.business_day, a.journal_id, a.amount_cents,
              json_build_array(a.id, a.journal_id, a.charge_id, a.amount_cents, a.reason, a.source_system,
                               a.source_key, a.created_at AT TIME ZONE 'UTC')
         FROM journals j JOIN adjustments a ON a.journal_id = j.id AND a.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
ORIGINS = Part(
    "adjustment_origins",
    """SELECT j.business_day, a.journal_id, 0::bigint, json_build_array(a.id, a.proposal_id, a.reverses_id)
         FROM journals j JOIN adjustments a ON a.journal_id = j.id AND a.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last
          AND (a.proposal_id IS NOT NULL OR a.reverses_id IS NOT NULL)""",
)
"""A part of its own, so that days which were sealed before adjustments had these columns stay as they were."""
ALLOCATIONS = Part(
    "allocations",
    """SELECT j.business_day, l.journal_id, l.amount_cents,
              json_build_array(l.id, l.journal_id, l.charge_id, l.amount_cents, l.policy)
         FROM journals j JOIN allocations l ON l.journal_id = j.id AND l.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
OWED = (CHARGES, ADJUSTMENTS, ORIGINS, ALLOCATIONS)
