"""Residents' sign-in, twice at once: what is good once is good once, one address is one sign-in, and a session that
somebody ends has ended. Beside each the control: the same without its locks."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, OperationalError

from accounts.clock import FixedClock
from accounts.database import Sessions, one_by_one, query, transaction
from portal.identity import passwords
from portal.identity import sessions as kept_sessions
from portal.identity.residents import email_changes, screens, users
from portal.identity.residents.mailed_links import Envelope, add_link, enter_by_link
from portal.identity.residents.models import ResidentEmailChange, ResidentLink, ResidentSignIn
from portal.identity.residents.own_passwords import choose_password
from portal.identity.residents.rules import NEW_EMAIL, SIGN_IN, LinkOver, NotLetIn, TooManyTries
from portal.identity.residents.second_steps import new_codes
from portal.identity.residents.signing_in import Door, Half, SignedIn, finish, sign_in
from portal.identity.residents.users import ResidentUser
from portal.identity.sessions import Screen
from portal.identity.throttles import Throttle
from portal.identity.vault import ADDRESSES, RESIDENT_FACTORS, Vault
from tests.concurrency.threads import together
from tests.concurrency.unlocked import after_reading, dawdling, unlocked, without_locks
from tests.database import TestDatabase
from tests.portal.resident.people import PASSWORD, signed_in

NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
SECRET = "a secret key of the tests, long enough"
ANA, NEW = "ana@example.com", "ana.reyes@example.com"
APP = pyotp.random_base32()
SEAT = Screen("203.0.113.7", "Firefox, Windows")
LINK_READ, BY_ID, BY_EMAIL = "resident_links.token_digest =", "resident_sign_ins.id =", "resident_sign_ins.email ="
AT_ONCE = 4
MOST = 10
"""Wrong passwords of one client for one address (``rules.TRIES``)."""
Act = Callable[[], object]


@dataclass(frozen=True)
class Place:
    """Where residents sign in."""

    db: TestDatabase
    sessions: Sessions
    door: Door
    clock: FixedClock

    def link_to(self, email: str, **of_whom: int) -> str:
        """The token of a link to this mailbox."""
        kind = NEW_EMAIL if "change_id" in of_whom else SIGN_IN
        link = ResidentLink(kind=kind, language="en", **of_whom)
        with transaction(self.sessions) as session:
            sealed = add_link(session, self.door, link, email, now=NOW, until=NOW + timedelta(hours=1))
        return Envelope.opened(self.door.addresses, sealed).token

    def moves_in(self) -> SignedIn:
        """Ana has a password; its hash is a quick one, so that nobody waits long for a lock."""
        began = signed_in(self.sessions, self.clock, ANA)
        with transaction(self.sessions) as session:
            session.scalars(select(ResidentSignIn)).one().password_hash = passwords.hasher().hash(PASSWORD)
        return began

    def enter(self, token: str) -> Act:
        return lambda: enter_by_link(
            self.sessions, self.door, token, SEAT, password="", language="en", now=NOW
        )  # fmt: skip

    def by_password(self, password: str = PASSWORD) -> Act:
        return lambda: sign_in(self.sessions, self.door, ANA, password, screen=SEAT, now=NOW)

    def user(self, began: SignedIn) -> ResidentUser:
        with one_by_one(self.sessions) as reader:
            found = users.who(reader, began.token, Lifetime(), NOW)
        assert found is not None
        return found

    def count(self, sql: str) -> int:
        with self.db.owner.connect() as connection:
            return int(connection.execute(text(f"SELECT count(*) FROM {sql}")).scalar_one())

    @property
    def owner(self) -> int:
        """The only sign-in that there is."""
        with self.db.owner.connect() as connection:
            return int(connection.execute(text("SELECT id FROM resident_sign_ins")).scalar_one())

    @property
    def running(self) -> int:
        return self.count("resident_sessions WHERE ended_at IS NULL")


@dataclass(frozen=True)
class Lifetime:
    idle_minutes: int = 60
    absolute_hours: int = 12


@pytest.fixture
def place(db: TestDatabase, sessions: Sessions) -> Place:
    vaults = Vault([SECRET], RESIDENT_FACTORS), Vault([SECRET], ADDRESSES)
    return Place(db, sessions, Door(b"k" * 32, *vaults), FixedClock(NOW))


def with_app(place: Place) -> tuple[int, list[str]]:
    """Ana is asked for a second proof: her sign-in and her recovery codes."""
    began = signed_in(place.sessions, place.clock, ANA)
    with transaction(place.sessions) as session:
        found = session.scalars(select(ResidentSignIn)).one()
        found.asks_second, found.totp_secret = True, place.door.factors.lock(APP.encode())
        return began.sign_in_id, new_codes(session, place.door, found.id)


def a_link_twice(place: Place) -> Sequence[Act]:
    began = signed_in(place.sessions, place.clock, ANA)
    return [place.enter(place.link_to(ANA, sign_in_id=began.sign_in_id))] * 2


def two_links_of_one_mailbox(place: Place) -> Sequence[Act]:
    """The first ends the other, and neither waits for what the other holds."""
    began = signed_in(place.sessions, place.clock, ANA)
    return [place.enter(place.link_to(ANA, sign_in_id=began.sign_in_id)) for _ in range(2)]


def a_code_twice(place: Place) -> Sequence[Act]:
    half, code = Half(with_app(place)[0], "link", NOW), pyotp.TOTP(APP).at(NOW)
    return [lambda: finish(place.sessions, place.door, half, code, screen=SEAT, now=NOW)] * 2


def a_recovery_code_twice(place: Place) -> Sequence[Act]:
    sign_in_id, codes = with_app(place)
    half = Half(sign_in_id, "link", NOW)
    return [lambda: finish(place.sessions, place.door, half, codes[3], screen=SEAT, now=NOW)] * 2


ONCE = [
    (a_link_twice, LINK_READ, LinkOver),
    (two_links_of_one_mailbox, LINK_READ, LinkOver),
    (a_code_twice, BY_ID, NotLetIn),
    (a_recovery_code_twice, BY_ID, NotLetIn),
]


@pytest.mark.parametrize(("twice", "marker", "refusal"), ONCE)
def test_what_is_good_once_is_good_once(
    place: Place, twice: Callable[[Place], Sequence[Act]], marker: str, refusal: type[Exception]
) -> None:
    acts = twice(place)
    before = place.running
    with dawdling(place.db.app, marker):
        outcomes = together(acts)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == sorted([SignedIn.__name__, refusal.__name__])
    assert place.running == before + 1


@pytest.mark.parametrize(("twice", "marker", "refusal"), [one for one in ONCE if one[0] != two_links_of_one_mailbox])
def test_without_locks_it_is_good_twice(
    place: Place, twice: Callable[[Place], Sequence[Act]], marker: str, refusal: type[Exception]
) -> None:
    """The control: if this fails, the test above shows nothing."""
    del refusal
    acts = twice(place)
    before = place.running
    with without_locks(place.db.app, marker):
        outcomes = together(acts)
    assert [type(outcome) for outcome in outcomes] == [SignedIn, SignedIn]
    assert place.running == before + 2


def test_without_locks_neither_link_ends_the_other_in_time(place: Place) -> None:
    """The control: both open, or each waits for the row that the other has written.

    A machine that is slow to begin the second one lets the first end it in time: five tries.
    """

    def opened() -> set[type]:
        acts = two_links_of_one_mailbox(place)
        with without_locks(place.db.app, LINK_READ):
            return {type(outcome) for outcome in together(acts)}

    assert any(opened() <= {SignedIn, OperationalError} for _ in range(5))


def test_one_address_registered_twice_is_one_sign_in(place: Place) -> None:
    acts = [place.enter(place.link_to(NEW)) for _ in range(2)]
    with dawdling(place.db.app, BY_EMAIL):
        outcomes = together(acts)
    signed = {outcome.sign_in_id for outcome in outcomes if isinstance(outcome, SignedIn)}
    assert len(signed) == 1, outcomes
    assert place.count("resident_sign_ins") == place.count("actors WHERE kind = 'resident'") == 1


def test_without_taking_turns_only_the_constraint_stops_the_second_sign_in(place: Place) -> None:
    """The control."""
    acts = [place.enter(place.link_to(NEW)) for _ in range(2)]
    with without_locks(place.db.app, BY_EMAIL):
        outcomes = together(acts)
    assert sum(isinstance(outcome, IntegrityError) for outcome in outcomes) == 1, outcomes


def a_change_of_address(place: Place) -> Act:
    """Ana wants another address, her old mailbox has said yes: what the new one's link does."""
    began = place.moves_in()
    change = ResidentEmailChange(
        sign_in_id=began.sign_in_id, new_email=place.door.addresses.lock(NEW.encode()), asked_at=NOW,
        expires_at=NOW + timedelta(hours=1), old_said_yes_at=NOW,
    )  # fmt: skip
    with transaction(place.sessions) as session:
        session.add(change)
        session.flush()
        change_id = change.id
    token = place.link_to(NEW, sign_in_id=began.sign_in_id, change_id=change_id)
    return lambda: email_changes.answer(place.sessions, place.door, token, says_yes=True, now=NOW)


