"""Steps that every act on a case is made of: lock it, move it, write to it. The only writers of cases."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cases.models import Case, CaseEvent, CaseMessage
from accounts.cases.rules import ENDED, ChangedMeanwhile, Direction, Event, State, after, resumed, words
from accounts.cities.requests import RequestKind
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions
from accounts.errors import NotFound
from accounts.outbox import SOMEBODY_WAITS, announce

WRITTEN, DECIDED, HANDED_IN = "case_written", "case_decided", "case_handed_in"
"""Facts: the city wrote to who asks (``message_id``); a case has its decision, or came from a guest (``case_id``)."""


@dataclass(frozen=True)
class CaseDesk:
    """What acts on cases need: the database, the clock, and the city that rules with its release."""

    sessions: Sessions
    clock: Clock
    city: City
    release_id: int

    @property
    def today(self) -> date:
        return self.clock.today()

    @property
    def now(self) -> datetime:
        return self.clock.now()


def locked(session: Session, case_id: int, seen: int | None = None) -> Case:
    """Step: the case, and nobody else does anything to it until commit.

    Raises ``NotFound``, and :class:`~accounts.cases.rules.ChangedMeanwhile` where its version is not ``seen``.
    """
    case = session.scalar(
        select(Case).where(Case.id == case_id).with_for_update().execution_options(populate_existing=True)
    )
    if case is None:
        raise NotFound(f"no case {case_id}")
    if seen is not None and case.version != seen:
        raise ChangedMeanwhile(f"case {case_id} is at {case.version}, not {seen}")
    return case


def move(
    session: Session, case: Case, event: Event, *, actor_id: int | None, now: datetime, **details: object
) -> None:
    """Step: the one place where a case changes its state; raises :class:`~accounts.cases.rules.NotNow`.

    The case is locked. What happened is kept with what was before, and audited on the account it is about.
    """
    before, state = State(case.state), after(State(case.state), event)
    case.state, case.version = state.value, case.version + 1
    if state is not State.WAITING:
        case.waiting_since = None
    if state in ENDED:
        case.ended_at = now
    session.add(
        CaseEvent(
            case_id=case.id, version=case.version, event=event.value, before=before.value, after=state.value,
            details=details, actor_id=actor_id, at=now,
        )
    )  # fmt: skip
    session.flush()
    note(session, "case-moved", case, actor_id, event=event.value, before=before.value, after=state.value)


def start_clock_again(case: Case, city: City, today: date) -> None:
    """Step: the wait is over; the last day moves by the business days that it took. Before :func:`move`."""
    if case.waiting_since is not None and case.due_on is not None:
        case.due_on = resumed(city.calendar, case.due_on, case.waiting_since, today)


def write(
    session: Session,
    case: Case,
    direction: Direction,
    text: str,
    *,
    actor_id: int | None,
    now: datetime,
    template: str = "",
    language: str = "",
) -> int:
    """Step: keep a message or a note; its id. What goes to the resident is announced."""
    message = CaseMessage(
        case_id=case.id, direction=direction.value, text=words(text), language=language or case.language,
        template=template, actor_id=actor_id, at=now,
    )  # fmt: skip
    session.add(message)
    session.flush()
    note(session, "case-message", case, actor_id, direction=direction.value)
    if direction is Direction.TO_RESIDENT:
        announce(session, WRITTEN, priority=SOMEBODY_WAITS, message_id=message.id)
    return message.id


def terms_of(case: Case) -> RequestKind:
    """The kind of request as it was when this one was submitted."""
    return RequestKind.model_validate(case.terms)


def note(session: Session, act: str, case: Case, actor_id: int | None, **details: object) -> None:
    """Step: a line of the audit; on the account where there is one, so that its page tells it."""
    account = case.customer_account_id
    subject: tuple[str, object] = ("account", account) if account is not None else ("case", case.id)
    named: Mapping[str, object] = {"case": case.id, "number": case.number, "kind": case.kind}
    audit.record(session, act, subject=subject, actor_id=actor_id, **{**named, **details})
