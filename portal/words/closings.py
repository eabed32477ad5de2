"""Closing a day, in words: what keeps it open, where its money is, what is named, and what its packet holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext, pgettext

from accounts.cities.rules import City, NotInTheCity
from accounts.money import Money
from accounts.seals.rules import Obstacle
from payments.closings.rules import Difference, Row
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, money_text, short_date
from portal.words.exceptions import kind_name
from portal.words.names import plain

Facts = Mapping[str, str]
PLACES = {
    "on-hand": _l("Drawers and vault"),
    "terminal": _l("Card terminals"),
    "change-fund": _l("Change fund"),
    "processor": _l("Card processor"),
    "bank": _l("Bank"),
    "pool": _l("Claims of the funds on pooled cash"),
    "suspense": _l("Money not yet identified"),
}
DIFFERENCES = {
    "no-drawer": _l("Entered by hand, in no drawer"),
    "change-fund-changed": _l("The change fund was changed"),
    "deposits-in-transit": _l("Deposits on their way to the bank"),
    "payouts-in-transit": _l("Payouts on their way to the bank"),
    "returns-in-transit": _l("Returned payments that the bank has not shown yet"),
    "lockboxes-in-transit": _l("Lockbox money that the bank has not shown yet"),
    "not-yet-stated": _l("Not on a statement yet"),
    "booked-later": _l("Booked on a later day"),
    "processor-suspense": _l("Movements of the processor that are not yet explained"),
    "suspense": _l("Money whose owner is not known yet"),
}
TENDERS = {
    "cash": _l("Cash"),
    "check": _l("Checks"),
    "money_order": _l("Money orders"),
    "terminal": _l("Card terminal"),
    "lockbox": _l("Lockbox"),
    "card": _l("Card, online"),
    "bank_debit": _l("Bank account, online"),
}
JOURNALS = {
    "payment": _l("Payment"),
    "payment-reversal": _l("Payment taken back"),
    "bank-deposit": _l("Bank deposit"),
    "journal": _l("Entry by hand"),
    "opening": _l("Opening balances"),
}
"""Journals that may move cash in no drawer, by their kind."""
HOW = {"void": _l("Void"), "correction": _l("Correction"), "returned": _l("Returned")}


def _money(facts: Facts, key: str) -> str:
    return money_text(Money.exact(facts[key]))


def _drawer(facts: Facts) -> str:
    day = long_date(date.fromisoformat(facts["day"]))
    who = person(facts["cashier"])
    return _("Drawer %(till)s of %(cashier)s, %(day)s", till=facts["till"], cashier=who, day=day)


def _apart(facts: Facts) -> str:
    ledger, stated = _money(facts, "ledger"), _money(facts, "stated")
    return _("The books have %(ledger)s and there is %(stated)s.", ledger=ledger, stated=stated)


_OBSTACLES: dict[str, Callable[[Facts], str]] = {
    "drawer-open": lambda f: _("%(drawer)s: it is not closed.", drawer=_drawer(f)),
    "count-differs": lambda f: _("%(drawer)s: the notes and coins of a count do not sum.", drawer=_drawer(f)),
    "drawer-differs": lambda f: f"{_drawer(f)}: {_apart(f)}",
    "batch-differs": lambda f: _(
        "%(drawer)s: what went to the vault is off by %(amount)s.", drawer=_drawer(f), amount=_money(f, "off")
    ),
    "deposit-differs": lambda f: ": ".join((_("Deposit %(name)s", name=f["name"]), _apart(f))),
    "on-hand-differs": lambda f: f"{PLACES['on-hand']}: {_apart(f)}",
    "terminal-differs": lambda f: f"{PLACES['terminal']}: {_apart(f)}",
    "processor-differs": lambda f: f"{PLACES['processor']}: {_apart(f)}",
    "processor-journal": lambda f: _(
        "Entry %(journal)s moves another amount at the processor than its payment or payout.", journal=f["journal"]
    ),
    "bank-differs": lambda f: _(
        "Bank account %(bank)s: nobody has named a difference of %(amount)s.", bank=f["bank"], amount=_money(f, "off")
    ),
    "bank-line-differs": lambda f: _(
        "Bank account %(bank)s: a line of %(day)s is of %(said)s, what it was matched with of %(found)s.",
        bank=f["bank"], day=long_date(date.fromisoformat(f["day"])), said=_money(f, "said"), found=_money(f, "found"),
    ),
    "statement-differs": lambda f: _(
        "Bank account %(bank)s: the statement of %(day)s says %(said)s, its lines make %(found)s.",
        bank=f["bank"], day=long_date(date.fromisoformat(f["day"])), said=_money(f, "said"), found=_money(f, "found"),
    ),
    "bank-unnamed": lambda f: ngettext(
        "Bank account %(bank)s: %(num)s line has no name yet.",
        "Bank account %(bank)s: %(num)s lines have no name yet.", int(f["count"]), bank=f["bank"],
    ),
    "journal-differs": lambda f: _(
        "Entry %(journal)s is off by %(amount)s in fund %(fund)s.",
        journal=f["journal"], amount=_money(f, "off"), fund=f["fund"],
    ),
    "fund-differs": lambda f: _("Fund %(fund)s is off by %(amount)s.", fund=f["fund"], amount=_money(f, "off")),
    "pool-differs": lambda f: f"{PLACES['pool']}: {_apart(f)}",
    "receipts-missing": lambda f: _(
        "Series %(series)s %(year)s: receipts are missing (%(count)s).",
        series=f["series"], year=f["year"], count=f["count"],
    ),
}  # fmt: skip
OBSTACLES = frozenset(_OBSTACLES)


@dataclass(frozen=True)
class Table:
    """A part of a packet as page, paper and CSV show it; the first ``words`` columns are words, the rest figures."""

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    words: int = 1


def person(handle: str) -> str:
    """Who it was, from a handle."""
    return _("the system") if handle == "system" else handle.removeprefix("staff:")


def obstacle_text(obstacle: Obstacle) -> str:
    """What keeps a day open, as a sentence."""
    words = _OBSTACLES.get(obstacle.code)
    return words(obstacle.facts) if words else obstacle.said


def place_text(place: str, name: str = "") -> str:
    """Where money is."""
    said = str(PLACES.get(place, plain(place)))
    return f"{said} {name}".strip()


def difference_text(code: str, facts: Facts, city: City) -> str:
    """What a named difference is called; categories of the bank are the city's own words."""
    if code.startswith("named:"):
        wanted = code.removeprefix("named:")
        known = [one for policy in city.bank_policies for one in policy.categories if one.code == wanted]
        return known[-1].name.in_(locale_code()) if known else plain(wanted)
    said = str(DIFFERENCES.get(code, plain(code)))
    kind = facts.get("kind", "")
    return f"{said}: {JOURNALS.get(kind, plain(kind))}" if kind else said


def equation(rows: Sequence[Row]) -> list[tuple[str, Money, Money, Money]]:
    """Place, ledger, there, difference."""
    return [(place_text(row.place, row.name), row.ledger, row.stated, row.off) for row in rows]


def named(differences: Sequence[Difference], city: City) -> list[tuple[str, str, Money]]:
    """Place, name, amount."""
    return [
        (place_text(one.place, one.facts.get("bank", "")), difference_text(one.code, one.facts, city), one.amount)
        for one in differences
    ]


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
            tuple((line(o["line"]), o["fund"], _cents(o["cents"])) for o in held["revenue"]),
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
            tuple((o["fund"], _cents(o["debits"]), _cents(o["credits"])) for o in held["funds"]),
        ),
    ]  # fmt: skip


def _drawers(held: Mapping[str, list[dict[str, Any]]]) -> list[Table]:
    counts = [
        (f"{drawer['till']} · {person(drawer['cashier'])}", str(count["number"]), _verdict(count),
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
