"""Use case of who asks: hand a draft in. Its cases get numbers, terms and clocks; what they stop stands still."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.cases import answers, rules
from accounts.cases.asking import CASE, bills_of, draft_of
from accounts.cases.lifecycle import HANDED_IN, CaseDesk, move
from accounts.cases.models import Case, CaseDocument, CaseSubmission
from accounts.cases.rules import Event
from accounts.cities.requests import RequestKind
from accounts.database import transaction
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.pauses.rules import NewPause, Stopped
from accounts.pauses.service import begin_pause

_LOCK_ACCOUNT = text("SELECT id FROM customer_accounts WHERE id = :account FOR UPDATE")
_OPEN = text("""
    SELECT number FROM cases WHERE customer_account_id = :account AND kind = :kind AND id <> :case
       AND state IN ('submitted', 'in-review', 'waiting', 'decided') LIMIT 1""")
_LAST = text("""
    SELECT max(submitted_on) FROM cases WHERE customer_account_id = :account AND kind = :kind AND id <> :case
       AND state <> 'draft' AND number IS NOT NULL""")


def submit(desk: CaseDesk, case_id: int) -> tuple[str, ...]:
    """Use case: hand a draft in; the numbers by which its cases are known, one unless its kind has parts.

    The kind's terms are frozen with each, its clock begins, and what it stops on its account stands still. A guest is
    told by mail that it came. Raises ``NotNow``, ``AnswerMissing``, ``BadAnswer``, ``PaperMissing``, ``TooLate``,
    ``TooSoon``, ``OpenAlready``.
    """
    with transaction(desk.sessions) as session:
        case = draft_of(session, case_id)
        kind = desk.city.request_kind(case.kind, desk.today)
        if case.customer_account_id is not None:
            session.execute(_LOCK_ACCOUNT, {"account": case.customer_account_id})
        said = answers.checked(kind.questions, case.draft, bills=bills_of(session, case))
        _must_have_papers(session, case, kind)
        _must_be_in_time(session, desk, case, kind, said)
        first, *others = kind.as_parts()
        for part in others:
            beside = _beside(session, desk, case)
            _take_papers(session, desk, case, beside, part)
            _hand_in(session, desk, beside, part, said)
        _hand_in(session, desk, case, first, said)
        if case.asked_by is None:
            announce(session, HANDED_IN, priority=SOMEBODY_WAITS, case_id=case.id)
        session.flush()
        numbers = session.scalars(
            select(Case.number).where((Case.id == case.id) | (Case.asked_with == case.id)).order_by(Case.id)
        )
        return tuple(number or "" for number in numbers)


def _beside(session: Session, desk: CaseDesk, case: Case) -> Case:
    """Another case of the same form: of the same person, about the same account."""
    made = Case(
        kind=case.kind, customer_account_id=case.customer_account_id, customer_id=case.customer_id,
        asked_by=case.asked_by, guest=dict(case.guest), language=case.language, begun_at=desk.now,
        kept_at=desk.now, asked_with=case.id,
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made


def _take_papers(session: Session, desk: CaseDesk, case: Case, beside: Case, part: RequestKind) -> None:
    """Papers of this part go with its case; each is kept once, and was sent when it was."""
    codes = [paper.code for paper in part.documents]
    papers = session.scalars(
        select(CaseDocument)
        .where(CaseDocument.case_id == case.id, CaseDocument.removed_at.is_(None), CaseDocument.wanted.in_(codes))
        .order_by(CaseDocument.id)
    ).all()
    for paper in papers:
        session.add(
            CaseDocument(
                case_id=beside.id, document_id=paper.document_id, wanted=paper.wanted, actor_id=paper.actor_id,
                at=paper.at, removed_at=None,
            )
        )  # fmt: skip
        paper.removed_at = desk.now
    session.flush()


def _hand_in(
    session: Session, desk: CaseDesk, case: Case, kind: RequestKind, said: Mapping[str, rules.Answer]
) -> None:
    case.number = rules.case_number(desk.today.year, case.id)
    case.terms, case.division = kind.model_dump(mode="json"), kind.division
    case.submitted_at, case.submitted_on = desk.now, desk.today
    case.due_on = rules.due_on(desk.city.calendar, desk.today, kind.answer_within)
    move(session, case, Event.SUBMIT, actor_id=case.asked_by, now=desk.now, due_on=case.due_on.isoformat())
    asked = {question.code for question in kind.questions}
    session.add(
        CaseSubmission(
            case_id=case.id, version=case.version, answers={code: one for code, one in said.items() if code in asked},
            city_release_id=desk.release_id, actor_id=case.asked_by, at=desk.now,
        )
    )  # fmt: skip
    session.flush()
    _pause(session, desk, case, kind)


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
    does_something = kind.effect != "none" or bool(kind.parts)
    if kind.needs_account and does_something and (number := session.scalar(_OPEN, values)):
        raise rules.OpenAlready(f"{number} asks for the same", number=number)
    last = session.scalar(_LAST, values) if kind.once_in_days and kind.needs_account else None
    if last is not None and kind.once_in_days and desk.today < (again := last + timedelta(days=kind.once_in_days)):
        raise rules.TooSoon(f"asked for on {last}", again_on=again)
    if kind.file_within is not None:
        sent = bills_of(session, case)
        bills = [said[one.code] for one in kind.questions if one.kind == "bill" and one.code in said]
        last_day = min(sent[int(bill)] for bill in bills) + timedelta(days=kind.file_within)
        if desk.today > last_day:
            raise rules.TooLate(f"until {last_day}", last_day=last_day)


def _pause(session: Session, desk: CaseDesk, case: Case, kind: RequestKind) -> None:
    for pause in kind.pauses:
        until = None if pause.most_days is None else desk.today + timedelta(days=pause.most_days - 1)
        new = NewPause(
            case.customer_account_id or 0, Stopped(pause.stops), case.kind, dict(pause.words.root), kind.authority,
            (CASE, case.id), desk.today, until,
        )  # fmt: skip
        begin_pause(session, new, actor_id=case.asked_by, now=desk.now)
