"""Freeze which bills of a run go on paper: decided one by one, in one transaction, and put into the post's order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit, outbox
from accounts.bill_printings.models import BillPrinting
from accounts.bill_printings.rules import (
    PART,
    AlreadyBegun,
    ListChanged,
    NothingToPrint,
    NotPosted,
    Outcome,
    Reason,
    Standing,
    address_lines,
    decide,
    walk_key,
    zip_of,
)
from accounts.billing_runs.models import BillingRun
from accounts.billing_runs.rules import State
from accounts.bulk import copy_rows
from accounts.customer_changes.queries import where_to_mail_each
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.message_choices.queries import paperless
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, Permission

SUBJECT = "bill_printing"
BEGUN = "bill_printing_begun"
"""The fact that files wait to be made."""
BATCH = 1_000
_BILLS = text("""
    SELECT i.customer_account_id AS account, i.bill_id AS bill, a.customer_id AS customer, c.name, c.language,
           coalesce(nullif(c.mailing_address, ''),
                    nullif(concat_ws(', ', nullif(p.address, ''), nullif(p.city, ''),
                                     nullif(concat_ws(' ', nullif(p.state, ''), nullif(p.zip_code, '')), '')), ''),
                    '') AS address,
           coalesce(p.address, '') AS service_address, a.is_protected OR a.is_restricted AS is_hidden,
           (SELECT r.state FROM billing_runs r WHERE r.corrects_bill_id = i.bill_id AND r.state <> 'canceled')
               AS correction,
           (SELECT coalesce(sum(amount_cents), 0) FROM charges WHERE bill_id = i.bill_id AND kind <> 'penalty')
               AS asked,
           (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE bill_id = i.bill_id AND kind <> 'penalty') AS open
      FROM billing_items i
      JOIN customer_accounts a ON a.id = i.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE i.run_id = :run AND i.state = 'posted' AND i.customer_account_id > :after
     ORDER BY i.customer_account_id LIMIT :most""")
_KNOWN = text("SELECT id FROM bill_printings WHERE billing_run_id = :run")
_DRAFT = text("""
    CREATE TEMPORARY TABLE bill_printing_draft (
        bill_id bigint, customer_account_id bigint, outcome text, reason text, consent_id bigint, language text,
        name text, address text[], service_address text, amount_cents bigint, open_cents bigint, zip text, walk text
    ) ON COMMIT DROP""")
_COLUMNS = (
    "bill_id", "customer_account_id", "outcome", "reason", "consent_id", "language", "name", "address",
    "service_address", "amount_cents", "open_cents", "zip", "walk",
)  # fmt: skip
_FREEZE = text("""
    INSERT INTO bill_printing_items (bill_id, printing_id, customer_account_id, outcome, reason, consent_id, sequence,
                                     part, language, name, address, service_address, amount_cents, open_cents)
    SELECT bill_id, :printing, customer_account_id, outcome, reason, consent_id, place, (place - 1) / :size + 1,
           language, name, address, service_address, amount_cents, open_cents
      FROM (SELECT *, CASE WHEN outcome = 'printed' THEN row_number() OVER (
                               PARTITION BY outcome ORDER BY zip = '', zip COLLATE "C", walk COLLATE "C", bill_id)
                      END AS place
              FROM bill_printing_draft) d""")


@dataclass(frozen=True, slots=True)
class Tally:
    """How many bills, and what they come to."""

    bills: int = 0
    amount: Money = ZERO

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.bills + other.bills, self.amount + other.amount)


@dataclass(frozen=True)
class Counts:
    """What becomes of a run's bills; each is in one of them."""

    printed: Tally
    paperless: Tally
    held: Tally
    reasons: dict[str, int]
    """Of those that are held."""

    @property
    def all(self) -> Tally:
        return self.printed + self.paperless + self.held


def preview(sessions: Sessions, run_id: int) -> Counts:
    """What the list would be if it were frozen now. Raises what :func:`begin` does of the run itself."""
    with reading(sessions) as session:
        _run(session, run_id, lock=False)
        _must_be_first(session, run_id)
        return _counts(_rows(session, run_id))


