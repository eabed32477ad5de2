"""Keep accounts that were proven, name them, end them. How one is shared: ``sharing``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select, text, update
from sqlalchemy.orm import Session

from accounts import audit
from accounts.account_links.models import AccountLink, LinkInvitation
from accounts.account_links.rules import (
    LONGEST_NICKNAME,
    MOST_LINKS,
    Offer,
    Right,
    Standing,
    TooManyLinks,
    ordered,
)
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.outbox import announce, announce_all
from accounts.staff.rules import Authority, Permission

_LOCK = text("SELECT id FROM customer_accounts WHERE id = ANY (:accounts) ORDER BY id FOR UPDATE")
WHOLE = Offer(Standing.HOLDER, frozenset(Right), gets_copies=True)
"""What a proof gives."""


def link(sessions: Sessions, actor_id: int, customer_account_id: int, proven_by: str, *, now: datetime) -> int:
    """Use case: a resident has proven an account (``accounts.lookups``) and keeps it; the link's id.

    Again changes nothing, but a share becomes a holder's link: a proof is more than an invitation. The contact on
    file is told (fact ``account_linked``). Raises :class:`TooManyLinks`.
    """
    kept = link_all(sessions, actor_id, [customer_account_id], proven_by, now=now)
    if customer_account_id not in kept:
        raise TooManyLinks(most=MOST_LINKS)
    return kept[customer_account_id]


def link_all(
    sessions: Sessions, actor_id: int, customer_account_ids: Sequence[int], proven_by: str, *, now: datetime
) -> dict[int, int]:
    """Use case: :func:`link` for many accounts, in as many statements; account → link.

    They are taken in their order; what is more than one sign-in may have is left out.
    """
    with transaction(sessions) as session:
        lock_accounts(session, customer_account_ids)
        alive = _live_links(session, actor_id, customer_account_ids)
        held = {account: theirs.id for account, theirs in alive.items() if theirs.standing == Standing.HOLDER}
        lacking = [account for account in dict.fromkeys(customer_account_ids) if account not in held]
        lesser = [alive[account] for account in lacking if account in alive]
        return held | _add_all(session, lesser, actor_id, lacking, Grant(WHOLE, proven_by, now))


def end(sessions: Sessions, actor_id: int, link_id: int, *, now: datetime) -> None:
    """Use case: a resident gives an account up, or a holder takes a share back; shares that hung on it end with it.

    Raises ``NotFound`` for a link that is neither theirs nor a share of an account that they hold, and for one that
    has ended.
    """
    with transaction(sessions) as session:
        theirs = _locked_link(session, link_id)
        if theirs.actor_id != actor_id:
            holder = live_link(session, actor_id, theirs.customer_account_id)
            if holder is None or holder.standing != Standing.HOLDER or theirs.standing == Standing.HOLDER:
                raise NotFound(f"no link {link_id}")
        _end_with_shares(session, theirs, actor_id, now)


def end_at_counter(sessions: Sessions, by: Authority, link_id: int, reason: str, *, now: datetime) -> None:
    """Use case: the counter takes somebody off an account, with a reason; their shares end too.

    Raises ``NotAllowed``, ``NotFound``.
    """
    by.must(Permission.CUSTOMERS_CHANGE)
    with transaction(sessions) as session:
        theirs = _locked_link(session, link_id)
        seen_account(session, by, theirs.customer_account_id)
        _end_with_shares(session, theirs, by.actor_id, now, reason=reason)


def rename(sessions: Sessions, actor_id: int, link_id: int, nickname: str) -> None:
    """Use case: what a resident calls an account; only they see it. Raises ``NotFound``."""
    with transaction(sessions) as session:
        done = session.execute(
            update(AccountLink)
            .where(AccountLink.id == link_id, AccountLink.actor_id == actor_id, AccountLink.ended_at.is_(None))
            .values(nickname=nickname.strip()[:LONGEST_NICKNAME])
            .returning(AccountLink.id)
        )
        if done.first() is None:
            raise NotFound(f"no link {link_id}")


@dataclass(frozen=True, slots=True)
class Grant:
    """What a new link gives, and how it came about."""

    offer: Offer
    proven_by: str
    at: datetime
    shared_by: int | None = None


def lock_accounts(session: Session, customer_account_ids: Sequence[int]) -> None:
    """Step: links of one account change one after the other."""
    session.execute(_LOCK, {"accounts": list(customer_account_ids)})


def live_link(session: Session, actor_id: int, customer_account_id: int) -> AccountLink | None:
    """Step: a resident's link to an account that has not ended."""
    return _live_links(session, actor_id, [customer_account_id]).get(customer_account_id)


