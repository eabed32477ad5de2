"""Whether a proof fits, and what may be asked how often: pure, and the same work whatever was typed."""

from __future__ import annotations

import hmac
from dataclasses import replace

import pytest

from accounts.customer_accounts import rules as account_rules
from accounts.customer_accounts.rules import proof_digest
from accounts.lookups.rules import MOST_CANDIDATES, MOST_PROOFS, Candidate, Misses, ProofRule, matching, may_guess
from accounts.money import Money

KEY = b"key"
RULES = {
    "utility": [ProofRule("bill_code"), ProofRule("last_name", needs_zip=True), ProofRule("last_payment")],
    "citation": [ProofRule("plate")],
}


def candidate(id_: int = 1, *, kind: str = "utility", is_protected: bool = False, **proofs: str) -> Candidate:
    kept = {name: [proof_digest(KEY, id_, name, text)] for name, text in proofs.items()}
    return Candidate(id_, kind, str(id_), is_protected, Money(85_20), "93706", kept)


@pytest.mark.parametrize(
    ("misses", "allowed"),
    [
        (Misses(0, 0, 0), True),
        (Misses(9, 59, 49), True),
        (Misses(10, 10, 10), False),
        (Misses(0, 60, 0), False),
        (Misses(0, 0, 50), False),
    ],
)
def test_each_limit_closes_by_itself(misses: Misses, *, allowed: bool) -> None:
    assert may_guess(misses) is allowed


@pytest.mark.parametrize("length", [0, 1, 35, 63, 64, 65, 200])
def test_our_hmac_is_the_one_of_the_standard(length: int) -> None:
    key, message = bytes(range(length)), b"1\x1flast_name\x1fruiz"
    assert account_rules.keyed_digest(key, message) == hmac.digest(key, message, "sha256")
    assert account_rules.keyed_digest(key, b"") == hmac.digest(
        key, b"", "sha256"
    )  # and the first left nothing behind


@pytest.mark.parametrize("proof", ["", "   ", "-", "never paid", "not an amount"])
def test_what_says_nothing_proves_nothing(proof: str) -> None:
    never_paid = Candidate(1, "utility", "1", is_protected=False, last_paid=None, zip_code="")
    assert matching(KEY, [never_paid, candidate()], RULES, proof, "") == []


@pytest.mark.parametrize("proof", ["85.20", "$85.20", " 85.2 "])
def test_the_last_payment_is_an_amount_however_it_is_written(proof: str) -> None:
    assert [found.account_id for found in matching(KEY, [candidate()], RULES, proof, "")] == [1]


def test_a_proof_of_one_account_is_none_of_another() -> None:
    borrowed = Candidate(2, "utility", "2", False, None, "", candidate(1, bill_code="K7RM2PQX").proofs)  # noqa: FBT003
    assert matching(KEY, [borrowed], RULES, "K7RM2PQX", "") == []


def test_the_code_on_our_bills_opens_its_account_only_and_where_the_city_takes_it() -> None:
    code = account_rules.bill_code(KEY, 1)
    assert len(code) == account_rules.CODE_LENGTH
    for typed in (code, f" {code[:4].lower()}-{code[4:]}"):
        assert [found.account_id for found in matching(KEY, [candidate(), candidate(2)], RULES, typed, "")] == [1]
    assert matching(b"another key", [candidate()], RULES, code, "") == []
    assert matching(KEY, [candidate()], {"utility": [ProofRule("last_name")]}, code, "") == []
    assert matching(KEY, [replace(candidate(), is_protected=True)], RULES, code, "") == []


@pytest.mark.parametrize("count", [0, 1, 3, MOST_CANDIDATES])
@pytest.mark.parametrize("proof", ["K7RM2PQX", "", "85.20", "x" * 80])
def test_the_number_of_hmacs_is_always_the_same(monkeypatch: pytest.MonkeyPatch, count: int, proof: str) -> None:
    found = [
        candidate(place, kind=("utility", "citation")[place % 2], bill_code="K7RM2PQX") for place in range(count)
    ]
    counted, real = [], account_rules.keyed_digest
    monkeypatch.setattr(account_rules, "keyed_digest", lambda *given: counted.append(1) or real(*given))  # type: ignore[func-returns-value]
    matching(KEY, found, RULES, proof, "93706")
    assert len(counted) == MOST_CANDIDATES * (MOST_PROOFS + 2)
