"""A lockbox file, read line by line: its items, and that its totals tie at every level. Pure; bounded memory.

BAI lockbox, fixed width: 1 file header, 2 service, then batches (5, items 6 with overflow 4, total 7), 8 service
total, 9 trailer. Where a field stands is the bank's profile.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from accounts.cities.mail import LockboxProfile
from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money, total

MOST_PARTS = 250
_LONGEST_LINE = 600
_AFTER = {
    "": "1",
    "1": "2589",
    "2": "589",
    "5": "67",
    "6": "467",
    "4": "467",
    "7": "589",
    "8": "289",
    "9": "",
}
"""Which record may follow which."""


class FileRefused(DomainError):
    """The whole file is refused, nothing of it posted: ``facts["line"]``, ``facts["why"]``, what was expected."""


class NotHeld(Conflict):
    """This item does not wait for a person."""


@dataclass(frozen=True)
class Part:
    """What of a check is for whom."""

    stub: str
    """Digits as they stand on the stub: a scan line, or an account's number."""
    amount: Money


@dataclass(frozen=True)
class Item:
    """A check of the file."""

    line: int
    batch: str
    number: str
    deposited_on: date
    amount: Money
    parts: tuple[Part, ...]
    routing: str = ""
    account: str = ""
    check: str = ""
    payer: str = ""


@dataclass(frozen=True)
class Summary:
    """A file whose totals tie."""

    received_on: date
    items: int
    total: Money
    reference: str


@dataclass
class _Sum:
    count: int = 0
    total: Money = ZERO

    def add(self, amount: Money) -> None:
        self.count, self.total = self.count + 1, self.total + amount


