"""Whose money may it be: clues on a check, reasons for an account, and the act of saying so. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, model_validator

from accounts.approvals.rules import Command
from accounts.customer_accounts.rules import keyed_digest, number_key
from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money
from accounts.searches.rules import folded
from accounts.staff.rules import ActKind
from payments.moves.rules import MoveTerms
from payments.posting.rules import Item

SUSPENSE = "suspense"
"""The code of an item that is money whose owner is not known yet."""
LIKE = 60
"""Names that are alike by so many of a hundred are a reason."""
_NUMBER = re.compile(r"[A-Za-z]{0,3}[-\s]?\d(?:[\d\s./-]{3,24}\d)")
_SHORTEST_NUMBER = 5
_SAYS_NOTHING = frozenset({"and", "or", "the", "of", "llc", "inc", "co", "corp", "dba", "mr", "mrs", "ms"})
_MOST_NUMBERS = 6
_ABA = (3, 7, 1)
_ROUTING_DIGITS = 9
Outcome = Literal["account", "sender"]


class NotInSuspense(DomainError):
    """Nothing of this payment is in suspense any more."""


class MoreThanInSuspense(DomainError):
    """Less of the payment is in suspense: ``facts["there"]``."""


class AlreadyTakenBack(Conflict):
    """This identification was taken back, or takes one back itself."""


class NothingToKnowItBy(DomainError):
    """The check said neither a bank account nor a name by which a rule could know the next one."""


class RuleWithdrawn(Conflict):
    """Somebody withdrew this rule before."""


class BadRouting(DomainError):
    """The bank's routing number is not right: its check digit does not fit (ABA, 3-7-1 modulo 10)."""


class Identify(Command):
    """Take money of a payment out of suspense: to an account, or back to its sender; or take such an act back."""

    kind: ClassVar[ActKind] = ActKind.IDENTIFICATION
    payment_id: int
    outcome: Outcome
    account_id: int | None = None
    amount_cents: Annotated[int, Field(gt=0, le=10_000_000_00)]
    undoes_id: int | None = None
    """The identification that is taken back."""
    remember: bool = False
    """Make a rule of it: checks like this belong to this account."""

    @model_validator(mode="after")
    def _names_an_account_where_it_needs_one(self) -> Self:
        if (self.outcome == "account") != (self.account_id is not None):
            raise ValueError("money goes to an account, or back to its sender")
        return self

    @property
    def pays(self) -> Mapping[int, Money]:
        """Nothing where it goes to its sender, or back into suspense."""
        if self.account_id is None or self.undoes_id is not None:
            return {}
        return {self.account_id: Money(self.amount_cents)}


@dataclass(frozen=True)
class SuspenseTerms:
    """The city's part of it."""

    moving: MoveTerms
    refunds_payable: str
    pooled_fund: str

    @property
    def suspense(self) -> str:
        return self.moving.suspense


@dataclass(frozen=True)
class Clue:
    """What a check said of who wrote it."""

    payer: str = ""
    memo: str = ""
    fingerprint: bytes | None = None
    """:func:`fingerprint` of its bank and account number."""


def suspense_item(amount: Money, ledger_account: str, pooled_fund: str, clue: str, languages: Iterable[str]) -> Item:
    """Money whose owner is not known, as a payment holds it; its name is what was written on the check."""
    return Item(SUSPENSE, dict.fromkeys(languages, clue or "—"), 1, amount, ledger_account, pooled_fund)


def fingerprint(key: bytes, routing: str, account: str) -> bytes | None:
    """The keyed HMAC under which a check's bank account is known again; none where either number is missing."""
    digits = [re.sub(r"\D", "", part) for part in (routing, account)]
    return keyed_digest(key, f"check\x1f{digits[0]}\x1f{digits[1]}".encode()) if all(digits) else None


def check_routing(routing: str) -> None:
    """Raise :class:`BadRouting` unless the nine digits carry a right check digit."""
    digits = re.sub(r"\D", "", routing)
    if len(digits) != _ROUTING_DIGITS or sum(int(d) * _ABA[i % 3] for i, d in enumerate(digits)) % 10:
        raise BadRouting(f"{len(digits)} digits")


def payer_key(payer: str) -> str:
    """A payer's name as it is compared: its words folded, in order of the alphabet, without what says nothing."""
    return " ".join(sorted(telling_words(payer)))


