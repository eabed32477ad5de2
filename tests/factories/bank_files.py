"""Files as banks write them: BAI2 with right totals, and CSV by the shipped city's profile."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

NUMBER = "000000123456"


@dataclass(frozen=True)
class Told:
    """A line as the bank tells it: signed cents, with a type for BAI2."""

    cents: int
    type_code: str = ""
    bank_reference: str = ""
    customer_reference: str = ""
    text: str = ""

    @property
    def code(self) -> str:
        return self.type_code or ("399" if self.cents > 0 else "699")


def bai2(
    day: date, opening: int, lines: Sequence[Told], number: str = NUMBER, *, closing: int | None = None
) -> bytes:
    """One account and day. Each detail has its text on a continuation record."""
    return bai2_days([(day, opening, lines)], number, closing=closing)


def bai2_days(
    days: Sequence[tuple[date, int, Sequence[Told]]], number: str = NUMBER, *, closing: int | None = None
) -> bytes:
    """A group for each day."""
    records, file_total = ["01,BANK,CITY,261117,0600,1,,,2/"], 0
    for day, opening, lines in days:
        stamp, ends = day.strftime("%y%m%d"), opening + sum(line.cents for line in lines)
        credit = sum(line.cents for line in lines if line.cents > 0)
        debit = sum(-line.cents for line in lines if line.cents < 0)
        said = ends if closing is None else closing
        account = [f"03,{number},USD,010,{opening},,,015,{said},,/",
                   f"88,100,{credit},{_count(lines, 1)},,400,{debit},{_count(lines, -1)},/"]  # fmt: skip
        for line in lines:
            begins, _space, goes_on = line.text.partition(" ")
            account.append(
                f"16,{line.code},{abs(line.cents)},0,{line.bank_reference},{line.customer_reference},{begins}"
            )
            account.append(f"88,{goes_on}")
        control = opening + said + credit + debit + sum(abs(line.cents) for line in lines)
        group = [f"02,CITY,BANK,1,{stamp},2400,USD,2/", *account, f"49,{control},{len(account) + 1}/"]
        records += [*group, f"98,{control},1,{len(group) + 1}/"]
        file_total += control
    return "\n".join([*records, f"99,{file_total},{len(days)},{len(records) + 1}/", ""]).encode()


def _count(lines: Sequence[Told], sign: int) -> int:
    return sum(line.cents * sign > 0 for line in lines)


def csv(days: Sequence[tuple[date, Sequence[Told]]], opening: int) -> bytes:
    """The columns of ``city/banks.toml``."""
    rows, balance = ["Date,Description,Amount,Balance,Bank Reference,Customer Reference"], opening
    for day, lines in days:
        for line in lines:
            balance += line.cents
            rows.append(
                f'{day:%m/%d/%Y},"{line.text}",{line.cents / 100:.2f},"{balance / 100:,.2f}",'
                f"{line.bank_reference},{line.customer_reference}"
            )
    return "\n".join([*rows, ""]).encode()
