"""Identifiers of attempts: ULIDs, sortable by time, safe to hand to the processor."""

from __future__ import annotations

import secrets
from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def new_attempt_id(now: datetime) -> str:
    """``pa_`` and a ULID (48 bits of milliseconds, 80 random bits; github.com/ulid/spec)."""
    number = (int(now.timestamp() * 1000) << 80) | secrets.randbits(80)
    return "pa_" + "".join(_CROCKFORD[(number >> shift) & 31] for shift in range(125, -5, -5))
