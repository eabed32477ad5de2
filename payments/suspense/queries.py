"""What is in suspense, what speaks for whom, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from accounts.searches.queries import search
from accounts.searches.rules import Matched
from payments.receipts.rules import number_text
from payments.suspense.rules import Candidate, Clue, asked_of_search, merged, numbers_in, payer_key

_STANDING = text("""
    SELECT coalesce(-sum(s.amount_cents), 0)
      FROM postings s JOIN ledger_accounts g ON g.id = s.ledger_account_id AND g.code = :suspense
     WHERE s.journal_id IN (SELECT journal_id FROM payment_journals(:payment))""")
_LEFT = """
    (SELECT coalesce(-sum(s.amount_cents), 0)
       FROM postings s JOIN ledger_accounts g ON g.id = s.ledger_account_id AND g.code = :suspense
      WHERE s.journal_id IN (SELECT journal_id FROM payment_journals(p.id)))"""
_ITEMS = f"""
    SELECT p.id, p.paid_at, j.effective_on, p.channel, i.cents, {_LEFT} AS left_cents, r.id AS receipt_id, r.series,
           r.year, r.number,
           coalesce(c.payer, '') AS payer, coalesce(c.memo, '') AS memo, c.fingerprint,
           coalesce(t.kind, p.tender) AS tender,
           coalesce(t.reference, '') AS check_number, coalesce(t.bank, '') AS bank, i.written,
           EXISTS (SELECT FROM proposals q
                    WHERE q.act = 'identification' AND q.waits AND q.payload ->> 'payment_id' = p.id::text
                      AND NOT EXISTS (SELECT FROM proposal_decisions d WHERE d.proposal_id = q.id)) AS waits
      FROM (SELECT payment_id, sum(amount_cents) AS cents, min(name ->> 'en') AS written
              FROM payment_items WHERE code = 'suspense' {{which}} GROUP BY payment_id) AS i
      JOIN payments p ON p.id = i.payment_id
      JOIN journals j ON j.id = p.journal_id
      JOIN receipts r ON r.payment_id = p.id
      LEFT JOIN suspense_clues c ON c.payment_id = p.id
      LEFT JOIN LATERAL (SELECT kind, reference, bank FROM payment_tenders
                          WHERE payment_id = p.id ORDER BY ordinal LIMIT 1) AS t ON true"""  # noqa: S608 - our own words
_ONE = text(_ITEMS.format(which="AND payment_id = :payment"))
_STILL_THERE = f"""
     WHERE i.cents <> coalesce((SELECT sum(CASE WHEN undoes_id IS NULL THEN amount_cents ELSE -amount_cents END)
                                  FROM identifications WHERE payment_id = p.id), 0)
       AND {_LEFT} > 0
     ORDER BY p.id LIMIT :most"""  # noqa: S608 - our own words
_QUEUE = text(_ITEMS.format(which="AND payment_id > :after") + _STILL_THERE)
_TOTAL = text("""
    SELECT coalesce(-sum(s.amount_cents), 0) FROM postings s
      JOIN ledger_accounts g ON g.id = s.ledger_account_id AND g.code = :suspense""")
_HISTORY = text("""
    SELECT i.id, i.number, i.outcome, i.customer_account_id, a.reference, i.amount_cents, i.undoes_id, i.at,
           i.proposal_id, q.reason, maker.display_name AS maker, checker.display_name AS checker,
           EXISTS (SELECT FROM identifications u WHERE u.undoes_id = i.id) AS is_undone,
           coalesce((a.is_protected AND NOT :sees_protected) OR (a.is_restricted AND NOT :sees_restricted), false)
               AS is_hidden
      FROM identifications i
      LEFT JOIN customer_accounts a ON a.id = i.customer_account_id
      JOIN proposals q ON q.id = i.proposal_id
      JOIN actors maker ON maker.id = q.proposed_by
      JOIN proposal_decisions d ON d.proposal_id = q.id
      LEFT JOIN actors checker ON checker.id = d.decided_by AND d.verdict = 'approved'
     WHERE i.payment_id = :payment ORDER BY i.number""")
_KNOWN = text("""
    SELECT m.customer_account_id AS account, m.id AS rule, 0 AS times FROM matching_rules m
     WHERE (m.fingerprint = :fingerprint OR (m.payer_key = :payer AND :payer <> ''))
       AND NOT EXISTS (SELECT FROM matching_rule_ends e WHERE e.rule_id = m.id)
     UNION ALL
    SELECT i.customer_account_id, NULL, count(*) FROM suspense_clues c JOIN identifications i
        ON i.payment_id = c.payment_id AND i.outcome = 'account' AND i.undoes_id IS NULL
     WHERE c.fingerprint = :fingerprint
       AND NOT EXISTS (SELECT FROM identifications u WHERE u.undoes_id = i.id)
     GROUP BY i.customer_account_id LIMIT 20""")
_NUMBERED = text("""
    SELECT id AS account, reference AS number FROM customer_accounts WHERE reference = ANY (:keys)
     UNION SELECT customer_account_id, number FROM account_aliases WHERE number_key = ANY (:keys) LIMIT 20""")
_CANDIDATES = text("""
    SELECT a.id, a.reference, a.kind, c.name,
           (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE customer_account_id = a.id) AS owed,
           EXISTS (SELECT FROM charges h WHERE h.customer_account_id = a.id AND h.open_cents = :cents) AS fits
      FROM customer_accounts a JOIN customers c ON c.id = a.customer_id
     WHERE a.id = ANY (:ids)
       AND (NOT a.is_protected OR :sees_protected) AND (NOT a.is_restricted OR :sees_restricted)""")
_RULES = text("""
    SELECT m.id, m.payer, m.fingerprint IS NOT NULL AS by_bank, a.reference, m.reason, who.display_name AS made_by,
           m.made_at, e.ended_at, ender.display_name AS ended_by, e.reason AS ended_why
      FROM matching_rules m
      JOIN customer_accounts a ON a.id = m.customer_account_id
      JOIN actors who ON who.id = m.made_by
      LEFT JOIN matching_rule_ends e ON e.rule_id = m.id
      LEFT JOIN actors ender ON ender.id = e.ended_by
     WHERE (CAST(:rule AS bigint) IS NULL OR m.id = :rule)
       AND (CAST(:before AS bigint) IS NULL OR m.id < :before)
       AND (NOT a.is_protected OR :sees_protected) AND (NOT a.is_restricted OR :sees_restricted)
     ORDER BY m.id DESC LIMIT :most""")


@dataclass(frozen=True)
class SuspenseItem:
    """Money of a payment that is in suspense, or was."""

    payment_id: int
    paid_at: datetime
    effective_on: date
    channel: str
    amount: Money
    """What of the payment came into suspense."""
    left: Money
    """What of it is still there, by the books."""
    receipt_id: int
    receipt_number: str
    clue: Clue
    written: str
    """What the receipt calls it."""
    tender: str
    check_number: str
    bank: str
    waits: bool
    """Somebody has asked to identify it; a second person is to decide."""


@dataclass(frozen=True)
class IdentificationView:
    """What was done with money in suspense; ``reference`` is empty where it went to its sender, or is hidden."""

    id: int
    outcome: str
    account_id: int | None
    reference: str
    amount: Money
    undoes_id: int | None
    at: datetime
    reason: str
    maker: str
    checker: str
    proposal_id: int
    is_undone: bool

    @property
    def can_be_undone(self) -> bool:
        return self.undoes_id is None and not self.is_undone


@dataclass(frozen=True)
class RuleView:
    """A matching rule; it stands while ``ended_at`` is none."""

    id: int
    payer: str
    by_bank: bool
    reference: str
    reason: str
    made_by: str
    made_at: datetime
    ended_at: datetime | None
    ended_by: str
    ended_why: str


def standing(session: Session, payment_id: int, suspense: str) -> Money:
    """What of a payment is in suspense now, as its journals leave it there."""
    return Money(int(session.execute(_STANDING, {"payment": payment_id, "suspense": suspense}).scalar_one()))


def total(session: Session, suspense: str) -> Money:
    """All that stands on the suspense account."""
    return Money(int(session.execute(_TOTAL, {"suspense": suspense}).scalar_one()))


def item(session: Session, payment_id: int, suspense: str) -> SuspenseItem:
    """The money of a payment that is in suspense, or was; raises ``NotFound`` where none ever was."""
    row = session.execute(_ONE, {"payment": payment_id, "suspense": suspense}).one_or_none()
    if row is None:
        raise NotFound(f"payment {payment_id} has no money in suspense")
    return _item(row)


def queue(session: Session, suspense: str, *, after: int = 0, most: int = 25) -> list[SuspenseItem]:
    """Money that is still in suspense, the oldest first, from above an id."""
    rows = session.execute(_QUEUE, {"suspense": suspense, "after": after, "most": most})
    return [_item(row) for row in rows]


def history(
    session: Session, payment_id: int, *, sees_protected: bool = True, sees_restricted: bool = True
) -> list[IdentificationView]:
    """What was done with a payment's money in suspense, the first one first."""
    asked = {"payment": payment_id, "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return [
        IdentificationView(
            row.id, row.outcome, None if row.is_hidden else row.customer_account_id,
            "" if row.is_hidden else row.reference or "", Money(row.amount_cents), row.undoes_id, row.at, row.reason,
            row.maker, row.checker or "", row.proposal_id, row.is_undone,
        )
        for row in session.execute(_HISTORY, asked)
    ]  # fmt: skip


