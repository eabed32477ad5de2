"""Bundles of mail as the log shows them, and how one stands against its control."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.money import Money
from payments.mail_batches.rules import Standing
from payments.receipts.rules import number_text

_BUNDLES = """
    SELECT b.id, b.kind, b.received_at, b.postmarked_on, b.remittances, b.total_cents, b.routed_to, b.note,
           b.follow_up_id, b.logged_at, b.drawer_id, d.state, d.cashier_id, one.display_name AS opener,
           other.display_name AS other_opener, who.display_name AS worker,
           coalesce(e.n, 0) AS entered_count, coalesce(e.cents, 0) AS entered,
           coalesce(x.n, 0) AS explained_count, coalesce(x.cents, 0) AS explained,
           (SELECT max(c.id) FROM drawer_counts c WHERE c.drawer_id = b.drawer_id) AS count_id
      FROM mail_bundles b
      JOIN actors one ON one.id = b.opened_by
      JOIN actors other ON other.id = b.opened_with
      LEFT JOIN drawers d ON d.id = b.drawer_id
      LEFT JOIN actors who ON who.id = d.cashier_id
      LEFT JOIN LATERAL (
           SELECT count(DISTINCT m.payment_id) AS n, sum(t.amount_cents) AS cents
             FROM mail_remittances m JOIN payment_tenders t ON t.payment_id = m.payment_id
            WHERE m.bundle_id = b.id
              AND NOT EXISTS (SELECT FROM payment_reversals r WHERE r.tender_id = t.id AND r.kind = 'void')) e ON true
      LEFT JOIN LATERAL (
           SELECT sum(count) AS n, sum(cents) AS cents FROM mail_explanations WHERE bundle_id = b.id) x ON true
     WHERE {} ORDER BY b.id DESC LIMIT :most"""
_ONE = text(_BUNDLES.format("b.id = :id"))
_LOG = text(_BUNDLES.format("(CAST(:before AS bigint) IS NULL OR b.id < :before)"))
_LINES = text("""
    SELECT m.id, m.number, m.payment_id, m.postmarked_on, m.paid_on, m.by_postmark, t.kind, t.reference, t.bank,
           p.amount_cents, r.series, r.year, r.number AS receipt, coalesce(c.payer, '') AS payer,
           EXISTS (SELECT FROM payment_reversals v WHERE v.payment_id = p.id AND v.kind = 'void') AS is_voided,
           EXISTS (SELECT FROM payment_items i WHERE i.payment_id = p.id AND i.code = 'suspense') AS is_unknown,
           ARRAY(SELECT DISTINCT a.reference FROM postings s JOIN customer_accounts a ON a.id = s.customer_account_id
                  WHERE s.journal_id = p.journal_id
                    AND (NOT a.is_protected OR :sees_protected) AND (NOT a.is_restricted OR :sees_restricted))
               AS accounts
      FROM mail_remittances m
      JOIN payments p ON p.id = m.payment_id
      JOIN receipts r ON r.payment_id = p.id
      LEFT JOIN payment_tenders t ON t.payment_id = p.id AND t.ordinal = 1
      LEFT JOIN suspense_clues c ON c.payment_id = p.id
     WHERE m.bundle_id = :bundle AND (CAST(:before AS bigint) IS NULL OR m.number < :before)
     ORDER BY m.number DESC LIMIT :most""")
_EXPLANATIONS = text("""
    SELECT e.id, e.kind, e.count AS n, e.cents, e.reason, a.display_name AS actor, e.at
      FROM mail_explanations e JOIN actors a ON a.id = e.actor_id WHERE e.bundle_id = :bundle ORDER BY e.id""")
_OPENERS = text("""
    SELECT DISTINCT a.id, a.display_name FROM actors a JOIN staff_grants g ON g.actor_id = a.id
     WHERE g.role = ANY (:roles) AND g.since_on <= :today AND (g.until_on IS NULL OR g.until_on >= :today)
       AND a.id <> :me
     ORDER BY a.display_name, a.id LIMIT 200""")
_SENT_BEFORE = text("""
    SELECT m.number, m.payment_id, m.paid_on, r.id AS receipt_id
      FROM sales s
      JOIN mail_remittances m ON m.payment_id = s.payment_id
      JOIN receipts r ON r.payment_id = s.payment_id
     WHERE s.form_key = :key AND m.bundle_id = :bundle""")


@dataclass(frozen=True)
class SentBefore:
    """A remittance whose form was sent before."""

    number: int
    payment_id: int
    paid_on: date
    receipt_id: int


@dataclass(frozen=True)
class Bundle:
    """A bundle as it was logged, and how far it is."""

    id: int
    kind: str
    received_at: datetime
    postmarked_on: date | None
    routed_to: str
    note: str
    follow_up_id: int | None
    logged_at: datetime
    opener: str
    other_opener: str
    drawer_id: int | None
    state: str
    """Of its drawer; empty before it is worked."""
    worker_id: int | None
    worker: str
    standing: Standing
    count_id: int | None
    """Of its drawer's last count."""

    @property
    def has_money(self) -> bool:
        return self.standing.control_count > 0


