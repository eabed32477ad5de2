"""Steps and use cases of the exceptions queue; the same (kind, subject) is one line, however often it is seen."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor
from accounts.actors.service import actor_id
from accounts.customer_accounts.models import CustomerAccount
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.exceptions.models import ExceptionLine
from accounts.exceptions.rules import HOLDS_THE_DATABASE, STRANGE_MONEY, LineClosed, NoReason, WithAnother
from accounts.staff.rules import Authority, Permission

_OPEN = text("""
    INSERT INTO exception_lines (kind, subject, evidence, suggestion, customer_account_id, closing_note)
    SELECT x.kind, x.subject, x.evidence, x.suggestion, x.customer_account_id, ''
      FROM jsonb_to_recordset(CAST(:lines AS jsonb)) AS x (kind text, subject text, evidence jsonb,
           suggestion text, customer_account_id bigint)
     WHERE NOT (x.kind = ANY (:strange) AND EXISTS (
                SELECT FROM exception_lines e WHERE e.kind = ANY (:strange) AND e.subject = x.subject))
        ON CONFLICT (kind, subject) DO NOTHING""")


@dataclass(frozen=True)
class NewException:
    """What does not fit, with its evidence. ``subject`` names the thing; with ``kind`` it is unique."""

    kind: str
    subject: str
    evidence: dict[str, object]
    suggestion: str = ""
    customer_account_id: int | None = None


def open_exceptions(session: Session, lines: Sequence[NewException]) -> None:
    """Step: open lines; those that were opened before, closed or not, stay as they are."""
    if lines:
        values = {"lines": json.dumps([asdict(line) for line in lines]), "strange": list(STRANGE_MONEY)}
        session.execute(_OPEN, values)


def open_exception(
    session: Session,
    kind: str,
    subject: str,
    evidence: dict[str, object],
    suggestion: str = "",
    *,
    customer_account_id: int | None = None,
) -> int:
    """Step: open one line, or find it open (or closed) already; returns its id."""
    open_exceptions(session, [NewException(kind, subject, evidence, suggestion, customer_account_id)])
    kinds = STRANGE_MONEY if kind in STRANGE_MONEY else (kind,)
    return session.scalars(
        select(ExceptionLine.id).where(ExceptionLine.kind.in_(kinds), ExceptionLine.subject == subject)
    ).one()


def take(sessions: Sessions, by: Authority, line_id: int, *, owner_seen: int | None) -> None:
    """Use case: somebody takes a line on, from nobody or from the person whom they saw there (an actor's id).

    Raises ``NotAllowed``, :class:`NotFound` (also where the account is hidden), :class:`LineClosed`, or
    :class:`WithAnother` where somebody else was first. Taking what one has changes nothing.
    """
    with transaction(sessions) as session:
        line = _open_line(session, by, line_id)
        if line.owner_id == by.actor_id:
            return
        _must_be_with(line, owner_seen)
        _audit(session, "exception-taken", line, by, before=_handle(session, line.owner_id), after=by.handle)
        line.owner_id = by.actor_id


def close(
    sessions: Sessions, by: Authority, line_id: int, note: str, *, owner_seen: int | None, now: datetime
) -> None:
    """Use case: a named person says how a line ended; it stays to be read, and is never opened again.

    Raises ``NotAllowed``, :class:`NotFound` (also where the account is hidden), :class:`LineClosed`,
    :class:`WithAnother` where it is with another person than the one seen there, :class:`NoReason` without a note.
    """
    words = note.strip()
    if not words:
        raise NoReason("say what was done about it")
    with transaction(sessions) as session:
        line = _open_line(session, by, line_id)
        _must_be_with(line, owner_seen)
        line.closed_at, line.closed_by, line.closing_note = now, by.actor_id, words
        _audit(session, "exception-closed", line, by, reason=words)


def at_the_machine(sessions: Sessions, handle: str) -> Authority:
    """Use case: the authority of a person who is named at the command line of the machine that holds the city."""
    with transaction(sessions) as session:
        id_ = actor_id(session, handle)
    return Authority(id_, handle.strip().lower(), HOLDS_THE_DATABASE)


def _open_line(session: Session, by: Authority, line_id: int) -> ExceptionLine:
    by.must(Permission.EXCEPTIONS_WORK)
    line = session.scalar(select(ExceptionLine).where(ExceptionLine.id == line_id).with_for_update())
    if line is None:
        raise NotFound(f"no exception {line_id}")
    if line.customer_account_id is not None:
        account = session.get_one(CustomerAccount, line.customer_account_id)
        if (account.is_protected and not by.may(Permission.PROTECTED_SEE)) or (
            account.is_restricted and not by.may(Permission.RESTRICTED_SEE)
        ):
            raise NotFound(f"no exception {line_id} for {by.handle}")
    if line.closed_at is not None:
        raise LineClosed(f"exception {line_id} is closed")
    return line


def _must_be_with(line: ExceptionLine, owner_seen: int | None) -> None:
    if line.owner_id != owner_seen:
        raise WithAnother(f"exception {line.id} is with {line.owner_id}", owner_id=line.owner_id)


def _handle(session: Session, owner_id: int | None) -> str | None:
    return None if owner_id is None else session.get_one(Actor, owner_id).handle


def _audit(session: Session, act: str, line: ExceptionLine, by: Authority, **details: object) -> None:
    """A line on the account that it is about, or on the exception itself."""
    account = line.customer_account_id
    subject = ("exception", line.id) if account is None else ("account", account)
    audit.record(session, act, subject=subject, actor_id=by.actor_id, exception=line.id, kind=line.kind, **details)
