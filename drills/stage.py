"""The stage: a scratch database with a released city, the sandbox, a mail server, and the portal's own processes."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import requests
from procrastinate.exceptions import AlreadyEnqueued
from sqlalchemy import Engine, text

from accounts.cities.queries import RulingCity
from accounts.clock import CityClock
from accounts.database import Sessions, sessions_for
from drills.bills import open_bill
from drills.door import Door
from drills.installation import Installation
from drills.payer import Bill, Payer
from drills.processes import ProcessFailed
from drills.processor import Processor
from payments.gateway.stripe import StripeGateway
from payments.settlements.service import Desk
from payments.sweeps import service as sweeps
from payments.terms import terms_of
from portal import queue

KEY = "sk_test_drill"
LATER = timedelta(minutes=3)
"""A sweep of the drill runs as if it were so much later: what has just happened is then due."""
QUIET_SECONDS = 40.0
_RETRIES = 40
"""Seconds: the sandbox tries again after 1, 5 and 30."""
_DUE = """SELECT count(*) FROM procrastinate_jobs WHERE queue_name = 'facts'
             AND (status = 'doing' OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at <= now())))"""
_DEAD_FOR_LONG = "UPDATE procrastinate_workers SET last_heartbeat = last_heartbeat - interval '1 hour'"
_DUE_NOW = "UPDATE procrastinate_jobs SET scheduled_at = NULL WHERE queue_name = 'clock' AND status = 'todo'"


@dataclass
class Stage:
    """Everything that a drill can touch."""

    processor: Processor
    portal: Installation
    door: Door
    mail: Path
    engine: Engine
    owner: Engine
    city: RulingCity
    proof_key: str
    database_url: str
    sweeps_run: bool = True
    bills: int = 0
    _clock: CityClock = field(init=False)

    def __post_init__(self) -> None:
        self._clock = CityClock(lambda: self.city.city.identity.time_zone)

    @property
    def sessions(self) -> Sessions:
        """Of the application's role."""
        return sessions_for(self.engine)

    @property
    def clock(self) -> CityClock:
        """As the portal's processes read it."""
        return replace(self._clock, ahead=timedelta(seconds=self.portal.ahead))

    def bill(self, cents: int = 84_20) -> Bill:
        """An account of somebody's that owes so much."""
        self.bills += 1
        return open_bill(self.sessions, self.city.city, self.proof_key, self.bills, cents=cents, clock=self.clock)

    def payer(self) -> Payer:
        """A person who has never been here."""
        return Payer(self.portal.url)

    def rows(self, statement: str, **values: Any) -> Sequence[Any]:
        """Read the database as its owner."""
        with self.owner.connect() as connection:
            return connection.execute(text(statement), values).all()

    def change(self, statement: str) -> None:
        """Write as the owner what time would have written."""
        with self.owner.begin() as connection:
            connection.execute(text(statement))

    def desk(self, *, ahead: timedelta = timedelta()) -> Desk:
        """What a sweep needs, in this process."""
        clock = replace(self.clock, ahead=self.clock.ahead + ahead)
        gateway = StripeGateway(KEY, self.portal.secrets, self.processor.url)
        city = self.city.city
        return Desk(self.sessions, gateway, clock, terms_of(city), "test", livemode=False, series=city.web_series())

    def quiet(self) -> None:
        """Come back when every webhook that is due was answered and every job that is due was done."""
        until = time.monotonic() + QUIET_SECONDS
        while self.processor.deliver_webhooks() or self.rows(_DUE)[0][0]:
            worker = self.portal.worker
            if worker is None or worker.status is not None or time.monotonic() > until:
                raise ProcessFailed(f"The worker does not come to an end.\n{worker.tail() if worker else 'none'}")
            time.sleep(0.03)

    def sweep(self) -> None:
        """Ask the processor, as the sweep does every two minutes; then what follows from its answers."""
        if self.sweeps_run:
            sweeps.frequent(self.desk(ahead=LATER))
        self.quiet()

    def sweep_deep(self) -> None:
        """All money of thirty days, both ways, as each night."""
        if self.sweeps_run:
            sweeps.deep(self.desk(ahead=LATER), sweeps.NEAR)
        self.quiet()

    def sweep_in_a_process(self) -> None:
        """The same in a worker of its own, which also takes up what a dead worker left."""
        lives = self.portal.worker is not None
        if not lives:
            self.change(_DEAD_FOR_LONG)
        if self.sweeps_run:
            app = queue.queue_app(self.database_url)
            with app.open():
                for task in ("queue.retry_stalled", "payments.sweep"):
                    with suppress(AlreadyEnqueued):
                        app.configure_task(task, queue=queue.CLOCK).defer(timestamp=int(time.time()))
            self.change(_DUE_NOW)
            self.portal.sweep(later=int(LATER.total_seconds()))
        if not lives:
            self.portal.start_worker()
        self.quiet()

    def let_it_come_again(self) -> None:
        """Long enough for the processor to send again what was refused up to three times; processes run on."""
        self.processor.advance(seconds=_RETRIES)
        self.portal.ahead += _RETRIES
        self.quiet()

    def pass_time(self, **by: int) -> None:
        """Let time pass for the processor and for the portal, whose processes start again in the new time."""
        self.quiet()
        self.processor.advance(**by)
        self.portal.ahead += int(timedelta(**by).total_seconds())
        self.portal.start_web()
        self.portal.start_worker()

    def calm(self) -> None:
        """As before any drill, whatever the last one left: no faults, webhooks at once, both processes up."""
        requests.delete(f"{self.processor.url}/_sim/faults", timeout=10)
        self.processor.webhook_mode("now")
        self.processor.post("/webhooks/release")
        self.door.open()
        if self.portal.web is None or self.portal.web.status is not None:
            self.portal.start_web()
        if self.portal.worker is None or self.portal.worker.status is not None:
            self.portal.start_worker()