def candidates(
    session: Session, clue: Clue, amount: Money, *, sees_protected: bool, sees_restricted: bool
) -> tuple[Candidate, ...]:
    """Accounts that something on the check speaks for, of those that the reader may see. Five statements at most."""
    sees = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    found = [*_known(session, clue), *_numbered(session, clue)]
    if name := asked_of_search(clue.payer):
        hits = search(session, name, **sees, limit=8).hits
        found += [Candidate(hit.account_id) for hit in hits if hit.matched in {Matched.NAME, Matched.WORDS}]
    for hit in search(session, f"${amount}", **sees, limit=8).hits:
        if hit.matched is Matched.AMOUNT:
            found.append(Candidate(hit.account_id, amount_fits=True))
    return _filled(session, merged(found), amount, sees)


def rules(
    session: Session, *, before: int | None = None, rule: int | None = None, most: int = 50,
    sees_protected: bool, sees_restricted: bool,
) -> list[RuleView]:  # fmt: skip
    """Matching rules, the newest first, from below an id; or the one of an id."""
    asked = {"before": before, "rule": rule, "most": most}
    sees = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return [
        RuleView(
            row.id, row.payer, row.by_bank, row.reference, row.reason, row.made_by, row.made_at, row.ended_at,
            row.ended_by or "", row.ended_why or "",
        )
        for row in session.execute(_RULES, {**asked, **sees})
    ]  # fmt: skip


