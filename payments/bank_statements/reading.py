"""Files of banks as statements: BAI2 by the ``bai2`` package, CSV by the city's profile. A whole file, or nothing."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from bai2 import bai2
from bai2.constants import AsOfDateModifier, GroupStatus
from bai2.exceptions import IntegrityException, NotSupportedYetException

from accounts.cities.banks import BankAccount, CsvProfile
from accounts.money import ZERO, Money, NotMoney, total
from payments.bank_statements.rules import (
    CREDITS,
    DEBITS,
    FileRefused,
    StatedLine,
    Statement,
    StatementOff,
    WhichAccount,
    check_sum,
)

LARGEST = 64 * 1024 * 1024
_LONGEST = 500
_DETAIL = re.compile(r"16,\d{3},\d{1,15},")


def format_of(content: bytes) -> str:
    """``bai2`` or ``csv``; raises :class:`~payments.bank_statements.rules.FileRefused` for what is neither."""
    if len(content) > LARGEST:
        raise FileRefused("too large", line=0, problem="too-large")
    if not content.strip() or b"\0" in content:
        raise FileRefused("not text", line=0, problem="not-text")
    return "bai2" if content.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"01,") else "csv"


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


class _Counted:
    """The lines of a file, and how far they were read."""

    def __init__(self, text: str) -> None:
        self._lines = text.splitlines()
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        ended = False
        for number, line in enumerate(self._lines, start=1):
            self.at = number
            if wanted := line.strip():
                if wanted.startswith("16,") and not _DETAIL.match(wanted):
                    raise FileRefused("a detail without a type or an amount", line=number, problem="amount")
                if ended:
                    raise FileRefused("more after the file's trailer", line=number, problem="not-bai2")
                ended = wanted.startswith("99,")
                yield wanted


def read_bai2(content: bytes, accounts: Sequence[BankAccount]) -> list[Statement]:
    """Each account and day of a BAI2 file (version 2), control totals and counts of records checked.

    Raises ``FileRefused``, ``StatementOff``, ``WhichAccount``.
    """
    lines = _Counted(_text(content))
    try:
        parsed = bai2.parse_from_lines(iter(lines), check_integrity=True)
    except FileRefused:
        raise
    except IntegrityException as error:
        raise FileRefused(str(error), line=lines.at, problem="control-total") from error
    except NotSupportedYetException as error:
        raise FileRefused(str(error), line=lines.at, problem="type-code") from error
    except Exception as error:  # the parser lets all kinds through: they mean that this is no BAI2
        raise FileRefused(f"not BAI2: {error}", line=lines.at, problem="not-bai2") from error
    return [_of_account(group.header, found, accounts) for group in parsed.children for found in group.children]


def _of_account(group: Any, found: Any, accounts: Sequence[BankAccount]) -> Statement:
    if group.group_status is not GroupStatus.update or group.as_of_date is None:
        raise FileRefused("a group that is no update", line=0, problem="group-status")
    if group.as_of_date_modifier in {AsOfDateModifier.interim_previous_day, AsOfDateModifier.interim_same_day}:
        raise FileRefused("an interim report", line=0, problem="interim")
    if (found.header.currency or group.currency or "USD") != "USD":
        raise FileRefused("not in dollars", line=0, problem="currency")
    number = found.header.customer_account_number or ""
    account = next((account for account in accounts if number.endswith(account.number_ends)), None)
    if account is None:
        raise WhichAccount(f"no bank account ends in {number[-4:]}", ends=number[-4:])
    day: date = group.as_of_date
    lines = tuple(_detail(day, one) for one in found.children)
    opening, closing = _balances(found.header.summary_items, lines)
    statement = Statement(account.code, account.ledger_account, day, day, opening, closing, lines)
    check_sum(statement)
    return statement


def _detail(day: date, found: Any) -> StatedLine:
    code = found.type_code.code
    if int(code) not in CREDITS and int(code) not in DEBITS:
        raise FileRefused(f"type {code} is neither credit nor debit", line=0, problem="type-code")
    amount = Money(found.amount if int(code) in CREDITS else -found.amount)
    return StatedLine(
        day, amount, code, (found.bank_reference or "")[:_LONGEST], (found.customer_reference or "")[:_LONGEST],
        (found.text or "").rstrip("/").strip()[:_LONGEST],
    )  # fmt: skip


def _balances(summary: Sequence[Any], lines: Sequence[StatedLine]) -> tuple[Money, Money]:
    """Opening (010) and closing (015) ledger; one of them follows from the other. Totals 100 and 400 must tie."""
    said = {item.type_code.code: item for item in summary if item.amount is not None}
    credit = total(line.amount for line in lines if line.amount > ZERO)
    moved = {"100": credit, "400": credit - total(line.amount for line in lines)}
    for code, amount in moved.items():
        if code in said and said[code].amount != amount.cents:
            off = said[code].amount - amount.cents
            raise StatementOff(f"total {code} is {Money(off)} off the lines", difference_cents=off, line=0)
    net = total(line.amount for line in lines)
    if "010" not in said and "015" not in said:
        raise FileRefused("neither an opening nor a closing balance", line=0, problem="no-balance")
    opening = Money(said["010"].amount) if "010" in said else Money(said["015"].amount) - net
    return opening, Money(said["015"].amount) if "015" in said else opening + net


def read_csv(content: bytes, account: BankAccount) -> list[Statement]:
    """A CSV file of one account by its profile: the running balance proves each line.

    Raises ``FileRefused`` and ``StatementOff``, both with the number of the line; ``WhichAccount`` without a profile.
    """
    profile = account.csv
    if profile is None:
        raise WhichAccount(f"{account.code} has no profile for CSV", ends=account.number_ends)
    reader = csv.DictReader(io.StringIO(_text(content)), delimiter=profile.delimiter, strict=True)
    rows: list[tuple[int, StatedLine, Money]] = []
    try:
        if missing := [name for name in profile.columns if name not in (reader.fieldnames or ())]:
            raise FileRefused(f"no column {missing[0]!r}", line=1, problem="columns")
        for row in reader:
            if None in row or None in row.values():
                raise FileRefused("too few or too many columns", line=reader.line_num, problem="columns")
            rows.append((reader.line_num, *_row(row, profile, reader.line_num)))
    except csv.Error as error:
        raise FileRefused(f"not CSV: {error}", line=reader.line_num, problem="not-csv") from error
    if not rows:
        raise FileRefused("no lines", line=0, problem="empty")
    if profile.newest_first:
        rows.reverse()
    _, first, balance = rows[0]
    opening = balance - first.amount
    _prove(rows, opening)
    lines = tuple(line for _, line, _ in rows)
    return [Statement(account.code, account.ledger_account, lines[0].on, lines[-1].on, opening, rows[-1][2], lines)]


def _row(row: dict[str, str], profile: CsvProfile, number: int) -> tuple[StatedLine, Money]:
    try:
        on = datetime.strptime(row[profile.date].strip(), profile.date_format).date()  # noqa: DTZ007 - a day only
    except ValueError as error:
        raise FileRefused(f"no date: {row[profile.date]!r}", line=number, problem="date") from error
    try:
        if profile.amount:
            amount = _amount(row[profile.amount])
            amount = amount if profile.credit_is_positive else -amount
        else:
            amount = _amount(row[profile.credit] or "0") - _amount(row[profile.debit] or "0")
        balance = _amount(row[profile.balance])
    except (NotMoney, InvalidOperation) as error:
        raise FileRefused("no amount", line=number, problem="amount") from error

    def cell(name: str) -> str:
        return row[name].strip()[:_LONGEST] if name else ""

    line = StatedLine(
        on, amount, "", cell(profile.bank_reference), cell(profile.customer_reference), cell(profile.description)
    )
    return line, balance


def _amount(text: str) -> Money:
    """``1,234.56``, ``$5``, ``-5.00``, ``(5.00)``, ``5.00-``: exact cents, or :class:`~accounts.money.NotMoney`."""
    plain = text.strip().replace("$", "").replace(",", "").replace(" ", "")
    negative = (plain.startswith("(") and plain.endswith(")")) or plain.endswith("-")
    plain = plain.strip("()").rstrip("-")
    if not re.fullmatch(r"[-+]?\d{1,15}(\.\d{1,2})?", plain):
        raise NotMoney(f"{text!r} is not an amount")
    found = Money.exact(Decimal(plain))
    return -found if negative else found


def _prove(rows: Sequence[tuple[int, StatedLine, Money]], opening: Money) -> None:
    """Each balance is the one before with the line; days go one way."""
    balance, day = opening, rows[0][1].on
    for number, line, said in rows:
        balance += line.amount
        if balance != said:
            off = said - balance
            raise StatementOff(f"line {number}: the balance is {off} off", difference_cents=off.cents, line=number)
        if line.on < day:
            raise FileRefused("days out of order", line=number, problem="date-order")
        day = line.on
