"""Use cases of who asks: begin, keep what was answered, add papers, answer the city, take it back.

To hand it in: :mod:`accounts.cases.handing_in`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import Select, func, select, text
from sqlalchemy.orm import Session

from accounts.cases import answers, rules
from accounts.cases.lifecycle import CaseDesk, locked, move, note, start_clock_again, write
from accounts.cases.models import Case, CaseDocument
from accounts.cases.rules import Direction, Event, State
from accounts.cities.requests import RequestKind
from accounts.database import transaction
from accounts.documents import service as documents
from accounts.documents.rules import Sent, check_size
from accounts.documents.store import DocumentStore
from accounts.errors import NotFound
from accounts.pauses.service import end_pauses

_ACCOUNT = text("SELECT id, customer_id, kind FROM customer_accounts WHERE id = :account")
_BILLS = text("SELECT id, billed_on FROM bills WHERE customer_account_id = :account")
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
        known = session.scalar(_known(asker, kind_code, account_id))
        if known is not None:
            return _kept(locked(session, known), desk).id
        case = Case(
            kind=kind_code, customer_account_id=account_id, customer_id=account.customer_id if account else None,
            asked_by=asker.actor_id, guest=dict(asker.guest), language=asker.language, begun_at=desk.now,
            kept_at=desk.now,
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
        case = _kept(draft_of(session, case_id), desk)
        kind = desk.city.request_kind(case.kind, desk.today)
        asked = [question for question in kind.questions if question.code in given]
        kept = answers.checked(asked, given, bills=bills_of(session, case), whole=whole)
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
        case = _kept(locked(session, case_id), desk)
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
        case = _kept(draft_of(session, case_id), desk)
        row = session.get(CaseDocument, case_document_id)
        if row is None or row.case_id != case_id or row.removed_at is not None:
            raise NotFound(f"no paper {case_document_id} in case {case_id}")
        row.removed_at = desk.now
        note(session, "document-removed", case, actor_id, document=row.document_id)


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
    """Use case: who asked takes it back; a draft is thrown away, without a word kept. What it had stopped goes on.
    Raises ``NotNow``."""
    with transaction(desk.sessions) as session:
        case = locked(session, case_id)
        if case.state == State.DRAFT.value:
            move(session, case, Event.DISCARD, actor_id=actor_id, now=desk.now)
            return
        move(session, case, Event.WITHDRAW, actor_id=actor_id, now=desk.now, reason=reason.strip())
        end_pauses(session, (CASE, case.id), on=desk.today, why="withdrawn", actor_id=actor_id, now=desk.now)


def _known(asker: Asker, kind_code: str, account_id: int | None) -> Select[int]:
    """A draft of the same person, kind and account; a guest is the same by their proved address.

    One whose links were called back is not gone on with by the link that began it: who has that is not known.
    """
    drafts = select(Case.id).where(
        Case.state == State.DRAFT.value, Case.kind == kind_code, Case.asked_by.is_not_distinct_from(asker.actor_id),
        Case.customer_account_id.is_not_distinct_from(account_id),
    )  # fmt: skip
    if asker.actor_id is None:
        email = asker.guest.get("email", "")
        drafts = drafts.where(Case.asked_by.is_(None), Case.guest["email"].astext == email, Case.links == 0)
    return drafts.order_by(Case.id).limit(1)


def _kept(case: Case, desk: CaseDesk) -> Case:
    """Somebody is at it: the days after which a draft is cleared away begin anew."""
    case.kept_at, case.reminded_at = desk.now, None
    return case


def draft_of(session: Session, case_id: int) -> Case:
    """Step: a case that nobody handed in, under lock; raises ``NotNow``, ``NotFound``."""
    case = locked(session, case_id)
    if case.state != State.DRAFT.value:
        raise rules.NotNow("it was handed in", state=case.state, event=Event.SUBMIT)
    return case


def bills_of(session: Session, case: Case) -> dict[int, date]:
    """Step: bills that its answers may name, and the day of each."""
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