def begin(sessions: Sessions, by: Authority, run_id: int, *, seen: int, today: date, now: datetime) -> int:
    """Use case: the list of a posted run is frozen; a job makes its files. The printing's id.

    ``seen``: how many bills were shown as printed. Raises ``NotAllowed``, ``NotFound``, :class:`rules.NotPosted`,
    :class:`rules.AlreadyBegun`, :class:`rules.NothingToPrint`, :class:`rules.ListChanged`.
    """
    by.must(Permission.BILLS_RUN)
    with transaction(sessions) as session:
        run = _run(session, run_id, lock=True)
        _must_be_first(session, run_id)
        session.execute(_DRAFT)
        counts = _counts(_written(session, _rows(session, run_id)))
        printed = counts.printed.bills
        if not printed:
            raise NothingToPrint(f"no bill of run {run_id} goes on paper")
        if printed != seen:
            raise ListChanged(f"{printed} would be printed, not {seen}")
        printing = BillPrinting(
            billing_run_id=run_id, city_release_id=run.city_release_id, part_size=PART,
            parts=-(-printed // PART), frozen_on=today, frozen_at=now, begun_by=by.actor_id,
        )  # fmt: skip
        session.add(printing)
        session.flush()
        session.execute(_FREEZE, {"printing": printing.id, "size": PART})
        audit.record(
            session, "bill-printing-begun", subject=(SUBJECT, printing.id), actor_id=by.actor_id, run=run_id,
            printed=printed, paperless=counts.paperless.bills, held=counts.held.bills,
        )  # fmt: skip
        outbox.announce(session, BEGUN, printing_id=printing.id)
        return printing.id


def _run(session: Session, run_id: int, *, lock: bool) -> BillingRun:
    run = session.get(BillingRun, run_id, with_for_update=lock or None)
    if run is None:
        raise NotFound(f"no billing run {run_id}")
    if run.state != State.POSTED:
        raise NotPosted(f"run {run_id} is {run.state}", state=run.state)
    return run


def _must_be_first(session: Session, run_id: int) -> None:
    known = session.scalar(_KNOWN, {"run": run_id})
    if known is not None:
        raise AlreadyBegun(f"run {run_id} is printed by {known}", printing=known)


Row = tuple[Any, ...]


def _rows(session: Session, run_id: int) -> Iterator[list[Row]]:
    """Each bill of the run with what becomes of it, a batch at a time; four statements a batch."""
    after = 0
    while True:
        found = session.execute(_BILLS, {"run": run_id, "after": after, "most": BATCH}).all()
        if not found:
            return
        yield _decided(session, found)
        after = found[-1].account


def _decided(session: Session, bills: Sequence[Any]) -> list[Row]:
    consents = paperless(session, [bill.account for bill in bills])
    goes_to = where_to_mail_each(session, {(bill.customer, bill.address) for bill in bills})
    rows = []
    for bill in bills:
        consent, address = consents.get(bill.account), goes_to[bill.customer, bill.address]
        decision = decide(Standing(
            address, is_paperless=consent is not None, is_corrected=bill.correction == State.POSTED,
            is_being_corrected=bill.correction is not None, is_hidden=bill.is_hidden,
        ))  # fmt: skip
        consent_id = consent.consent_id if consent is not None and decision.outcome is Outcome.PAPERLESS else None
        to = address if address is not None and decision.outcome is Outcome.PRINTED else ""
        rows.append((
            bill.bill, bill.account, decision.outcome.value, decision.reason.value, consent_id, bill.language,
            bill.name if to else "", list(address_lines(to)), bill.service_address if to else "", int(bill.asked),
            int(bill.open), zip_of(to), walk_key(to),
        ))  # fmt: skip
    return rows


def _written(session: Session, batches: Iterator[list[Row]]) -> Iterator[list[Row]]:
    for rows in batches:
        copy_rows(session, "bill_printing_draft", _COLUMNS, rows)
        yield rows


def _counts(batches: Iterator[list[Row]]) -> Counts:
    bills: Counter[str] = Counter()
    cents: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for rows in batches:
        for row in rows:
            bills[row[2]] += 1
            cents[row[2]] += row[9]
            if row[2] == Outcome.HELD and row[3] != Reason.NONE:
                reasons[row[3]] += 1
    printed, without, held = (Tally(bills[one], Money(cents[one])) for one in Outcome)
    return Counts(printed, without, held, dict(reasons))
