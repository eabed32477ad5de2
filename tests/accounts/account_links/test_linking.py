"""Links: a proof keeps an account, a share gives no more than was offered, and what ends takes its shares along."""

from __future__ import annotations

import functools
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.account_links import queries, service, sharing
from accounts.account_links.models import AccountLink
from accounts.account_links.rules import (
    INVITATION_LIFE,
    MOST_OPEN_INVITATIONS,
    InvitationOver,
    MayNotShare,
    NoSuchRight,
    Offer,
    OwnInvitation,
    Right,
    Standing,
    TooManyInvitations,
)
from accounts.account_links.service import WHOLE
from accounts.account_links.sharing import NewInvitation
from accounts.actors.models import Actor, ActorKind
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.errors import DomainError, NotFound
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from tests.accounts.counter import person, refused
from tests.concurrency.threads import together
from tests.concurrency.unlocked import without_locks
from tests.database import TestDatabase
from tests.factories import DAY, make_account, make_chart

SEE, PAY, MANAGE = Right.SEE, Right.PAY, Right.MANAGE


def resident(sessions: Sessions, name: str) -> int:
    with transaction(sessions) as session:
        actor = Actor(kind=ActorKind.RESIDENT, handle=f"resident:{name}", display_name="")
        session.add(actor)
        session.flush()
        return actor.id


def an_account(sessions: Sessions, *owed: Money, is_protected: bool = False) -> int:
    with transaction(sessions) as session:
        if owed:
            make_chart(session)
        account = make_account(session, charges=owed)
        account.is_protected = is_protected
        return account.id


def offered(token: str) -> NewInvitation:
    offer = Offer(Standing.TENANT, frozenset({SEE, PAY}))
    return NewInvitation(token, "sealed", "t•••@example.com", "es", offer)


def rights(sessions: Sessions, actor: int, account: int) -> frozenset[Right]:
    with reading(sessions) as session:
        return queries.rights_of(session, actor, account)


