"""What a receipt holds, read back from its frozen content. Pure.

``posting.rules.receipt_content`` writes that content; what it wrote once must stay readable for ever.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.charges.rules import EXPLICIT
from accounts.money import Money


@dataclass(frozen=True)
class ReceiptLine:
    """What was paid on one charge. ``description`` is by language."""

    revenue_line: str
    kind: str
    description: Mapping[str, str]
    due_on: date
    amount: Money
    policy: str
    """The version of the allocation policy, or ``explicit`` where the payer named the charge."""

    @property
    def is_chosen(self) -> bool:
        """Did the payer name this charge?"""
        return self.policy == EXPLICIT


@dataclass(frozen=True)
class ReceiptAccount:
    """One account's part of a payment."""

    kind: str
    reference: str
    paid: Money
    lines: tuple[ReceiptLine, ...]
    credit: Money
    """What met no charge and stays with the account."""
    new_balance: Money


@dataclass(frozen=True)
class ReceiptFee:
    """The service fee, a line of its own. ``name`` is by language."""

    name: Mapping[str, str]
    amount: Money


@dataclass(frozen=True)
class ReceiptTender:
    """How it was paid: ``card``, ``bank_debit``, ``cash``, ``check``, …, or ``split``, and what may be told of it."""

    kind: str
    brand: str = ""
    last4: str = ""


@dataclass(frozen=True)
class ReceiptTendered:
    """One of the tenders that a person took."""

    tender: ReceiptTender
    reference: str
    amount: Money
    given: Money

    @property
    def change(self) -> Money:
        return self.given - self.amount


@dataclass(frozen=True)
class ReceiptItem:
    """Something sold that no account owed. ``name`` is by language."""

    code: str
    name: Mapping[str, str]
    quantity: int
    amount: Money
    project: str


@dataclass(frozen=True)
class Content:
    """All that the receipt said when it was issued."""

    accounts: tuple[ReceiptAccount, ...]
    fee: ReceiptFee | None
    tender: ReceiptTender
    policy_version: str
    policy_authority: str
    amount: Money
    total: Money
    items: tuple[ReceiptItem, ...] = ()
    tendered: tuple[ReceiptTendered, ...] = ()
    payer: str = ""
    """Who brought it, where the receipt says so."""
    manual_number: str = ""
    """The number of the paper receipt that was written first."""


@dataclass(frozen=True)
class MovedAway:
    """Money of the payment that is no longer on an account that the receipt names; to which other is not told."""

    reference: str
    amount: Money
    at: datetime
    """When it was moved last."""


@dataclass(frozen=True)
class TakenBack:
    """A tender of the payment that does not count any more; ``kind`` as in ``payment_reversals``."""

    kind: str
    ordinal: int
    """Of the tender, from 1, as ``Content.tendered`` has them."""
    amount: Money
    at: datetime


@dataclass(frozen=True)
class ReceiptPage:
    """A receipt as pages, documents and mail show it."""

    id: int
    token: str
    number: str
    issued_at: datetime
    language: str
    content: Content
    channel: str
    attempt_id: str | None
    email: str
    """Where the payer wants it; may be empty. Never shown."""
    reversed_at: datetime | None = None
    moved: tuple[MovedAway, ...] = ()
    """What was moved off since; the receipt stays as it was issued."""
    taken_back: tuple[TakenBack, ...] = ()
    """Tenders that were taken back, in their order; all of them, and the payment is reversed."""

    @property
    def is_reversed(self) -> bool:
        """Was the payment taken back in the books?"""
        return self.reversed_at is not None

    @property
    def total(self) -> Money:
        return self.content.total


def number_text(series: str, year: int, number: int) -> str:
    """The number as people read it: ``W1-2026-000123``."""
    return f"{series}-{year}-{number:06d}"


@dataclass(frozen=True)
class NumberTyped:
    """A receipt's number as somebody typed it. Without a series or a year (blank, 0) any is meant."""

    series: str
    year: int
    number: int


_WITH_MARKS = re.compile(r"(?:([A-Z][A-Z0-9]{0,5})[\W_]+)?(20\d\d)[\W_]+0*(\d{1,9})")
_SERIES = re.compile(r"(?:[A-Z][A-Z0-9]{0,5})?")
_YEAR = re.compile(r"20\d\d")
_DIGITS = range(6, 10)
"""Of a number without marks around it: padded to six, as it is printed."""


def numbers_typed(text: str) -> list[NumberTyped]:
    """Every receipt's number that was perhaps meant, with any punctuation or none; six digits may stand alone.

    >>> numbers_typed("w1 2026 123")
    [NumberTyped(series='W1', year=2026, number=123)]
    """
    plain = text.strip().upper()
    if not plain.isascii():
        return []
    if match := _WITH_MARKS.fullmatch(plain):
        return [NumberTyped(match[1] or "", int(match[2]), int(match[3]))]
    return list(dict.fromkeys(_splits(re.sub(r"[\W_]", "", plain))))


def _splits(key: str) -> Iterator[NumberTyped]:
    """Where the series ends and the number begins is not said, nor whether there is a year between them."""
    for length in _DIGITS:
        head, number = key[:-length], key[-length:]
        if len(number) < length or not number.isdecimal():
            return
        if _YEAR.fullmatch(head[-4:]) and _SERIES.fullmatch(head[:-4]):
            yield NumberTyped(head[:-4], int(head[-4:]), int(number))
        if _SERIES.fullmatch(head):
            yield NumberTyped(head, 0, int(number))


def read_content(content: Mapping[str, Any]) -> Content:
    """The frozen JSON of a receipt, with its cents as money and its days as dates."""
    fee, policy = content["fee"], content["policy"]
    return Content(
        accounts=tuple(_account(account) for account in content["accounts"]),
        fee=ReceiptFee(fee["name"], Money(fee["cents"])) if fee else None,
        tender=ReceiptTender(**content["tender"]),
        policy_version=policy["version"],
        policy_authority=policy["authority"],
        amount=Money(content["amount_cents"]),
        total=Money(content["total_cents"]),
        items=tuple(_item(item) for item in content.get("items", ())),
        tendered=tuple(_tendered(one) for one in content.get("tenders", ())),
        payer=content.get("payer", ""),
        manual_number=content.get("manual_number", ""),
    )


def in_language(words: Mapping[str, str], language: str) -> str:
    """Words frozen by language, in ``language`` or the first there is."""
    return words.get(language) or next(iter(words.values()), "")


def _item(item: Mapping[str, Any]) -> ReceiptItem:
    return ReceiptItem(item["code"], item["name"], item["quantity"], Money(item["cents"]), item["project"])


def _tendered(one: Mapping[str, Any]) -> ReceiptTendered:
    tender = ReceiptTender(one["kind"], one["brand"], one["last4"])
    return ReceiptTendered(tender, one["reference"], Money(one["cents"]), Money(one["given_cents"]))


def _account(account: Mapping[str, Any]) -> ReceiptAccount:
    return ReceiptAccount(
        kind=account["kind"],
        reference=account["reference"],
        paid=Money(account["paid_cents"]),
        lines=tuple(_line(line) for line in account["lines"]),
        credit=Money(account["credit_cents"]),
        new_balance=Money(account["new_balance_cents"]),
    )


def _line(line: Mapping[str, Any]) -> ReceiptLine:
    return ReceiptLine(
        revenue_line=line["revenue_line"],
        kind=line["kind"],
        description=line["description"],
        due_on=date.fromisoformat(line["due_on"]),
        amount=Money(line["cents"]),
        policy=line["policy"],
    )
