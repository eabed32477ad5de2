"""The window of the made-up city from one end to the other, and where each of it is seen."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from demo import banking, cards, counter, incoming
from demo.colleagues import CHIEF, CLERK, FINANCE, Colleagues
from portal.wiring import Wiring

FILE = "window.json"


def work(wired: Wiring, people: Colleagues, folder: Path, say: Callable[[str], None]) -> None:
    """Card payments, yesterday's drawers, the bank's word on them, this morning’s paper; all days before closed."""
    today = people.clock.today()
    yesterday = today - timedelta(days=1)
    cards.paid(wired, cards.clock_then(wired))
    counter.work(people, wired.desk(), wired.settings.proof_key.encode())
    cards.came(wired, people.at(1, 9, 25))
    told = banking.told(people, yesterday, people.clock)
    came = incoming.came(wired, people, folder)
    say("the days before yesterday, closed")
    _write(folder / FILE, told, came, banking.closed(people))


def _write(file: Path, told: banking.Statement, came: incoming.Incoming, batch: int) -> None:
    """For ``/demo``: a code of what it is (``portal.demo_pages`` has its words), the page, and who opens it."""
    finance, clerk, chief = (handle.partition(":")[2] for handle in (FINANCE, CLERK, CHIEF))
    account = f"/staff/accounts/{came.cash_only}"
    found = [
        ("bank-statement", f"/staff/bank-statements/{told.id}", finance),
        ("unmatched-line", f"/staff/bank-lines/{told.line_id}", finance),
        ("lockbox-file", f"/staff/lockboxes/{came.lockbox}", clerk),
        ("held-item", f"/staff/lockboxes/{came.lockbox}/items/{came.held_item}/post", clerk),
        ("returned-check", f"/staff/returned-payments/{came.returned}", clerk),
        ("cash-only", f"{account}/cash-only/{came.flag}/lift", chief),
        ("pay-link", f"/staff/pay-links/{came.link}", clerk),
        ("journal-export", f"/staff/journal-exports/{batch}", finance),
    ]
    entries = [{"code": code, "path": path, "who": who} for code, path, who in found]
    file.write_text(json.dumps(entries, indent=2), encoding="utf-8")
