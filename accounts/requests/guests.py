"""Somebody without a sign-in who asks: what they may ask for, and that a case is theirs alone.

A guest is whoever opens a link that was mailed to the address that they gave: so the address is proved before
anything is kept. An account is proved before as in the look-up (``accounts.lookups``), and by whoever calls.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cases import asking
from accounts.cases import queries as cases
from accounts.cases.asking import Asker, NotForThisAccount
from accounts.cases.lifecycle import CaseDesk
from accounts.cases.views import CaseLine
from accounts.database import reading
from accounts.errors import DomainError, NotFound

_KIND = text("SELECT kind FROM customer_accounts WHERE id = :account AND NOT is_protected")


class TakesASignIn(DomainError):
    """This is asked for by somebody who has signed in and manages the account."""


@dataclass(frozen=True)
class Guest:
    """Somebody who opened a link mailed to ``email``; it opens ``case_id`` and no other.

    ``links``: how often links to it had been called back when this one was made.
    """

    case_id: int
    email: str
    language: str = "en"
    links: int = 0

    @property
    def actor_id(self) -> None:
        """Nobody whom the house knows."""


@dataclass(frozen=True)
class Wish:
    """What a guest wants to ask for. ``account_id``: one that this visit has proved."""

    kind: str
    name: str
    email: str
    phone: str
    language: str
    account_id: int | None = None


def check(desk: CaseDesk, wish: Wish) -> None:
    """Whether a guest may ask for it, before anything is mailed. One statement, where it is about an account.

    Raises ``NotInTheCity``, :class:`TakesASignIn`, ``NotForThisAccount``.
    """
    kind = desk.city.request_kind(wish.kind, desk.today)
    if not kind.guests:
        raise TakesASignIn(f"{wish.kind} takes a sign-in")
    if not kind.needs_account:
        return
    with reading(desk.sessions) as session:
        found = session.scalar(_KIND, {"account": wish.account_id})
    if found is None or found not in kind.account_kinds:
        raise NotForThisAccount(f"{wish.kind} is not for account {wish.account_id}")


def begin(desk: CaseDesk, wish: Wish) -> Guest:
    """Begin a request whose address is proved, or go on with its draft; who goes on. Raises as :func:`check`."""
    check(desk, wish)
    kind = desk.city.request_kind(wish.kind, desk.today)
    guest = {"name": wish.name, "email": wish.email, "phone": wish.phone}
    account = wish.account_id if kind.needs_account else None
    case_id = asking.begin(desk, Asker(None, guest, wish.language), wish.kind, account)
    return Guest(case_id, wish.email, wish.language)


def guest_of(line: CaseLine) -> Guest:
    """Who asked for a case without a sign-in, as the links that are mailed to them name them now."""
    return Guest(line.id, line.guest["email"], line.language, line.links)


def must_own(session: Session, who: Guest, line: CaseLine) -> None:
    """Step: a case is not there for a link to another one, for another address, for a link that was called back, nor
    for any guest once its account is protected. Raises ``NotFound``."""
    is_theirs = line.asked_by is None and (line.id, line.guest.get("email")) == (who.case_id, who.email)
    account = line.customer_account_id
    if (
        not is_theirs
        or line.links != who.links
        or (account is not None and session.scalar(_KIND, {"account": account}) is None)
    ):
        raise NotFound(f"no case {line.id} for this link")


def case_of_guest(session: Session, number: str, email: str) -> CaseLine | None:
    """The case of a number, if a guest with this address asked for it: a new link to it is mailed there."""
    try:
        line = cases.case(session, cases.case_id_of(session, number))
        must_own(session, Guest(line.id, email, links=line.links), line)
    except NotFound:
        return None
    return line


def must_open(desk: CaseDesk, who: Guest) -> None:
    """Whether a link opens its case still; raises ``NotFound``."""
    with reading(desk.sessions) as session:
        must_own(session, who, cases.case(session, who.case_id))
