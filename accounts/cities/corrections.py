"""What the counter may post, waive and correct: the fee catalog, how often a fee is forgiven, reasons for changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.cities.desk import Choice, choice
from accounts.pricing.effective import Effective
from accounts.pricing.texts import Frozen, Text

Months = Annotated[int, Field(ge=1, le=120)]
Forgivable = Literal["fee", "penalty"]


class WaiverLimit(Frozen):
    """How often charges of a kind are forgiven on one account. A kind without a limit here is never forgiven."""

    kind: Forgivable
    times: Annotated[int, Field(ge=1, le=100)]
    months: Months
    """Within so many months, counted back from the day of the waiver."""
    beyond: Literal["never", "second_person"] = "never"
    """Whether more than that may be asked of a second person, whatever the amount."""


class WaiverPolicy(Effective):
    """Waivers of a time: which charges, how often, and for what reasons."""

    limits: Annotated[tuple[WaiverLimit, ...], Field(min_length=1)]
    reasons: Annotated[tuple[Choice, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        _no_repeats("two limits for", [limit.kind for limit in self.limits])
        _no_repeats("two reasons called", [reason.code for reason in self.reasons])
        return self

    def limit(self, kind: str) -> WaiverLimit | None:
        """The limit for a kind of charge; none where that kind is never forgiven."""
        return next((limit for limit in self.limits if limit.kind == kind), None)

    def reason(self, code: str) -> Choice | None:
        return choice(self.reasons, code)


class AdjustmentReason(Choice):
    """Why a charge is corrected, and how the correction is worked out."""

    calculation: Literal["stated", "leak", "rebill", "penalty"] = "stated"
    """``stated``: lines that people write and that add up; ``leak``: by the city's leak policy; ``rebill``: a
    bill that is made anew; ``penalty``: what a wrong bill had earned too much, where the city takes that back."""


class AdjustmentPolicy(Effective):
    """Corrections of a time."""

    reasons: Annotated[tuple[AdjustmentReason, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        _no_repeats("two reasons called", [reason.code for reason in self.reasons])
        for kind, said in (("leak", "leaks"), ("rebill", "bills made anew"), ("penalty", "penalties of wrong bills")):
            found = [reason.code for reason in self.reasons if reason.calculation == kind]
            if len(found) > 1:
                raise ValueError(f"two reasons are for {said}: {found[0]} and {found[1]}")
        return self

    def reason(self, code: str) -> AdjustmentReason | None:
        return choice(self.reasons, code)

    @property
    def leak_reason(self) -> AdjustmentReason | None:
        """The reason under which credits for leaks are kept."""
        return next((reason for reason in self.reasons if reason.calculation == "leak"), None)

    @property
    def rebill_reason(self) -> AdjustmentReason | None:
        """The reason under which a bill is taken back that is made anew."""
        return next((reason for reason in self.reasons if reason.calculation == "rebill"), None)

    @property
    def penalty_reason(self) -> AdjustmentReason | None:
        """The reason under which a penalty goes down with its bill; none where it stays as it was raised."""
        return next((reason for reason in self.reasons if reason.calculation == "penalty"), None)


class CounterFee(Frozen):
    """A rate that the counter posts by hand."""

    rate: str
    reason: Text
    """What is usually said of it; the clerk may say more."""
    due_after_days: Annotated[int, Field(ge=0, le=365)] = 0
    most: Annotated[int, Field(ge=1, le=99)] = 1
    """How many are posted at once at most."""


class FeeCatalog(Effective):
    """The fees of the counter of a time, in the order in which they are shown."""

    fees: Annotated[tuple[CounterFee, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        _no_repeats("twice in the catalog:", [fee.rate for fee in self.fees])
        return self

    def fee(self, rate: str) -> CounterFee | None:
        return next((fee for fee in self.fees if fee.rate == rate), None)


def _no_repeats(what: str, codes: Sequence[str]) -> None:
    for code in codes:
        if codes.count(code) > 1:
            raise ValueError(f"{what} {code}")
