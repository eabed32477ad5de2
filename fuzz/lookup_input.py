"""What a guest types to find an account: a number, a proof, a ZIP code, a name and an address, an amount.

Promised: whatever it is, nothing raises but ``NotMoney``; a wrong proof never opens; a number one digit off leads to
real references only.
"""

from __future__ import annotations

import random

from accounts.customer_accounts.proofs import proof_forms
from accounts.customer_accounts.rules import is_reference, new_reference, number_key, one_slip_away, proof_digest
from accounts.customer_accounts.rules import proof_key as compared
from accounts.lookups.rules import Candidate, ProofRule, keyed, matching
from accounts.lookups.service import code_digest
from accounts.money import Money, NotMoney
from accounts.premises.rules import address_key, masked_address, plain
from fuzz.changes import rows_changed
from fuzz.promises import holds
from portal.card_numbers import contains_pan

KEY = b"a key that only the fuzzing has"
CODE, PLATE, PAID, ZIP = "K7RM2PQX", "8ABC123", Money(88_10), "93706"
RULES = {"utility": [ProofRule("bill_code"), ProofRule("last_payment"), ProofRule("plate", needs_zip=True)]}
ACCOUNT = Candidate(
    7, "utility", new_reference("utility", 7), is_protected=False, last_paid=PAID, zip_code=ZIP,
    proofs={kind: [proof_digest(KEY, 7, kind, proof)] for kind, proof in (("bill_code", CODE), ("plate", PLATE))},
)  # fmt: skip
SEEDS = [
    f"{ACCOUNT.reference}\n{CODE}\n{ZIP}".encode(),
    f"100-000-428\n$88.10\n{ZIP}-1234".encode(),
    f"RC-00441\n{PLATE}\n{ZIP}".encode(),
    "ＲＣ１２\nMaría-José Núñez, LLC\n".encode(),
    b"4242 4242 4242 4242\n1,234.5\n00000",
]


def try_bytes(data: bytes) -> None:
    """Three lines: number, proof, ZIP code. Bytes that are no text become halves of characters, as none should."""
    number, proof, zip_code, *_ = [*data.decode(errors="surrogateescape").split("\n"), "", "", ""]
    try_texts(number, proof, zip_code)


def changed(data: bytes, chance: random.Random) -> bytes:
    """Another number, proof or ZIP code that a person or a machine would think of."""
    return rows_changed(data, chance)


def try_texts(number: str, proof: str, zip_code: str) -> None:
    """What the rules of looking up do with these."""
    key = number_key(number)
    holds(key.isascii() and not key.startswith("0"), f"{key!r} is not a number as compared")
    slips = list(one_slip_away(key))
    holds(len(slips) <= 9 and all(map(is_reference, slips)), f"{key} leads to {slips}")
    keyed(KEY, "target", key)
    code_digest(KEY, ACCOUNT.account_id, proof)
    for text in (number, proof, zip_code):
        contains_pan(text)
        masked_address(text)
        holds(address_key(text).isascii() and plain(text).isascii(), f"{text!r} cannot be compared")
        for kind in ("bill_code", "last_name", "business_name", "zip"):
            list(proof_forms(kind, text))
    fits = matching(KEY, [ACCOUNT], RULES, proof, zip_code) == [ACCOUNT]
    holds(fits == is_right(proof, zip_code), f"{proof!r} with {zip_code!r} opens: {fits}")


def is_right(proof: str, zip_code: str) -> bool:
    """Whether the proof is one, said without any HMAC."""
    return compared(proof) == compared(CODE) or is_paid(proof) or (
        compared(proof) == compared(PLATE) and zip_code.strip()[:5] == ZIP
    )  # fmt: skip


def is_paid(text: str) -> bool:
    """The amount of the last payment; anything that is none is refused by its name."""
    try:
        return Money.typed(text) == PAID
    except NotMoney:
        return False
