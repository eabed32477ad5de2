"""Ways, quiet hours and words that stop, as tables and properties."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.cities.messages import MUST_STOP, MessagePolicy, MessageRule, minutes_of
from accounts.message_choices.rules import (
    AddressState,
    BadQuietHours,
    Choices,
    Meaning,
    MustBeTold,
    NoNumber,
    Way,
    address_digest,
    address_key,
    channels,
    check_quiet,
    check_way,
    louder,
    meaning_of,
    quiet_until,
    state_after,
    way_of,
)
from tests.portal.scene import shipped_city

ZONE = "America/Los_Angeles"
POLICY: MessagePolicy = shipped_city().message_policies[0]
INSTANTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
NIGHTS = st.tuples(st.integers(17, 21), st.integers(8, 12)).map(lambda night: (night[0] * 60, night[1] * 60))


@pytest.mark.parametrize(
    ("way", "mail", "text", "leaves_by"),
    [
        (Way.MAIL, True, True, ("mail",)),
        (Way.TEXT, True, True, ("text",)),
        (Way.TEXT, True, False, ("mail",)),
        (Way.TEXT, False, False, ()),
        (Way.BOTH, True, True, ("mail", "text")),
        (Way.BOTH, True, False, ("mail",)),
        (Way.BOTH, False, True, ("text",)),
        (Way.MAIL, False, True, ()),
        (Way.NONE, True, True, ()),
    ],
)
def test_by_what_a_message_leaves(way: Way, mail: bool, text: bool, leaves_by: tuple[str, ...]) -> None:
    assert channels(way, has_mail=mail, has_text=text) == leaves_by


@given(INSTANTS, NIGHTS)
def test_no_text_rings_in_quiet_hours(now: datetime, quiet: tuple[int, int]) -> None:
    until = quiet_until(now, quiet, ZONE)
    when = (until or now).astimezone(ZoneInfo(ZONE))
    assert quiet[1] <= when.hour * 60 + when.minute < quiet[0]
    assert until is None or now < until <= now + timedelta(hours=25)


@given(NIGHTS)
def test_one_s_own_quiet_hours_are_never_shorter_than_the_law_s(quiet: tuple[int, int]) -> None:
    begins, ends = louder(quiet, POLICY)
    assert begins <= 21 * 60
    assert ends >= 8 * 60
    assert louder(None, POLICY) == POLICY.quiet_minutes


def test_the_clocks_are_changed_at_night() -> None:
    before = datetime(2026, 3, 8, 6, 30, tzinfo=UTC)  # 10:30 p.m., two hours before clocks go forward
    until = quiet_until(before, (1260, 480), ZONE)
    assert until is not None
    assert until.isoformat() == "2026-03-08T08:00:00-07:00"


@pytest.mark.parametrize("quiet", [(1320, 480), (1260, 420), (500, 480), (480, 1260), (600, 600)])
def test_quiet_hours_that_are_none_are_refused(quiet: tuple[int, int]) -> None:
    with pytest.raises(BadQuietHours):
        check_quiet(POLICY, quiet)


@pytest.mark.parametrize(
    ("body", "meaning", "language"),
    [
        *((word, Meaning.STOP, "en") for word in MUST_STOP),
        ("  stop!! ", Meaning.STOP, "en"),
        ("Alto, por favor", Meaning.STOP, "es"),
        ("no más", Meaning.STOP, "es"),
        ("NO MAS mensajes", Meaning.STOP, "es"),
        ("opt out of all this", Meaning.STOP, "en"),
        ("Sí", Meaning.START, "es"),
        ("start", Meaning.START, "en"),
        ("AYUDA", Meaning.HELP, "es"),
        ("help me", Meaning.HELP, "en"),
        ("I will stop by tomorrow", Meaning.OTHER, ""),
        ("", Meaning.OTHER, ""),
        ("🙂", Meaning.OTHER, ""),
    ],
)
def test_what_a_text_asks_for(body: str, meaning: Meaning, language: str) -> None:
    assert meaning_of(body, POLICY) == (meaning, language)


@given(st.lists(st.sampled_from(["bounced", "refused", "stopped", "started", "lifted"]), max_size=8))
def test_who_said_stop_is_left_alone_until_they_say_start(events: list[str]) -> None:
    state = state_after(events)
    last = {event: place for place, event in enumerate(events)}
    if last.get("stopped", -1) > last.get("started", -1):
        assert state is AddressState.STOPPED
    else:
        assert state is not AddressState.STOPPED


def test_what_protects_is_sent_some_way() -> None:
    must = MessageRule(usual="mail", may_be_none=False, authority="Ordinance 1")
    with pytest.raises(MustBeTold):
        check_way(must, "account-linked", Way.NONE, has_number=True)
    with pytest.raises(NoNumber):
        check_way(must, "account-linked", Way.BOTH, has_number=False)
    check_way(must, "account-linked", Way.TEXT, has_number=True)
    assert way_of(must, "account-linked", Choices({"account-linked": Way.NONE})) is Way.MAIL


@pytest.mark.parametrize(
    ("channel", "one", "other", "same"),
    [
        ("mail", " Ana@Example.com", "ana@example.com", True),
        ("text", "(559) 555-0123", "+1 559 555 0123", True),
        ("text", "(559) 555-0123", "(559) 555-0124", False),
    ],
)
def test_one_address_however_it_is_written(channel: str, one: str, other: str, same: bool) -> None:
    digests = {address_digest(b"key", channel, each) for each in (one, other)}  # type: ignore[arg-type]
    assert (len(digests) == 1) is same
    assert address_key("text", "5595550123") == "15595550123"
    assert address_digest(b"key", "mail", "1") != address_digest(b"key", "text", "1")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"quiet_from": "22:00"}, "64.1200"),
        ({"quiet_until": "07:00"}, "64.1200"),
        ({"quiet_from": "07:00", "quiet_until": "08:00"}, "quiet hours"),
        ({"past_due_days": [10, 1]}, "count up"),
        ({"stop_words": {"en": ["STOP"]}}, "must stop texts"),
        ({"kinds": {"due-soon": {"usual": "none", "may_be_none": False}}}, "nobody does without"),
    ],
)
def test_a_city_cannot_be_louder_than_the_law(change: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        MessagePolicy.model_validate(POLICY.model_dump(mode="json") | change)
    assert minutes_of("21:30") == 1290
