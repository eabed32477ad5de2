"""From answers to acts: what a granted request asks of the services below. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.adjustments.commands import Adjust, ByLeak, ByLines, LeakingCharge, StatedLine
from accounts.approvals.rules import Command
from accounts.errors import DomainError
from accounts.money import ZERO, Money
from accounts.refunds.rules import RefundCredit

MONEY = frozenset({"correct-bill", "credit-leak", "refund-credit"})
"""Effects that move money, and so go through approvals."""


class OpenedByHand(DomainError):
    """The city knows no service at this address: the account is opened on its own page, and named here."""


class NotTheOpenedOne(DomainError):
    """No account of this kind that began since the request was handed in has that number."""


class NothingToCorrect(DomainError):
    """Say which charge is corrected, by how much, and why."""


class NoMeteredCharge(DomainError):
    """No line of these bills is for water that a meter measured, so there is nothing to credit a leak on."""


@dataclass(frozen=True)
class How:
    """What the one who decides adds to the answers. All may be left out where the kind does not need it."""

    documents: tuple[str, ...] = ()
    """Papers that were seen: codes of the desk policy."""
    charge_id: int | None = None
    amount: Money = ZERO
    """How much comes off a charge, or is refunded."""
    reason_code: str = ""
    words: str = ""
    """What the calculation's line says."""
    is_repair_proved: bool = False
    final_read: int | None = None
    first_read: int | None = None
    opened_reference: str = ""
    """The account that was opened by hand."""


@dataclass(frozen=True)
class Asked:
    """A case as effects read it."""

    id: int
    number: str
    account_id: int | None
    customer_id: int | None
    submitted_on: date
    language: str
    answers: Mapping[str, Any]

    def words(self, code: str) -> str:
        return str(self.answers.get(code, ""))

    def day(self, code: str) -> date:
        return date.fromisoformat(str(self.answers[code]))

    def bill_ids(self) -> list[int]:
        """The bills that a leak ran into."""
        return [int(self.answers[code]) for code in ("bill", "second_bill") if code in self.answers]


def command_of(effect: str, asked: Asked, how: How, metered: Sequence[int], credit: Money) -> Command | None:
    """The act in money that a grant asks for; none where an appeal is granted and no cent changes.

    ``metered``: charges of the bills named that a meter told; ``credit``: the account's. Raises
    :class:`NothingToCorrect`, :class:`NoMeteredCharge`.
    """
    if effect == "correct-bill":
        return _correction(how)
    if effect == "credit-leak":
        if not metered:
            raise NoMeteredCharge("no metered charge")
        charges = tuple(LeakingCharge(charge_id=charge) for charge in metered)
        by = ByLeak(charges=charges, is_repair_proved=how.is_repair_proved, asked_on=asked.submitted_on)
        return Adjust(by=by)
    if effect == "refund-credit":
        amount = how.amount or credit
        if not amount:
            raise NothingToCorrect("no credit")
        return RefundCredit(
            account_id=asked.account_id or 0, amount_cents=amount.cents, payee=asked.words("claimant"),
            address=asked.words("claimant_address"), case_id=asked.id,
            pay_by="counter" if asked.words("pay_by") == "counter" else "check",
        )  # fmt: skip
    return None


def _correction(how: How) -> Command | None:
    if not how.amount and how.charge_id is None:
        return None
    if how.charge_id is None or how.amount <= ZERO or not how.reason_code or not how.words.strip():
        raise NothingToCorrect("which charge, how much, why")
    rate = Decimal(-how.amount.cents).scaleb(-2)
    line = StatedLine(label=how.words.strip()[:200], rate=rate)
    by = ByLines(charge_id=how.charge_id, amount_cents=-how.amount.cents, reason_code=how.reason_code, lines=(line,))
    return Adjust(by=by)
