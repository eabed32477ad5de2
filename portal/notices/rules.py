"""Who of an account's people gets which message by which channel. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from accounts.cities.messages import MessagePolicy
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import (
    AddressState,
    Channel,
    Choices,
    address_digest,
    channels,
    louder,
    quiet_until,
    way_of,
)
from portal.messages_sent.rules import Kind, masked_contact


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may be told about an account, and where they are reached by mail."""

    person: Person
    email: str
    language: str
    account_id: int | None = None
    gets_copies: bool = True


@dataclass(frozen=True, slots=True)
class Topic:
    """Something to tell about an account, once: ``about`` says what in a few characters of ours.

    ``only``: to these people and nobody else; ``never_to``: digests of addresses that heard of it another way.
    """

    kind: Kind
    account_id: int | None
    about: str
    only: frozenset[Person] = frozenset()
    never_to: frozenset[bytes] = frozenset()

    @property
    def name(self) -> str:
        return f"{self.kind.value}:{self.account_id or 0}:{self.about}"


@dataclass(frozen=True, slots=True)
class Planned:
    """One message that is to be queued."""

    topic: Topic
    person: Person
    channel: Channel
    to: str
    digest: bytes
    language: str
    due_at: datetime | None

    @property
    def key(self) -> str:
        who = f"c{self.person.customer_id}" if self.person.actor_id is None else f"a{self.person.actor_id}"
        return f"{self.topic.name}:{who}:{self.channel}"

    @property
    def masked(self) -> str:
        return masked_contact(self.channel, self.to)


@dataclass(frozen=True, slots=True)
class Known:
    """What planning goes by: the day's rules, the key of digests, what is known of people and addresses."""

    policy: MessagePolicy
    secret: bytes
    time_zone: str
    languages: tuple[str, ...]
    choices: Mapping[Person, Choices]
    states: Mapping[bytes, AddressState]
    now: datetime


def readers_of(topic: Topic, readers: Collection[Reader]) -> list[Reader]:
    """Who is told: those named, else the people of the account.

    Of one address it is the resident, so that what they chose counts for it; and it is not told twice.
    """
    if topic.only:
        return [one for one in readers if one.person in topic.only]
    residents = [one for one in readers if one.person.actor_id is not None and one.account_id == topic.account_id]
    theirs = {one.email.strip().lower() for one in residents if one.email}
    on_file = [
        one for one in readers
        if one.person.customer_id is not None and one.account_id == topic.account_id
        and one.email.strip().lower() not in theirs
    ]  # fmt: skip
    return [*(one for one in residents if one.gets_copies), *on_file]


def planned(topic: Topic, readers: Collection[Reader], known: Known) -> Iterator[Planned]:
    """The messages of a topic, at most one for each address and channel."""
    rule = known.policy.kinds.get(topic.kind.value)  # type: ignore[call-overload]
    if rule is None:
        return
    seen = set(topic.never_to)
    for reader in readers_of(topic, readers):
        chosen = known.choices[reader.person]
        addresses = {
            channel: (to, address_digest(known.secret, channel, to))
            for channel, to in addresses_of(reader, chosen).items()
        }
        good = {channel for channel, (_, digest) in addresses.items() if _is_good(known, digest)}
        way = way_of(rule, topic.kind.value, chosen)
        for channel in channels(way, has_mail="mail" in good, has_text="text" in good):
            to, digest = addresses[channel]
            if digest not in seen:
                seen.add(digest)
                yield Planned(
                    topic, reader.person, channel, to, digest, language_of(reader, chosen, known.languages),
                    waits(channel, chosen, known),
                )  # fmt: skip


def addresses_of(reader: Reader, chosen: Choices) -> dict[Channel, str]:
    """Where somebody is reached: mail as they signed in with or as on file, texts at a number they confirmed."""
    found: dict[Channel, str] = {}
    if reader.email:
        found["mail"] = reader.email
    if chosen.text_number:
        found["text"] = chosen.text_number
    return found


def language_of(reader: Reader, chosen: Choices, offered: tuple[str, ...]) -> str:
    """The language of a message: as chosen, else as on file, else the city's first."""
    return next((code for code in (chosen.language, reader.language) if code in offered), offered[0])


def waits(channel: Channel, chosen: Choices, known: Known) -> datetime | None:
    """Until when quiet hours keep a message; mail makes no noise."""
    if channel == "mail":
        return None
    return quiet_until(known.now, louder(chosen.quiet, known.policy), known.time_zone)


def _is_good(known: Known, digest: bytes) -> bool:
    return known.states.get(digest, AddressState.GOOD) is AddressState.GOOD
