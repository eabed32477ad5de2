"""The accounts that somebody opened last."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.audit import SEEN

MOST = 8
_LOOKS = 300
"""Of so many looks the accounts are told apart."""
_RECENT = text("""
    WITH looks AS (
        SELECT CAST(subject_id AS bigint) AS account, at, id FROM audit_entries
         WHERE actor_id = :actor AND act = :act AND subject_kind = 'account' ORDER BY id DESC LIMIT :looks),
    last AS (SELECT account, max(at) AS at, max(id) AS id FROM looks GROUP BY account)
    SELECT x.kind, x.reference, x.status, c.name, l.at
      FROM last l JOIN customer_accounts x ON x.id = l.account JOIN customers c ON c.id = x.customer_id
     WHERE (:sees_protected OR NOT x.is_protected) AND (:sees_restricted OR NOT x.is_restricted)
     ORDER BY l.id DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Opened:
    """An account, and when this person had it open last."""

    kind: str
    reference: str
    status: str
    holder: str
    at: datetime


def opened_last(session: Session, actor_id: int, *, sees_protected: bool, sees_restricted: bool) -> list[Opened]:
    """Accounts that this person opened, the last one first, without those that they may not see any more."""
    values = {
        "actor": actor_id, "act": SEEN, "looks": _LOOKS, "most": MOST,
        "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    return [Opened(*row) for row in session.execute(_RECENT, values)]
