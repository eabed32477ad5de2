"""The search of the one box, in one statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from accounts.customers.rules import masked_name
from accounts.database import Reader, query
from accounts.money import ZERO, Money
from accounts.premises.rules import masked_address
from accounts.searches.rules import Asked, Fit, Matched, TooLittle, read

LIMIT = 20
FEW = 5
"""Up to so many hits, accounts are looked for that would fit if a word were misspelled."""
MOST_FOUND = 200
"""Accounts that each way of reading the query may find; of a commoner name only these are ranked."""

# Who holds an account, and what it owes, is asked of those alone that are shown.
_FOUND = query(
    """
    WITH found AS MATERIALIZED (
        SELECT DISTINCT ON (account) account, place, is_open, matched, said, name_words
          FROM search_accounts(
                   CAST(:number AS text), CAST(:slips AS text[]), CAST(:phone AS text), CAST(:email AS text),
                   CAST(:plate AS text), CAST(:cents AS bigint), CAST(:exact AS tsquery), CAST(:others AS tsquery),
                   CAST(:last AS text), CAST(:begun AS text), CAST(:initials AS tsquery), CAST(:forms AS text[]),
                   CAST(:typed AS text[]),
                   :sees_protected, :sees_restricted, :limit, :few, :most_found)
         ORDER BY account, place),
    weighed AS (
        SELECT *, (SELECT true FROM charges WHERE customer_account_id = account AND open_cents > 0 LIMIT 1)
                  IS NOT NULL AS owes
          FROM found),
    shown AS MATERIALIZED (
        SELECT * FROM weighed
         ORDER BY place, is_open DESC, owes DESC, name_words, account LIMIT CAST(:limit AS bigint) + 1)
    SELECT a.id, a.kind, a.reference, a.status, a.is_protected, a.is_restricted, c.name, p.address, s.place,
           s.matched, s.said, nullif(l.business_name, c.name) AS business,
           (SELECT sum(open_cents) FROM charges WHERE customer_account_id = a.id AND open_cents > 0) AS owed_cents
      FROM shown s
      JOIN customer_accounts a ON a.id = s.account
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
      LEFT JOIN licenses l ON l.customer_account_id = a.id
     ORDER BY s.place, NOT s.is_open, NOT s.owes, s.name_words, c.name, a.id""",
    "id", "kind", "reference", "status", "is_protected", "is_restricted", "name", "address", "place", "matched",
    "said", "business", "owed_cents",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hit:
    """An account that fits. ``said`` is the number, plate, telephone number or address that it was found by."""

    account_id: int
    kind: str
    reference: str
    status: str
    is_protected: bool
    is_restricted: bool
    holder: str
    address: str
    owed: Money
    """Its open charges; credit is not counted against them."""
    matched: Matched
    fit: Fit
    rank: int
    """Its place in the list, from 1."""
    said: str = ""
    business: str = ""
    """The licensed business, where it has another name than its holder."""

    @property
    def masked_holder(self) -> str:
        """For suggestions, which whoever stands before the desk may see: ``M••• L•••``."""
        return masked_name(self.holder)

    @property
    def masked_address(self) -> str:
        """Likewise: ``1••• E•••``."""
        return masked_address(self.address)


@dataclass(frozen=True, slots=True)
class SearchResult:
    """The best hits, and whether there are ``more`` that whoever asks may see."""

    hits: tuple[Hit, ...] = ()
    more: bool = False
    too_little: TooLittle | None = None
    """Why nothing was looked for."""


def search(
    session: Reader, asked: str, *, sees_protected: bool, sees_restricted: bool, limit: int = LIMIT
) -> SearchResult:
    """The accounts that what was typed may mean, best first: exact before begun before misspelled, open before
    closed, owing before paid. One statement. What whoever asks may not see is neither shown nor counted.
    """
    meaning = read(asked)
    if isinstance(meaning, TooLittle):
        return SearchResult(too_little=meaning)
    rows = session.execute(_FOUND, {
        **_parameters(meaning), "sees_protected": sees_protected, "sees_restricted": sees_restricted, "limit": limit,
        "few": FEW, "most_found": max(MOST_FOUND, limit + 1),
    }).all()  # fmt: skip
    return SearchResult(tuple(_hit(row, rank) for rank, row in enumerate(rows[:limit], 1)), more=len(rows) > limit)


def _parameters(meaning: Asked) -> dict[str, object]:
    return {
        "number": meaning.number, "slips": list(meaning.slips), "phone": meaning.phone, "email": meaning.email,
        "plate": meaning.plate, "cents": meaning.amount.cents if meaning.amount else None, "exact": meaning.exact,
        "others": meaning.others, "last": meaning.last, "begun": meaning.begun, "initials": meaning.initials,
        "forms": list(meaning.forms), "typed": list(meaning.typed),
    }  # fmt: skip


def _hit(row: Row[Any], rank: int) -> Hit:
    return Hit(
        account_id=row.id,
        kind=row.kind,
        reference=row.reference,
        status=row.status,
        is_protected=row.is_protected,
        is_restricted=row.is_restricted,
        holder=row.name,
        address=row.address or "",
        owed=Money(int(row.owed_cents)) if row.owed_cents else ZERO,
        matched=Matched(row.matched),
        fit=Fit.of(row.place),
        rank=rank,
        said=row.said or "",
        business=row.business or "",
    )