def _known(session: Session, clue: Clue) -> list[Candidate]:
    asked = {"fingerprint": clue.fingerprint, "payer": payer_key(clue.payer)}
    return [
        Candidate(row.account, rules=(row.rule,) if row.rule else (), times_before=row.times)
        for row in session.execute(_KNOWN, asked)
    ]


def _numbered(session: Session, clue: Clue) -> list[Candidate]:
    keys = numbers_in(clue.memo, clue.payer)
    rows = session.execute(_NUMBERED, {"keys": list(keys)}) if keys else ()
    return [Candidate(row.account, number=row.number) for row in rows]


def _filled(
    session: Session, found: Collection[Candidate], amount: Money, sees: dict[str, bool]
) -> tuple[Candidate, ...]:
    """With what the account is; those that the reader may not see are left out."""
    asked = {"ids": [one.account_id for one in found], "cents": amount.cents, **sees}
    rows = {row.id: row for row in session.execute(_CANDIDATES, asked)} if found else {}
    return tuple(
        replace(
            one, reference=row.reference, kind=row.kind, holder=row.name, owed=Money(int(row.owed)),
            amount_fits=one.amount_fits or row.fits,
        )
        for one in found
        if (row := rows.get(one.account_id)) is not None
    )  # fmt: skip


def _item(row: Any) -> SuspenseItem:
    return SuspenseItem(
        payment_id=row.id,
        paid_at=row.paid_at,
        effective_on=row.effective_on,
        channel=row.channel,
        amount=Money(int(row.cents)),
        left=Money(int(row.left_cents)),
        receipt_id=row.receipt_id,
        receipt_number=number_text(row.series, row.year, row.number),
        clue=Clue(row.payer, row.memo, row.fingerprint),
        written=row.written,
        tender=row.tender,
        check_number=row.check_number,
        bank=row.bank,
        waits=row.waits,
    )
