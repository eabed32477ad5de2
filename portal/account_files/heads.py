"""The head of a file: who holds it, how to reach them, by which numbers it is known, what stands in the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.customer_changes.rules import Handling, blocks_shut_off, stops_mail
from accounts.exceptions.rules import respond_by
from accounts.money import Money
from accounts.premises.rules import address_key
from payments.receipts.rules import ReceiptTender, number_text

_HIDDEN = "((x.is_protected AND NOT :sees_protected) OR (x.is_restricted AND NOT :sees_restricted))"
MOST_OTHERS = 6
_HEAD = text(f"""
    WITH RECURSIVE file AS (SELECT * FROM customer_accounts WHERE id = :account),
    same (id) AS (SELECT customer_id FROM file
                   UNION SELECT m.id FROM customers m JOIN same ON m.merged_into = same.id)
    SELECT c.kind, c.email, c.phone, c.mailing_address, c.language, a.source_system, a.source_key,
           p.city, p.state, p.zip_code, p.parcel,
           EXISTS (SELECT FROM customer_accounts x WHERE x.customer_id = c.id AND {_HIDDEN}) AS hides,
           (SELECT jsonb_agg(jsonb_build_array(number, source) ORDER BY id)
              FROM account_aliases WHERE customer_account_id = a.id) AS aliases,
           (SELECT jsonb_agg(jsonb_build_array(r.role, h.name, r.since_on, r.until_on, h.id = a.customer_id, EXISTS (
                             SELECT FROM customer_accounts x WHERE x.customer_id = h.id AND {_HIDDEN}))
                             ORDER BY r.role, r.since_on, r.id)
              FROM premises_roles r JOIN customers h ON h.id = r.customer_id
             WHERE r.premises_id = a.premises_id AND (r.until_on IS NULL OR r.until_on > :today)) AS roles,
           (SELECT jsonb_agg(jsonb_build_array(
                       m.address_key, m.returned_on,
                       (SELECT jsonb_agg(e.handling) FROM returned_mail_events e WHERE e.returned_mail_id = m.id)))
              FROM returned_mail m WHERE m.customer_id IN (SELECT id FROM same)) AS letters,
           (SELECT jsonb_build_array(f.id, f.until_on) FROM cash_only_flags f
             WHERE f.customer_account_id = a.id AND :today BETWEEN f.since_on AND f.until_on
               AND NOT EXISTS (SELECT FROM cash_only_lifts l WHERE l.flag_id = f.id)
             ORDER BY f.until_on DESC, f.id DESC LIMIT 1) AS cash_only,
           (SELECT min(w.effective_on) FROM customer_changes w
             WHERE w.customer_id IN (SELECT id FROM same)
               AND NOT EXISTS (SELECT FROM customer_change_outcomes o WHERE o.change_id = w.id)) AS change_on,
           (SELECT jsonb_agg(jsonb_build_array(id, kind, opened_at) ORDER BY id)
              FROM exception_lines WHERE customer_account_id = a.id AND closed_at IS NULL) AS exceptions,
           (SELECT jsonb_agg(jsonb_build_array(id, number, kind, coalesce(terms -> 'name', '{{}}'), due_on,
                                               state = 'waiting') ORDER BY due_on, id)
              FROM cases WHERE customer_account_id = a.id
               AND state IN ('submitted', 'in-review', 'waiting', 'decided')) AS requests,
           (SELECT jsonb_agg(jsonb_build_array(p.stops, p.words, p.until_on) ORDER BY p.id) FROM account_pauses p
             WHERE p.customer_account_id = a.id AND p.since_on <= :today
               AND (p.until_on IS NULL OR p.until_on >= :today)
               AND NOT EXISTS (SELECT FROM account_pause_ends e WHERE e.pause_id = p.id AND e.ended_on <= :today)
           ) AS paused,
           (SELECT jsonb_agg(jsonb_build_array(n.text, w.display_name, n.at) ORDER BY pin.at DESC, n.id DESC)
              FROM account_notes n JOIN actors w ON w.id = n.author_id
              JOIN LATERAL (SELECT is_pinned, at FROM note_pins
                             WHERE note_id = n.id ORDER BY id DESC LIMIT 1) pin ON pin.is_pinned
             WHERE n.customer_account_id = a.id) AS pinned,
           (SELECT jsonb_agg(jsonb_build_array(f.id, f.due_on, f.text) ORDER BY f.due_on, f.id)
              FROM follow_ups f WHERE f.customer_account_id = a.id
               AND NOT EXISTS (SELECT FROM follow_up_ends e WHERE e.follow_up_id = f.id)) AS promised,
           (SELECT jsonb_agg(o ORDER BY o.status <> 'open', o.reference) FROM (
                   SELECT x.kind, x.reference, x.status,
                          (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE customer_account_id = x.id) AS owed
                     FROM customer_accounts x
                    WHERE x.customer_id = a.customer_id AND x.id <> a.id AND NOT {_HIDDEN}
                    ORDER BY x.status <> 'open', x.reference LIMIT {MOST_OTHERS + 1}) AS o) AS others,
           (SELECT to_jsonb(l) FROM (
                   SELECT p.paid_at, r.id, r.series, r.year, r.number, p.tender, p.tender_brand, p.tender_last4,
                          (SELECT -sum(amount_cents) FROM postings
                            WHERE journal_id = p.journal_id AND customer_account_id = a.id) AS cents,
                          EXISTS (SELECT FROM journals j WHERE j.reverses_id = p.journal_id)
                          OR p.amount_cents + p.fee_cents <= (SELECT coalesce(sum(v.amount_cents), 0)
                                 FROM payment_reversals v WHERE v.payment_id = p.id) AS is_reversed
                     FROM payments p JOIN receipts r ON r.payment_id = p.id
                    WHERE p.journal_id IN (SELECT journal_id FROM postings WHERE customer_account_id = a.id)
                    ORDER BY p.paid_at DESC, p.id DESC LIMIT 1) AS l) AS last_payment
      FROM file a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id""")  # noqa: S608 - our own words


@dataclass(frozen=True, slots=True)
class Role:
    """Somebody's part at the premises. ``name`` is empty where the reader may not see whose it is."""

    role: str
    name: str
    since_on: date
    until_on: date | None
    is_holder: bool


