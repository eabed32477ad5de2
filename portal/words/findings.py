"""Findings in words: the scheme, what was seen in this case, and what to ask."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import lazy_pgettext

from accounts.money import Money
from payments.findings.queries import FindingView
from payments.findings.rules import Rule, Severity
from portal.i18n import gettext as _
from portal.i18n import money_text, short_date
from portal.words.values import Fact, said

NAMES = {
    Rule.AFTER_CASH: _l("Less asked soon after cash"),
    Rule.SWAP: _l("A check in the place of cash"),
    Rule.VOIDS: _l("More voids than colleagues"),
    Rule.NO_SALES: _l("More drawer openings without a sale than colleagues"),
    Rule.LATE_VOID: _l("Cash given back after the customer left"),
    Rule.OWN: _l("Work on one’s own account or a relative’s"),
    Rule.REPRINT: _l("Receipt printed again, then the payment taken back"),
    Rule.GAP: _l("Receipt numbers are missing"),
    Rule.SHORTAGE: _l("Short by exactly one sale, again and again"),
    Rule.LAPPING: _l("A check was there before its receipt"),
    Rule.HOURS: _l("Outside of office hours"),
}
QUESTIONS = {
    Rule.AFTER_CASH: _l("Ask the customer what they paid, and read the papers of the adjustment."),
    Rule.SWAP: _l("Compare the checks of this batch with the receipts: which check has none?"),
    Rule.VOIDS: _l("Read the reasons of the voids, and call a few of the customers."),
    Rule.NO_SALES: _l("Read the reasons, compare the minutes with the camera, and count that drawer by surprise."),
    Rule.LATE_VOID: _l("Ask who got the cash, and whether the customer came back for it."),
    Rule.OWN: _l("Ask why it was not handed to a colleague."),
    Rule.REPRINT: _l("Ask the customer which receipt they hold, and whether they got their money back."),
    Rule.GAP: _l("Nothing may be removed from a series. Call whoever keeps the database at once."),
    Rule.SHORTAGE: _l("Compare the sales of these drawers with what their customers hold."),
    Rule.LAPPING: _l("Compare the date on the check and its endorsement with the receipt."),
    Rule.HOURS: _l("Ask what was done at that hour and who else was there."),
}
SEVERITIES = {
    Severity.LOW.value: lazy_pgettext("severity", "Low"),
    Severity.MEDIUM.value: _l("Medium"),
    Severity.HIGH.value: lazy_pgettext("severity", "High"),
}
STATES = {Severity.LOW.value: "due", Severity.MEDIUM.value: "due", Severity.HIGH.value: "overdue"}
"""How a severity is drawn; its word says it too."""
VERDICTS = {"explained": _l("Explained"), "referred": _l("Referred")}
RELATIONS = {
    "self": _l("The person themselves"),
    "household": _l("Lives with them"),
    "relative": _l("A relative"),
    "business": _l("A business of theirs"),
}
LINKS = {
    "customer": _l("the customer who was declared"),
    "premises": _l("the same premises as the customer who was declared"),
    "contact": _l("the same telephone or e-mail as the customer who was declared"),
}
WORK = {
    "payment": _l("Took a payment"),
    "reversal": _l("Took a payment back"),
    "proposal": _l("Asked for a correction"),
    "decision": _l("Decided a correction"),
    "movement": _l("Moved cash of a drawer"),
}


FACTS = {
    "acts": _l("Such acts on that day"),
    "at": _l("At"),
    "cash_cents": _l("Cash"),
    "cash_on": _l("Cash taken on"),
    "cash_short_cents": _l("Cash short"),
    "check_cents": _l("Check"),
    "checks_over_cents": _l("Checks over"),
    "counted_on": _l("Counted on"),
    "days": _l("Days"),
    "first": _l("First number"),
    "last": _l("Last number"),
    "less_cents": _l("Asked less by"),
    "less_on": _l("Asked less on"),
    "link": _l("The account has"),
    "median_per_thousand": _l("Median of colleagues, of a thousand"),
    "minutes": _l("Minutes between"),
    "no_sales": _l("Openings without a sale"),
    "one_in": _l("By chance, one month in"),
    "payments": _l("Payments"),
    "peers": _l("Colleagues compared with"),
    "per_thousand": _l("Of a thousand payments"),
    "receipt": _l("Receipt"),
    "receipted_on": _l("Receipted on"),
    "relation": _l("Declared as"),
    "reprinted_on": _l("Printed again on"),
    "same_person": _l("Same person"),
    "series": _l("Series"),
    "shortages": _l("Shortages"),
    "taken_back_on": _l("Taken back on"),
    "times": _l("Times"),
    "voids": _l("Voids"),
    "work": _l("What was done"),
    "year": _l("Year"),
}
_CODES: Mapping[str, Mapping[str, Any]] = {"work": WORK, "link": LINKS, "relation": RELATIONS}


def fact_rows(found: FindingView) -> list[Fact]:
    """All that the rule looked at, by name."""
    return [
        Fact(str(FACTS.get(name, name)), str(_CODES[name][value]) if name in _CODES else said(name, value))
        for name, value in found.facts.items()
    ]


def rule_name(rule: str) -> str:
    return str(NAMES[Rule(rule)]) if rule in set(Rule) else rule


def question(rule: str) -> str:
    return str(QUESTIONS[Rule(rule)]) if rule in set(Rule) else ""


def sentence_of(found: FindingView) -> str:
    """What was seen, with its figures."""
    return _SENTENCES[Rule(found.rule)](found.facts) if found.rule in set(Rule) else ""


def _after_cash(facts: Mapping[str, Any]) -> str:
    who = (
        _("The person who took the cash had a part in it.")
        if facts["same_person"]
        else _("Other people did it than took the cash.")
    )
    return " ".join((
        _(
            "%(cash)s in cash was receipted on %(cash_on)s; on %(less_on)s the account was asked %(less)s less.",
            cash=_money(facts["cash_cents"]), cash_on=_day(facts["cash_on"]), less=_money(facts["less_cents"]),
            less_on=_day(facts["less_on"]),
        ),
        who,
    ))  # fmt: skip


def _swap(facts: Mapping[str, Any]) -> str:
    return _(
        "The drawer was short %(cash)s in cash and over by the same %(checks)s in checks.",
        cash=_money(facts["cash_short_cents"]), checks=_money(facts["checks_over_cents"]),
    )  # fmt: skip


def _voids(facts: Mapping[str, Any]) -> str:
    return _(
        "%(voids)s of %(payments)s payments were voided: %(rate)s of a thousand, where the median of %(peers)s "
        "colleagues is %(usual)s. By chance that happens in one of %(one_in)s months or less.",
        voids=facts["voids"], payments=facts["payments"], rate=facts["per_thousand"], peers=facts["peers"],
        usual=facts["median_per_thousand"], one_in=f"{facts['one_in']:,}",
    )  # fmt: skip


def _no_sales(facts: Mapping[str, Any]) -> str:
    return _(
        "The drawer was opened %(openings)s times without a sale in a month of %(payments)s payments: %(rate)s for a "
        "thousand, where the median of %(peers)s colleagues is %(usual)s. By chance that happens in one of "
        "%(one_in)s months or less.",
        openings=facts["no_sales"], payments=facts["payments"], rate=facts["per_thousand"], peers=facts["peers"],
        usual=facts["median_per_thousand"], one_in=f"{facts['one_in']:,}",
    )  # fmt: skip


def _late_void(facts: Mapping[str, Any]) -> str:
    return _(
        "%(cash)s in cash was given back out of the drawer %(minutes)s minutes after it was taken.",
        cash=_money(facts["cash_cents"]), minutes=facts["minutes"],
    )  # fmt: skip


def _own(facts: Mapping[str, Any]) -> str:
    return _(
        "%(work)s on an account that has %(link)s (%(relation)s).",
        work=WORK[facts["work"]], link=LINKS[facts["link"]], relation=RELATIONS[facts["relation"]],
    )  # fmt: skip


def _reprint(facts: Mapping[str, Any]) -> str:
    return _(
        "Receipt %(receipt)s was made out again on %(day)s, and its payment taken back %(minutes)s minutes later.",
        receipt=facts["receipt"], day=_day(facts["reprinted_on"]), minutes=facts["minutes"],
    )  # fmt: skip


def _gap(facts: Mapping[str, Any]) -> str:
    return _(
        "Series %(series)s of %(year)s has no receipt %(first)s to %(last)s.",
        series=facts["series"], year=facts["year"], first=facts["first"], last=facts["last"],
    )  # fmt: skip


def _shortage(facts: Mapping[str, Any]) -> str:
    return _(
        "%(times)s times in %(days)s days a drawer was short by exactly what a sale in it came to: %(shortages)s.",
        times=facts["times"], days=facts["days"], shortages=facts["shortages"],
    )  # fmt: skip


def _lapping(facts: Mapping[str, Any]) -> str:
    return _(
        "On %(counted)s checks were over by %(amount)s and cash short by as much; a check of just that amount was "
        "receipted by the same cashier on %(receipted)s.",
        counted=_day(facts["counted_on"]), amount=_money(facts["check_cents"]), receipted=_day(facts["receipted_on"]),
    )  # fmt: skip


def _hours(facts: Mapping[str, Any]) -> str:
    return _(
        "%(work)s at %(at)s, outside of office hours; %(acts)s such acts on that day.",
        work=WORK[facts["work"]], at=facts["at"], acts=facts["acts"],
    )  # fmt: skip


def _money(cents: int) -> str:
    return money_text(Money(int(cents)))


def _day(written: str) -> str:
    return short_date(date.fromisoformat(written))


_SENTENCES: Mapping[Rule, Callable[[Mapping[str, Any]], str]] = {
    Rule.AFTER_CASH: _after_cash,
    Rule.SWAP: _swap,
    Rule.VOIDS: _voids,
    Rule.NO_SALES: _no_sales,
    Rule.LATE_VOID: _late_void,
    Rule.OWN: _own,
    Rule.REPRINT: _reprint,
    Rule.GAP: _gap,
    Rule.SHORTAGE: _shortage,
    Rule.LAPPING: _lapping,
    Rule.HOURS: _hours,
}
