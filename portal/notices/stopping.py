"""Whose mail a link stops: looked up by what it says, believed by its MAC over the address that they have now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from accounts.cities.messages import MessageRule
from accounts.cities.rules import City
from accounts.database import one_by_one, transaction
from accounts.message_choices.queries import Person, choices_of
from accounts.message_choices.rules import Choices, Way, address_digest, channels, way_of
from portal.identity.residents.models import ResidentMiss
from portal.identity.throttles import Limits, Throttle
from portal.messages_sent.rules import Kind, masked_contact
from portal.notices.links import Stop, is_good, read_stop, stop_link, stop_token
from portal.notices.queries import people_named
from portal.wiring import Wiring

LIMITS = Limits((30, timedelta(hours=1)), (30, timedelta(hours=1)), (10**9, timedelta(hours=1)))
"""Links that are not good, for one client; a MAC of 132 bits is not to be guessed, the rest is for quiet."""
_NOBODY = "mail link"


class TooManyLinks(Exception):
    """This client tried many links that are none."""


@dataclass(frozen=True, slots=True)
class Stopping:
    """A link that is good, and how its person is told of things now."""

    stop: Stop
    rule: MessageRule
    masked: str
    language: str
    chosen: Choices
    gets_mail: bool
    """Of this kind, as it stands."""


def link_of(wired: Wiring, kind: Kind, person: Person, digest: bytes) -> str:
    """The address that stops this kind of mail for a person; empty where it may not be stopped."""
    rule = rule_of(wired.city().city, wired, kind.value)
    if rule is None or not rule.may_be_none:
        return ""
    token = stop_token(wired.proof_key, Stop(person, kind.value, wired.clock.today()), digest)
    return stop_link(wired.settings.base_url, token)


def rule_of(city: City, wired: Wiring, kind: str) -> MessageRule | None:
    """The city's rule of a kind today."""
    policy = city.message_policy(wired.clock.today())
    return policy.kinds.get(kind) if policy else None  # type: ignore[call-overload]


def look_up(wired: Wiring, token: str, client: str) -> Stopping | None:
    """What a link stops. None for one that is forged, too old, of another person or address: nobody learns which.

    Raises :class:`TooManyLinks`.
    """
    found = _found(wired, token)
    if found is None:
        _count(wired, client)
    return found


def count_bad(wired: Wiring, client: str) -> None:
    """One more link that is none; raises :class:`TooManyLinks`."""
    _count(wired, client)


def _found(wired: Wiring, token: str) -> Stopping | None:
    # What is no link at all is looked up as nobody's, so that it takes as long as one that nearly was.
    stop = read_stop(token) or Stop(Person(customer_id=0), Kind.BILL_READY.value, wired.clock.today())
    rule = rule_of(wired.city().city, wired, stop.kind)
    with one_by_one(wired.sessions) as reader:
        person = next(iter(people_named(reader, [stop.person])), None)
        chosen = choices_of(reader, [stop.person])[stop.person]
    if person is None or rule is None or not person.email:
        return None
    digest = address_digest(wired.proof_key, "mail", person.email)
    if not is_good(wired.proof_key, token, stop, digest, wired.clock.today()):
        return None
    way = way_of(rule, stop.kind, chosen)
    at = channels(way, has_mail=True, has_text=bool(chosen.text_number))
    offered = wired.city().city.identity.offered
    language = next((one for one in (chosen.language, person.language) if one in offered), offered[0])
    return Stopping(stop, rule, masked_contact("mail", person.email), language, chosen, "mail" in at)


def _count(wired: Wiring, client: str) -> None:
    throttle, now = Throttle(ResidentMiss, wired.proof_key, _NOBODY, LIMITS), wired.clock.now()
    seat, name = throttle.client(client), throttle.name(client)
    with transaction(wired.sessions) as session:
        may_try = throttle.may_try(session, seat, name, now)
        if may_try:
            throttle.count(session, seat, name, now)
    if not may_try:
        raise TooManyLinks


def still_comes(city: City, wired: Wiring, chosen: Choices) -> tuple[list[str], list[str]]:
    """Kinds that still come, by code: those that nobody can stop, and the others that this person has on."""
    policy = city.message_policy(wired.clock.today())
    rules = policy.kinds if policy else {}
    must: list[str] = [kind for kind, rule in rules.items() if not rule.may_be_none]
    on: list[str] = [
        kind for kind, rule in rules.items() if rule.may_be_none and way_of(rule, kind, chosen) is not Way.NONE
    ]
    return must, on
