"""The window's part of the day at a glance, for who reviews drawers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from flask import url_for
from flask_babel import pgettext
from markupsafe import Markup

from payments.reports.board import Board, DrawerNow, Queue
from portal.i18n import gettext as _
from portal.i18n import money, short_datetime
from portal.staff.lists import link_to
from portal.wiring import wiring
from portal.words.city_names import till_name
from portal.words.values import age


def window_tally(board: Board, now: datetime) -> list[dict[str, Any]]:
    """Counts one takes in at a glance, each with the age of its oldest; to its list, for who may open it."""
    parts = wiring()
    late_after = timedelta(hours=parts.city().city.cash_policy(parts.clock.today()).deposit_within_hours)
    deposits = "bank_deposits_list"
    waits = sum(bool(drawer.waits) for drawer in board.drawers)
    return [
        _entry(Queue(waits), _("drawers wait for a second person"), "drawer_reviews_list", now),
        _entry(board.vault, _("batches in the vault, not deposited"), deposits, now, late_after=late_after),
        _entry(board.sealed, _("sealed bags that are still here"), deposits, now, late_after=late_after),
        _entry(board.transit, _("deposits on their way to the bank"), deposits, now),
        _entry(board.voids, _("voids today"), "", now),
        _entry(Queue(board.overrides), _("overrides today"), "", now),
        _entry(Queue(board.no_sales), _("drawers opened without a sale today"), "", now),
        _entry(board.parked, _("sales parked"), "window_show", now),
        _entry(board.suspense, _("payments without an owner"), "suspense_list", now),
        _entry(board.mail, _("bundles of mail not entered"), "mail_list", now),
        _entry(Queue(board.returned), _("payments returned in seven days"), "returned_payments_list", now),
        _entry(board.findings, _("findings open"), "findings_list", now),
    ]


def drawer_rows(board: Board) -> Iterator[dict[str, Any]]:
    """Open drawers: who, since when, about how much cash, and what waits."""
    zone = wiring().city().city.identity.time_zone
    for drawer in board.drawers:
        yield {
            "url": url_for("staff.drawer_reviews_show", drawer_id=drawer.id),
            "till": till_name(drawer.till),
            "cashier": drawer.cashier,
            "since": short_datetime(drawer.opened_at, zone),
            "cash": _cash(drawer),
            "state": "overdue" if drawer.level == "stop" else "due" if drawer.level or drawer.waits else "paid",
            "words": _words(drawer),
        }


def _entry(
    queue: Queue, label: str, name: str, now: datetime, *, late_after: timedelta | None = None
) -> dict[str, Any]:  # fmt: skip
    notes: list[str] = [money(queue.amount)] if queue.amount is not None and queue.count else []
    if queue.oldest is not None:
        notes.append(_("the oldest for %(age)s", age=age(now - queue.oldest)))
    is_late = late_after is not None and queue.oldest is not None and now - queue.oldest > late_after
    url = link_to(name) if name else ""
    return {
        "value": queue.count, "label": label, "note": Markup(" · ").join(notes), **({"url": url} if url else {}),
        **({"state": "overdue"} if is_late else {}),
    }  # fmt: skip


def _cash(drawer: DrawerNow) -> str | Markup:
    if drawer.cash is None:
        return _("not told")
    return Markup("{} {}").format(_("about"), money(drawer.cash))


def _words(drawer: DrawerNow) -> str:
    waits = {
        "float": _("Its float waits for a second count"),
        "verdict": _("Its count waits to be accepted"),
        "recount": _("It is counted again"),
    }
    levels = {"stop": _("Above the limit: it takes no more cash"), "warn": _("Send somebody for the cash")}
    return waits.get(drawer.waits) or levels.get(drawer.level) or pgettext("drawer", "Open")
