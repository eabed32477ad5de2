"""Steps on proofs when a name changes: the new one proves at once, the former one for a while."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.customer_accounts.proofs import proof_forms
from accounts.customer_accounts.rules import proof_digest

_END = text("""
    UPDATE account_proofs SET good_until = least(good_until, CAST(:until AS date))
     WHERE customer_account_id = ANY (:accounts) AND kind = :kind""")
_FORGET = text("DELETE FROM account_proofs WHERE customer_account_id = ANY (:accounts) AND kind = :kind")
_BEGIN = text("""
    INSERT INTO account_proofs (customer_account_id, kind, digest)
    SELECT DISTINCT account, :kind, digest
      FROM unnest(CAST(:accounts AS bigint[]), CAST(:digests AS bytea[])) AS x (account, digest)
        ON CONFLICT (customer_account_id, kind, digest) DO UPDATE SET good_until = NULL""")
_OVER = text("DELETE FROM account_proofs WHERE good_until < :today")


def rename_proofs(
    session: Session, accounts: Sequence[int], kind: str, name: str, *, proof_key: bytes, former_until: date | None
) -> None:
    """Step: what proved accounts until now does so through ``former_until`` (or no more), and ``name`` from now on.

    A form that both names have (one of two last names) goes on.
    """
    values = {"accounts": list(accounts), "kind": kind}
    if former_until is None:
        session.execute(_FORGET, values)
    else:
        session.execute(_END, {**values, "until": former_until})
    pairs = [(account, form) for account in accounts for form in (proof_forms(kind, name) if name else ())]
    digests = [proof_digest(proof_key, account, kind, form) for account, form in pairs]
    session.execute(_BEGIN, {"kind": kind, "accounts": [account for account, _ in pairs], "digests": digests})


def end_former_proofs(session: Session, today: date) -> int:
    """Step: remove what has proven for long enough; how many."""
    return int(session.execute(_OVER, {"today": today}).rowcount)  # type: ignore[attr-defined]
