"""What is sealed of a close: its packet. It is written before the parts of its day are hashed."""

from __future__ import annotations

from accounts.seals.canonical import Part

PACKETS = Part(
    "closing packets",
    """SELECT day, 0::bigint, 0::bigint,
              json_build_array(day, content, sha256, made_at AT TIME ZONE 'UTC', actor_id)
         FROM closing_packets WHERE day BETWEEN :first AND :last""",
)
