"""What a pulse holds, and what in it needs a person. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.queue import QueueDepth

PAID_UNPOSTED = timedelta(minutes=10)
"""Money that moved and is not in the books: the worker and two sweeps have had their turn by then."""
UNFOLLOWED = timedelta(minutes=10)
UNSETTLED = timedelta(hours=24)
"""The processor keeps an idempotency key for a day; an attempt that nobody has heard of by then is stuck."""
QUEUE_LATE = timedelta(minutes=15)
SWEPT_CLEAN = timedelta(minutes=30)
"""A sweep is started every two minutes."""
SWEPT_DEEP = timedelta(hours=36)
DAYS_OPEN = 2
"""Whole days that may be over and not closed: a night without a clean sweep is no alarm, two are."""


@dataclass(frozen=True)
class Webhooks:
    """At the processor's door. ``outcomes`` since the counting began, ``recent`` of today and yesterday (UTC)."""

    outcomes: Mapping[str, int]
    recent: Mapping[str, int]
    last_received_at: datetime | None
    """The newest event that came by itself, not by the sweep."""
    arrival: timedelta
    """The longest that an event of the last hour took from the processor's clock to our door."""
    unfollowed: int
    oldest_unfollowed: timedelta
    backfilled: int
    """Events of the last day that never came and were found by the sweep."""


@dataclass(frozen=True)
class Unsettled:
    """Attempts in a state that is not the end, by age."""

    state: str
    age: str
    """``2m``, ``10m``, ``1h``, ``24h`` (younger than that) or ``older``."""
    count: int


@dataclass(frozen=True)
class Sweep:
    """The newest sweep of a kind that came to its end."""

    finished_at: datetime | None
    clean_at: datetime | None


@dataclass(frozen=True)
class Exceptions:
    """Open lines of the exceptions queue of one kind, and how many of them are past their clock."""

    kind: str
    open: int
    overdue: int


@dataclass(frozen=True)
class Pulse:
    """Everything that is read, at one moment."""

    at: datetime
    webhooks: Webhooks
    unsettled: tuple[Unsettled, ...]
    unposted: int
    oldest_unposted: timedelta
    queue: QueueDepth
    sweeps: Mapping[str, Sweep]
    exceptions: tuple[Exceptions, ...]
    sealed_through: date | None
    days_waiting: int
    """Days that are over at city hall and not closed."""

    @property
    def stuck(self) -> int:
        return sum(row.count for row in self.unsettled if row.age == "older")


@dataclass(frozen=True)
class Endpoint:
    """Where the processor sends its events, as it says; ``problems`` is empty when that is here."""

    asked: bool
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Line:
    """One line of the status. ``needs`` says what a person should do, and is empty when nobody need do anything."""

    name: str
    sentence: str
    needs: tuple[str, ...] = ()


def judged(pulse: Pulse, endpoint: Endpoint) -> tuple[Line, ...]:
    """The status, line by line."""
    return (
        _unposted(pulse),
        _attempts(pulse),
        _webhooks(pulse),
        _endpoint(endpoint),
        _queue(pulse.queue),
        _sweep(pulse, "frequent", SWEPT_CLEAN, "payments.sweep"),
        _sweep(pulse, "deep", SWEPT_DEEP, "payments.sweep_deep"),
        _exceptions(pulse),
        _days(pulse),
    )


def _unposted(pulse: Pulse) -> Line:
    if not pulse.unposted:
        return Line("paid, not posted", "Nothing is paid and not in the books.")
    said = f"{pulse.unposted} paid and not in the books, the oldest for {spoken(pulse.oldest_unposted)}."
    late = pulse.oldest_unposted > PAID_UNPOSTED
    return Line(
        "paid, not posted", said, ("Look at the worker's log, then run: ventanilla worker --once",) if late else ()
    )


def _attempts(pulse: Pulse) -> Line:
    count = sum(row.count for row in pulse.unsettled)
    said = f"{count} attempts are not over, {pulse.stuck} of them for more than {spoken(UNSETTLED)}."
    return Line("attempts", said, ("Ask the processor about them in its dashboard.",) if pulse.stuck else ())


