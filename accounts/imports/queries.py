"""What the importer knows of rows that came before."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.imports.rules import Held

_HELD = text("""
    SELECT source_key, row_sha256, run_id, customer_account_id, content FROM imported_rows
     WHERE source_system = :system AND kind = :kind AND source_key = ANY (:keys)""")


def held_rows(session: Session, source_system: str, kind: str, keys: Sequence[str]) -> dict[str, Held]:
    """The last content of each key that was taken before."""
    found = session.execute(_HELD, {"system": source_system, "kind": kind, "keys": list(keys)})
    return {key: Held(bytes(digest), run_id, account, content) for key, digest, run_id, account, content in found}
