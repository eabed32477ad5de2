"""Use cases of sweeping: ``frequent`` every two minutes, ``deep`` each night. Running again does nothing twice.

Webhooks and return pages are hints that may never come; the sweep asks the processor by itself. It reads the
processor's recent events, asks about each attempt that is due, and (deep) compares all money of a month or three
with the books, both ways. One thing that fails does not keep the others from being looked at.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ParamSpec

from sqlalchemy.orm import Session

from accounts.database import reading, transaction
from accounts.errors import Conflict
from accounts.exceptions.service import open_exception
from payments.attempts import service as attempts
from payments.attempts.rules import KEY_LIFE, Event, State
from payments.checkout import service as checkout
from payments.gateway.base import GatewayError, KeyConflict, Refused, Unheard
from payments.settlements.service import Desk, note_found_page, settle
from payments.sweeps.comparison import compare
from payments.sweeps.models import SweepRun
from payments.sweeps.queries import due_attempts, events_read_through, outdated_pages, still_due
from payments.webhooks.queries import is_stored, unfollowed
from payments.webhooks.rules import KNOWN
from payments.webhooks.service import follow, receive

NEAR, FAR = 30, 90
"""Days that deep sweeps look back: a look-back that is too short leaves money unseen for ever."""
OVERLAP = timedelta(minutes=10)
"""Events are read again for so long before the last reading: the processor may list one late."""
KEPT = timedelta(days=29)
"""The processor keeps events for thirty days."""
PATIENCE = timedelta(minutes=1)
"""An event that the queue has not followed by then is followed by the sweep."""
_PAGE_MARGIN = timedelta(hours=1)
_MISSING = "resource_missing"
Arguments = ParamSpec("Arguments")
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Swept:
    """What a sweep found, by name, and whether nothing is left to be settled."""

    clean: bool
    found: dict[str, int]


def frequent(desk: Desk) -> Swept:
    """Use case: missed events, attempts that are due, pages that nobody should pay on any more."""
    found: Counter[str] = Counter()
    started = desk.clock.now()
    with transaction(desk.sessions) as session:
        since = events_read_through(session)
        run_id = _begin(session, "frequent", 0, started)
    since = max(since or started - OVERLAP, started - KEPT) - OVERLAP
    missed: list[str] = []
    heard = _tried(found, _read_events, desk, since, missed)
    found["events_missed"] = len(missed)
    with reading(desk.sessions) as session:
        events = [*missed, *unfollowed(session, started - PATIENCE)]
        outdated = outdated_pages(session)
        due = due_attempts(session, started)
    for event_id in events:
        _tried(found, _follow, desk, event_id, found)
    for token in outdated:
        _tried(found, _close_page, desk, token, found)
    for attempt_id in due:
        _tried(found, _check, desk, attempt_id, found)
    with transaction(desk.sessions) as session:
        left = still_due(session, started)
        found["left"] = left
        clean = heard and not left and not found["unheard"] and not found["failed"]
        _end(session, run_id, desk.clock.now(), found, clean=clean, events_through=started if heard else None)
    return Swept(clean, dict(+found))


def deep(desk: Desk, days: int) -> Swept:
    """Use case: all money that the processor knows is in the books or in the exceptions queue, and the reverse."""
    found: Counter[str] = Counter()
    started = desk.clock.now()
    with transaction(desk.sessions) as session:
        run_id = _begin(session, "deep", days, started)
    heard = _tried(found, compare, desk, started - timedelta(days=days), started, found)
    clean = heard and not found["unheard"] and not found["failed"]
    with transaction(desk.sessions) as session:
        _end(session, run_id, desk.clock.now(), found, clean=clean, events_through=None)
    return Swept(clean, dict(found))


def check(desk: Desk, attempt_id: str) -> State:
    """Use case: ask about one attempt, with or without a page; where it stands now.

    Without a page, its request is sent again under its own key while the key lives; after that the processor is
    only asked, for a request would open (and could charge) anew.
    """
    now = desk.clock.now()
    with reading(desk.sessions) as session:
        attempt = attempts.promised(session, attempt_id)
        sent_at = attempt.sent_at or attempt.created_at
        has_page = attempt.session_id is not None
    if has_page:
        state = _ask(desk, attempt_id)
    elif now - sent_at < KEY_LIFE:
        state = _send_again(desk, attempt_id, sent_at)
    else:
        state = _look_for_page(desk, attempt_id, sent_at)
    with transaction(desk.sessions) as session:
        attempts.note_asked(session, attempt_id, now)
    return state


def _ask(desk: Desk, attempt_id: str) -> State:
    """A page that the processor does not know (another account's key, a restored backup) took no money from us."""
    try:
        return settle(desk, attempt_id)
    except Refused as refusal:
        if refusal.facts.get("code") != _MISSING:
            raise
    with transaction(desk.sessions) as session:
        attempt = attempts.promised(session, attempt_id)
        open_exception(
            session,
            "unknown-page",
            attempt_id,
            {"attempt": attempt_id, "session": attempt.session_id, "amount_cents": attempt.amount_cents.cents},
            "The processor does not know this attempt's page: is STRIPE_KEY that of the same account?",
        )
        if desk.clock.now() < attempt.expires_at or attempt.state is State.PROCESSING:
            return attempt.state
        return attempts.move(session, attempt_id, Event.EXPIRED, {"reason": "the processor does not know its page"})


def _send_again(desk: Desk, attempt_id: str, sent_at: datetime) -> State:
    try:
        checkout.send(desk, attempt_id)
    except checkout.PaymentNotSent as refusal:
        if isinstance(refusal.__cause__, KeyConflict):
            return _look_for_page(desk, attempt_id, sent_at)
        if not isinstance(refusal.__cause__, Refused):
            raise Unheard("the page was asked for again and nothing was heard") from refusal
    except checkout.Replaced:
        pass
    return _state(desk, attempt_id)


def _look_for_page(desk: Desk, attempt_id: str, sent_at: datetime) -> State:
    """Nobody knows which page it got: look through the pages of that time; none means that it never was."""
    page = desk.gateway.find_page(attempt_id, sent_at - _PAGE_MARGIN, sent_at + KEY_LIFE)
    if page is not None:
        note_found_page(desk, attempt_id, page)
        return settle(desk, attempt_id)
    if desk.clock.now() - sent_at < KEY_LIFE:
        return _state(desk, attempt_id)
    with transaction(desk.sessions) as session:
        evidence = {"reason": "the processor has no page of this attempt", "sent_at": sent_at.isoformat()}
        return attempts.move(session, attempt_id, Event.EXPIRED, evidence)


def _check(desk: Desk, attempt_id: str, found: Counter[str]) -> None:
    found[f"attempts_{check(desk, attempt_id).value}"] += 1


def _follow(desk: Desk, event_id: str, found: Counter[str]) -> None:
    follow(desk, event_id)
    found["events_followed"] += 1


def _close_page(desk: Desk, token: str, found: Counter[str]) -> None:
    """What its page asks for has been paid meanwhile: nobody should be able to pay it twice without knowing."""
    checkout.give_up(desk, token)
    found["pages_closed"] += 1


def _read_events(desk: Desk, since: datetime, missed: list[str]) -> None:
    for hint, body in desk.gateway.events(since, sorted(KNOWN)):
        with reading(desk.sessions) as session:
            known = is_stored(session, hint.event_id)
        if not known:
            receive(desk, hint, body, source="backfill")
            missed.append(hint.event_id)


def _tried(
    found: Counter[str], act: Callable[Arguments, object], *given: Arguments.args, **named: Arguments.kwargs
) -> bool:
    """Do one thing of many; what the processor did not answer is counted and left for the next sweep."""
    try:
        act(*given, **named)
    except GatewayError:
        found["unheard"] += 1
        return False
    except Conflict:
        found["changed_meanwhile"] += 1
    except Exception:  # noqa: BLE001 - whatever it is, the money of others does not wait for it
        found["failed"] += 1
        _log.exception("one thing of a sweep failed; the others go on")
        return False
    return True


def _state(desk: Desk, attempt_id: str) -> State:
    with reading(desk.sessions) as session:
        return attempts.promised(session, attempt_id).state


def _begin(session: Session, kind: str, days: int, now: datetime) -> int:
    run = SweepRun(kind=kind, days=days, started_at=now)
    session.add(run)
    session.flush()
    return run.id


def _end(
    session: Session,
    run_id: int,
    now: datetime,
    found: Counter[str],
    *,
    clean: bool,
    events_through: datetime | None,
) -> None:
    run = session.get_one(SweepRun, run_id)
    run.finished_at, run.clean, run.found, run.events_through = now, clean, dict(+found), events_through
