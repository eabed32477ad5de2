"""Facts that higher rooms must hear: deferred into the queue in the same transaction as the change.

``portal.jobs`` decides what follows a fact (a mail, an export). No task is known here; a fact's name is all.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

MONEY_WAITS, SOMEBODY_WAITS, IN_TURN = 20, 10, 0
"""Who hears of a fact first: what is still to be posted, then a person at a screen, then all others as they came."""
_ANNOUNCE_ALL = text("""
    SELECT announce_fact(:fact, one.details, :priority)
    FROM jsonb_array_elements(CAST(:all AS jsonb)) WITH ORDINALITY AS one(details, place) ORDER BY one.place
""")
_ANNOUNCE = text("SELECT announce_fact(:fact, CAST(:details AS jsonb), :priority)")


def announce(session: Session, fact: str, *, priority: int = IN_TURN, **details: object) -> None:
    """Step: tell the rooms above that ``fact`` happened, if and only if this transaction commits."""
    session.execute(_ANNOUNCE, {"fact": fact, "details": json.dumps(details), "priority": priority})


def announce_all(session: Session, fact: str, details: Sequence[Mapping[str, object]]) -> None:
    """Step: :func:`announce` the same fact of many, in their order, in one statement."""
    session.execute(_ANNOUNCE_ALL, {"fact": fact, "all": json.dumps(list(details)), "priority": IN_TURN})
