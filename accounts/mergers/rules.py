"""Whether two records may be one person, and the command that makes them one or two again. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from accounts.approvals.rules import Command
from accounts.customer_accounts.proofs import proof_forms
from accounts.errors import Conflict, DomainError
from accounts.premises.rules import address_key, plain
from accounts.staff.rules import ActKind

_NOT_DIGITS = re.compile(r"\D")
FEWEST_WORDS = 2
"""A name within another (``Maria Lopez``, ``Maria G. Lopez``) is the same one from so many words on."""


class SameCustomer(DomainError):
    """A customer cannot be merged into itself."""


class DifferentKinds(DomainError):
    """A person and a business are two."""


class AlreadyMerged(Conflict):
    """One of the two was merged before: ``facts["customer"]``, ``facts["into"]``."""


class NotMerged(Conflict):
    """There is no standing merger of these two."""


class MergedFurther(Conflict):
    """What they were merged into was itself merged since: that merger is taken back first."""


class Merging(Command):
    """Make ``from_id`` a record of ``into_id``; or take that back (``undo``)."""

    kind: ClassVar[ActKind] = ActKind.MERGER
    from_id: int
    into_id: int
    undo: bool = False


@dataclass(frozen=True, slots=True)
class Traits:
    """What two records are compared by."""

    kind: str
    name: str
    email: str
    phone: str
    """As typed; digits are compared, without the country's 1."""
    mailing_address: str
    premises: frozenset[int]


def shared(one: Traits, other: Traits) -> tuple[str, ...]:
    """What two records of one name share: ``email``, ``phone``, ``mailing-address``, ``premises``; nothing, if the
    names are different or nothing else is the same."""
    if one.kind != other.kind or not same_name(one.kind, one.name, other.name):
        return ()
    same = {
        "email": one.email.casefold() == other.email.casefold() != "",
        "phone": _digits(one.phone) == _digits(other.phone) != "",
        "mailing-address": address_key(one.mailing_address) == address_key(other.mailing_address) != "",
        "premises": bool(one.premises & other.premises),
    }
    return tuple(what for what, is_same in same.items() if is_same)


def same_name(kind: str, one: str, other: str) -> bool:
    """The same words without accents, in any order; of a business also without its legal form, of a person also one
    name within the other."""
    if kind == "business":
        return bool(_forms(one) & _forms(other))
    fewer, more = sorted((_words(one), _words(other)), key=len)
    return fewer == more or (len(fewer) >= FEWEST_WORDS and fewer <= more)


def _digits(phone: str) -> str:
    digits = _NOT_DIGITS.sub("", phone)
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def _words(name: str) -> frozenset[str]:
    return frozenset(plain(name).split())


def _forms(name: str) -> set[frozenset[str]]:
    return {_words(form) for form in (name, *proof_forms("business_name", name))}
