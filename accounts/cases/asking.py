"""Use cases of who asks: begin, keep what was answered, add papers, hand in, answer the city, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from accounts.cases import answers, rules
from accounts.cases.lifecycle import CaseDesk, locked, move, note, start_clock_again, write
from accounts.cases.models import Case, CaseDocument, CaseSubmission
from accounts.cases.rules import Direction, Event, State
from accounts.cities.requests import RequestKind
from accounts.database import transaction
from accounts.documents import service as documents
from accounts.documents.rules import Sent, check_size
from accounts.documents.store import DocumentStore
from accounts.errors import NotFound
from accounts.pauses.rules import NewPause, Stopped
from accounts.pauses.service import begin_pause, end_pauses

_ACCOUNT = text("SELECT id, customer_id, kind FROM customer_accounts WHERE id = :account")
_LOCK_ACCOUNT = text("SELECT id FROM customer_accounts WHERE id = :account FOR UPDATE")
_BILLS = text("SELECT id, billed_on FROM bills WHERE customer_account_id = :account")
_OPEN = text("""
    SELECT number FROM cases WHERE customer_account_id = :account AND kind = :kind AND id <> :case
       AND state IN ('submitted', 'in-review', 'waiting', 'decided') LIMIT 1""")
_LAST = text("""
    SELECT max(submitted_on) FROM cases WHERE customer_account_id = :account AND kind = :kind AND id <> :case
       AND state <> 'draft' AND number IS NOT NULL""")
CASE = "case"
"""The kind of cause of every pause that a case asks for."""


class NotForThisAccount(NotFound):
    """The request is about no account of this kind."""


@dataclass(frozen=True)
class Asker:
    """Who asks: an actor, or a guest with ``name``, ``email``, ``phone``."""

    actor_id: int | None
    guest: Mapping[str, str] = field(default_factory=dict)
    language: str = "en"


def begin(desk: CaseDesk, asker: Asker, kind_code: str, account_id: int | None = None) -> int:
    """Use case: a draft, of which nobody but the asker knows; its id. One of the same kind and account goes on.

    Whether they may ask for this account is for the caller to know. Raises ``NotInTheCity``,
    :class:`NotForThisAccount`.
    """
    kind = desk.city.request_kind(kind_code, desk.today)
    with transaction(desk.sessions) as session:
        account = session.execute(_ACCOUNT, {"account": account_id}).one_or_none()
        if kind.needs_account and (account is None or account.kind not in kind.account_kinds):
            raise NotForThisAccount(f"{kind_code} is not for account {account_id}")
        if asker.actor_id is not None:
            known = session.scalar(
                select(Case.id).where(
                    Case.asked_by == asker.actor_id, Case.kind == kind_code, Case.state == State.DRAFT.value,
                    Case.customer_account_id.is_not_distinct_from(account_id),
                )
            )  # fmt: skip
            if known is not None:
                return known
        case = Case(
            kind=kind_code, customer_account_id=account_id, customer_id=account.customer_id if account else None,
            asked_by=asker.actor_id, guest=dict(asker.guest), language=asker.language, begun_at=desk.now,
        )  # fmt: skip
        session.add(case)
        session.flush()
        return case.id


def keep_answers(desk: CaseDesk, case_id: int, given: Mapping[str, object], *, whole: bool = True) -> None:
    """Use case: keep what a page of a draft says, beside what the others said.

    ``given`` holds what that page asks; ``whole``: all of it that must be answered is. Raises ``NotNow``,
    ``AnswerMissing``, ``BadAnswer``.
    """
    with transaction(desk.sessions) as session:
        case = _draft(session, case_id)
        kind = desk.city.request_kind(case.kind, desk.today)
        asked = [question for question in kind.questions if question.code in given]
        kept = answers.checked(asked, given, bills=_bills(session, case), whole=whole)
        others = {code: said for code, said in case.draft.items() if code not in given}
        case.draft = {**others, **kept}


def add_document(
    desk: CaseDesk, store: DocumentStore, case_id: int, wanted: str, sent: Sent, *, actor_id: int | None
) -> int:
    """Use case: a paper comes with a draft, or with what the city waits for; its id.

    The file is examined before any transaction. Raises ``NotNow``, ``NotFound`` (no such paper is wanted), and what
    :func:`accounts.documents.service.examined` refuses.
    """
    policy = desk.city.document_policy(desk.today)
    with transaction(desk.sessions) as session:
        _may_add(desk, locked(session, case_id), wanted)
        there = _papers(session, case_id)
    taken = documents.examined(policy, sent, there)
    with transaction(desk.sessions) as session:
        case = locked(session, case_id)
        _may_add(desk, case, wanted)
        check_size(policy, sent, _papers(session, case_id))
        document_id = documents.keep(session, store, taken, sent_by=actor_id, now=desk.now)
        row = CaseDocument(
            case_id=case.id, document_id=document_id, wanted=wanted, actor_id=actor_id, at=desk.now, removed_at=None
        )
        session.add(row)
        session.flush()
        note(session, "document-added", case, actor_id, document=document_id, wanted=wanted)
        return row.id


def remove_document(desk: CaseDesk, case_id: int, case_document_id: int, *, actor_id: int | None) -> None:
    """Use case: a paper is taken out of a draft. Raises ``NotNow`` and ``NotFound``."""
    with transaction(desk.sessions) as session:
        case = _draft(session, case_id)
        row = session.get(CaseDocument, case_document_id)
        if row is None or row.case_id != case_id or row.removed_at is not None:
            raise NotFound(f"no paper {case_document_id} in case {case_id}")
        row.removed_at = desk.now
        note(session, "document-removed", case, actor_id, document=row.document_id)


def submit(desk: CaseDesk, case_id: int, *, actor_id: int | None) -> str:
    """Use case: hand a draft in; the number by which it is known.

    The kind's terms are frozen with it, its clock begins, and what it stops on its account stands still. Raises
    ``NotNow``, ``AnswerMissing``, ``BadAnswer``, ``PaperMissing``, ``TooLate``, ``TooSoon``, ``OpenAlready``.
    """
    with transaction(desk.sessions) as session:
        case = _draft(session, case_id)
        kind = desk.city.request_kind(case.kind, desk.today)
        if case.customer_account_id is not None:
            session.execute(_LOCK_ACCOUNT, {"account": case.customer_account_id})
        said = answers.checked(kind.questions, case.draft, bills=_bills(session, case))
        _must_have_papers(session, case, kind)
        _must_be_in_time(session, desk, case, kind, said)
        case.number = rules.case_number(desk.today.year, case.id)
        case.terms, case.division = kind.model_dump(mode="json"), kind.division
        case.submitted_at, case.submitted_on = desk.now, desk.today
        case.due_on = rules.due_on(desk.city.calendar, desk.today, kind.answer_within)
        move(session, case, Event.SUBMIT, actor_id=actor_id, now=desk.now, due_on=case.due_on.isoformat())
        _hand_in(session, desk, case, said, actor_id)
        _pause(session, desk, case, kind, actor_id)
        return case.number


def answer(desk: CaseDesk, case_id: int, words: str, *, actor_id: int | None) -> None:
    """Use case: the resident answers what was asked, and the clock goes on. Raises ``NotNow``, ``NothingSaid``."""
    with transaction(desk.sessions) as session:
        case = locked(session, case_id)
        write(session, case, Direction.FROM_RESIDENT, words, actor_id=actor_id, now=desk.now)
        start_clock_again(case, desk.city, desk.today)
        move(session, case, Event.ANSWER, actor_id=actor_id, now=desk.now, due_on=str(case.due_on))


def write_to_city(desk: CaseDesk, case_id: int, words: str, *, actor_id: int | None) -> None:
    """Use case: the resident writes without being asked, while it is open. Raises ``NotNow``, ``NothingSaid``."""
    with transaction(desk.sessions) as session:
        case = locked(session, case_id)
        if State(case.state) not in rules.OPEN:
            raise rules.NotNow("it is not open", state=case.state, event="message")
        write(session, case, Direction.FROM_RESIDENT, words, actor_id=actor_id, now=desk.now)


def withdraw(desk: CaseDesk, case_id: int, *, actor_id: int | None, reason: str = "") -> None:
    """Use case: who asked takes it back; a draft is thrown away. What it had stopped goes on. Raises ``NotNow``."""
    with transaction(desk.sessions) as session:
        case = locked(session, case_id)
        event = Event.DISCARD if case.state == State.DRAFT.value else Event.WITHDRAW
        move(session, case, event, actor_id=actor_id, now=desk.now, reason=reason.strip())
        end_pauses(session, (CASE, case.id), on=desk.today, why="withdrawn", actor_id=actor_id, now=desk.now)


def _draft(session: Session, case_id: int) -> Case:
    case = locked(session, case_id)
    if case.state != State.DRAFT.value:
        raise rules.NotNow("it was handed in", state=case.state, event=Event.SUBMIT)
    return case


def _bills(session: Session, case: Case) -> dict[int, date]:
    return dict(session.execute(_BILLS, {"account": case.customer_account_id}).all())


def _may_add(desk: CaseDesk, case: Case, wanted: str) -> None:
    """Papers come with a draft, or while the city waits for some."""
    if State(case.state) not in {State.DRAFT, State.WAITING}:
        raise rules.NotNow("no papers are awaited", state=case.state, event="document")
    is_draft = case.state == State.DRAFT.value
    kind = desk.city.request_kind(case.kind, desk.today) if is_draft else RequestKind.model_validate(case.terms)
    if not any(paper.code == wanted for paper in kind.documents):
        raise NotFound(f"{case.kind} wants no {wanted}")


def _papers(session: Session, case_id: int) -> int:
    there = select(func.count()).where(CaseDocument.case_id == case_id, CaseDocument.removed_at.is_(None))
    return session.scalars(there).one()


def _must_have_papers(session: Session, case: Case, kind: RequestKind) -> None:
    there = session.scalars(
        select(CaseDocument.wanted).where(CaseDocument.case_id == case.id, CaseDocument.removed_at.is_(None))
    )
    required = [paper.code for paper in kind.documents if paper.required]
    if missing := rules.missing_papers(required, set(there)):
        raise rules.PaperMissing(f"no {missing[0]}", document=missing[0])


def _must_be_in_time(
    session: Session, desk: CaseDesk, case: Case, kind: RequestKind, said: Mapping[str, rules.Answer]
) -> None:
    values = {"account": case.customer_account_id, "kind": case.kind, "case": case.id}
    if kind.needs_account and kind.effect != "none" and (number := session.scalar(_OPEN, values)):
        raise rules.OpenAlready(f"{number} asks for the same", number=number)
    last = session.scalar(_LAST, values) if kind.once_in_days and kind.needs_account else None
    if last is not None and kind.once_in_days and desk.today < (again := last + timedelta(days=kind.once_in_days)):
        raise rules.TooSoon(f"asked for on {last}", again_on=again)
    if kind.file_within is not None:
        sent = _bills(session, case)
        bills = [said[one.code] for one in kind.questions if one.kind == "bill" and one.code in said]
        last_day = min(sent[int(bill)] for bill in bills) + timedelta(days=kind.file_within)
        if desk.today > last_day:
            raise rules.TooLate(f"until {last_day}", last_day=last_day)


def _hand_in(
    session: Session, desk: CaseDesk, case: Case, said: Mapping[str, rules.Answer], actor_id: int | None
) -> None:
    session.add(
        CaseSubmission(
            case_id=case.id, version=case.version, answers=dict(said), city_release_id=desk.release_id,
            actor_id=actor_id, at=desk.now,
        )
    )  # fmt: skip
    session.flush()


def _pause(session: Session, desk: CaseDesk, case: Case, kind: RequestKind, actor_id: int | None) -> None:
    for pause in kind.pauses:
        until = None if pause.most_days is None else desk.today + timedelta(days=pause.most_days - 1)
        new = NewPause(
            case.customer_account_id or 0, Stopped(pause.stops), case.kind, dict(pause.words.root), kind.authority,
            (CASE, case.id), desk.today, until,
        )  # fmt: skip
        begin_pause(session, new, actor_id=actor_id, now=desk.now)
