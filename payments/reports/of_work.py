"""How much was done, by whom, at which hour of the day at city hall: for who plans shifts."""

from __future__ import annotations

from payments.reports.rules import CellKind, Chart, Column, Report

_WORKLOAD = """
    WITH done AS (
      SELECT p.actor_id, p.paid_at AS at, 1 AS payments, p.amount_cents + p.fee_cents AS amount, 0 AS voids,
             0 AS contacts, 0 AS acts
        FROM payments p WHERE p.business_day BETWEEN :since AND :until
       UNION ALL
      SELECT r.actor_id, r.at, 0, 0, 1, 0, 0 FROM payment_reversals r
       WHERE r.number = 1 AND (r.at AT TIME ZONE :zone)::date BETWEEN :since AND :until
       UNION ALL
      SELECT c.actor_id, c.at, 0, 0, 0, 1, 0 FROM contacts c
       WHERE (c.at AT TIME ZONE :zone)::date BETWEEN :since AND :until
       UNION ALL
      SELECT p.proposed_by, p.proposed_at, 0, 0, 0, 0, 1 FROM proposals p
       WHERE (p.proposed_at AT TIME ZONE :zone)::date BETWEEN :since AND :until
       UNION ALL
      SELECT d.decided_by, d.decided_at, 0, 0, 0, 0, 1 FROM proposal_decisions d
       WHERE d.verdict <> 'alone' AND (d.decided_at AT TIME ZONE :zone)::date BETWEEN :since AND :until)
    SELECT a.display_name AS person, to_char(d.at AT TIME ZONE :zone, 'HH24:00') AS hour,
           sum(d.payments)::bigint AS payments, sum(d.amount)::bigint AS amount, sum(d.voids)::bigint AS voids,
           sum(d.contacts)::bigint AS contacts, sum(d.acts)::bigint AS acts
      FROM done d JOIN actors a ON a.id = d.actor_id AND a.kind = 'staff'
     WHERE :cashier IN ('', a.handle)
     GROUP BY a.display_name, hour"""
WORKLOAD = Report(
    "workload",
    _WORKLOAD,
    (
        Column("person", CellKind.PERSON), Column("hour"), Column("payments", CellKind.COUNT),
        Column("amount", CellKind.MONEY),
        Column("voids", CellKind.COUNT), Column("contacts", CellKind.COUNT), Column("acts", CellKind.COUNT),
    ),
    "person, hour",
    ("cashier",),
    Chart("hour", "payments", by_time=True),
)  # fmt: skip
