"""The published test cards and what each one does (docs.stripe.com/testing).

No other number is accepted anywhere, and no number is kept: a payment method remembers the card's
name in this table, its brand, last four digits, expiry and a digest.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Literal

Authentication = Literal["never", "always", "until_set_up", "on_session"]


@dataclass(frozen=True)
class TestCard:
    """One row of the published table."""

    __test__ = False

    name: str
    number: str
    brand: str = "visa"
    funding: str = "credit"
    decline: str | None = None
    authentication: Authentication = "never"
    attachable: bool = True
    dispute: str | None = None
    refund: str | None = None
    available_at_once: bool = False

    @property
    def last4(self) -> str:
        """The part of the number that may be shown."""
        return self.number[-4:]

    @property
    def fingerprint(self) -> str:
        """The same for the same number, as Stripe's is."""
        return hashlib.sha256(f"test-card:{self.number}".encode()).hexdigest()[:16]


def _declined(reason: str, number: str) -> TestCard:
    return TestCard(f"declined_{reason}", number, decline=reason, attachable=False)


TABLE = (
    TestCard("visa", "4242424242424242"),
    TestCard("visa_debit", "4000056655665556", funding="debit"),
    TestCard("mastercard", "5555555555554444", "mastercard"),
    TestCard("mastercard_2_series", "2223003122003222", "mastercard"),
    TestCard("mastercard_debit", "5200828282828210", "mastercard", "debit"),
    TestCard("mastercard_prepaid", "5105105105105100", "mastercard", "prepaid"),
    TestCard("amex", "378282246310005", "amex"),
    TestCard("discover", "6011111111111117", "discover"),
    TestCard("diners", "3056930009020004", "diners"),
    TestCard("jcb", "3566002020360505", "jcb"),
    TestCard("unionpay", "6200000000000005", "unionpay"),
    _declined("generic_decline", "4000000000000002"),
    _declined("insufficient_funds", "4000000000009995"),
    _declined("lost_card", "4000000000009987"),
    _declined("stolen_card", "4000000000009979"),
    _declined("expired_card", "4000000000000069"),
    _declined("incorrect_cvc", "4000000000000127"),
    _declined("processing_error", "4000000000000119"),
    _declined("card_velocity_exceeded", "4000000000006975"),
    TestCard("declined_after_attaching", "4000000000000341", decline="generic_decline"),
    TestCard("authenticate_until_set_up", "4000002500003155", authentication="until_set_up"),
    TestCard("authenticate_always", "4000002760003184", authentication="always"),
    TestCard("authenticate_3ds2", "4000000000003220", authentication="always"),
    TestCard("authenticate_3063", "4000000000003063", authentication="always"),
    TestCard("authenticate_optional", "4000000000003055"),
    TestCard("authenticate_then_decline", "4000008400001629", decline="generic_decline", authentication="always"),
    TestCard("authenticate_on_session", "4000003800000446", authentication="on_session"),
    TestCard("dispute_fraudulent", "4000000000000259", dispute="fraudulent"),
    TestCard("dispute_not_received", "4000000000002685", dispute="product_not_received"),
    TestCard("dispute_inquiry", "4000000000001976", dispute="inquiry"),
    TestCard("refund_pending", "4000000000007726", refund="pending"),
    TestCard("refund_fails", "4000000000005126", refund="fails"),
    TestCard("available_at_once", "4000000000000077", available_at_once=True),
)

BY_NAME = {card.name: card for card in TABLE}
_BY_NUMBER = {card.number: card for card in TABLE}

TOKENS = {
    "pm_card_visa": "visa",
    "pm_card_visa_debit": "visa_debit",
    "pm_card_mastercard": "mastercard",
    "pm_card_amex": "amex",
    "pm_card_discover": "discover",
    "pm_card_diners": "diners",
    "pm_card_jcb": "jcb",
    "pm_card_unionpay": "unionpay",
    "pm_card_chargeDeclined": "declined_generic_decline",
    "pm_card_chargeDeclinedInsufficientFunds": "declined_insufficient_funds",
    "pm_card_visa_chargeDeclined": "declined_generic_decline",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "declined_insufficient_funds",
    "pm_card_visa_chargeDeclinedLostCard": "declined_lost_card",
    "pm_card_visa_chargeDeclinedStolenCard": "declined_stolen_card",
    "pm_card_chargeDeclinedExpiredCard": "declined_expired_card",
    "pm_card_chargeDeclinedIncorrectCvc": "declined_incorrect_cvc",
    "pm_card_chargeDeclinedProcessingError": "declined_processing_error",
    "pm_card_visa_chargeDeclinedVelocityLimitExceeded": "declined_card_velocity_exceeded",
    "pm_card_chargeCustomerFail": "declined_after_attaching",
    "pm_card_authenticationRequired": "authenticate_always",
    "pm_card_authenticationRequiredOnSetup": "authenticate_until_set_up",
    "pm_card_threeDSecure2Required": "authenticate_3ds2",
    "pm_card_threeDSecureOptional": "authenticate_optional",
    "pm_card_threeDSecureRequiredChargeDeclined": "authenticate_then_decline",
    "pm_card_createDispute": "dispute_fraudulent",
    "pm_card_createDisputeProductNotReceived": "dispute_not_received",
    "pm_card_createDisputeInquiry": "dispute_inquiry",
    "pm_card_pendingRefund": "refund_pending",
    "pm_card_refundFail": "refund_fails",
    "pm_card_bypassPending": "available_at_once",
}
SOURCE_TOKENS = {"tok_" + token.removeprefix("pm_card_"): name for token, name in TOKENS.items()}

DECLINE_MESSAGES = {
    "generic_decline": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "lost_card": "Your card was declined.",
    "stolen_card": "Your card was declined.",
    "expired_card": "Your card has expired.",
    "incorrect_cvc": "Your card's security code is incorrect.",
    "processing_error": "An error occurred while processing your card. Try again in a little bit.",
    "card_velocity_exceeded": "Your card was declined for making repeated attempts too frequently.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}
CODES = frozenset({"expired_card", "incorrect_cvc", "processing_error", "authentication_required"})


def by_number(digits: str) -> TestCard | None:
    """Finds a published card; the number itself goes no further."""
    return _BY_NUMBER.get(digits)


def decline_code(reason: str) -> str:
    """The ``code`` beside a ``decline_code``: a few reasons are codes of their own."""
    return reason if reason in CODES else "card_declined"


def needs_authentication(card: TestCard, *, off_session: bool, set_up: bool) -> bool:
    """Says whether the bank asks the person to confirm."""
    if card.authentication == "until_set_up":
        return not set_up
    if card.authentication == "on_session":
        return not off_session
    return card.authentication == "always"
