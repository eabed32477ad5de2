"""Steps that write an audit line in the caller's transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.audit.models import AuditEntry
from accounts.audit.rules import EXPORTED, LONGEST_ASKED, SEARCHED, SEEN

_SEEN = text("""
    INSERT INTO audit_entries (actor_id, act, subject_kind, subject_id, details)
    SELECT :actor, :act, 'account', account, CAST(:details AS jsonb)
      FROM unnest(CAST(:accounts AS text[])) AS account
     WHERE NOT EXISTS (
           SELECT FROM audit_entries e
            WHERE e.subject_kind = 'account' AND e.subject_id = account AND e.actor_id = :actor AND e.act = :act
              AND e.details = CAST(:details AS jsonb) AND e.at > now() - interval '1 minute')
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
    return bool(seen_all(session, [account_id], actor_id, page, why))


def seen_all(session: Session, account_ids: Sequence[int], actor_id: int, page: str, why: str = "") -> int:
    """Step: :func:`seen`, for a page that shows several accounts; how many lines were written. One statement."""
    details = {"page": page, **({"reason": why} if why else {})}
    accounts = [str(account_id) for account_id in account_ids]
    values = {"actor": actor_id, "act": SEEN, "accounts": accounts, "details": json.dumps(details)}
    return len(session.execute(_SEEN, values).all())


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
