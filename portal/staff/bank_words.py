"""Words of deposits and statements on the pages of the back office."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.money import Money, total
from payments.bank_deposits.queries import CheckLine
from payments.bank_statements.lists import StatementLine
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.staff.blueprint import staff
from portal.wiring import wiring


@staff.app_template_filter("deposit_state")
def deposit_state(state: str) -> str:
    """Of a deposit."""
    return {
        "prepared": _("Waits for a second count"),
        "sealed": _("Sealed and in the books"),
        "given-up": _("Given up"),
    }.get(state, state)


@staff.app_template_filter("deposit_holder")
def deposit_holder(kind: str) -> str:
    """Who has a bag."""
    known = {"bank": _("with the bank"), "courier": _("with a courier"), "staff": _("with a colleague")}
    return known.get(kind, kind)


@staff.app_template_filter("sum_money")
def sum_money(checks: Sequence[CheckLine]) -> Money:
    """What checks come to."""
    return total(check.amount for check in checks)


@staff.app_template_filter("our_kind")
def our_kind(kind: str) -> str:
    """What a line of the bank is with us."""
    return {
        "deposit": _("Bank deposit"),
        "terminal": _("Settlement of card terminals"),
        "payout": _("Payout of the card processor"),
        "payout-return": _("Payout that came back"),
        "returned": _("Returned payment"),
        "lockbox": _("Lockbox file"),
        "booked": _("Booked from the statement"),
        "other": _("Journal entry"),
    }.get(kind, kind)


@staff.app_template_filter("match_reason")
def match_reason(line: StatementLine) -> str:
    """Why a line is matched, in words; what a person said stands as it is."""
    if line.way == "by-hand" or (line.way == "booked" and line.reason != line.booked_as):
        return line.reason
    return {
        "same-number": _("Same amount and number"),
        "only-one-in-days": _("Same amount, the only one in its days"),
        "together": _("The only ones that come to this amount together"),
        "less-fee": _("The settlement less the fee that the bank kept"),
        "brought-forward": _("All that was before the first statement"),
    }.get(line.reason, category_name(line.reason))


@staff.app_template_filter("bank_category")
def category_name(code: str) -> str:
    """A name of the city's list for lines of the bank, whenever it was in force."""
    named = [one for policy in wiring().city().city.bank_policies for one in policy.categories if one.code == code]
    return named[-1].name.in_(locale_code()) if named else code


@staff.app_template_filter("line_words")
def line_words(line: StatementLine) -> str:
    """What the bank says of a line; what stands for it where it is no line of the bank's."""
    if line.kind == "opening":
        return _("Balance before the first statement")
    said = line.text or _("No text")
    return _("Difference to the balance before: %(said)s", said=said) if line.kind == "gap" else said
