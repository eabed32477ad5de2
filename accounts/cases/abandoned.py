"""What was begun and never handed in is cleared away: answers, name and address of a guest, papers with their files.

A row stays that says that there was a draft of this kind, and when; the audit says that it was cleared away.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, text

from accounts.cases.lifecycle import CaseDesk, locked, move, note
from accounts.cases.models import CaseDocument
from accounts.cases.rules import Event, State
from accounts.cases.views import CaseLine
from accounts.cities.requests import DraftPolicy
from accounts.database import reading, transaction
from accounts.documents import service as documents
from accounts.documents.store import DocumentStore
from accounts.outbox import announce

ENDS = "case_draft_ends"
"""Fact: a resident's draft (``case_id``) will be cleared away if they leave it (told at ``told_at``)."""
MOST = 5_000
"""In one night; the next one goes on."""
_CLEARED = """number IS NULL AND erased_at IS NULL AND (
        state = 'withdrawn'
        OR (state = 'draft' AND asked_by IS NULL AND kept_at < :guests_before)
        OR (state = 'draft' AND asked_by IS NOT NULL AND kept_at < :residents_before
            AND reminded_at < :told_before))"""
_NEXT = text(f"SELECT id FROM cases WHERE {_CLEARED} AND id > :after ORDER BY id LIMIT :most")  # noqa: S608
_STILL = text(f"SELECT true FROM cases WHERE id = :id AND {_CLEARED}")  # noqa: S608
_TELL = text("""
    UPDATE cases SET reminded_at = :now
     WHERE id IN (SELECT id FROM cases
                   WHERE number IS NULL AND erased_at IS NULL AND state = 'draft' AND asked_by IS NOT NULL
                     AND reminded_at IS NULL AND kept_at < :before ORDER BY id LIMIT :most FOR UPDATE SKIP LOCKED)
    RETURNING id""")


@dataclass(frozen=True, slots=True)
class Cleared:
    """What a night did."""

    told: int
    drafts: int
    files: int


def kept_until(desk: CaseDesk, line: CaseLine) -> date | None:
    """The day until which a draft is there, if nobody touches it (a resident’s: at the earliest); none: for good."""
    policy = desk.city.draft_policy(desk.today)
    if policy is None:
        return None
    days = policy.guest_days if line.asked_by is None else policy.resident_days
    return desk.clock.day_of(line.kept_at + timedelta(days=days))


def clear_away(desk: CaseDesk, store: DocumentStore, *, most: int = MOST, batch: int = 200) -> Cleared:
    """Use case of the night: residents are told of drafts whose days are nearly over; those whose days are over go,
    and whatever somebody threw away themselves.

    Each draft in a transaction of its own: cut anywhere, it goes on where it was, and nobody is told twice.
    """
    policy = desk.city.draft_policy(desk.today)
    if policy is None:
        return Cleared(0, 0, 0)
    told = _tell(desk, policy, batch)
    drafts, files, after = 0, 0, 0
    while drafts < most:
        with reading(desk.sessions) as session:
            values = {**_days(desk, policy), "after": after, "most": min(batch, most - drafts)}
            found = session.scalars(_NEXT, values).all()
        if not found:
            break
        for case_id in found:
            erased = _clear(desk, store, policy, case_id)
            drafts, files, after = drafts + (erased is not None), files + (erased or 0), case_id
    return Cleared(told, drafts, files)


def _tell(desk: CaseDesk, policy: DraftPolicy, batch: int) -> int:
    before = desk.now - timedelta(days=policy.resident_days - policy.notice_days)
    told = 0
    while True:
        with transaction(desk.sessions) as session:
            found = session.scalars(_TELL, {"now": desk.now, "before": before, "most": batch}).all()
            for case_id in found:
                announce(session, ENDS, case_id=case_id, told_at=desk.now.isoformat())
        if not found:
            return told
        told += len(found)


def _clear(desk: CaseDesk, store: DocumentStore, policy: DraftPolicy, case_id: int) -> int | None:
    """How many files went; none if somebody came back to it meanwhile."""
    with transaction(desk.sessions) as session:
        case = locked(session, case_id)
        if session.scalar(_STILL, {**_days(desk, policy), "id": case_id}) is None:
            return None
        if case.state == State.DRAFT.value:
            move(session, case, Event.DISCARD, actor_id=None, now=desk.now)
        case.draft, case.guest, case.erased_at = {}, {}, desk.now
        session.flush()
        sent = session.scalars(select(CaseDocument.document_id).where(CaseDocument.case_id == case_id)).all()
        files = documents.erase(session, store, sent, now=desk.now)
        note(session, "draft-cleared-away", case, None, files=files)
        return files


def _days(desk: CaseDesk, policy: DraftPolicy) -> dict[str, datetime]:
    now = desk.now
    return {
        "guests_before": now - timedelta(days=policy.guest_days),
        "residents_before": now - timedelta(days=policy.resident_days),
        "told_before": now - timedelta(days=policy.notice_days),
    }