@dataclass(frozen=True, slots=True)
class OtherAccount:
    """Another account of the same holder."""

    kind: str
    reference: str
    status: str
    owed: Money


@dataclass(frozen=True, slots=True)
class OpenException:
    """Something about this account that somebody has to look at."""

    id: int
    kind: str
    opened_at: datetime

    @property
    def respond_by(self) -> datetime:
        """The end of its clock."""
        return respond_by(self.kind, self.opened_at)


@dataclass(frozen=True, slots=True)
class OpenRequest:
    """Something that was asked for and is not done."""

    id: int
    number: str
    kind: str
    name: Mapping[str, str]
    due_on: date
    waits_for_resident: bool


@dataclass(frozen=True, slots=True)
class Paused:
    """What stands still on the account: ``shut-off`` or ``penalties``, why, and until when."""

    stops: str
    words: Mapping[str, str]
    until_on: date | None


@dataclass(frozen=True, slots=True)
class PinnedNote:
    """What everybody must read who has the account open."""

    text: str
    author: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Promise:
    """A follow-up that is open."""

    id: int
    due_on: date
    text: str


@dataclass(frozen=True, slots=True)
class LastPayment:
    """The newest payment on this account, and how much of it was for this account."""

    paid_at: datetime
    receipt_id: int
    number: str
    tender: ReceiptTender
    amount: Money
    is_reversed: bool


@dataclass(frozen=True, slots=True)
class FileHead:
    """What the head of the page needs beside the account itself."""

    customer_kind: str
    hides_contact: bool
    """The holder has another account that the reader may not see, so that how to reach them is not shown either."""
    email: str
    phone: str
    mailing_address: str
    language: str
    source_system: str
    source_key: str
    city: str
    state: str
    zip_code: str
    parcel: str
    aliases: tuple[tuple[str, str], ...]
    """(Number, source)."""
    roles: tuple[Role, ...]
    mail_came_back_on: date | None
    """The last letter that stops mail to the address that still is theirs; none: mail goes out."""
    needs_a_visit: bool
    """A letter came back and nobody was at the door since, so no service is shut off (``customer_changes.rules``)."""
    change_on: date | None
    """The day of the next change of name or address that waits."""
    others: tuple[OtherAccount, ...]
    has_more_others: bool
    last_payment: LastPayment | None
    exceptions: tuple[OpenException, ...]
    requests: tuple[OpenRequest, ...]
    """The shortest clock first."""
    paused: tuple[Paused, ...]
    pinned: tuple[PinnedNote, ...]
    """The last pinned first."""
    promised: tuple[Promise, ...]
    """The first due first."""
    cash_only: tuple[int, date] | None
    """The flag under which no check is taken, and its last day."""


