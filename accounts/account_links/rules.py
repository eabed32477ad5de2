"""Rights, standings and what an invitation may give. Pure."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from accounts.errors import Conflict, DomainError

INVITATION_LIFE = timedelta(days=14)
MOST_OPEN_INVITATIONS = 10
"""Of one account at a time: an address book is not to be mailed through us."""
LONGEST_NICKNAME = 60
MOST_LINKS = 2_000
"""Accounts of one sign-in; an agent with more files through the city's own list."""


class NoSuchRight(DomainError):
    """Rights that make no sense: none at all, or some without ``see``."""


class MayNotShare(DomainError):
    """Only who holds an account by their own proof shares it, and gives no right that they lack."""


class TooManyInvitations(DomainError):
    """As many invitations of this account wait already as may: ``facts["most"]``."""


class TooManyLinks(DomainError):
    """As many accounts on one sign-in as there may be: ``facts["most"]``."""


class InvitationOver(Conflict):
    """Accepted, taken back, or too old."""


class OwnInvitation(DomainError):
    """Whoever shared an account has it already."""


class Right(StrEnum):
    """``see``: bills, use and payments. ``pay``: money may be paid. ``manage``: requests, choices of messages."""

    SEE = "see"
    PAY = "pay"
    MANAGE = "manage"


class Standing(StrEnum):
    """As what somebody has an account: their own proof, or one of the ways in which it is shared."""

    HOLDER = "holder"
    OWNER = "owner"
    """Owns the property; gets copies of bills (and of notices that their tenant falls behind)."""
    TENANT = "tenant"
    """Lives or works there and pays."""
    AGENT = "agent"
    """Files and pays for others: a bookkeeper, a property manager."""
    FAMILY = "family"


SHARED_AS = (Standing.OWNER, Standing.TENANT, Standing.AGENT, Standing.FAMILY)


@dataclass(frozen=True, slots=True)
class Offer:
    """What an invitation gives to whoever holds its link."""

    standing: Standing
    rights: frozenset[Right]
    gets_copies: bool = False


def checked(offer: Offer) -> Offer:
    """Raises :class:`NoSuchRight` for no rights, or rights without ``see``; :class:`MayNotShare` for ``holder``."""
    if offer.standing not in SHARED_AS:
        raise MayNotShare(f"an account is not shared as {offer.standing}")
    if Right.SEE not in offer.rights:
        raise NoSuchRight("whoever may pay or manage must see")
    return offer


def must_wait(expires_at: datetime, now: datetime, *, accepted: bool, withdrawn: bool) -> None:
    """Raises :class:`InvitationOver` unless the invitation still waits to be accepted."""
    if accepted or withdrawn or expires_at <= now:
        raise InvitationOver("accepted" if accepted else "withdrawn" if withdrawn else "too old")


def digest(token: str) -> bytes:
    """How an invitation is found: its token is never stored."""
    return hashlib.sha256(token.encode()).digest()


def ordered(rights: frozenset[Right]) -> tuple[Right, ...]:
    """Rights as they are listed: see, pay, manage."""
    return tuple(right for right in Right if right in rights)
