"""How a case goes from state to state, when it is due, and what its answers may be. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from accounts.cities.identity import Calendar
from accounts.customer_accounts.rules import check_digit
from accounts.errors import Conflict, DomainError

Answer = str | int | bool
Answers = Mapping[str, Answer]
DAY = timedelta(days=1)


class State(StrEnum):
    """Where a case stands. Of a draft the city knows nothing yet."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    IN_REVIEW = "in-review"
    WAITING = "waiting"
    """The city asked something, and the resident has not answered."""
    DECIDED = "decided"
    """It is decided, and what follows waits for a second person."""
    DONE = "done"
    WITHDRAWN = "withdrawn"


class Event(StrEnum):
    """What may happen to a case."""

    SUBMIT = "submit"
    DISCARD = "discard"
    TAKE_UP = "take-up"
    ASK = "ask"
    ANSWER = "answer"
    GO_ON = "go-on"
    DECIDE = "decide"
    FINISH = "finish"
    SEND_BACK = "send-back"
    WITHDRAW = "withdraw"


STATES: Mapping[tuple[State, Event], State] = {
    (State.DRAFT, Event.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Event.DISCARD): State.WITHDRAWN,
    (State.SUBMITTED, Event.TAKE_UP): State.IN_REVIEW,
    (State.SUBMITTED, Event.WITHDRAW): State.WITHDRAWN,
    (State.IN_REVIEW, Event.TAKE_UP): State.IN_REVIEW,
    (State.IN_REVIEW, Event.ASK): State.WAITING,
    (State.IN_REVIEW, Event.DECIDE): State.DECIDED,
    (State.IN_REVIEW, Event.WITHDRAW): State.WITHDRAWN,
    (State.WAITING, Event.TAKE_UP): State.WAITING,
    (State.WAITING, Event.ANSWER): State.IN_REVIEW,
    (State.WAITING, Event.GO_ON): State.IN_REVIEW,
    (State.WAITING, Event.WITHDRAW): State.WITHDRAWN,
    (State.DECIDED, Event.FINISH): State.DONE,
    (State.DECIDED, Event.SEND_BACK): State.IN_REVIEW,
}
"""All that may happen; what is not here is refused."""
OPEN = (State.SUBMITTED, State.IN_REVIEW, State.WAITING)
"""States in which the city, or the resident, has something to do."""
ENDED = (State.DONE, State.WITHDRAWN)


class NotNow(Conflict):
    """That does not happen to a case in this state: ``facts["state"]``, ``facts["event"]``."""


class ChangedMeanwhile(Conflict):
    """Somebody did something to this case since the page was opened."""


class AnswerMissing(DomainError):
    """A question that must be answered is not: ``facts["question"]``."""


class BadAnswer(DomainError):
    """An answer that cannot be one to its question: ``facts["question"]``."""


class PaperMissing(DomainError):
    """A paper that goes with the request is not there: ``facts["document"]``."""


class SignOffMissing(DomainError):
    """Somebody has to look at it before it is decided: ``facts["step"]``."""


class SignOffRefused(DomainError):
    """A sign-off says no, so it cannot be granted: ``facts["step"]``."""


class NothingSaid(DomainError):
    """A message, a reason or a question without a word."""


class TooLate(DomainError):
    """The time to ask for it is over: ``facts["last_day"]``."""


class TooSoon(DomainError):
    """It was asked for on this account, and not long ago: ``facts["again_on"]``."""


class OpenAlready(Conflict):
    """The same is being asked for on this account: ``facts["number"]``."""


class Outcome(StrEnum):
    """How a case was decided."""

    GRANTED = "granted"
    PARTLY = "partly"
    DENIED = "denied"
    ANSWERED = "answered"
    """A question has an answer; there was nothing to grant."""


class Direction(StrEnum):
    """Who wrote to whom. A note is for who works on it."""

    TO_RESIDENT = "to-resident"
    FROM_RESIDENT = "from-resident"
    NOTE = "note"


def after(state: State, event: Event) -> State:
    """The state that follows; raises :class:`NotNow`."""
    try:
        return STATES[state, event]
    except KeyError as error:
        raise NotNow(f"no {event} while {state}", state=state, event=event) from error


def may(state: State, event: Event) -> bool:
    return (state, event) in STATES


def case_number(year: int, serial: int) -> str:
    """As people read it: ``REQ-2026-000123-4``; the last digit checks the others (Damm)."""
    return f"REQ-{year}-{serial:06d}-{check_digit(f'{year}{serial:06d}')}"


def due_on(calendar: Calendar, asked_on: date, business_days: int) -> date:
    """The last day to decide: so many business days after the day it came (which counts as the next business day
    where the offices are closed)."""
    return calendar.add_business_days(calendar.next_business_day(asked_on), business_days)


def resumed(calendar: Calendar, due: date, since: date, until: date) -> date:
    """The new last day after a wait: as many business days later as passed between two days."""
    return calendar.add_business_days(due, business_days_between(calendar, since, until))


def business_days_between(calendar: Calendar, since: date, until: date) -> int:
    """Business days after ``since``, through ``until``."""
    days = (until - since).days
    return sum(calendar.is_business_day(since + DAY * number) for number in range(1, days + 1))


def left(calendar: Calendar, due: date, today: date) -> int:
    """Business days that are left; negative: so many late, one at least once the last day is over."""
    if due >= today:
        return business_days_between(calendar, today, due)
    return -max(business_days_between(calendar, due, today), 1)


@dataclass(frozen=True, slots=True)
class Standing:
    """How somebody found a case; goes back with what they do to it."""

    state: State
    version: int


def words(text: str) -> str:
    """What was written, without blanks around it; raises :class:`NothingSaid` if that is nothing."""
    if not (said := text.strip()):
        raise NothingSaid("say it in words")
    return said


def missing_papers(required: Collection[str], there: Collection[str]) -> list[str]:
    """Papers that must go with it and are not there, in the order of the kind."""
    return [code for code in required if code not in there]