def add(session: Session, before: AccountLink | None, actor_id: int, account_id: int, grant: Grant) -> int:
    """Step: a new link in the place of a lesser one (``before``); its id. Raises :class:`TooManyLinks`."""
    added = _add_all(session, [before] if before else [], actor_id, [account_id], grant)
    if not added:
        raise TooManyLinks(most=MOST_LINKS)
    return added[account_id]


def _add_all(
    session: Session, before: Sequence[AccountLink], actor_id: int, account_ids: Sequence[int], grant: Grant
) -> dict[int, int]:
    """New links in the place of lesser ones, as many as there may be: account → link."""
    if not account_ids:
        return {}
    for lesser in before:
        lesser.ended_at, lesser.ended_by = grant.at, actor_id
    session.flush()
    has = session.scalar(select(func.count()).where(AccountLink.actor_id == actor_id, AccountLink.ended_at.is_(None)))
    rows = [
        AccountLink(
            actor_id=actor_id, customer_account_id=account_id, standing=grant.offer.standing.value,
            rights=[right.value for right in ordered(grant.offer.rights)], gets_copies=grant.offer.gets_copies,
            proven_by=grant.proven_by, shared_by=grant.shared_by, linked_at=grant.at,
        )
        for account_id in account_ids[: max(0, MOST_LINKS - (has or 0))]
    ]  # fmt: skip
    session.add_all(rows)
    session.flush()
    for row in rows:
        audit.record(
            session, "account-linked", subject=("account", row.customer_account_id), actor_id=actor_id, link=row.id,
            standing=row.standing, rights=row.rights, proven_by=row.proven_by,
        )  # fmt: skip
    announce_all(session, "account_linked", [{"link_id": row.id} for row in rows])
    return {row.customer_account_id: row.id for row in rows}


def _live_links(session: Session, actor_id: int, account_ids: Sequence[int]) -> dict[int, AccountLink]:
    found = session.scalars(
        select(AccountLink).where(
            AccountLink.actor_id == actor_id,
            AccountLink.customer_account_id.in_(account_ids),
            AccountLink.ended_at.is_(None),
        )
    )
    return {theirs.customer_account_id: theirs for theirs in found}


def _locked_link(session: Session, link_id: int) -> AccountLink:
    account_id = session.scalar(select(AccountLink.customer_account_id).where(AccountLink.id == link_id))
    lock_accounts(session, [account_id or 0])
    found = session.scalar(select(AccountLink).where(AccountLink.id == link_id, AccountLink.ended_at.is_(None)))
    if found is None:
        raise NotFound(f"no link {link_id}")
    return found


def _end_with_shares(
    session: Session, theirs: AccountLink, actor_id: int, now: datetime, *, reason: str = ""
) -> None:
    hung_on_it = session.scalars(
        select(AccountLink).where(AccountLink.shared_by == theirs.id, AccountLink.ended_at.is_(None))
    ).all()
    session.execute(
        update(LinkInvitation)
        .where(
            LinkInvitation.link_id == theirs.id,
            LinkInvitation.accepted_at.is_(None),
            LinkInvitation.withdrawn_at.is_(None),
        )
        .values(withdrawn_at=now, sealed="")
    )
    for ended in (theirs, *hung_on_it):
        ended.ended_at, ended.ended_by = now, actor_id
        audit.record(
            session, "account-unlinked", subject=("account", ended.customer_account_id), actor_id=actor_id,
            link=ended.id, standing=ended.standing, **({"reason": reason} if reason else {}),
        )  # fmt: skip
        announce(session, "account_unlinked", link_id=ended.id)
