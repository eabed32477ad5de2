"""Invite somebody to an account, take the invitation back, accept it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.account_links.models import LinkInvitation
from accounts.account_links.rules import (
    INVITATION_LIFE,
    MOST_OPEN_INVITATIONS,
    MayNotShare,
    Offer,
    OwnInvitation,
    Right,
    Standing,
    TooManyInvitations,
    checked,
    digest,
    must_wait,
    ordered,
)
from accounts.account_links.service import WHOLE, Grant, add, live_link, lock_accounts
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.staff.rules import Authority, Permission


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """Whom to let in, and how. ``sealed`` holds token and address, for who holds the key."""

    token: str
    sealed: str
    to_masked: str
    language: str
    offer: Offer


def new_token() -> str:
    """24 random bytes: what is in the mail, and nowhere else."""
    return secrets.token_urlsafe(24)


def invite(sessions: Sessions, actor_id: int, customer_account_id: int, new: NewInvitation, *, now: datetime) -> int:
    """Use case: a holder shares an account by mail; the invitation's id.

    Raises ``NotFound`` without a link, :class:`MayNotShare` for a guest of the account, ``NoSuchRight``,
    :class:`TooManyInvitations`.
    """
    offer = checked(new.offer)
    with transaction(sessions) as session:
        lock_accounts(session, [customer_account_id])
        by = live_link(session, actor_id, customer_account_id)
        if by is None:
            raise NotFound(f"no link to account {customer_account_id}")
        if by.standing != Standing.HOLDER or not {right.value for right in offer.rights} <= set(by.rights):
            raise MayNotShare("only a holder shares")
        return _offer(session, (actor_id, by.id), customer_account_id, new, now)


def invite_holder(
    sessions: Sessions, by: Authority, customer_account_id: int, new: NewInvitation, *, now: datetime
) -> int:
    """Use case: somebody proved at the counter that an account is theirs, and is invited as its holder.

    The only way to a protected account, which no proof from outside opens. Raises ``NotAllowed``, ``NotFound``,
    :class:`TooManyInvitations`.
    """
    by.must(Permission.CUSTOMERS_CHANGE)
    if new.offer != WHOLE:
        raise MayNotShare("the counter invites holders; they share")
    with transaction(sessions) as session:
        seen_account(session, by, customer_account_id)
        lock_accounts(session, [customer_account_id])
        return _offer(session, (by.actor_id, None), customer_account_id, new, now)


def withdraw(sessions: Sessions, actor_id: int, invitation_id: int, *, now: datetime) -> None:
    """Use case: a holder takes an invitation back that nobody has accepted.

    Raises ``NotFound`` for one of an account that they do not hold, ``InvitationOver``.
    """
    with transaction(sessions) as session:
        waiting = session.get(LinkInvitation, invitation_id, with_for_update=True)
        holder = waiting and live_link(session, actor_id, waiting.customer_account_id)
        if waiting is None or holder is None or holder.standing != Standing.HOLDER:
            raise NotFound(f"no invitation {invitation_id}")
        _must_wait(waiting, now)
        waiting.withdrawn_at, waiting.sealed = now, ""
        audit.record(
            session, "share-withdrawn", subject=("account", waiting.customer_account_id), actor_id=actor_id,
            invitation=invitation_id,
        )  # fmt: skip


def accept(sessions: Sessions, actor_id: int, token: str, *, now: datetime) -> int:
    """Use case: a signed-in resident takes what the mail offers; the link's id.

    Raises ``NotFound`` for a token that is nobody's, ``InvitationOver``, :class:`OwnInvitation` for who has the
    account with no less, ``TooManyLinks``. Of two who open one mail, one gets in.
    """
    with transaction(sessions) as session:
        mailed = LinkInvitation.token_sha256 == digest(token)
        account_id = session.scalar(select(LinkInvitation.customer_account_id).where(mailed))
        if account_id is None:
            raise NotFound("no such invitation")
        # The account first, as for whoever ends the share meanwhile.
        lock_accounts(session, [account_id])
        waiting = session.scalars(select(LinkInvitation).where(mailed).with_for_update()).one()
        _must_wait(waiting, now)
        before = live_link(session, actor_id, account_id)
        if before is not None and set(waiting.rights) <= set(before.rights):
            raise OwnInvitation("they have it already")
        waiting.accepted_at, waiting.accepted_by, waiting.sealed = now, actor_id, ""
        offer = Offer(Standing(waiting.standing), frozenset(map(Right, waiting.rights)), waiting.gets_copies)
        how = "invitation" if waiting.link_id is not None else "counter"
        grant = Grant(offer, how, now, shared_by=waiting.link_id)
        return add(session, before, actor_id, account_id, grant)


def _must_wait(waiting: LinkInvitation, now: datetime) -> None:
    accepted, withdrawn = waiting.accepted_at is not None, waiting.withdrawn_at is not None
    must_wait(waiting.expires_at, now, accepted=accepted, withdrawn=withdrawn)


def _offer(session: Session, by: tuple[int, int | None], account_id: int, new: NewInvitation, now: datetime) -> int:
    waiting = session.scalar(
        select(func.count()).where(
            LinkInvitation.customer_account_id == account_id,
            LinkInvitation.accepted_at.is_(None),
            LinkInvitation.withdrawn_at.is_(None),
            LinkInvitation.expires_at > now,
        )
    )
    if (waiting or 0) >= MOST_OPEN_INVITATIONS:
        raise TooManyInvitations(most=MOST_OPEN_INVITATIONS)
    actor_id, link_id = by
    row = LinkInvitation(
        token_sha256=digest(new.token), sealed=new.sealed, to_masked=new.to_masked, language=new.language,
        customer_account_id=account_id, link_id=link_id, invited_by=actor_id, standing=new.offer.standing.value,
        rights=[right.value for right in ordered(new.offer.rights)], gets_copies=new.offer.gets_copies,
        invited_at=now, expires_at=now + INVITATION_LIFE,
    )  # fmt: skip
    session.add(row)
    session.flush()
    audit.record(
        session, "share-offered", subject=("account", account_id), actor_id=actor_id, invitation=row.id,
        standing=row.standing, rights=row.rights, to=new.to_masked,
    )  # fmt: skip
    announce(session, "share_offered", priority=SOMEBODY_WAITS, invitation_id=row.id)
    return row.id
