"""How an event travels to an endpoint: one small function per mode; its docstring is the control page's sentence."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.store import Json
from sandbox.world import new_id

OLD_VERSION = "2022-11-15"
UNKNOWN_TYPE = "sandbox.unheard_of"
OTHER_ENVIRONMENT = "another-installation"


@dataclass(frozen=True)
class Journey:
    """One planned request: the event as it will be told, its first state, and the manner of its first try.

    Manners: ``early``, ``pair``, ``reversed`` (on release), ``stale``, ``tampered``; every later try is ordinary.
    """

    event: Json
    state: str = "pending"
    manner: str = ""


Mode = Callable[[Json], list[Journey]]


def now(event: Json) -> list[Journey]:
    """Sends at once."""
    return [Journey(event)]


def hold(event: Json) -> list[Journey]:
    """Keeps the event until it is released."""
    return [Journey(event, state="held")]


def reverse(event: Json) -> list[Journey]:
    """Keeps the event until it is released, and then tells the newest first."""
    return [Journey(event, state="held", manner="reversed")]


def same_second(event: Json) -> list[Journey]:
    """Gives all events the same ``created``, keeps them until released, and then tells the newest first."""
    return reverse(event)


def duplicate(event: Json) -> list[Journey]:
    """Sends the same event twice, as Stripe may."""
    return [Journey(event), Journey(event)]


def pair(event: Json) -> list[Journey]:
    """Sends the same event twice at the same moment, on two connections."""
    return [Journey(event, manner="pair"), Journey(event, manner="pair")]


def early(event: Json) -> list[Journey]:
    """Sends before the call or page that caused the event is answered; that answer waits, ten seconds at most."""
    return [Journey(event, manner="early")]


def drop(event: Json) -> list[Journey]:
    """Loses the event; it stays in the list of events."""
    return [Journey(event, state="dropped")]


def stale(event: Json) -> list[Journey]:
    """Signs the first try with a time ten minutes ago; later tries are right."""
    return [Journey(event, manner="stale")]


def tampered(event: Json) -> list[Journey]:
    """Changes the first try's body after it was signed; later tries are right."""
    return [Journey(event, manner="tampered")]


def unknown_type(event: Json) -> list[Journey]:
    """Tells, before the real event, another of a type that nobody knows."""
    return [Journey({**_stranger(event), "type": UNKNOWN_TYPE}), Journey(event)]


def other_environment(event: Json) -> list[Journey]:
    """Tells, before the real event, one with another installation's ``metadata.env`` and one of live mode."""
    theirs, live = _stranger(event), _stranger(event)
    subject = theirs["data"]["object"]
    subject["metadata"] = {**(subject.get("metadata") or {}), "env": OTHER_ENVIRONMENT}
    live["livemode"] = live["data"]["object"]["livemode"] = True
    return [Journey(theirs), Journey(live), Journey(event)]


def old_version(event: Json) -> list[Journey]:
    """Says in the event that it was written by an older version of the API."""
    return [Journey({**event, "api_version": OLD_VERSION})]


def _stranger(event: Json) -> Json:
    """A copy about an object that does not exist here; references and metadata stay."""
    other = copy.deepcopy(event)
    subject = other["data"]["object"]
    other["id"] = new_id("evt_")
    for name in ("id", "payment_intent"):
        if isinstance(subject.get(name), str):
            subject[name] = new_id(subject[name].rsplit("_", 1)[0] + "_")
    return other


MODES: dict[str, Mode] = {
    mode.__name__: mode
    for mode in (
        now,
        hold,
        reverse,
        same_second,
        duplicate,
        pair,
        early,
        drop,
        stale,
        tampered,
        unknown_type,
        other_environment,
        old_version,
    )
}


def sentence(name: str) -> str:
    """What a mode does, for people."""
    return (MODES[name].__doc__ or "").replace("``", "")