def file_head(
    session: Session, account_id: int, today: date, *, sees_protected: bool, sees_restricted: bool
) -> FileHead:
    """The head of one account's file. One statement."""
    sight = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    row = session.execute(_HEAD, {"account": account_id, "today": today, **sight}).one()
    stopped, needs_a_visit = _letters(row.letters or (), row.mailing_address)
    others = [_other(one) for one in row.others or ()]
    return FileHead(
        customer_kind=row.kind,
        hides_contact=row.hides,
        email="" if row.hides else row.email,
        phone="" if row.hides else row.phone,
        mailing_address="" if row.hides else row.mailing_address,
        language=row.language,
        source_system=row.source_system,
        source_key=row.source_key or "",
        city=row.city or "",
        state=row.state or "",
        zip_code=row.zip_code or "",
        parcel=row.parcel or "",
        aliases=tuple((number, source) for number, source in row.aliases or ()),
        roles=tuple(_role(*one) for one in row.roles or ()),
        mail_came_back_on=stopped,
        needs_a_visit=needs_a_visit,
        change_on=row.change_on,
        others=tuple(others[:MOST_OTHERS]),
        has_more_others=len(others) > MOST_OTHERS,
        last_payment=_payment(row.last_payment) if row.last_payment else None,
        exceptions=tuple(
            OpenException(id_, kind, datetime.fromisoformat(at)) for id_, kind, at in row.exceptions or ()
        ),
        requests=tuple(
            OpenRequest(id_, number, kind, name, date.fromisoformat(on), waits)
            for id_, number, kind, name, on, waits in row.requests or ()
        ),
        paused=tuple(
            Paused(stops, words, date.fromisoformat(until) if until else None)
            for stops, words, until in row.paused or ()
        ),
        pinned=tuple(PinnedNote(said, who, datetime.fromisoformat(at)) for said, who, at in row.pinned or ()),
        cash_only=(row.cash_only[0], date.fromisoformat(row.cash_only[1])) if row.cash_only else None,
        promised=tuple(Promise(id_, date.fromisoformat(on), what) for id_, on, what in row.promised or ()),
    )


def _letters(letters: Sequence[Any], mailing_address: str) -> tuple[date | None, bool]:
    """As ``customer_changes.queries.stopping``: letters from an address that is theirs no more stop nothing."""
    now, days, needs_a_visit = address_key(mailing_address), [], False
    for key, returned_on, handlings in letters:
        done = frozenset(Handling(one) for one in handlings or ())
        if stops_mail(done) and now in ("", key):
            days.append(date.fromisoformat(returned_on))
            needs_a_visit = needs_a_visit or blocks_shut_off(done)
    return max(days, default=None), needs_a_visit


def _role(role: str, name: str, since_on: str, until_on: str | None, is_holder: bool, is_hidden: bool) -> Role:  # noqa: PLR0917 - a row
    until = date.fromisoformat(until_on) if until_on else None
    return Role(role, "" if is_hidden else name, date.fromisoformat(since_on), until, is_holder)


def _other(one: Mapping[str, Any]) -> OtherAccount:
    return OtherAccount(one["kind"], one["reference"], one["status"], Money(int(one["owed"])))


def _payment(one: Mapping[str, Any]) -> LastPayment:
    return LastPayment(
        paid_at=datetime.fromisoformat(one["paid_at"]),
        receipt_id=one["id"],
        number=number_text(one["series"], one["year"], one["number"]),
        tender=ReceiptTender(one["tender"], one["tender_brand"], one["tender_last4"]),
        amount=Money(int(one["cents"] or 0)),
        is_reversed=one["is_reversed"],
    )
