"""Who may look, and whether a proof fits. Pure; the same number of HMACs is computed whatever was typed."""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from accounts.customer_accounts.rules import bill_code, folded_digest, keyed_digest, proof_digest, proof_key
from accounts.errors import DomainError
from accounts.money import ZERO, Money, NotMoney

PER_CLIENT_AND_ACCOUNT = (10, timedelta(minutes=10))
PER_CLIENT = (60, timedelta(hours=1))
PER_ACCOUNT = (50, timedelta(days=1))
"""Of misses by clients that never proved this account; afterwards new clients need a code."""
MOST_CANDIDATES = 12
MOST_PROOFS = 7
CODE_LIFE = timedelta(minutes=15)
CODE_TRIES = 5
REQUESTS_PER_CLIENT = (6, timedelta(hours=1))
_LAST_PAYMENT, _BILL_CODE = "last_payment", "bill_code"


class NoMatch(DomainError):
    """Nothing is said about why: unknown number, wrong proof and protected account are one answer."""


class TooManyGuesses(DomainError):
    """Too many misses; a code to the contact on file is the way on. Said of unknown numbers just the same."""


@dataclass(frozen=True)
class ProofRule:
    """A kind of proof that the city accepts for a kind of account."""

    kind: str
    needs_zip: bool = False


@dataclass(frozen=True)
class Candidate:
    """An account that the typed number may mean, with its kept proofs: kind → HMACs."""

    account_id: int
    kind: str
    reference: str
    is_protected: bool
    last_paid: Money | None
    zip_code: str
    proofs: Mapping[str, Sequence[bytes]] = field(default_factory=dict)


@dataclass(frozen=True)
class Misses:
    """Wrong guesses of late: by this client at this target, by this client at all, at this target by newcomers."""

    client_and_account: int
    client: int
    account: int


def keyed(key: bytes, kind: str, text: str) -> bytes:
    """The HMAC under which a client or a target is counted; half a character (a lone surrogate) is counted too."""
    return keyed_digest(key, f"{kind}\x1f{text}".encode(errors="surrogatepass"))


def may_guess(misses: Misses) -> bool:
    """May this client try a proof now? A right proof of an account that it proved before passes all the same."""
    return (
        misses.client_and_account < PER_CLIENT_AND_ACCOUNT[0]
        and misses.client < PER_CLIENT[0]
        and misses.account < PER_ACCOUNT[0]
    )


def matching(
    key: bytes,
    candidates: Sequence[Candidate],
    proofs: Mapping[str, Sequence[ProofRule]],
    proof: str,
    zip_code: str,
) -> list[Candidate]:
    """The candidates that this proof fits. Always ``MOST_CANDIDATES`` x (``MOST_PROOFS`` + 2) HMACs."""
    nobody = Candidate(0, "", "", is_protected=True, last_paid=None, zip_code="")
    padded = [*candidates, *[nobody] * MOST_CANDIDATES][:MOST_CANDIDATES]
    said_nothing = proof.strip() == ""
    typed = _Typed(proof_key(proof), proof_key(_amount(proof)), zip_code.strip()[:5].encode(errors="replace"))
    fitting = [candidate for candidate in padded if _fits(key, candidate, proofs, typed)]
    return [] if said_nothing else fitting


@dataclass(frozen=True, slots=True)
class _Typed:
    """A proof as words and as an amount are compared, and a ZIP code."""

    words: str
    amount: str
    zip_code: bytes


def _fits(key: bytes, candidate: Candidate, proofs: Mapping[str, Sequence[ProofRule]], typed: _Typed) -> bool:
    rules = [*proofs.get(candidate.kind, ()), *[ProofRule("")] * MOST_PROOFS][:MOST_PROOFS]
    zip_fits = hmac.compare_digest(typed.zip_code, candidate.zip_code[:5].encode(errors="replace"))
    zip_fits &= candidate.zip_code != ""  # a place without a ZIP code is not proven by leaving it out
    paid = proof_digest(key, candidate.account_id, _LAST_PAYMENT, _last_paid(candidate))
    printed = proof_key(bill_code(key, candidate.account_id))
    has_bill = hmac.compare_digest(typed.words, printed)
    fits = False
    for rule in rules:
        said = typed.amount if rule.kind == _LAST_PAYMENT else typed.words
        guessed = folded_digest(key, candidate.account_id, rule.kind, said)
        kept = [*candidate.proofs.get(rule.kind, ()), paid if rule.kind == _LAST_PAYMENT else bytes(32)]
        same = sum(hmac.compare_digest(guessed, digest) for digest in kept) > 0
        same |= has_bill and rule.kind == _BILL_CODE
        fits |= same and (zip_fits or not rule.needs_zip)
    return fits and not candidate.is_protected


def _amount(proof: str) -> str:
    try:
        return str(Money.typed(proof))
    except NotMoney:
        return "not an amount"


def _last_paid(candidate: Candidate) -> str:
    paid = candidate.last_paid
    return str(paid) if paid and paid > ZERO else "never paid"
