"""How the accounting system wants its journals: the columns of its import file, as data of the city.

Every accounting system has its own layout, and most have several (``domain.md`` names four of them); none is
certified here. What they share: date, journal, line, fund, account, debit and credit in one of three conventions.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

Source = Literal[
    "text", "batch", "line", "date", "made_on", "year", "period", "fund", "org", "object", "account", "project",
    "debit", "credit", "signed", "flag", "amount", "description", "reference", "lines", "debits", "credits",
    "net",
]  # fmt: skip
"""Where a column's value comes from.

``date`` is the business day, ``account`` the ledger account's code as the city writes it or as ``accounts`` maps it,
``object`` the code's last segment and ``org`` what stands between fund and object. ``signed`` has debits positive;
``flag`` and ``amount`` go together. ``lines``, ``debits``, ``credits`` and ``net`` are control totals of the batch.
"""
MONEY = frozenset({"debit", "credit", "signed", "amount", "debits", "credits", "net"})
OF_A_LINE = frozenset({"line", "date", "fund", "org", "object", "account", "project", "description"}) | (
    MONEY - {"debits", "credits", "net"}
) | {"flag", "year", "period"}  # fmt: skip
DATE_FORMAT = r"^(%[YymdjH]|[-/. ])+$"


class Column(Frozen):
    """One field of a record."""

    source: Source
    name: str = ""
    """As the first row of the file names it, where it has one."""
    text: str = ""
    """Of ``source = "text"``: what always stands here."""
    width: Annotated[int, Field(ge=1, le=255)] | None = None
    """Characters; a fixed layout needs it. In a delimited one it is the most that may stand here."""
    align: Literal["left", "right"] = "left"
    pad: Literal["space", "zero"] = "space"
    date_format: Annotated[str, Field(pattern=DATE_FORMAT)] = "%Y%m%d"


class JournalLayout(Effective):
    """One file layout: delimited, or every record of one width."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    name: Text
    style: Literal["delimited", "fixed"]
    delimiter: Literal["comma", "semicolon", "pipe", "tab"] = "comma"
    line_ending: Literal["crlf", "lf"] = "crlf"
    extension: Annotated[str, Field(pattern=r"^[a-z]{1,5}$")] = "txt"
    names_first: bool = False
    """Whether the first row names the columns (delimited only)."""
    implied_decimals: bool = False
    """Amounts as whole cents (``1234`` is 12.34) instead of with a point."""
    blank_zero: bool = False
    """With debit and credit columns: the other one is left empty instead of zero."""
    debit_flag: str = "D"
    credit_flag: str = "C"
    description: Annotated[str, Field(max_length=60)] = "{name}"
    """What ``description`` says, cut to 30 characters: ``{name}`` of the ledger account, ``{batch}``, ``{day}``."""
    fiscal_year_begins: Annotated[int, Field(ge=1, le=12)] = 7
    """The month in which the fiscal year begins, which is named after the year in which it ends; for ``period``."""
    accounts: dict[str, str] = {}
    """Our code of a ledger account → theirs, where they differ."""
    header: tuple[Column, ...] = ()
    columns: Annotated[tuple[Column, ...], Field(min_length=1)]
    trailer: tuple[Column, ...] = ()

    @property
    def convention(self) -> Literal["columns", "signed", "flag"]:
        """How debits and credits are told apart."""
        sources = {column.source for column in self.columns}
        if "signed" in sources:
            return "signed"
        return "flag" if "flag" in sources else "columns"

    @model_validator(mode="after")
    def _can_be_read_back(self) -> Self:
        sources = [column.source for column in self.columns]
        money = {"columns": {"debit", "credit"}, "signed": {"signed"}, "flag": {"flag", "amount"}}[self.convention]
        said = {source for source in sources if source in {"debit", "credit", "signed", "flag", "amount"}}
        if said != money:
            raise ValueError("debits and credits need one convention: debit and credit, signed, or flag and amount")
        if "account" not in sources and not {"fund", "object"} <= set(sources):
            raise ValueError("no column says the ledger account: account, or fund and object")
        if self.debit_flag == self.credit_flag:
            raise ValueError("debit_flag and credit_flag are the same")
        for column in (*self.header, *self.trailer):
            if column.source in OF_A_LINE:
                raise ValueError(f"{column.source} belongs to a line, not to header or trailer")
        if self.style == "fixed":
            self._is_fixed()
        return self

    def _is_fixed(self) -> None:
        records = [record for record in (self.header, self.columns, self.trailer) if record]
        if any(column.width is None for record in records for column in record):
            raise ValueError("a fixed layout needs the width of every column")
        if len({sum(column.width or 0 for column in record) for record in records}) > 1:
            raise ValueError("header, lines and trailer of a fixed layout are not of one width")
        if self.names_first:
            raise ValueError("names_first is for delimited layouts")
