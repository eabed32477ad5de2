"""Recovery codes in the table of whoever has them: ten at a time, each good once."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal.identity.factors import new_recovery_codes, recovery_digest
from portal.identity.shapes import RecoveryCodeShape

C = TypeVar("C", bound=RecoveryCodeShape)


def renew(session: Session, table: type[C], secret: bytes, sign_in_id: int, whose: str) -> list[str]:
    """Step: ten recovery codes instead of those there were; they are shown only now."""
    codes, new = new_recovery_codes(), cast("Any", table)
    forget(session, table, sign_in_id)
    session.add_all(
        new(sign_in_id=sign_in_id, digest=recovery_digest(secret, sign_in_id, code, whose)) for code in codes
    )
    return codes


def forget(session: Session, table: type[C], sign_in_id: int) -> None:
    """Step: none of a person's codes is good any longer."""
    session.execute(delete(table).where(table.sign_in_id == sign_in_id))


def unused(session: Session, table: type[C], sign_in_id: int, digest: bytes) -> C | None:
    """Step: the code of this digest, if it is one of theirs and was not used. One statement for whoever asks."""
    wanted = select(table).where(
        table.sign_in_id == sign_in_id,
        table.digest == digest,
        table.used_at.is_(None),
    )
    return session.scalar(wanted)
