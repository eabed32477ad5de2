"""The request that goes to the processor. Pure; frozen in the attempt, so that a replay sends the same bytes."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from accounts.charges.rules import AllocationOrder, allocate
from accounts.money import Money
from payments.attempts.rules import Quote, QuotedLine
from payments.baskets.rules import BasketAccount

LOCALES = frozenset({
    "bg", "cs", "da", "de", "el", "en", "en-GB", "es", "es-419", "et", "fi", "fil", "fr", "fr-CA", "hr", "hu", "id",
    "it", "ja", "ko", "lt", "lv", "ms", "mt", "nb", "nl", "pl", "pt", "pt-BR", "ro", "ru", "sk", "sl", "sv", "th",
    "tr", "vi", "zh", "zh-HK", "zh-TW",
})  # fmt: skip
"""Languages of the processor's page (Stripe, Checkout Sessions, ``locale``)."""
OTHER_NAMES = {"es": "es-419", "tl": "fil", "zh-Hans": "zh", "zh-Hant": "zh-TW"}
"""Spanish as Latin America writes it, and tags that the processor knows by another one."""
_FORBIDDEN = re.compile(r"[<>\\'\"*]")
_SUFFIX_LENGTH = 12


@dataclass(frozen=True)
class Page:
    """What the processor's page needs to know besides the quote."""

    attempt_id: str
    token: str
    base_url: str
    environment: str
    channel: str
    descriptor: str
    expires_at: datetime


def quote_lines(accounts: Sequence[BasketAccount]) -> tuple[QuotedLine, ...]:
    """What a basket promises to pay on each account, with the charge versions that it saw."""
    return tuple(
        QuotedLine(
            account.customer_account_id,
            account.amount,
            account.choice,
            tuple((charge.id, charge.version, charge.open.cents) for charge in account.charges),
            _targets(account),
        )
        for account in accounts
        if account.amount
    )


def _targets(account: BasketAccount) -> tuple[int, ...]:
    """``Current charges only`` names its charges; the other choices leave the order to the city's policy."""
    if account.choice != "current":
        return ()
    past = account.standing.past_due
    ordered = sorted(account.charges, key=lambda charge: (charge.due_on, charge.id))
    current, left = [], past
    for charge in ordered:
        if left > Money(0):
            left -= min(left, charge.open)
        else:
            current.append(charge.id)
    return tuple(current)


def page_lines(
    accounts: Sequence[BasketAccount],
    order: AllocationOrder,
    names: Mapping[str, str],
    credit_lines: Mapping[str, str],
) -> list[tuple[str, Money]]:
    """One line per revenue line (the detail stays ours), in the order first met; overpayments join their kind's."""
    sums: dict[str, int] = defaultdict(int)
    for account in accounts:
        allocated = allocate(account.amount, account.charges, order, _targets(account))
        for share in allocated.shares:
            sums[names[share.charge.revenue_line]] += share.amount.cents
        if allocated.credit:
            sums[names[credit_lines[account.kind]]] += allocated.credit.cents
    return [(name, Money(cents)) for name, cents in sums.items() if cents]


def page_request(page: Page, quote: Quote, lines: Sequence[tuple[str, Money]]) -> dict[str, object]:
    """Parameters of ``checkout.sessions.create`` (hosted page, full redirect: SAQ A)."""
    metadata = {"env": page.environment, "attempt_id": page.attempt_id, "channel": page.channel}
    request: dict[str, object] = {
        "mode": "payment",
        "ui_mode": "hosted_page",
        "locale": page_locale(quote.language),
        "payment_method_types": ["card"],
        "line_items": [
            {
                "quantity": 1,
                "price_data": {
                    "currency": "usd",
                    "unit_amount": amount.cents,
                    "product_data": {"name": name},
                },
            }
            for name, amount in lines
        ],
        "client_reference_id": page.attempt_id,
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "statement_descriptor_suffix": descriptor_suffix(page.descriptor),
        },
        "success_url": f"{page.base_url}/payments/{page.token}/return?session_id={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{page.base_url}/payments/{page.token}/canceled",
        "expires_at": int(page.expires_at.timestamp()),
    }
    if quote.email:
        request["customer_email"] = quote.email
    return request


def descriptor_suffix(text: str) -> str:
    """A card statement suffix that cannot make charges fail: plain Latin, no ``< > \\ ' " *``, 12 at most.

    Stripe: prefix and suffix together at most 22 characters, with at least one letter.
    """
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    plain = " ".join(_FORBIDDEN.sub("", plain).split())[:_SUFFIX_LENGTH].strip().upper()
    return plain if any(letter.isalpha() for letter in plain) else "CITY"


def page_locale(language: str) -> str:
    """The processor's page in the payer's language; in the browser's own where it does not have that."""
    name = OTHER_NAMES.get(language, language)
    return name if name in LOCALES else "auto"