def _webhooks(pulse: Pulse) -> Line:
    hooks = pulse.webhooks
    refused = sum(hooks.recent.get(outcome, 0) for outcome in ("signature", "stale"))
    taken = sum(hooks.recent.get(outcome, 0) for outcome in ("accepted", "duplicate"))
    last = f"the last {spoken(pulse.at - hooks.last_received_at)} ago" if hooks.last_received_at else "none ever"
    said = (
        f"{taken} taken since yesterday, {last}; {refused} refused, {hooks.backfilled} found by the sweep instead; "
        f"{hooks.unfollowed} wait to be followed."
    )
    needs = []
    if refused and not taken:
        needs.append(
            "All were refused: STRIPE_WEBHOOK_SECRETS is not that of the processor's endpoint, or the clock is off."
        )
    if hooks.unfollowed and hooks.oldest_unfollowed > UNFOLLOWED:
        needs.append(f"One waits for {spoken(hooks.oldest_unfollowed)}: is a worker running?")
    return Line("webhooks", said, tuple(needs))


def _endpoint(endpoint: Endpoint) -> Line:
    if not endpoint.asked:
        return Line("endpoint", "The processor was not asked: STRIPE_KEY is not set here.")
    if endpoint.problems:
        return Line("endpoint", "The processor does not send all events here.", endpoint.problems)
    return Line("endpoint", "The processor sends its events here.")


def _queue(queue: QueueDepth) -> Line:
    said = (
        f"{queue.waiting} jobs due, {queue.running} running, {queue.failed} failed for good; {queue.workers} workers."
    )
    needs = []
    if not queue.workers:
        needs.append("No worker gives a sign of life: start one.")
    if timedelta(seconds=queue.oldest_seconds) > QUEUE_LATE:
        needs.append(f"The oldest job waits for {spoken(timedelta(seconds=queue.oldest_seconds))}.")
    return Line("queue", said, tuple(needs))


def _sweep(pulse: Pulse, kind: str, most: timedelta, job: str) -> Line:
    name, sweep = f"{kind} sweep", pulse.sweeps.get(kind, Sweep(None, None))
    if sweep.finished_at is None:
        return Line(name, "It has never run to its end.", (f"Is a worker running? It runs {job}.",))
    said = f"The last one ended {spoken(pulse.at - sweep.finished_at)} ago, "
    if sweep.clean_at is None:
        return Line(name, said + "and none was ever clean.", ("Read what it found in the worker's log.",))
    said += f"the last clean one {spoken(pulse.at - sweep.clean_at)} ago."
    late = pulse.at - sweep.clean_at > most
    return Line(name, said, ("Read what it found in the worker's log.",) if late else ())


def _exceptions(pulse: Pulse) -> Line:
    count, overdue = sum(row.open for row in pulse.exceptions), sum(row.overdue for row in pulse.exceptions)
    kinds = ", ".join(f"{row.open} {row.kind}" for row in pulse.exceptions)
    said = f"{count} open{f' ({kinds})' if kinds else ''}, {overdue} past their clock."
    return Line("exceptions", said, ("Work them off: ventanilla exceptions list",) if overdue else ())


def _days(pulse: Pulse) -> Line:
    through = f"sealed through {pulse.sealed_through}" if pulse.sealed_through else "none sealed yet"
    said = f"Business days: {through}, {pulse.days_waiting} over and not closed."
    late = pulse.days_waiting > DAYS_OPEN
    return Line("books", said, ("See why: ventanilla close-days",) if late else ())


def spoken(span: timedelta) -> str:
    """A span in its largest whole unit: ``3 minutes``, ``1 hour``."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        if seconds >= size:
            return f"{seconds // size} {unit}{'s' if seconds // size != 1 else ''}"
    return f"{seconds} second{'s' if seconds != 1 else ''}"