@dataclass
class Reading:
    """A file while it is read. ``items`` yields each check as soon as it is whole; then ``summary`` is there."""

    profile: LockboxProfile
    line: int = 0
    records: int = 0
    _kind: str = ""
    _received_on: date | None = None
    _deposited_on: date | None = None
    _reference: str = ""
    _batch: str = ""
    _item: Item | None = None
    _split: list[Part] = field(default_factory=list)
    _split_is_over: bool = False
    _last_item: str = ""
    _in_batch: _Sum = field(default_factory=_Sum)
    _in_service: _Sum = field(default_factory=_Sum)
    _in_file: _Sum = field(default_factory=_Sum)
    _batches: set[str] = field(default_factory=set)

    def items(self, lines: Iterable[str]) -> Iterator[Item]:
        """Every check of the file. Raises :class:`FileRefused` where anything does not tie, at the end at latest."""
        for text in lines:
            self.line += 1
            record = text.rstrip("\r\n\x1a")
            if not record.strip():
                continue
            yield from self._read(record)
        if self._kind != "9":
            raise self.refused("ends-early")

    @property
    def summary(self) -> Summary:
        """After the last line."""
        if self._received_on is None:
            raise self.refused("ends-early")
        return Summary(self._received_on, self._in_file.count, self._in_file.total, self._reference)

    def refused(self, why: str, **facts: object) -> FileRefused:
        return FileRefused(f"line {self.line}: {why}", line=self.line, why=why, **facts)

    def _read(self, record: str) -> Iterator[Item]:
        kind = record[0]
        if kind not in _AFTER[self._kind] or len(record) > _LONGEST_LINE:
            raise self.refused("record", record=kind)
        self.records += 1
        if kind in "67" and self._item is not None:
            yield self._whole(self._item)
        self._kind = kind
        match kind:
            case "1":
                self._received_on = self._day(record, "1")
            case "2":
                self._reference = self._text(record, "2", "reference") or self._reference
            case "5":
                self._begin_batch(record)
            case "6":
                self._begin_item(record)
            case "4":
                self._overflow(record)
            case "7":
                self._end("7", record, self._in_batch)
                self._in_batch = _Sum()
            case "8":
                self._end("8", record, self._in_service)
                self._in_service = _Sum()
            case _:
                self._end_file(record)

    def _begin_batch(self, record: str) -> None:
        self._batch, self._last_item = self._text(record, "5", "batch"), ""
        if not self._batch or self._batch in self._batches:
            raise self.refused("batch-twice", batch=self._batch)
        self._batches.add(self._batch)
        self._deposited_on = self._day(record, "5")

    def _begin_item(self, record: str) -> None:
        number = self._text(record, "6", "item")
        self._must_be_of_batch(record, "6")
        if not number.isdecimal() or number <= self._last_item:
            raise self.refused("item-order", item=number)
        amount = self._money(record, "6", "amount")
        if amount <= ZERO or self._deposited_on is None:
            raise self.refused("amount")
        self._last_item = number
        self._item = Item(
            line=self.line,
            batch=self._batch,
            number=number,
            deposited_on=self._deposited_on,
            amount=amount,
            parts=(Part(self._digits(record, "6", "stub"), amount),),
            routing=self._digits(record, "6", "routing"),
            account=self._digits(record, "6", "account"),
            check=self._text(record, "6", "check").lstrip("0"),
            payer=self._text(record, "6", "payer"),
        )
        self._split, self._split_is_over = [], False

    def _overflow(self, record: str) -> None:
        self._must_be_of_batch(record, "4")
        if self._item is None or self._text(record, "4", "item") != self._item.number or self._split_is_over:
            raise self.refused("overflow")
        self._split.append(Part(self._digits(record, "4", "stub"), self._money(record, "4", "amount")))
        if len(self._split) > MOST_PARTS:
            raise self.refused("overflow")
        self._split_is_over = self._text(record, "4", "last") == self.profile.last_overflow

    def _whole(self, item: Item) -> Item:
        """The check with its overflow, counted at every level."""
        if self._split:
            if not self._split_is_over:
                raise self.refused("overflow")
            if total(part.amount for part in self._split) != item.amount:
                raise self.refused(
                    "split", said=item.amount, found=total(part.amount for part in self._split), item=item.number
                )
            item = replace(item, parts=tuple(part for part in self._split if part.amount))
        for level in (self._in_batch, self._in_service, self._in_file):
            level.add(item.amount)
        self._item, self._split = None, []
        return item

    def _end(self, kind: str, record: str, found: _Sum) -> None:
        count, said = self._number(record, kind, "count"), self._money(record, kind, "amount")
        if count != found.count:
            raise self.refused("count", said=count, found=found.count)
        if said != found.total:
            raise self.refused("total", said=said, found=found.total)

    def _end_file(self, record: str) -> None:
        if self._in_service.count:
            raise self.refused("record", record="9")
        said = self._number(record, "9", "records")
        if said != self.records:
            raise self.refused("records", said=said, found=self.records)
        if self.profile.place("9", "amount") is not None:
            said_total = self._money(record, "9", "amount")
            if said_total != self._in_file.total:
                raise self.refused("total", said=said_total, found=self._in_file.total)

    def _must_be_of_batch(self, record: str, kind: str) -> None:
        if self._text(record, kind, "batch") != self._batch:
            raise self.refused("batch", batch=self._text(record, kind, "batch"))

    def _text(self, record: str, kind: str, name: str) -> str:
        place = self.profile.place(kind, name)
        return place.of(record) if place else ""

    def _digits(self, record: str, kind: str, name: str) -> str:
        return re.sub(r"\D", "", self._text(record, kind, name))

    def _number(self, record: str, kind: str, name: str) -> int:
        text = self._text(record, kind, name)
        if not (text.isascii() and text.isdecimal()):
            raise self.refused("field", record=kind, field=name)
        return int(text)

    def _money(self, record: str, kind: str, name: str) -> Money:
        return Money(self._number(record, kind, name))

    def _day(self, record: str, kind: str) -> date:
        try:
            return datetime.strptime(self._text(record, kind, "date"), "%y%m%d").date()  # noqa: DTZ007 - a day
        except ValueError:
            raise self.refused("field", record=kind, field="date") from None
