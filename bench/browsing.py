"""Pages over real HTTP beside a bare Flask page, in turns, so that a busy machine slows both."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import asdict

from bench import population
from bench.asks import Ask, Page, pages
from bench.load import CLIENT, Answered, Job
from bench.place import Place
from bench.progress import say
from bench.report import Section, ratio
from bench.servers import both
from portal import create_app
from portal.config import CHECKOUT
from portal.wiring import wiring

ROUNDS = 5
SECONDS = 1.5
CONNECTIONS = (1, 8)
GUESTS = 40
AIM = 0.5
MEASURED = ("Look-up", "Account, 3", "Bill", "Basket, 1 ", "Receipt", "Own list")


def section(place: Place, size: int) -> Section:
    """Each page and the bare page, ``ROUNDS`` times in turn; medians."""
    app = create_app(place.settings)
    asked = [page for page in pages(place, app, size, guests=GUESTS) if page.name.startswith(MEASURED)]
    with app.app_context():
        wiring().engine.dispose()
    accounts = population.sample(size)
    bare = Page("bare", 200, [Ask("GET", f"/bare?id={account}", "") for account in accounts])
    rows = []
    with both(place) as (portal_port, bare_port):
        for page, port in [(bare, bare_port), *((page, portal_port) for page in asked)]:
            _load(page, port, 8, SECONDS)
        for connections in CONNECTIONS:
            for page in asked:
                say(f"  {page.name}, {connections} connections")
                turns = [
                    (_load(bare, bare_port, connections, SECONDS), _load(page, portal_port, connections, SECONDS))
                    for _ in range(ROUNDS)
                ]
                rows.append(_row(page, connections, turns))
    head = ["Page", "Connections", "p50 ms", "p95 ms", "per second", "bare p50 ms", "bare per second", "ratio"]
    return Section(
        "Pages beside a bare Flask page of 14 kB with five indexed queries", head, rows,
        [f"granian with 2 workers of 8 threads for both; {ROUNDS} turns of {SECONDS} s each, medians. Aim: {AIM}."],
    )  # fmt: skip


def _row(page: Page, connections: int, turns: Sequence[tuple[Answered, Answered]]) -> list[object]:
    def middle(side: int, name: str) -> float:
        return statistics.median(getattr(turn[side], name) for turn in turns)

    shares = statistics.median(ours.per_second / theirs.per_second for theirs, ours in turns)
    return [
        page.name, connections, f"{middle(1, 'p50'):.1f}", f"{middle(1, 'p95'):.1f}",
        f"{middle(1, 'per_second'):.0f}", f"{middle(0, 'p50'):.1f}", f"{middle(0, 'per_second'):.0f}",
        ratio(shares, 1.0, AIM),
    ]  # fmt: skip


def _load(page: Page, port: int, connections: int, seconds: float) -> Answered:
    job = Job(port, connections, seconds, page.status, [_raw(ask) for ask in page.asks])
    done = subprocess.run(
        [sys.executable, "-m", "bench.load"], input=json.dumps(asdict(job)), cwd=CHECKOUT, check=True,
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    answered = Answered(**json.loads(done.stdout))
    if answered.wrong:
        raise LookupError(f"{page.name}: wrong answers {answered.wrong}, {page.status} was expected")
    return answered


def _raw(ask: Ask) -> str:
    lines = [f"{ask.method} {ask.path} HTTP/1.1", "Host: localhost:8000", f"X-Forwarded-For: {CLIENT.decode()}"]
    if ask.cookie:
        lines.append(f"Cookie: {ask.cookie}")
    if ask.body:
        lines += ["Content-Type: application/x-www-form-urlencoded", f"Content-Length: {len(ask.body)}"]
    return "\r\n".join([*lines, "", ask.body])
