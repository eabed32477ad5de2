"""What goes to the accounting system: the day's journals summed by fund, ledger account and project. Pure.

Each business day of a batch balances in each fund by itself (GASB: a fund is a self-balancing set of accounts), so
that the accounting system may post day by day. No line names a person: descriptions are the chart's own.
"""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money, total

NEUTRAL = "neutral"
"""The name of our own layout, which every city has."""
_NUMBER = re.compile(r"[1-9]\d{0,8}")
_MOST_ANSWERS = 1_000


class NotBalanced(DomainError):
    """A batch would not balance in some fund; nothing was exported. ``facts``: ``fund``, ``day`` and ``off``."""


class NothingToExport(DomainError):
    """Every journal of the closed days has been exported."""


class DayNotClosed(DomainError):
    """Journals are exported of closed days only, as nothing is added to those. ``facts["day"]``."""


class BadAnswer(DomainError):
    """An acknowledgement that cannot be read, or names no batch of ours; nothing was written."""


class AnsweredBefore(Conflict):
    """The batch was accepted before, and this answer says otherwise. ``facts["number"]``."""


class ExportChanged(DomainError):
    """The stored file is not the one that was sent: run ``ventanilla verify``. ``facts["number"]``."""


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where a line stands: a business day, a fund, a ledger account, and a project (empty: none)."""

    day: date
    fund: str
    account: str
    project: str = ""


@dataclass(frozen=True, slots=True)
class JournalLine:
    """A line of a batch. ``amount`` is signed, debits positive, never zero; ``name`` the ledger account's."""

    number: int
    place: Place
    name: str
    amount: Money

    @property
    def debit(self) -> Money:
        return max(self.amount, ZERO)

    @property
    def credit(self) -> Money:
        return max(-self.amount, ZERO)


@dataclass(frozen=True, slots=True)
class Summed:
    """What the journals of a day move on a ledger account."""

    place: Place
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class ProjectShare:
    """What a journal of a sale moves on an account, and which projects of the sale stand there.

    ``first`` is what the sale's own journal moved there; a journal that takes part of it back moves a part of it.
    """

    place: Place
    amount: Money
    first: Money
    projects: tuple[tuple[str, Money], ...]
    """Project → its items' amount (positive), in order."""


@dataclass(frozen=True)
class Totals:
    """Control totals of a batch."""

    lines: int
    debits: Money
    credits: Money


def lines_of(sums: Iterable[Summed], shares: Iterable[ProjectShare]) -> tuple[JournalLine, ...]:
    """The lines of a batch in order, projects told apart; raises :class:`NotBalanced`."""
    amounts: dict[Place, Money] = defaultdict(lambda: ZERO)
    names: dict[str, str] = {}
    for summed in sums:
        amounts[summed.place] += summed.amount
        names[summed.place.account] = summed.name
    for share in shares:
        for project, part in distributed(share):
            plain = share.place
            amounts[plain] -= part
            amounts[Place(plain.day, plain.fund, plain.account, project)] += part
    kept = [(place, amount) for place, amount in sorted(amounts.items()) if amount]
    lines = tuple(
        JournalLine(number, place, names[place.account], amount) for number, (place, amount) in enumerate(kept, 1)
    )
    must_balance(lines)
    return lines


def distributed(share: ProjectShare) -> list[tuple[str, Money]]:
    """What of a journal's amount belongs to each project, to the cent.

    Of the sale itself that is what its items say; of a journal that takes back a part, the same part of each, the
    cents that are left over going to those with the largest remainders.
    """
    if not share.first:
        return []
    of_projects = sum(amount.cents for _, amount in share.projects)
    rest = max(abs(share.first.cents) - of_projects, 0)
    parts = share.amount.split_by([*(amount.cents for _, amount in share.projects), rest])
    return [(project, part) for (project, _), part in zip(share.projects, parts, strict=False)]


def must_balance(lines: Sequence[JournalLine]) -> None:
    """Each fund of each day sums to zero; raises :class:`NotBalanced` naming the first that does not."""
    sums: dict[tuple[date, str], Money] = defaultdict(lambda: ZERO)
    for line in lines:
        sums[line.place.day, line.place.fund] += line.amount
    for (day, fund), off in sorted(sums.items()):
        if off:
            raise NotBalanced(
                f"fund {fund} of {day} is off by ${off}: nothing was exported", fund=fund, day=day, off=off
            )


def totals_of(lines: Sequence[JournalLine]) -> Totals:
    """How many lines, and what they come to on each side."""
    return Totals(len(lines), total(line.debit for line in lines), total(line.credit for line in lines))


@dataclass(frozen=True, slots=True)
class Answer:
    """One line of an acknowledgement. ``reference`` is the accounting system's own number."""

    number: int
    status: Literal["accepted", "rejected"]
    reference: str = ""
    message: str = ""


def read_answers(content: str) -> tuple[Answer, ...]:
    """An acknowledgement: CSV of ``batch, status, reference, message``, one batch a line, a header row or none.

    Raises :class:`BadAnswer` at the first line that is not one, or names a batch a second time.
    """
    found: dict[int, Answer] = {}
    for place, row in enumerate(csv.reader(io.StringIO(content.lstrip("\ufeff"))), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells) or (place == 1 and cells[0].lower() == "batch"):
            continue
        answer = _answer(place, cells)
        if answer.number in found:
            raise BadAnswer(f"line {place} names batch {answer.number} a second time", line=place)
        if len(found) >= _MOST_ANSWERS:
            raise BadAnswer(f"more than {_MOST_ANSWERS:,} lines", line=place)
        found[answer.number] = answer
    if not found:
        raise BadAnswer("no line names a batch", line=1)
    return tuple(found.values())


def _answer(place: int, cells: list[str]) -> Answer:
    number, status, reference, message = (*cells, "", "", "", "")[:4]
    if not _NUMBER.fullmatch(number.lstrip("0")) or len(cells) > 4:
        raise BadAnswer(f"line {place} is not batch, status, reference, message", line=place)
    if status.lower() == "accepted":
        return Answer(int(number), "accepted", reference[:80], message[:300])
    if status.lower() == "rejected":
        if not message:
            raise BadAnswer(f"line {place} rejects batch {number} and does not say why", line=place)
        return Answer(int(number), "rejected", reference[:80], message[:300])
    raise BadAnswer(f"line {place} says neither accepted nor rejected", line=place)


def file_name(number: int, layout: str, extension: str, *, copy: bool = False) -> str:
    """``journal-000042-delimited.txt``; a copy says so: ``journal-000042-delimited-COPY.txt``."""
    return f"journal-{number:06d}-{layout}{'-COPY' if copy else ''}.{extension}"