@dataclass(frozen=True)
class Line:
    """A remittance of a bundle that was entered."""

    id: int
    number: int
    payment_id: int
    tender: str
    check_number: str
    bank: str
    amount: Money
    payer: str
    accounts: tuple[str, ...]
    """References of those that the reader may see."""
    receipt_number: str
    paid_on: date
    by_postmark: bool
    is_voided: bool
    is_unknown: bool


@dataclass(frozen=True)
class Explanation:
    """Why a bundle comes to something else than was added up."""

    id: int
    kind: str
    count: int
    amount: Money
    reason: str
    actor: str
    at: datetime


def bundle(session: Session, bundle_id: int) -> Bundle:
    """One bundle; raises ``NotFound``."""
    row = session.execute(_ONE, {"id": bundle_id, "most": 1}).one_or_none()
    if row is None:
        raise NotFound(f"no bundle {bundle_id}")
    return _bundle(row)


def log(session: Session, *, before: int | None = None, most: int = 25) -> list[Bundle]:
    """The mail log, the newest first, from below an id."""
    return [_bundle(row) for row in session.execute(_LOG, {"before": before, "most": most})]


def lines(
    session: Session, bundle_id: int, *, sees_protected: bool, sees_restricted: bool, before: int | None = None,
    most: int = 25,
) -> list[Line]:  # fmt: skip
    """What was entered of a bundle, the last first, from below a number."""
    asked = {"bundle": bundle_id, "before": before, "most": most}
    sees = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return [
        Line(
            row.id, row.number, row.payment_id, row.kind, row.reference, row.bank, Money(row.amount_cents), row.payer,
            tuple(row.accounts), number_text(row.series, row.year, row.receipt), row.paid_on, row.by_postmark,
            row.is_voided, row.is_unknown,
        )
        for row in session.execute(_LINES, {**asked, **sees})
    ]  # fmt: skip


def sent_before(session: Session, bundle_id: int, key: str) -> SentBefore | None:
    """What came of a form that was sent before, if it was."""
    row = session.execute(_SENT_BEFORE, {"key": key, "bundle": bundle_id}).one_or_none()
    return None if row is None else SentBefore(row.number, row.payment_id, row.paid_on, row.receipt_id)


def explanations(session: Session, bundle_id: int) -> list[Explanation]:
    """Why it comes to something else, the first explanation first."""
    return [
        Explanation(row.id, row.kind, row.n, Money(row.cents), row.reason, row.actor, row.at)
        for row in session.execute(_EXPLANATIONS, {"bundle": bundle_id})
    ]


def openers(session: Session, roles: list[str], me: int, today: date) -> list[tuple[int, str]]:
    """People with one of these roles today, but oneself: who may have opened the mail with one."""
    rows = session.execute(_OPENERS, {"roles": roles, "me": me, "today": today})
    return [(row.id, row.display_name) for row in rows]


def _bundle(row: Any) -> Bundle:
    return Bundle(
        id=row.id,
        kind=row.kind,
        received_at=row.received_at,
        postmarked_on=row.postmarked_on,
        routed_to=row.routed_to,
        note=row.note,
        follow_up_id=row.follow_up_id,
        logged_at=row.logged_at,
        opener=row.opener,
        other_opener=row.other_opener,
        drawer_id=row.drawer_id,
        state=row.state or "",
        worker_id=row.cashier_id,
        worker=row.worker or "",
        standing=Standing(
            row.remittances,
            Money(row.total_cents),
            row.entered_count,
            Money(int(row.entered)),
            int(row.explained_count),
            Money(int(row.explained)),
        ),
        count_id=row.count_id,
    )
