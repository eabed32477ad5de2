"""The scan line that a city's bills carry: fields of digits at fixed places, and how its check digit is made."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen

FieldName = Literal["account", "date", "rate", "gross", "net", "filler"]
DateFormat = Literal["MMDDYY", "YYMMDD", "DDMMYY", "MMDDYYYY", "YYYYMMDD"]


class ScanField(Frozen):
    """Digits that stand together, filled with zeros from the left."""

    name: FieldName
    length: Annotated[int, Field(ge=1, le=30)]
    format: DateFormat | None = None
    """Of the date."""

    @model_validator(mode="after")
    def _says_how_its_date_is_written(self) -> Self:
        if (self.name == "date") != (self.format is not None):
            raise ValueError("a date has a format, and nothing else has one")
        if self.format is not None and self.length != len(self.format):
            raise ValueError(f"a date as {self.format} has {len(self.format)} digits")
        return self


class ScanCheck(Frozen):
    """How the last digit of the line is made of those before it.

    Each digit is multiplied by its weight, the weights repeating from one end; then either the products or their
    digits are summed. The check digit is what is missing to the next multiple of the modulus (``complement``), or
    the remainder itself.
    """

    weights: Annotated[tuple[Annotated[int, Field(ge=0, le=99)], ...], Field(min_length=1)]
    begins: Literal["left", "right"] = "left"
    """At which end of the covered digits the first weight stands."""
    sums: Literal["digits", "products"] = "digits"
    modulus: Annotated[int, Field(ge=2, le=11)] = 10
    complement: bool = True
    covers: tuple[FieldName, ...] = ()
    """The fields that it is made of, in the order of the line; none: all."""

    def worth(self, weight: int, digit: int) -> int:
        """What a digit adds at a place of that weight. Two digits whose worths are equal modulo ``modulus`` are not
        told apart there."""
        product = weight * digit
        return sum(map(int, str(product))) if self.sums == "digits" else product

    def over(self, digits: str) -> str:
        """The check digit of the covered digits; a ten of modulus 11 is written as 0."""
        ordered = digits if self.begins == "left" else digits[::-1]
        weights = self.weights
        total = sum(self.worth(weights[place % len(weights)], int(digit)) for place, digit in enumerate(ordered))
        rest = total % self.modulus
        return str(((self.modulus - rest) % self.modulus if self.complement else rest) % 10)


class ScanLayout(Effective):
    """A scan line as bills carry it; the check digit comes last. In force as long as such bills are about."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,30}$")]
    fields: Annotated[tuple[ScanField, ...], Field(min_length=1)]
    check: ScanCheck

    @property
    def length(self) -> int:
        """With the check digit."""
        return sum(field.length for field in self.fields) + 1

    @property
    def places(self) -> Iterator[tuple[ScanField, slice]]:
        """Each field with where it stands."""
        start = 0
        for field in self.fields:
            yield field, slice(start, start + field.length)
            start += field.length

    def check_digit(self, digits: str) -> str:
        """The digit that belongs after these (the line without its check digit)."""
        covers = self.check.covers
        return self.check.over(
            "".join(digits[place] for field, place in self.places if not covers or field.name in covers)
        )

    @model_validator(mode="after")
    def _can_be_read(self) -> Self:
        names = [field.name for field in self.fields if field.name != "filler"]
        if "account" not in names:
            raise ValueError(f"scan line {self.code} has no account")
        if len(set(names)) < len(names):
            raise ValueError(f"scan line {self.code} has a field twice")
        if unknown := sorted(set(self.check.covers) - {field.name for field in self.fields}):
            raise ValueError(f"the check digit of {self.code} covers {unknown[0]!r}, which the line does not have")
        return self
