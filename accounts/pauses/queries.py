"""What stands still today, and why: for the account's page, for who assesses penalties, for who would shut off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.customer_changes.queries import returned_mail
from accounts.pauses.rules import Stopped

_HOLDS = """p.since_on <= :on AND (p.until_on IS NULL OR p.until_on >= :on)
       AND NOT EXISTS (SELECT FROM account_pause_ends e WHERE e.pause_id = p.id AND e.ended_on <= :on)"""
NOT_PAUSED = f"""NOT EXISTS (SELECT FROM account_pauses p WHERE p.customer_account_id = a.id AND p.stops = 'penalties'
       AND {_HOLDS})"""
"""Of the account ``a`` in a statement of another feature: no pause of penalties holds on ``:on``."""
_OF_ACCOUNT = text(f"""
    SELECT p.id, p.stops, p.reason, p.words, p.authority, p.cause_kind, p.cause_id, p.since_on, p.until_on
      FROM account_pauses p WHERE p.customer_account_id = :account AND {_HOLDS} ORDER BY p.id""")  # noqa: S608
_HOLDER = text("SELECT customer_id FROM customer_accounts WHERE id = :account")


@dataclass(frozen=True)
class PauseView:
    """A pause that holds."""

    id: int
    stops: Stopped
    reason: str
    words: Mapping[str, str]
    authority: str
    cause: tuple[str, int]
    since_on: date
    until_on: date | None


@dataclass(frozen=True)
class ShutOffBlock:
    """A reason not to shut a service off: ``pending-case`` with its pause, or ``returned-mail``."""

    code: str
    since_on: date
    words: Mapping[str, str]
    authority: str
    until_on: date | None = None


def pauses_of(session: Session, account_id: int, on: date) -> list[PauseView]:
    """What stands still on an account on a day. One statement."""
    rows = session.execute(_OF_ACCOUNT, {"account": account_id, "on": on})
    return [
        PauseView(
            r.id, Stopped(r.stops), r.reason, r.words, r.authority, (r.cause_kind, r.cause_id), r.since_on, r.until_on
        )
        for r in rows
    ]  # fmt: skip


def shut_off_blocks(session: Session, account_id: int, on: date) -> list[ShutOffBlock]:
    """Every reason why no service of an account may be shut off on a day; none: nothing stands in the way.

    An appeal that is pending (Health and Safety Code 116908(b)), and a letter that came back and was not followed by
    a visit (116908(a)(2)). Two statements, and one for the holder.
    """
    blocks = [
        ShutOffBlock("pending-case", pause.since_on, pause.words, pause.authority, pause.until_on)
        for pause in pauses_of(session, account_id, on)
        if pause.stops is Stopped.SHUT_OFF
    ]
    holder = session.scalar(_HOLDER, {"account": account_id})
    letters = returned_mail(session, holder) if holder is not None else []
    return blocks + [
        ShutOffBlock("returned-mail", letter.returned_on, {}, "Health and Safety Code 116908(a)(2)")
        for letter in letters
    ]
