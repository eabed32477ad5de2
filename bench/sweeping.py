"""The deep sweep: every payment of the processor's beside ours, both ways, where everything agrees."""

from __future__ import annotations

import time
from itertools import islice

from bench import attempts, processor
from bench.place import Place
from bench.posting import never_paid
from bench.progress import say, timed
from bench.report import Section
from payments.settlements.service import settle
from payments.sweeps import service as sweeps

PAYMENTS = 1_000
ACCOUNTS = 2_000
"""Enough for as many payments; what a sweep costs depends on the payments, not on the city."""


def section(place: Place, payments: int = PAYMENTS) -> Section:
    """Pay, post all but one, and sweep: the one is settled by the sweep, and a second sweep finds nothing to do."""
    promised = attempts.promise(place, list(islice(never_paid(place), payments)), f"swept-{time.time_ns()}-")
    with processor.sandbox() as url:
        say("  paying at the sandbox")
        intents = processor.pay(place, url, promised)
        known = processor.KnownTruth(place.sessions, promised, intents)
        at_hand = processor.desk(place, place.sessions, known)
        say("  posting")
        for attempt in promised[1:]:
            settle(at_hand, attempt)
        desk = processor.desk(place, place.sessions, processor.gateway(url))
        say("  sweeping")
        rows = []
        for name in ("one of them not posted", "nothing to do"):
            with timed() as seconds:
                swept = sweeps.deep(desk, sweeps.NEAR)
            if not swept.clean or swept.found.get("paid_at_the_processor") != payments:
                raise LookupError(f"the sweep found {swept.found}")
            rows.append([name, f"{payments:,}", f"{seconds():.1f}", f"{1000 * seconds() / payments:.1f}"])
    head = ["Deep sweep", "payments", "seconds", "seconds per 1,000"]
    note = f"Thirty days, the processor being the sandbox on this machine; a city of {ACCOUNTS:,} accounts."
    return Section("The deep sweep", head, rows, [note])
