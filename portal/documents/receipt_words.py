"""Words of a receipt in the language that is spoken just now: how it was paid, where, for what, by which rule."""

from __future__ import annotations

from flask_babel import gettext

from payments.receipts.rules import Content, ReceiptTender, ReceiptTendered

BRANDS = {
    "amex": "American Express",
    "cartes_bancaires": "Cartes Bancaires",
    "diners": "Diners Club",
    "discover": "Discover",
    "eftpos_au": "eftpos",
    "jcb": "JCB",
    "mastercard": "Mastercard",
    "unionpay": "UnionPay",
    "visa": "Visa",
}
"""The processor's names of card networks, as cards show them."""
_CARDS = {"card", "terminal"}


def tender_words(tender: ReceiptTender) -> str:
    """``Visa ending in 4242``, ``Cash``."""
    digits = tender.last4
    if tender.kind in _CARDS and digits:
        brand = BRANDS.get(tender.brand)
        if brand:
            return gettext("%(brand)s ending in %(digits)s", brand=brand, digits=digits)
        return gettext("Card ending in %(digits)s", digits=digits)
    if tender.kind == "bank_debit" and digits:
        return gettext("Bank account ending in %(digits)s", digits=digits)
    names = {
        "card": gettext("Card"),
        "bank_debit": gettext("Bank account"),
        "cash": gettext("Cash"),
        "check": gettext("Paper check"),
        "lockbox": gettext("Check sent to our bank"),
        "money_order": gettext("Money order"),
        "split": gettext("In several ways"),
        "terminal": gettext("Card"),
    }
    return names.get(tender.kind, tender.kind)


def tendered_words(one: ReceiptTendered) -> str:
    """One of several tenders, with its number: ``Paper check 1043``."""
    words = tender_words(one.tender)
    if not one.reference:
        return words
    if one.tender.kind in _CARDS:
        return gettext("%(card)s (slip %(number)s)", card=words, number=one.reference)
    return f"{words} {one.reference}"


def channel_words(channel: str) -> str:
    """``Online``, ``At the counter``."""
    names = {"web": gettext("Online"), "counter": gettext("At the counter"), "mail": gettext("By mail")}
    return names.get(channel, channel)


def account_label(kind: str, number: str) -> str:
    """An account with its whole number."""
    if kind == "license":
        return gettext("Business license %(number)s", number=number)
    if kind == "citation":
        return gettext("Citation %(number)s", number=number)
    return gettext("Utility account %(number)s", number=number)


def account_masked(kind: str, digits: str) -> str:
    """An account with the end of its number only."""
    if kind == "license":
        return gettext("Business license ending in %(digits)s", digits=digits)
    if kind == "citation":
        return gettext("Citation ending in %(digits)s", digits=digits)
    return gettext("Utility account ending in %(digits)s", digits=digits)


def policy_words(content: Content) -> str:
    """Under which rule the money was laid on the charges; nothing where no account was paid."""
    lines = [line for account in content.accounts for line in account.lines]
    sentences = []
    if content.accounts and not (lines and all(line.is_chosen for line in lines)):
        sentences.append(_city_rule(content))
    if any(line.is_chosen for line in lines):
        sentences.append(gettext("The charges that you chose were paid first."))
    return " ".join(sentences)


def _city_rule(content: Content) -> str:
    if content.policy_authority:
        return gettext(
            "What is paid first is set by the city. Rule: %(authority)s, version %(version)s.",
            authority=content.policy_authority,
            version=content.policy_version,
        )
    return gettext(
        "What is paid first is set by the city. Rule: version %(version)s.", version=content.policy_version
    )
