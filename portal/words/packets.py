"""What the packet of a day holds, as tables that its page, its paper and its file show alike."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import pgettext

from accounts.cities.rules import City, NotInTheCity
from accounts.money import Money
from portal.i18n import gettext as _
from portal.i18n import locale_code, money_text, short_date
from portal.words.city_names import fund_name, till_name
from portal.words.closings import (
    HOW,
    TENDERS,
    difference_text,
    place_text,
)
from portal.words.exceptions import kind_name
from portal.words.names import person, plain


@dataclass(frozen=True)
class Table:
    """A part of a packet as page, paper and CSV show it; the first ``words`` columns are words, the rest figures."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    words: int = 1


def packet_tables(content: Mapping[str, Any], city: City, amount: Callable[[Money], str] = money_text) -> list[Table]:
    """All that a packet holds, in the order in which a supervisor reads it; empty parts are left out."""
    held: Mapping[str, list[dict[str, Any]]] = content["held"]
    tables = [_equation(content), _differences(content, city), *_takings(held, city), *_drawers(held), *_moves(held),
              *_ends(held, content)]  # fmt: skip
    return [_with(table, amount) for table in tables if table.rows]


def _cents(value: Any) -> Money:
    return Money(int(value or 0))


def _with(table: Table, amount: Callable[[Money], str]) -> Table:
    """Amounts as the page or the paper writes them."""
    rows = (tuple(amount(cell) if isinstance(cell, Money) else cell for cell in row) for row in table.rows)
    return replace(table, rows=tuple(rows))


def _equation(content: Mapping[str, Any]) -> Table:
    return Table(
        _("The ledger, and what is there"),
        (_("Place"), _("Ledger"), _("There"), _("Difference")),
        tuple(
            (place_text(row["place"], row["name"]), _cents(row["ledger"]), _cents(row["stated"]),
             _cents(row["ledger"] - row["stated"]))
            for row in content["rows"]
        ),
    )  # fmt: skip


def _differences(content: Mapping[str, Any], city: City) -> Table:
    return Table(
        _("Differences, by name"),
        (_("Place"), _("What it is"), _("Amount")),
        tuple(
            (place_text(one["place"], one["facts"].get("bank", "")),
             difference_text(one["code"], one["facts"], city), _cents(one["cents"]))
            for one in content["differences"]
        ),
        2,
    )  # fmt: skip


def _takings(held: Mapping[str, list[dict[str, Any]]], city: City) -> list[Table]:
    def line(code: str) -> str:
        try:
            return city.revenue_line(code).name.in_(locale_code())
        except NotInTheCity:
            return plain(code)

    def sold(code: str) -> str:
        found = [item for item in city.catalog_items if item.code == code]
        return found[-1].name.in_(locale_code()) if found else plain(code)

    return [
        Table(
            _("Taken, by tender"),
            (_("Tender"), _("How many"), _("Amount")),
            tuple((str(TENDERS.get(o["kind"], plain(o["kind"]))), f"{o['count']:,}", _cents(o["cents"]))
                  for o in held["tenders"]),
        ),
        Table(
            _("Revenue lines"),
            (_("Line"), _("Fund"), _("Amount")),
            tuple((line(o["line"]), fund_name(o["fund"], city), _cents(o["cents"])) for o in held["revenue"]),
            2,
        ),
        Table(
            _("Sold beside what is owed"),
            (pgettext("sold", "Item"), _("Project"), _("How many"), _("Amount")),
            tuple((sold(o["item"]), o["project"], f"{o['count']:,}", _cents(o["cents"])) for o in held["items"]),
            2,
        ),
        Table(
            _("Funds"),
            (_("Fund"), _("Debits"), _("Credits")),
            tuple((fund_name(o["fund"], city), _cents(o["debits"]), _cents(o["credits"])) for o in held["funds"]),
        ),
    ]  # fmt: skip


def _drawers(held: Mapping[str, list[dict[str, Any]]]) -> list[Table]:
    counts = [
        (f"{till_name(drawer['till'])} · {person(drawer['cashier'])}", str(count["number"]), _verdict(count),
         _cents(count["cash"]), _cents(count["checks"]), _cents(count["terminal"]), _cents(count["over_cash"]))
        for drawer in held["drawers"]
        for count in drawer["counts"]
    ]  # fmt: skip
    return [
        Table(
            _("Drawers and their counts"),
            (
                _("Drawer"),
                _("Count"),
                pgettext("count", "Decided"),
                _("Cash"),
                _("Checks"),
                _("Card terminal"),
                _("Over or short"),
            ),
            tuple(counts),
            3,
        ),
    ]


def _verdict(count: Mapping[str, Any]) -> str:
    words = {"accepted": _("Accepted by %(who)s"), "rejected": _("Rejected by %(who)s")}
    said = words.get(count["verdict"] or "", "")
    reason = f": {count['reason']}" if count["reason"] else ""
    return (said % {"who": person(count["decided_by"])} if said else "") + reason


def _moves(held: Mapping[str, list[dict[str, Any]]]) -> list[Table]:
    return [
        Table(
            pgettext("money", "Taken back"),
            (_("Receipt"), _("How"), _("Who"), _("Why"), _("Amount")),
            tuple((o["receipt"] or "", str(HOW.get(o["how"], o["how"])), person(o["by"]), o["reason"],
                   _cents(o["cents"])) for o in held["taken_back"]),
            4,
        ),
        Table(
            _("Deposits"),
            (_("Deposit"), _("Prepared by"), _("Counted again by"), _("Cash"), _("Checks"), _("Card terminal")),
            tuple((o["name"], person(o["made_by"]), person(o["sealed_by"] or ""), _cents(o["cash"]),
                   _cents(o["checks"]), _cents(o["terminal"])) for o in held["deposits"]),
            3,
        ),
        Table(
            _("Payouts of the card processor"),
            (_("Payout"), _("Amount")),
            tuple((o["payout"], _cents(o["cents"])) for o in held["payouts"]),
        ),
        Table(
            _("Suspense"),
            (_("Receipt"), _("Amount")),
            tuple((o["receipt"] or "", _cents(o["cents"])) for o in held["suspense"]),
        ),
    ]  # fmt: skip


def _ends(held: Mapping[str, list[dict[str, Any]]], content: Mapping[str, Any]) -> list[Table]:
    return [
        Table(
            _("Receipts"),
            (_("Series"), _("First"), _("Last"), _("How many"), _("Amount")),
            tuple((f"{o['series']} {o['year']}", f"{o['first']:06d}", f"{o['last']:06d}", f"{o['count']:,}",
                   _cents(o["cents"])) for o in held["receipts"]),
        ),
        Table(
            _("Journals exported on this day"),
            (_("Batch"), _("Days"), _("Each side")),
            tuple((str(o["batch"]), f"{_day(o['first'])} – {_day(o['last'])}", _cents(o["debits"]))
                  for o in held["exports"]),
            2,
        ),
        Table(
            _("Exceptions that were open"),
            (_("What"), _("How many")),
            tuple((kind_name(kind), f"{number:,}") for kind, number in content["exceptions"].items()),
        ),
    ]  # fmt: skip


def _day(iso: str) -> str:
    return short_date(date.fromisoformat(iso))
