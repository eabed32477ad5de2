"""What a source says of an account that the counter has changed: news, no news, or agreement.

A source system goes on stating what it knew. So where an act at the counter makes ours another, what the source said
last is kept beside the account (``source_statements``), and an import is read against it, as three texts are merged:
the same as before is no news and undoes nothing; the same as ours is agreement, and from then on the source leads
again; anything else is a difference that a person looks at, and ours stays until then.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

CONTACT_FIELDS = ("name", "last_name", "email", "phone", "mailing_address", "language")
"""Of the customer."""
STATUS, PROTECTION = "status", "is_protected"
"""Of the account."""
PROOF_OF = {"last_name": "last_name", "name": "business_name"}
"""The field of the customer that a kind of proof is made of."""

_LOCK = text("""
    SELECT 1 FROM customers WHERE id IN (SELECT customer_id FROM customer_accounts WHERE id = ANY (:accounts))
     ORDER BY id FOR NO KEY UPDATE""")
_STATED = text("""
    SELECT customer_account_id, field, stated FROM source_statements WHERE customer_account_id = ANY (:accounts)""")
_OURS = text("""
    SELECT a.id, c.name, c.last_name, c.email, c.phone, c.mailing_address, c.language, a.status, a.closed_on,
           a.is_protected
      FROM customer_accounts a JOIN customers c ON c.id = a.customer_id WHERE a.id = ANY (:accounts)""")
_FORGET = text("""
    DELETE FROM source_statements s
     USING unnest(CAST(:accounts AS bigint[]), CAST(:fields AS text[])) AS x (account, field)
     WHERE s.customer_account_id = x.account AND s.field = x.field""")
_RESTATE = text("""
    UPDATE source_statements s SET stated = x.stated
      FROM unnest(CAST(:accounts AS bigint[]), CAST(:fields AS text[]), CAST(:stated AS text[]))
           AS x (account, field, stated)
     WHERE s.customer_account_id = x.account AND s.field = x.field""")
_HOLD = text("""
    INSERT INTO source_statements (customer_account_id, field, stated)
    SELECT a.id, f.key, f.value FROM customer_accounts a, jsonb_each_text(CAST(:fields AS jsonb)) AS f
     WHERE a.id = ANY (:accounts) AND a.source_system <> 'ventanilla'
        ON CONFLICT DO NOTHING""")


@dataclass(frozen=True, slots=True)
class Difference:
    """A source has news of a field that the counter changed; ours stays."""

    account_id: int
    field: str
    before: str
    """What it stated until now."""
    stated: str
    ours: str
    is_protected: bool


@dataclass(frozen=True, slots=True)
class Settled:
    """What of a batch of statements is not taken over, and what a person must look at."""

    kept: Mapping[int, Collection[str]] = field(default_factory=dict)
    """Account → fields of which ours stays."""
    differences: tuple[Difference, ...] = ()
    closed_here: frozenset[int] = frozenset()
    """Accounts that the counter closed: whatever services the source still states, they stay ended."""

    def keeps(self, account_id: int, name: str) -> bool:
        return name in self.kept.get(account_id, ())

    def keeps_proof(self, account_id: int, kind: str) -> bool:
        """Whether proofs of a kind are made of a field that is kept."""
        return any(proof == kind and self.keeps(account_id, name) for name, proof in PROOF_OF.items())


def status_text(status: str, closed_on: date | None) -> str:
    """``open``, or ``closed 2026-11-17``: how a state is compared."""
    return status if status == "open" or closed_on is None else f"{status} {closed_on.isoformat()}"


def hold(session: Session, accounts: Sequence[int], before: Mapping[str, str]) -> None:
    """Step: the counter changes these fields of accounts; ``before`` is what stood there, and so what sources state.

    Accounts without a source are passed over; where a source's last word is known already, it stays.
    """
    if accounts and before:
        session.execute(_HOLD, {"accounts": list(accounts), "fields": json.dumps(dict(before))})


def settle(session: Session, statements: Mapping[int, Mapping[str, str]]) -> Settled:
    """Step: read what sources state now (account → field → value) against what the counter changed.

    The customers of the accounts are locked first, in order, so that no change at the counter slips between.
    """
    values = {"accounts": list(statements)}
    session.execute(_LOCK, values)
    stated_before: dict[int, dict[str, str]] = {}
    for account, name, stated in session.execute(_STATED, values):
        stated_before.setdefault(account, {})[name] = stated
    if not stated_before:
        return Settled()
    ours = _ours(session, list(stated_before))
    agreed: list[tuple[int, str]] = []
    news: list[Difference] = []
    for account, fields in stated_before.items():
        for name, before in fields.items():
            stated = statements[account].get(name, "")
            if not stated or stated == before:
                continue
            if _same(name, stated, ours[account][name]):
                agreed.append((account, name))
            else:
                is_protected = ours[account][PROTECTION] == "yes"
                news.append(Difference(account, name, before, stated, ours[account][name], is_protected))
    _remember(session, agreed, news)
    closed = frozenset(a for a, fields in stated_before.items() if STATUS in fields and ours[a][STATUS] != "open")
    return Settled({account: set(fields) for account, fields in stated_before.items()}, tuple(news), closed)


def _same(name: str, stated: str, ours: str) -> bool:
    """A source that knows no closing day agrees with ours."""
    return stated == ours or (name == STATUS and stated == "closed" and ours.startswith("closed"))


def _ours(session: Session, accounts: Sequence[int]) -> dict[int, dict[str, str]]:
    found: dict[int, dict[str, str]] = {}
    for id_, *contact, status, closed_on, is_protected in session.execute(_OURS, {"accounts": list(accounts)}):
        found[id_] = {
            **dict(zip(CONTACT_FIELDS, contact, strict=True)),
            STATUS: status_text(status, closed_on),
            PROTECTION: "yes" if is_protected else "no",
        }
    return found


def _remember(session: Session, agreed: Sequence[tuple[int, str]], news: Sequence[Difference]) -> None:
    if agreed:
        accounts, fields = zip(*agreed, strict=True)
        session.execute(_FORGET, {"accounts": list(accounts), "fields": list(fields)})
    if news:
        session.execute(
            _RESTATE,
            {
                "accounts": [item.account_id for item in news],
                "fields": [item.field for item in news],
                "stated": [item.stated for item in news],
            },
        )
