"""``/metrics`` for Prometheus. Read from the database at each scrape, so that it does not matter who answers.

There are no counters per process: the portal runs as several, which come and go. Labels hold states, kinds and
outcomes, never a person, an account or an address.
"""

from __future__ import annotations

import hmac
import ipaddress
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from datetime import time as day_time

from flask import Blueprint, Response, abort, request
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST

from accounts.database import reading
from payments.gateway.base import GatewayError
from portal.permissions import anyone
from portal.pulse.endpoint import registered
from portal.pulse.readings import read_pulse
from portal.pulse.rules import Endpoint, Pulse, Unsettled
from portal.wiring import Wiring, wiring

FORWARDED = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "Via")
"""A request that a proxy passed on comes from outside, wherever the proxy stands."""
ENDPOINT_SECONDS = 600.0
"""The processor is asked about its endpoint that seldom by each process; all else is read anew."""

blueprint = Blueprint("pulse", __name__)
_asked: dict[str, tuple[float, Endpoint | None]] = {}


@blueprint.get("/metrics")
@anyone
def metrics() -> Response:
    """For whoever holds METRICS_TOKEN; while there is none, for this machine only. Others learn nothing."""
    parts = wiring()
    if not may_scrape(parts.settings.metrics_token):
        abort(404)
    with reading(parts.sessions) as session:
        pulse = read_pulse(session, parts.clock.now(), parts.clock.today())
    registry = CollectorRegistry()
    registry.register(_Read(lambda: families(pulse, _endpoint(parts))))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_scrape(token: str) -> bool:
    """Does this request carry the token, or, while there is none, come from this machine and through no proxy?"""
    if token:
        given = request.headers.get("Authorization", "").encode()
        return hmac.compare_digest(given, f"Bearer {token}".encode())
    if any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _endpoint(parts: Wiring) -> Endpoint | None:
    """What the processor said of its endpoint in the last ten minutes; nothing if it was not heard."""
    at, held = _asked.get(parts.settings.base_url, (-ENDPOINT_SECONDS, None))
    if time.monotonic() - at > ENDPOINT_SECONDS:
        try:
            held = registered(parts.gateway, parts.settings)
        except GatewayError:
            held = None
        _asked[parts.settings.base_url] = (time.monotonic(), held)
    return held


class _Read:
    """Metrics that are made when they are asked for."""

    def __init__(self, made: Callable[[], Iterator[Metric]]) -> None:
        self.collect = made


def families(pulse: Pulse, endpoint: Endpoint | None) -> Iterator[Metric]:
    """A pulse in the words of Prometheus. Times are seconds since 1970, spans are seconds."""
    yield from _of_webhooks(pulse)
    yield from _of_money(pulse)
    yield from _of_queue(pulse)
    yield from _of_sweeps(pulse)
    if endpoint is not None and endpoint.asked:
        yield _gauge(
            "processor_endpoint_ok", "1: the processor sends every event that counts here", not endpoint.problems
        )


def _of_webhooks(pulse: Pulse) -> Iterator[Metric]:
    hooks = pulse.webhooks
    taken = CounterMetricFamily("ventanilla_webhooks", "Requests at the processor's door, ever", labels=["outcome"])
    for outcome, count in sorted(hooks.outcomes.items()):
        taken.add_metric([outcome], count)
    yield taken
    if hooks.last_received_at:
        yield _gauge(
            "webhook_last_timestamp_seconds", "When the newest event came by itself", _stamp(hooks.last_received_at)
        )
    yield _gauge(
        "webhook_arrival_seconds", "Longest way of an event to our door in the last hour", _span(hooks.arrival)
    )
    yield _gauge("webhooks_unfollowed", "Events that came and were not followed to their end", hooks.unfollowed)
    yield _gauge("webhooks_unfollowed_oldest_seconds", "Age of the oldest of them", _span(hooks.oldest_unfollowed))
    yield _gauge("webhooks_backfilled", "Events of a day that the sweep found instead", hooks.backfilled)


def _of_money(pulse: Pulse) -> Iterator[Metric]:
    live = GaugeMetricFamily("ventanilla_attempts_unsettled", "Attempts that are not over", labels=["state", "age"])
    for row in _every(pulse.unsettled):
        live.add_metric([row.state, row.age], row.count)
    yield live
    yield _gauge("paid_unposted", "Payments that were made and are not in the books", pulse.unposted)
    yield _gauge("paid_unposted_oldest_seconds", "Age of the oldest of them", _span(pulse.oldest_unposted))
    exceptions = GaugeMetricFamily(
        "ventanilla_exceptions_open", "Open lines of the exceptions queue", labels=["kind"]
    )
    overdue = GaugeMetricFamily("ventanilla_exceptions_overdue", "Of them, past their clock", labels=["kind"])
    for kind in pulse.exceptions:
        exceptions.add_metric([kind.kind], kind.open)
        overdue.add_metric([kind.kind], kind.overdue)
    yield from (exceptions, overdue)
    if pulse.sealed_through:
        midnight = datetime.combine(pulse.sealed_through, day_time(), UTC)
        yield _gauge(
            "sealed_through_timestamp_seconds", "The last sealed business day (its 00:00 UTC)", _stamp(midnight)
        )
    yield _gauge("days_waiting", "Business days that are over and not closed", pulse.days_waiting)


def _of_queue(pulse: Pulse) -> Iterator[Metric]:
    jobs = GaugeMetricFamily("ventanilla_jobs", "Jobs of the queue", labels=["state"])
    for state, count in (
        ("due", pulse.queue.waiting),
        ("running", pulse.queue.running),
        ("failed", pulse.queue.failed),
    ):
        jobs.add_metric([state], count)
    yield jobs
    yield _gauge("jobs_oldest_seconds", "For how long the oldest due job waits", pulse.queue.oldest_seconds)
    yield _gauge("workers", "Workers that gave a sign of life", pulse.queue.workers)


def _of_sweeps(pulse: Pulse) -> Iterator[Metric]:
    ended = GaugeMetricFamily("ventanilla_sweep_timestamp_seconds", "When the last sweep ended", labels=["kind"])
    clean = GaugeMetricFamily(
        "ventanilla_sweep_clean_timestamp_seconds", "When the last clean one did", labels=["kind"]
    )
    for kind, sweep in sorted(pulse.sweeps.items()):
        if sweep.finished_at:
            ended.add_metric([kind], _stamp(sweep.finished_at))
        if sweep.clean_at:
            clean.add_metric([kind], _stamp(sweep.clean_at))
    yield from (ended, clean)


def _every(found: tuple[Unsettled, ...]) -> Iterator[Unsettled]:
    """Those that were counted, and a nought for the others: a series must not vanish when it is good news."""
    counted = {(row.state, row.age): row.count for row in found}
    for state in ("sending", "open", "processing", "unknown"):
        for age in ("2m", "10m", "1h", "24h", "older"):
            yield Unsettled(state, age, counted.get((state, age), 0))


def _gauge(name: str, words: str, value: int) -> Metric:
    return GaugeMetricFamily(f"ventanilla_{name}", words, value=value)


def _span(span: timedelta) -> int:
    return int(span.total_seconds())


def _stamp(instant: datetime) -> int:
    return int(instant.timestamp())
