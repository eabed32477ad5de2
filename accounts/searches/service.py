"""Writing the search index. Triggers do it with every change; this is for what came in past them."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.database import Sessions, transaction

AT_ONCE = 2_000
Progress = Callable[[int, int], None]
"""Told after each batch: accounts done, accounts in all."""
_LEARN = text("""
    INSERT INTO search_spellings (spelling, word)
    SELECT slip, used.word
      FROM (SELECT DISTINCT w.lexeme AS word FROM search_documents d, unnest(d.words) AS w
             WHERE d.customer_account_id = ANY (:accounts) AND w.lexeme ~ '^[^0-9]{3,24}$') AS used,
           search_slips(used.word) AS slip
     WHERE NOT EXISTS (SELECT FROM search_spellings s WHERE s.spelling = slip AND s.word = used.word)""")
_INDEX = text("SELECT search_index(CAST(:accounts AS bigint[]))")
_NEXT = text("SELECT id FROM customer_accounts WHERE id > :after ORDER BY id LIMIT :most")
_COUNT = text("SELECT count(*) FROM customer_accounts")


def index_accounts(session: Session, account_ids: Sequence[int]) -> int:
    """Step: write the documents of these accounts anew; how many were not what they should be.

    Nobody needs it after a change of a name, a business, an address or a holder: the database does it in the same
    transaction, whoever makes the change.
    """
    return int(session.scalar(_INDEX, {"accounts": list(account_ids)}) or 0)


def index_all(sessions: Sessions, *, progress: Progress | None = None) -> int:
    """Use case: write every document anew, and every word's spellings, in batches of one transaction each; how many
    documents were not what they should be.

    For rows that were loaded with triggers off (a dump restored in parts). It can be cut short and run again.
    """
    mended = done = last = 0
    with transaction(sessions) as session:
        accounts = int(session.scalar(_COUNT) or 0)
    while True:
        with transaction(sessions) as session:
            batch = list(session.scalars(_NEXT, {"after": last, "most": AT_ONCE}))
            mended += index_accounts(session, batch)
            session.execute(_LEARN, {"accounts": batch})
        if not batch:
            return mended
        done, last = done + len(batch), batch[-1]
        if progress:
            progress(done, accounts)
