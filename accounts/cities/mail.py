"""What comes by mail and through a lockbox: kinds of mail, which date counts, how banks write their files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.cities.desk import Choice, choice
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

PaidOn = Literal["postmark", "receipt"]
KindOfAccount = Literal["utility", "license", "citation"]


class MailKind(Choice):
    """A sort of mail."""

    has_money: bool = False
    """Whether remittances come in it; other mail is handed to a person or a division."""


class MailPolicy(Effective):
    """How mail is opened and which of its dates counts. Mail is opened by two (GFOA, Revenue Control Policy)."""

    kinds: Annotated[tuple[MailKind, ...], Field(min_length=1)]
    paid_on: Mapping[KindOfAccount, PaidOn]
    """When a remittance for an account of that kind counts as paid: on its postmark, or when it came."""
    postmark_days: Annotated[int, Field(ge=0, le=365)]
    """A postmark further back than this before the mail came is not taken for a date of payment."""
    answer_days: Annotated[int, Field(ge=0, le=60)]
    """Within so many days other mail is dealt with."""

    def kind(self, code: str) -> MailKind | None:
        return choice(self.kinds, code)

    @model_validator(mode="after")
    def _has_both_sorts(self) -> Self:
        if not any(kind.has_money for kind in self.kinds):
            raise ValueError("no kind of mail has money in it")
        if missing := sorted({"utility", "license", "citation"} - set(self.paid_on)):
            raise ValueError(f"paid_on does not say which date counts for {missing[0]}")
        return self


class Place(Frozen):
    """Where a field stands in a record: columns count from 1, as banks' own descriptions do."""

    start: Annotated[int, Field(ge=1, le=400)]
    length: Annotated[int, Field(ge=1, le=120)]

    def of(self, record: str) -> str:
        return record[self.start - 1 : self.start - 1 + self.length].strip()


class LockboxProfile(Frozen):
    """How one bank writes its BAI lockbox file: the fields of each record, told apart by its first character.

    Records: 1 file header, 2 service, 5 batch, 6 detail, 4 overflow, 7 batch total, 8 service total, 9 trailer.
    """

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    name: Text
    records: Mapping[Literal["1", "2", "5", "6", "4", "7", "8", "9"], Mapping[str, Place]]
    last_overflow: Annotated[str, Field(min_length=1, max_length=1)] = "9"
    """What the ``last`` field of an item's last overflow record holds."""

    def place(self, record: str, field: str) -> Place | None:
        fields: Mapping[str, Mapping[str, Place]] = {str(kind): places for kind, places in self.records.items()}
        return fields.get(record, {}).get(field)

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        for record, fields in _NEEDED.items():
            for field in fields:
                if self.place(record, field) is None:
                    raise ValueError(f"{self.code}: record {record} does not say where its {field} is")
        if self.place("6", "stub") is None and self.place("4", "stub") is None:
            raise ValueError(f"{self.code}: neither record 6 nor record 4 says which account is paid (stub)")
        return self


_NEEDED: Mapping[str, tuple[str, ...]] = {
    "1": ("date",),
    "5": ("batch", "date"),
    "6": ("batch", "item", "amount"),
    "4": ("batch", "item", "amount", "last"),
    "7": ("batch", "count", "amount"),
    "8": ("count", "amount"),
    "9": ("records",),
}
