"""The code that proves an account, as bills and letters that go by mail to its holder carry it."""

from __future__ import annotations

from accounts.cities.rules import City
from accounts.customer_accounts.rules import CODE_LENGTH, bill_code
from portal.wiring import wiring


def printed_code(city: City, kind: str, account_id: int) -> str:
    """In two halves, as it is typed most easily; empty where the city takes no such code for this kind of account."""
    taken = city.lookups[kind].proofs if kind in city.lookups else ()
    if not any(proof.kind == "bill_code" for proof in taken):
        return ""
    code = bill_code(wiring().proof_key, account_id)
    return f"{code[: CODE_LENGTH // 2]} {code[CODE_LENGTH // 2 :]}"
