"""The canonical form of what a day holds, and its hash, computed by the database.

Form 1. A row is the text of a JSON array of its columns in the order written here: strings are quoted, a missing
value is ``null``, dates are ISO 8601, instants are UTC without a zone, so that neither the session's language nor
its time zone plays a part. The row's hash is SHA-256 of that text in UTF-8. Rows are taken in buckets of 1,024
journals; a bucket's hash is over its rows' hashes in their own order, a part's hash over its buckets' by number.
The statement stands here and not in the database, so that who changes the books cannot change what reads them.

What is hashed is what may never change. Left out is what may (a charge's open cents), and ``transaction_id``,
which is the database's and not the books'.
"""

from __future__ import annotations

from dataclasses import dataclass

FORM = "1"
_DIGEST = """
    SELECT day, sum(rows)::bigint AS rows, sum(cents)::bigint AS cents,
           encode(sha256(string_agg(hash, ''::bytea ORDER BY bucket)), 'hex') AS sha256
      FROM (SELECT day, journal_id / 1024 AS bucket, count(*) AS rows, sum(cents) AS cents,
                   sha256(string_agg(hash, ''::bytea ORDER BY hash)) AS hash
              FROM (SELECT day, journal_id, cents, sha256(convert_to(line::text, 'UTF8')) AS hash
                      FROM ({rows}) AS found (day, journal_id, cents, line)) AS hashed
             GROUP BY day, bucket) AS buckets
     GROUP BY day ORDER BY day"""


@dataclass(frozen=True)
class Part:
    """A table of the books as form 1 takes it.

    ``rows`` is a SELECT of day, journal id, cents to total, and a JSON array, for days from ``:first`` to ``:last``.
    The journals of those days have ids from ``:low`` to ``:high``: that changes nothing but the speed.
    """

    name: str
    rows: str

    @property
    def statement(self) -> str:
        """Rows, cents and hash of this part by day; days that hold none of it are not among them."""
        return _DIGEST.format(rows=self.rows)


DAYS = Part(
    "days",
    """SELECT day, 0::bigint, 0::bigint,
              json_build_array(day, opened_at AT TIME ZONE 'UTC', closed_at AT TIME ZONE 'UTC')
         FROM business_days WHERE day BETWEEN :first AND :last""",
)
JOURNALS = Part(
    "journals",
    """SELECT business_day, id, 0::bigint,
              json_build_array(id, business_day, effective_on, kind, memo, actor_id, reverses_id,
                               posted_at AT TIME ZONE 'UTC')
         FROM journals WHERE business_day BETWEEN :first AND :last""",
)
POSTINGS = Part(
    "postings",
    """SELECT j.business_day, p.journal_id, greatest(p.amount_cents, 0),
              json_build_array(p.id, p.journal_id, p.line_no, p.ledger_account_id, a.code, p.fund, p.amount_cents,
                               p.customer_account_id)
         FROM journals j JOIN postings p ON p.journal_id = j.id AND p.journal_id BETWEEN :low AND :high
         LEFT JOIN ledger_accounts a ON a.id = p.ledger_account_id
        WHERE j.business_day BETWEEN :first AND :last""",
)
SOURCES = Part(
    "sources",
    """SELECT j.business_day, s.journal_id, 0::bigint,
              json_build_array(s.source_kind, s.source_id, s.effect, s.journal_id)
         FROM journals j JOIN source_effects s ON s.journal_id = j.id AND s.journal_id BETWEEN :low AND :high
        WHERE j.business_day BETWEEN :first AND :last""",
)
LEDGER = (DAYS, JOURNALS, POSTINGS, SOURCES)
"""What the ledger itself keeps of a day; the features above add theirs."""
