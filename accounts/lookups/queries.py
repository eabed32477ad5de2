"""The two reads of a look-up; both run whatever was typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from accounts.customer_accounts.rules import one_slip_away
from accounts.database import query
from accounts.lookups.rules import MOST_CANDIDATES, PER_ACCOUNT, PER_CLIENT, PER_CLIENT_AND_ACCOUNT, Candidate, Misses
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
_MISSES = query("""
    SELECT count(DISTINCT missed_at) FILTER (WHERE same_client AND same_target AND missed_at > :recently),
           count(DISTINCT missed_at) FILTER (WHERE same_client AND missed_at > :this_hour),
           count(DISTINCT missed_at) FILTER (WHERE same_target AND is_new_client)
      FROM (SELECT missed_at, is_new_client, client_digest = :client AS same_client,
                   target_digest = ANY (:targets) AS same_target
              FROM lookup_misses
             WHERE (client_digest = :client OR target_digest = ANY (:targets)) AND missed_at > :today) AS misses""",
    "client_and_account", "client", "account",
)  # fmt: skip


def candidates(session: Session, key: str) -> list[Candidate]:
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


def misses(session: Session, client: bytes, targets: Sequence[bytes], now: datetime) -> Misses:
    """Recent misses of this client and at these targets. One statement; each guess counts once for a client."""
    since = {
        "recently": now - PER_CLIENT_AND_ACCOUNT[1], "this_hour": now - PER_CLIENT[1], "today": now - PER_ACCOUNT[1],
    }  # fmt: skip
    row = session.execute(_MISSES, {"client": client, "targets": list(targets), **since}).one()
    return Misses(*row)


def _by_kind(pairs: Sequence[Sequence[str]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for kind, digest in pairs:
        found.setdefault(kind, []).append(bytes.fromhex(digest))
    return found