def test_a_proof_gives_everything_and_again_changes_nothing(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    maria, account = resident(sessions, "maria"), an_account(sessions, Money(120_00))
    assert rights(sessions, maria, account) == frozenset()
    first = service.link(sessions, maria, account, "proof", now=clock.now())
    assert service.link(sessions, maria, account, "code", now=clock.now()) == first
    assert rights(sessions, maria, account) == {SEE, PAY, MANAGE}
    with reading(sessions) as session:
        (held,) = queries.held_by(session, maria, DAY)
        assert (held.owed, held.link.standing, held.next_due) == (Money(120_00), Standing.HOLDER, Money(120_00))
        assert queries.linked_account(session, maria, held.link.reference) == held.link
        assert queries.linked_account(session, maria + 1, held.link.reference) is None
    with db.owner.connect() as connection:
        facts = connection.scalar(text("SELECT count(*) FROM audit_entries WHERE act = 'account-linked'"))
    assert facts == 1


def test_a_share_gives_what_was_offered_and_no_more(db: TestDatabase, sessions: Sessions, clock: FixedClock) -> None:
    owner, tenant, account = resident(sessions, "owner"), resident(sessions, "tenant"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    sharing.invite(sessions, owner, account, offered("t1"), now=clock.now())
    with refused(db, NotFound):
        sharing.accept(sessions, tenant, "t2", now=clock.now())
    sharing.accept(sessions, tenant, "t1", now=clock.now())
    assert rights(sessions, tenant, account) == {SEE, PAY}
    with refused(db, InvitationOver):
        sharing.accept(sessions, owner, "t1", now=clock.now())
    with refused(db, MayNotShare):
        sharing.invite(sessions, tenant, account, offered("t3"), now=clock.now())
    with reading(sessions) as session:
        holder, guest = queries.shares_of(session, account, clock.now())
    assert (holder.actor_id, guest.actor_id, guest.shared_by) == (owner, tenant, holder.id)


@pytest.mark.parametrize(
    ("offer", "error"),
    [
        (Offer(Standing.HOLDER, frozenset(Right)), MayNotShare),
        (Offer(Standing.TENANT, frozenset({PAY})), NoSuchRight),
        (Offer(Standing.AGENT, frozenset({MANAGE})), NoSuchRight),
    ],
)
def test_an_offer_that_makes_no_sense_is_refused(
    db: TestDatabase,
    sessions: Sessions,
    clock: FixedClock,
    offer: Offer,
    error: type[DomainError],
) -> None:
    owner, account = resident(sessions, "owner"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    with refused(db, error):
        sharing.invite(sessions, owner, account, replace(offered("t"), offer=offer), now=clock.now())


def test_who_has_no_link_invites_nobody_and_ends_nothing(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    owner, stranger, account = resident(sessions, "owner"), resident(sessions, "stranger"), an_account(sessions)
    kept = service.link(sessions, owner, account, "proof", now=clock.now())
    invitation = sharing.invite(sessions, owner, account, offered("t"), now=clock.now())
    with refused(db, NotFound):
        sharing.invite(sessions, stranger, account, offered("u"), now=clock.now())
    with refused(db, NotFound):
        service.end(sessions, stranger, kept, now=clock.now())
    with refused(db, NotFound):
        sharing.withdraw(sessions, stranger, invitation, now=clock.now())
    with refused(db, NotFound):
        service.rename(sessions, stranger, kept, "Mine")


def test_a_guest_of_an_account_does_not_end_its_holder(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    owner, tenant, account = resident(sessions, "owner"), resident(sessions, "tenant"), an_account(sessions)
    kept = service.link(sessions, owner, account, "proof", now=clock.now())
    other = service.link(sessions, resident(sessions, "spouse"), account, "proof", now=clock.now())
    sharing.invite(sessions, owner, account, offered("t"), now=clock.now())
    share = sharing.accept(sessions, tenant, "t", now=clock.now())
    for link_id in (kept, other):
        with refused(db, NotFound):
            service.end(sessions, tenant, link_id, now=clock.now())
    with refused(db, NotFound):
        service.end(sessions, owner, other, now=clock.now())
    service.end(sessions, owner, share, now=clock.now())
    assert rights(sessions, tenant, account) == frozenset()
    with refused(db, NotFound):
        service.end(sessions, owner, share, now=clock.now())


def test_who_gives_an_account_up_takes_their_guests_and_open_invitations_along(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    owner, tenant, account = resident(sessions, "owner"), resident(sessions, "tenant"), an_account(sessions)
    kept = service.link(sessions, owner, account, "proof", now=clock.now())
    sharing.invite(sessions, owner, account, offered("t"), now=clock.now())
    sharing.accept(sessions, tenant, "t", now=clock.now())
    sharing.invite(sessions, owner, account, offered("late"), now=clock.now())
    service.end(sessions, owner, kept, now=clock.now())
    assert rights(sessions, owner, account) == rights(sessions, tenant, account) == frozenset()
    with refused(db, InvitationOver):
        sharing.accept(sessions, tenant, "late", now=clock.now())


def test_an_invitation_is_good_for_two_weeks_and_until_it_is_taken_back(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    owner, tenant, account = resident(sessions, "owner"), resident(sessions, "tenant"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    sharing.invite(sessions, owner, account, offered("old"), now=clock.now())
    with refused(db, InvitationOver):
        sharing.accept(sessions, tenant, "old", now=clock.now() + INVITATION_LIFE)
    back = sharing.invite(sessions, owner, account, offered("back"), now=clock.now())
    sharing.withdraw(sessions, owner, back, now=clock.now())
    with refused(db, InvitationOver):
        sharing.accept(sessions, tenant, "back", now=clock.now())
    with reading(sessions) as session:
        shown = queries.invitation(session, "old", clock.now() + timedelta(days=1))
        assert shown
        assert shown.is_open
        gone = queries.invitation(session, "back", clock.now())
        assert gone
        assert not gone.is_open
        assert queries.invitation(session, "nobody's", clock.now()) is None


def test_only_so_many_invitations_wait_at_once(db: TestDatabase, sessions: Sessions, clock: FixedClock) -> None:
    owner, account = resident(sessions, "owner"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    for number in range(MOST_OPEN_INVITATIONS):
        sharing.invite(sessions, owner, account, offered(f"t{number}"), now=clock.now())
    with refused(db, TooManyInvitations):
        sharing.invite(sessions, owner, account, offered("one more"), now=clock.now())


def test_a_proof_is_more_than_a_share_and_less_is_not_taken_for_more(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    owner, tenant, account = resident(sessions, "owner"), resident(sessions, "tenant"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    for token in ("first", "again"):
        sharing.invite(sessions, owner, account, offered(token), now=clock.now())
    sharing.accept(sessions, tenant, "first", now=clock.now())
    with refused(db, OwnInvitation):
        sharing.accept(sessions, tenant, "again", now=clock.now())
    service.link(sessions, tenant, account, "code", now=clock.now())
    assert rights(sessions, tenant, account) == {SEE, PAY, MANAGE}


def test_the_counter_lets_the_holder_of_a_protected_account_in_and_takes_people_off(
    db: TestDatabase, sessions: Sessions, clock: FixedClock
) -> None:
    maria, account = resident(sessions, "maria"), an_account(sessions, is_protected=True)
    new = NewInvitation("t", "sealed", "m•••@example.com", "es", WHOLE)
    clerk, senior = person(sessions, "clerk"), person(sessions, "supervisor", "samira")
    viewer = person(sessions, "auditor", "ada")
    with refused(db, NotAllowed):
        sharing.invite_holder(sessions, viewer, account, new, now=clock.now())
    with refused(db, NotFound):
        sharing.invite_holder(sessions, clerk, account, new, now=clock.now())
    sharing.invite_holder(sessions, senior, account, new, now=clock.now())
    kept = sharing.accept(sessions, maria, "t", now=clock.now())
    assert rights(sessions, maria, account) == {SEE, PAY, MANAGE}
    with refused(db, NotAllowed):
        service.end_at_counter(sessions, viewer, kept, "moved out", now=clock.now())
    service.end_at_counter(sessions, senior, kept, "moved out", now=clock.now())
    assert rights(sessions, maria, account) == frozenset()


def test_of_two_who_open_one_mail_one_gets_in(sessions: Sessions, clock: FixedClock) -> None:
    owner, account = resident(sessions, "owner"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    both = [resident(sessions, name) for name in ("one", "two")]
    for round_ in range(5):
        token = f"t{round_}"
        sharing.invite(sessions, owner, account, offered(token), now=clock.now())
        taken = together([functools.partial(sharing.accept, sessions, who, token, now=clock.now()) for who in both])
        links = [outcome for outcome in taken if isinstance(outcome, int)]
        assert len(links) == 1, taken
        assert [type(outcome) for outcome in taken if not isinstance(outcome, int)] == [InvitationOver]
        service.end(sessions, owner, links[0], now=clock.now())


def test_without_the_lock_one_invitation_lets_two_in(db: TestDatabase, sessions: Sessions, clock: FixedClock) -> None:
    """The control."""
    owner, account = resident(sessions, "owner"), an_account(sessions)
    service.link(sessions, owner, account, "proof", now=clock.now())
    sharing.invite(sessions, owner, account, offered("one"), now=clock.now())
    both = [resident(sessions, name) for name in ("one", "two")]
    with without_locks(db.app, "link_invitations.token_sha256 ="):
        taken = together([functools.partial(sharing.accept, sessions, who, "one", now=clock.now()) for who in both])
    assert all(isinstance(outcome, int) for outcome in taken), taken


def test_one_resident_on_two_screens_has_one_link(sessions: Sessions, clock: FixedClock) -> None:
    maria, account = resident(sessions, "maria"), an_account(sessions)
    made = together([functools.partial(service.link, sessions, maria, account, "proof", now=clock.now())] * 4)
    assert len(set(made)) == 1, made


def test_without_the_lock_two_screens_race(sessions: Sessions, clock: FixedClock) -> None:
    """The control: it is the lock that makes them one; the database refuses the second link."""
    maria, account = resident(sessions, "maria"), an_account(sessions)

    def unlocked() -> int:
        with transaction(sessions) as session:
            session.execute(text("SELECT pg_sleep(0.1)"))
            row = AccountLink(
                actor_id=maria, customer_account_id=account, standing="holder", rights=["see"], proven_by="proof",
                linked_at=clock.now(),
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    outcomes = together([unlocked] * 2)
    assert sum(isinstance(outcome, DBAPIError) for outcome in outcomes) == 1, outcomes
