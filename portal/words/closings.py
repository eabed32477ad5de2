"""Closing a day, in words: what keeps it open, where its money is, what is named, and what its packet holds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from accounts.cities.rules import City
from accounts.money import Money
from accounts.seals.rules import Obstacle
from payments.closings.rules import Difference, Row
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date, money_text
from portal.words.city_names import till_name
from portal.words.names import person, plain

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
    return f"{till_name(facts['till'])} ({who}), {day}"


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
    "float-differs": lambda f: _(
        "%(drawer)s: its count had float and change of %(counted)s; they are %(stated)s.",
        drawer=_drawer(f), counted=_money(f, "ledger"), stated=_money(f, "stated"),
    ),
    "drop-differs": lambda f: _(
        "%(drawer)s: cash of %(left)s left it, and the vault has %(stated)s of it.",
        drawer=_drawer(f), left=_money(f, "ledger"), stated=_money(f, "stated"),
    ),
    "deposit-miscounted": lambda f: _(
        "Deposit %(name)s has %(cash)s of cash; its notes and coins come to %(counted)s.",
        name=f["name"], cash=_money(f, "ledger"), counted=_money(f, "stated"),
    ),
    "charge-differs": lambda f: _(
        "Charge %(name)s keeps %(kept)s open; what was done to it comes to %(found)s.",
        name=f["name"], kept=_money(f, "kept"), found=_money(f, "found"),
    ),
    "owed-differs": lambda f: _(
        "Account %(name)s owes %(kept)s by its charges, %(found)s by the books.",
        name=f["name"], kept=_money(f, "kept"), found=_money(f, "found"),
    ),
    "credit-differs": lambda f: _(
        "Account %(name)s keeps a credit of %(kept)s; the books have %(found)s.",
        name=f["name"], kept=_money(f, "kept"), found=_money(f, "found"),
    ),
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
    "payment-differs": lambda f: _(
        "Payment %(payment)s is of %(stated)s; charges, credit and items have %(made_of)s of it.",
        payment=f["payment"], stated=_money(f, "stated"), made_of=_money(f, "made_of"),
    ),
    "fund-differs": lambda f: _("Fund %(fund)s is off by %(amount)s.", fund=f["fund"], amount=_money(f, "off")),
    "pool-differs": lambda f: f"{PLACES['pool']}: {_apart(f)}",
    "receipts-missing": lambda f: _(
        "Series %(series)s %(year)s: receipts are missing (%(count)s).",
        series=f["series"], year=f["year"], count=f["count"],
    ),
}  # fmt: skip
OBSTACLES = frozenset(_OBSTACLES)


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