def a_new_password(place: Place) -> Act:
    """At one screen Ana chooses another password, as somebody else knows the old one."""
    user = place.user(place.moves_in())
    return lambda: choose_password(place.sessions, place.door, user, "nueve sillas verdes cantan", NOW)


CHANGES = [(a_change_of_address, 0), (a_new_password, 1)]
"""What ends sessions, and how many of them stay."""


@pytest.mark.parametrize(("change_of", "stay"), CHANGES)
def test_who_signs_in_while_the_sign_in_changes_is_out_afterwards(
    place: Place, change_of: Callable[[Place], Act], stay: int
) -> None:
    change = change_of(place)
    with dawdling(place.db.app, BY_EMAIL):
        changed, *tried = together([change, *[place.by_password()] * AT_ONCE])
    assert not isinstance(changed, Exception), changed
    assert {type(outcome) for outcome in tried} <= {SignedIn, NotLetIn}
    assert place.running == stay


def test_a_link_to_the_old_mailbox_opens_nothing_once_the_address_has_changed(place: Place) -> None:
    """And neither waits for what the other holds."""
    change = a_change_of_address(place)
    links = [place.enter(place.link_to(ANA, sign_in_id=place.owner)) for _ in range(2)]
    with dawdling(place.db.app, LINK_READ):
        changed, *tried = together([change, *links])
    assert not isinstance(changed, Exception), changed
    assert {type(outcome) for outcome in tried} <= {SignedIn, LinkOver}, tried
    assert place.running == 0


