"""The read of a look-up; it runs whatever was typed."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.customer_accounts.rules import one_slip_away
from accounts.database import Reader, query
from accounts.lookups.rules import MOST_CANDIDATES, Candidate
from accounts.money import Money

# Ids first: an OR over two tables would read every account of the city.
_CANDIDATES = query("""
    SELECT a.id, a.kind, a.reference, a.is_protected, a.last_paid_cents, p.zip_code,
           (SELECT jsonb_agg(jsonb_build_array(kind, encode(digest, 'hex')))
              FROM account_proofs WHERE customer_account_id = a.id) AS proofs
      FROM customer_accounts a
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE a.id IN (SELECT id FROM customer_accounts WHERE reference = ANY (:references)
                    UNION ALL
                    SELECT customer_account_id FROM account_aliases WHERE number_key = :key)
     ORDER BY a.reference <> :key, a.id
     LIMIT :most""",
    "id", "kind", "reference", "is_protected", "last_paid_cents", "zip_code", "proofs",
)  # fmt: skip


def candidates(session: Reader, key: str) -> list[Candidate]:
    """Accounts that a typed number may mean: by reference, by alias, by a reference one digit away. One statement."""
    rows = session.execute(
        _CANDIDATES, {"key": key, "references": [key, *one_slip_away(key)], "most": MOST_CANDIDATES}
    )
    return [
        Candidate(
            account_id=row.id,
            kind=row.kind,
            reference=row.reference,
            is_protected=row.is_protected,
            last_paid=None if row.last_paid_cents is None else Money(row.last_paid_cents),
            zip_code=row.zip_code or "",
            proofs=_by_kind(row.proofs or []),
        )
        for row in rows
    ]


def _by_kind(pairs: Sequence[Sequence[str]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for kind, digest in pairs:
        found.setdefault(kind, []).append(bytes.fromhex(digest))
    return found
