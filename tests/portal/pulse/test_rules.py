"""What needs a person, and from which moment on."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from payments.gateway.base import RegisteredEndpoint
from payments.webhooks.rules import KNOWN, endpoint_problems
from portal.pulse.rules import Endpoint, Exceptions, Pulse, Sweep, Unsettled, Webhooks, judged, spoken
from portal.queue import QueueDepth

NOW = datetime(2026, 11, 17, 18, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
WELL = Pulse(
    at=NOW,
    webhooks=Webhooks({"accepted": 9}, {"accepted": 4, "signature": 1}, NOW - MINUTE, MINUTE, 0, timedelta(), 0),
    unsettled=(Unsettled("open", "10m", 2),),
    unposted=0,
    oldest_unposted=timedelta(),
    queue=QueueDepth(waiting=1, running=1, failed=3, oldest_seconds=20, workers=1),
    sweeps={"frequent": Sweep(NOW - MINUTE, NOW - MINUTE), "deep": Sweep(NOW - 9 * HOUR, NOW - 9 * HOUR)},
    exceptions=(Exceptions("orphan", 1, 0),),
    sealed_through=date(2026, 11, 16),
    days_waiting=0,
)
HERE = Endpoint(asked=True)


def _needs(pulse: Pulse = WELL, endpoint: Endpoint = HERE) -> dict[str, str]:
    return {line.name: " ".join(line.needs) for line in judged(pulse, endpoint) if line.needs}


def test_all_is_well() -> None:
    assert _needs() == {}
    assert [line.name for line in judged(WELL, HERE)] == [
        "paid, not posted", "attempts", "webhooks", "endpoint", "queue", "frequent sweep", "deep sweep", "exceptions",
        "books",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "name", "says"),
    [
        ({"unposted": 1, "oldest_unposted": 10 * MINUTE + timedelta(seconds=1)}, "paid, not posted", "--once"),
        ({"unsettled": (Unsettled("unknown", "older", 1),)}, "attempts", "Ask the processor"),
        ({"queue": replace(WELL.queue, workers=0)}, "queue", "No worker"),
        ({"queue": replace(WELL.queue, oldest_seconds=901)}, "queue", "waits for 15 minutes"),
        ({"sweeps": {"deep": WELL.sweeps["deep"]}}, "frequent sweep", "payments.sweep"),
        ({"sweeps": {**WELL.sweeps, "frequent": Sweep(NOW, None)}}, "frequent sweep", "worker's log"),
        ({"sweeps": {**WELL.sweeps, "frequent": Sweep(NOW, NOW - 31 * MINUTE)}}, "frequent sweep", "worker's log"),
        ({"sweeps": {**WELL.sweeps, "deep": Sweep(NOW, NOW - 37 * HOUR)}}, "deep sweep", "worker's log"),
        ({"exceptions": (Exceptions("orphan", 2, 1),)}, "exceptions", "ventanilla exceptions list"),
        ({"days_waiting": 3}, "books", "ventanilla close-days"),
        ({"webhooks": replace(WELL.webhooks, recent={"signature": 2})}, "webhooks", "STRIPE_WEBHOOK_SECRETS"),
        (
            {"webhooks": replace(WELL.webhooks, unfollowed=1, oldest_unfollowed=11 * MINUTE)},
            "webhooks",
            "is a worker running",
        ),
    ],
)  # fmt: skip
def test_what_needs_a_person(change: dict[str, object], name: str, says: str) -> None:
    needs = _needs(replace(WELL, **change))  # type: ignore[arg-type]
    assert list(needs) == [name]
    assert says in needs[name]


@pytest.mark.parametrize(
    "change",
    [
        {"unposted": 1, "oldest_unposted": 10 * MINUTE},
        {"queue": replace(WELL.queue, oldest_seconds=900)},
        {"sweeps": {**WELL.sweeps, "frequent": Sweep(NOW, NOW - 30 * MINUTE)}},
        {"days_waiting": 2},
        {"webhooks": replace(WELL.webhooks, unfollowed=1, oldest_unfollowed=10 * MINUTE)},
        {"webhooks": replace(WELL.webhooks, outcomes={}, recent={}, last_received_at=None)},
        {"unsettled": (), "exceptions": (), "sealed_through": None},
    ],
)
def test_what_does_not_yet(change: dict[str, object]) -> None:
    assert _needs(replace(WELL, **change)) == {}  # type: ignore[arg-type]


URL = "https://pay.example.gov/webhooks/processor"
OURS = RegisteredEndpoint(URL, enabled=True, types=KNOWN)


@pytest.mark.parametrize(
    ("registered", "says"),
    [
        ((OURS,), ""),
        ((replace(OURS, types=frozenset({"*"})),), ""),
        ((OURS, replace(OURS, url="https://other.example/webhooks")), ""),
        ((replace(OURS, url=f"{URL}/"),), "registered is https://pay.example.gov/webhooks/processor/."),
        ((replace(OURS, types=frozenset({"payout.paid"})), replace(OURS, types=KNOWN - {"payout.paid"})), ""),
        ((), "registered is none"),
        ((replace(OURS, url="https://old.example.gov/webhooks/processor"),), "registered is https://old.example.gov"),
        ((replace(OURS, url=URL.replace("https", "http")),), "registered is http://pay"),
        ((replace(OURS, enabled=False),), "disabled"),
        (
            (replace(OURS, types=KNOWN - {"payment_intent.succeeded"}),),
            f"Subscribe {URL} to payment_intent.succeeded.",
        ),
    ],
)
def test_is_the_registered_endpoint_this_server(registered: tuple[RegisteredEndpoint, ...], says: str) -> None:
    problems = endpoint_problems(registered, URL)
    assert bool(problems) is bool(says)
    assert says in " ".join(problems)
    assert bool(_needs(endpoint=Endpoint(asked=True, problems=problems))) is bool(says)


def test_this_machine_has_two_names() -> None:
    registered = replace(OURS, url="http://127.0.0.1:8000/webhooks/processor")
    assert endpoint_problems([registered], "http://localhost:8000/webhooks/processor") == ()
    assert endpoint_problems([registered], "http://localhost:8001/webhooks/processor") != ()


def test_an_endpoint_that_was_not_asked_about_is_no_alarm() -> None:
    assert _needs(endpoint=Endpoint(asked=False)) == {}


def test_spans_are_spoken_in_their_largest_unit() -> None:
    said = [spoken(timedelta(seconds=seconds)) for seconds in (-5, 1, 59, 60, 3_599, 7_200, 86_400, 200_000)]
    assert said == ["0 seconds", "1 second", "59 seconds", "1 minute", "59 minutes", "2 hours", "1 day", "2 days"]