@pytest.mark.parametrize(("change_of", "stay"), CHANGES)
def test_without_the_row_locked_a_session_outlives_the_change(
    place: Place, change_of: Callable[[Place], Act], stay: int
) -> None:
    """The control: who has read the old sign-in goes on after the change."""
    change, has_read, has_changed = change_of(place), threading.Event(), threading.Event()
    signing = threading.local()

    def wait() -> None:
        if getattr(signing, "here", False):
            has_read.set()
            has_changed.wait(timeout=20)

    def comes_in() -> object:
        signing.here = True
        return place.by_password()()

    def changes() -> object:
        has_read.wait(timeout=20)
        try:
            return change()
        finally:
            has_changed.set()

    with unlocked(place.db.app), after_reading(place.db.app, BY_EMAIL, wait):
        came, _changed = together([comes_in, changes])
    assert isinstance(came, SignedIn)
    assert place.running == stay + 1


def used_while_it_ends(place: Place, monkeypatch: pytest.MonkeyPatch) -> ResidentUser | None:
    """A page has read its session and not yet written its clock when another screen ends all; who is known then."""
    began = signed_in(place.sessions, place.clock, ANA)
    ender, is_read, is_ended = place.user(began), threading.Event(), threading.Event()

    def judged(*given: Any) -> bool:
        is_read.set()
        is_ended.wait(timeout=20)
        return kept_sessions.is_over(*given)

    def known(after: timedelta) -> ResidentUser | None:
        with one_by_one(place.sessions) as reader:
            return users.who(reader, began.token, Lifetime(), NOW + after)

    def end() -> None:
        is_read.wait(timeout=20)
        screens.end_all(place.sessions, ender, NOW, this_too=True)
        is_ended.set()

    monkeypatch.setattr(users, "is_over", judged)
    page, ended = together([lambda: known(timedelta(minutes=1)), end])
    assert isinstance(page, ResidentUser), "it was under way"
    assert ended is None
    return known(timedelta(minutes=2))


def test_a_session_that_is_ended_while_it_is_used_has_ended(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    assert used_while_it_ends(place, monkeypatch) is None
    assert place.running == 0


def test_a_clock_that_wrote_the_whole_session_would_bring_it_back(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control."""
    whole = "UPDATE resident_sessions SET seen_at = :now, ended_at = NULL WHERE id = :id RETURNING id"
    monkeypatch.setattr(users, "_SEEN", query(whole, "id"))
    assert used_while_it_ends(place, monkeypatch) is not None


@pytest.fixture
def slow_misses(db: TestDatabase) -> Iterator[None]:
    """Between reading how many misses there are and writing one more, others have time to read too."""
    dawdle = "$$ BEGIN PERFORM pg_sleep(0.05); RETURN NEW; END $$"
    with db.owner.begin() as connection:
        connection.execute(text(f"CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS {dawdle}"))
        connection.execute(
            text("CREATE TRIGGER dawdle BEFORE INSERT ON resident_misses FOR EACH ROW EXECUTE FUNCTION dawdle()")
        )
    yield
    with db.owner.begin() as connection:
        connection.execute(text("DROP FUNCTION dawdle CASCADE"))


@pytest.mark.usefixtures("slow_misses")
def test_a_burst_of_wrong_passwords_cannot_pass_the_limit(place: Place) -> None:
    signed_in(place.sessions, place.clock, ANA)
    outcomes = together([place.by_password("not this one at all")] * (MOST + AT_ONCE))
    assert sum(isinstance(outcome, NotLetIn) for outcome in outcomes) == MOST
    assert sum(isinstance(outcome, TooManyTries) for outcome in outcomes) == AT_ONCE, outcomes


@pytest.mark.usefixtures("slow_misses")
def test_without_taking_turns_a_burst_passes_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(Throttle, "take_turns", lambda *_given: None)
    outcomes = together([place.by_password("not this one at all")] * (MOST + AT_ONCE))
    assert sum(isinstance(outcome, NotLetIn) for outcome in outcomes) > MOST
