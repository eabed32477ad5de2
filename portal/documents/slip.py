"""The receipt on a narrow roll of paper: rows that the receipt printer and the browser's page of 80 mm both print."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext

from accounts.cities.rules import City
from portal.documents.receipt_view import ReceiptView, TenderView, reversed_sentence
from portal.i18n import long_datetime, money_text, speaking
from portal.wiring import wiring

COLUMNS = 42
"""Letters in a line of 80 mm paper on a printer of 180 dots an inch; wider ones leave a margin."""


class Style(StrEnum):
    """How a row stands on the paper."""

    PLAIN = "plain"
    CENTER = "center"
    STRONG = "strong"
    BANNER = "banner"
    RULE = "rule"


@dataclass(frozen=True)
class SlipRow:
    """Words, and an amount at the right edge where there is one."""

    left: str
    right: str = ""
    style: Style = Style.PLAIN

    def lines(self, columns: int = COLUMNS) -> list[str]:
        """The row on paper of so many letters a line: words are wrapped, the amount stands on the last line."""
        if self.style is Style.RULE:
            return ["-" * columns]
        if self.style is Style.BANNER:
            columns //= 2
        room = columns - len(self.right) - 1 if self.right else columns
        wrapped = textwrap.wrap(self.left, room) or [""]
        if self.style in (Style.CENTER, Style.BANNER):
            return [line.center(columns).rstrip() for line in wrapped]
        if not self.right:
            return wrapped
        return [*wrapped[:-1], wrapped[-1].ljust(columns - len(self.right)) + self.right]


RULE = SlipRow("", style=Style.RULE)


def slip_rows(view: ReceiptView, city: City, *, printed_again_at: datetime | None = None) -> tuple[SlipRow, ...]:
    """All that the slip says, from the city's name to where it can be checked."""
    with speaking(view.language):
        return tuple(_rows(view, city, printed_again_at))


def _rows(view: ReceiptView, city: City, printed_again_at: datetime | None) -> Iterator[SlipRow]:
    identity, zone = city.identity, city.identity.time_zone
    if wiring().settings.training:
        yield SlipRow(gettext("TRAINING – not a receipt. No money moved."), style=Style.BANNER)
    yield SlipRow(identity.legal_name.in_(view.language), style=Style.CENTER)
    for line in (*identity.address, identity.phone):
        yield SlipRow(line, style=Style.CENTER)
    yield RULE
    if printed_again_at is not None:
        yield SlipRow(gettext("DUPLICATE"), style=Style.BANNER)
        yield SlipRow(gettext("Printed again on %(when)s", when=long_datetime(printed_again_at, zone)))
    yield SlipRow(gettext("Receipt %(number)s", number=view.number), style=Style.STRONG)
    yield SlipRow(long_datetime(view.issued_at, zone))
    if told := reversed_sentence(view):
        yield SlipRow(told, style=Style.STRONG)
    yield RULE
    yield from _what(view)
    yield RULE
    yield SlipRow(gettext("Total paid"), money_text(view.total), Style.STRONG)
    for tender in view.tenders:
        yield from _tender(tender)
    if not view.tenders:
        yield SlipRow(view.tender, money_text(view.total))
    yield RULE
    yield SlipRow(gettext("Thank you."), style=Style.CENTER)


def _what(view: ReceiptView) -> Iterator[SlipRow]:
    for account in view.accounts:
        yield SlipRow(account.label, style=Style.STRONG)
        for line in account.lines:
            yield SlipRow(line.description, money_text(line.amount))
        yield SlipRow(gettext("New balance"), money_text(account.new_balance))
    for item in view.items:
        yield SlipRow(f"{item.name} ({item.detail})" if item.detail else item.name, money_text(item.amount))
    if view.fee:
        yield SlipRow(view.fee.name, money_text(view.fee.amount))


def _tender(tender: TenderView) -> Iterator[SlipRow]:
    if not tender.change:
        yield SlipRow(tender.words, money_text(tender.amount))
        return
    yield SlipRow(gettext("%(tender)s, given", tender=tender.words), money_text(tender.given))
    yield SlipRow(gettext("Change given"), money_text(tender.change), Style.STRONG)
