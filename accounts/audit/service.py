"""Steps that write an audit line in the caller's transaction."""

from __future__ import annotations

import json

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.audit.models import AuditEntry
from accounts.audit.rules import EXPORTED, LONGEST_ASKED, SEARCHED, SEEN

_SEEN = text("""
    INSERT INTO audit_entries (actor_id, act, subject_kind, subject_id, details)
    SELECT :actor, :act, 'account', :account, CAST(:details AS jsonb)
     WHERE NOT EXISTS (
           SELECT FROM audit_entries
            WHERE subject_kind = 'account' AND subject_id = :account AND actor_id = :actor AND act = :act
              AND details = CAST(:details AS jsonb) AND at > now() - interval '1 minute')
    RETURNING id""")
_SEARCHED = text("""
    INSERT INTO audit_entries (actor_id, act, subject_kind, subject_id, details)
    SELECT :actor, :act, '', '', jsonb_build_object('asked', CAST(:asked AS text), 'found', CAST(:found AS bigint))
     WHERE NOT EXISTS (
           SELECT FROM audit_entries
            WHERE actor_id = :actor AND act = :act AND details ->> 'asked' = :asked
              AND at > now() - interval '1 minute')
    RETURNING id""")


def record(
    session: Session,
    act: str,
    *,
    subject: tuple[str, object] = ("", ""),
    actor_id: int | None = None,
    **details: object,
) -> None:
    """Step: an act or a refusal. Details are JSON; ``reason``, ``before`` and ``after`` where they apply."""
    session.add(
        AuditEntry(
            act=act,
            actor_id=actor_id,
            subject_kind=subject[0],
            subject_id=str(subject[1]),
            details=details,
        )
    )


def seen(session: Session, account_id: int, actor_id: int, page: str, why: str = "") -> bool:
    """Step: somebody opened a page of a customer account. Returns whether a line was written.

    The same page of the same account by the same person, for the same reason, is one line a minute: reloading and
    coming back from a form is one look. Another page or another reason is a line of its own.
    """
    details = {"page": page, **({"reason": why} if why else {})}
    values = {"actor": actor_id, "act": SEEN, "account": str(account_id), "details": json.dumps(details)}
    return session.execute(_SEEN, values).first() is not None


def searched(session: Session, actor_id: int, asked: str, found: int) -> bool:
    """Step: somebody searched for accounts; what was typed (its first 200 letters) and how many were found. Returns
    whether a line was written: the same words within a minute (typed, then sent; or the page again) are one search.

    What was typed is kept, although it may be a name: a search is how a curious person begins.
    """
    values = {"actor": actor_id, "act": SEARCHED, "asked": asked[:LONGEST_ASKED], "found": found}
    return session.execute(_SEARCHED, values).first() is not None


def exported(
    session: Session,
    actor_id: int,
    what: str,
    rows: int,
    *,
    subject: tuple[str, object] = ("", ""),
    reason: str = "",
    **details: object,
) -> None:
    """Step: somebody took data out of the portal: a file, a printed list, the history of an account."""
    because = {"reason": reason} if reason else {}
    record(session, EXPORTED, subject=subject, actor_id=actor_id, what=what, rows=rows, **because, **details)