def telling_words(payer: str) -> tuple[str, ...]:
    """The words of a name that tell people apart; initials, "and" and "LLC" do not."""
    return tuple(word for word in folded(payer) if len(word) > 1 and word not in _SAYS_NOTHING)


def asked_of_search(payer: str) -> str:
    """What is looked for of a payer's name: of a long one the first and the last word."""
    words = telling_words(payer)
    return " ".join(words if len(words) <= 2 else (words[0], words[-1]))


def numbers_in(*texts: str) -> tuple[str, ...]:
    """What may be account numbers in a memo line, as they are compared; whole ones, and their digits alone."""
    found: dict[str, None] = {}
    for text in texts:
        for match in _NUMBER.finditer(text):
            for key in (number_key(match[0]), re.sub(r"\D", "", match[0]).lstrip("0")):
                if len(key) >= _SHORTEST_NUMBER:
                    found[key] = None
    return tuple(found)[:_MOST_NUMBERS]


class Why(StrEnum):
    """Why money may be an account's, the best reason first."""

    RULE = "rule"
    """Somebody said that checks like this belong to it."""
    NUMBER = "number"
    """Its number is written on the check."""
    PAID_BEFORE = "paid-before"
    """A check on this bank account was identified as its before."""
    NAME = "name"
    AMOUNT = "amount"
    """It owes exactly this, or one of its charges does."""


_WEIGHT = {Why.RULE: 100, Why.NUMBER: 60, Why.PAID_BEFORE: 50, Why.NAME: 25, Why.AMOUNT: 20}


@dataclass(frozen=True)
class Candidate:
    """An account that something speaks for."""

    account_id: int
    reference: str = ""
    kind: str = ""
    holder: str = ""
    owed: Money = ZERO
    rules: tuple[int, ...] = ()
    """Matching rules that are not withdrawn."""
    number: str = ""
    """The number on the check by which it was found."""
    times_before: int = 0
    amount_fits: bool = False


@dataclass(frozen=True)
class Suggestion:
    """An account with the reasons for it. It is never applied by itself."""

    candidate: Candidate
    reasons: tuple[Why, ...]
    likeness: int = field(default=0)
    """Of the names, of a hundred."""

    @property
    def score(self) -> int:
        return sum(_WEIGHT[why] for why in self.reasons)


def suggestions(clue: Clue, amount: Money, candidates: Sequence[Candidate], most: int = 8) -> tuple[Suggestion, ...]:
    """The accounts that something speaks for, the best first; none without a reason."""
    found = [_weighed(clue, amount, candidate) for candidate in candidates]
    ranked = sorted((one for one in found if one.reasons), key=lambda one: (-one.score, one.candidate.reference))
    return tuple(ranked[:most])


def _weighed(clue: Clue, amount: Money, candidate: Candidate) -> Suggestion:
    alike = likeness(clue.payer, candidate.holder)
    speaks = {
        Why.RULE: bool(candidate.rules),
        Why.NUMBER: bool(candidate.number),
        Why.PAID_BEFORE: candidate.times_before > 0,
        Why.NAME: alike >= LIKE,
        Why.AMOUNT: candidate.amount_fits or (amount > ZERO and candidate.owed == amount),
    }
    return Suggestion(candidate, tuple(why for why in Why if speaks[why]), alike)


def likeness(one: str, other: str) -> int:
    """How much two names have in common, of a hundred: by the letters of the words that both have."""
    first, second = set(telling_words(one)), set(telling_words(other))
    letters = sum(map(len, first)) + sum(map(len, second))
    return 200 * sum(map(len, first & second)) // letters if letters else 0


def merged(candidates: Iterable[Candidate]) -> tuple[Candidate, ...]:
    """One candidate for each account, with all that speaks for it."""
    by_account: dict[int, Candidate] = {}
    for one in candidates:
        known = by_account.get(one.account_id)
        by_account[one.account_id] = one if known is None else _with(known, one)
    return tuple(by_account.values())


def _with(known: Candidate, one: Candidate) -> Candidate:
    return replace(
        known,
        rules=known.rules + one.rules,
        number=known.number or one.number,
        times_before=max(known.times_before, one.times_before),
        amount_fits=known.amount_fits or one.amount_fits,
    )
