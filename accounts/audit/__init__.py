"""Append-only audit: who did what to which record and why, who has seen it, searched and taken out of it.

These are steps: they write their line in the caller's transaction, so that an act and its line stand or fall
together.
"""

from accounts.audit.models import AuditEntry
from accounts.audit.rules import EXPORTED, SEARCHED, SEEN
from accounts.audit.service import exported, record, searched, seen, seen_all

__all__ = ["EXPORTED", "SEARCHED", "SEEN", "AuditEntry", "exported", "record", "searched", "seen", "seen_all"]
