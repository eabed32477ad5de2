"""What is sealed of an act, with the day of its journal: what was asked for and why, who agreed, on what evidence."""

from __future__ import annotations

from accounts.seals.canonical import Part

DECIDED = Part(
    "decisions",
    """SELECT j.business_day, s.journal_id, p.effect_cents,
              json_build_array(s.journal_id, p.id, p.act, p.subject_kind, p.subject_id, p.customer_account_id,
                               p.payload, p.evidence, p.effect_cents, p.world, p.waits, p.reason, p.proposed_by,
                               p.proposed_at AT TIME ZONE 'UTC', d.verdict, d.decided_by,
                               d.decided_at AT TIME ZONE 'UTC', d.reason, d.outcome)
         FROM journals j
         JOIN source_effects s ON s.journal_id = j.id AND s.source_kind = 'proposal'
                              AND s.journal_id BETWEEN :low AND :high
         JOIN proposals p ON p.id = CASE WHEN s.source_kind = 'proposal' THEN s.source_id::bigint END
         LEFT JOIN proposal_decisions d ON d.proposal_id = p.id
        WHERE j.business_day BETWEEN :first AND :last""",
)
