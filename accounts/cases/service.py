"""Use cases of who works on cases: take up, hand on, ask, write, sign off; and the steps that decide and end one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors.models import Actor, ActorKind
from accounts.cases import rules
from accounts.cases.asking import CASE
from accounts.cases.lifecycle import DECIDED, CaseDesk, locked, move, note, start_clock_again, terms_of, write
from accounts.cases.models import Case, CaseDecision, CaseDocument, CaseSignOff
from accounts.cases.rules import Direction, Event, Outcome, State
from accounts.cities.desk import must_be_on
from accounts.contacts.rules import ForNobody
from accounts.customer_accounts.access import seen_account
from accounts.database import transaction
from accounts.documents.models import Document
from accounts.documents.store import DocumentStore
from accounts.errors import NotFound, SamePerson
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.pauses.service import end_pauses
from accounts.staff.rules import Authority, Permission


@dataclass(frozen=True)
class Decided:
    """A decision to be written: ``reason`` is for the resident, ``effect`` says what came of it."""

    outcome: Outcome
    reason: str
    effect: Mapping[str, object] = field(default_factory=dict)
    proposal_id: int | None = None
    """The act that waits for a second person; until then the case is not done."""
    keeps_pauses: bool = False
    """Whether what stands still goes on doing so until its last day."""


@dataclass(frozen=True)
class Opened:
    """A paper as it is given out."""

    name: str
    media_type: str
    content: bytes


def take(desk: CaseDesk, by: Authority, case_id: int, *, seen: int) -> None:
    """Use case: it is this person's from now on. Raises ``NotAllowed``, ``NotFound``, ``NotNow``,
    ``ChangedMeanwhile``."""
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id, seen)
        case.assignee_id = by.actor_id
        move(session, case, Event.TAKE_UP, actor_id=by.actor_id, now=desk.now, assignee=by.actor_id)


def hand_on(
    desk: CaseDesk, by: Authority, case_id: int, *, seen: int, to: int | None = None, division: str = ""
) -> None:
    """Use case: it is another person's, or everybody's in a division. Raises as :func:`take`, ``ForNobody``,
    ``NotOnTheList``."""
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id, seen)
        if to is not None:
            if session.scalar(select(Actor.kind).where(Actor.id == to)) is not ActorKind.STAFF:
                raise ForNobody(f"nobody works here as {to}")
        elif division:
            must_be_on(desk.city.desk_policy(desk.today).divisions, division, "division")
            case.division = division
        else:
            raise ForNobody("say whose it is")
        case.assignee_id = to
        move(session, case, Event.TAKE_UP, actor_id=by.actor_id, now=desk.now, assignee=to, division=case.division)


def ask(desk: CaseDesk, by: Authority, case_id: int, words: str, *, seen: int, template: str = "") -> None:
    """Use case: ask the resident for something; the clock stands until they answer. Raises as :func:`take`, and
    ``NothingSaid``."""
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id, seen)
        case.waiting_since = desk.today
        move(session, case, Event.ASK, actor_id=by.actor_id, now=desk.now)
        write(session, case, Direction.TO_RESIDENT, words, actor_id=by.actor_id, now=desk.now, template=template)


def go_on(desk: CaseDesk, by: Authority, case_id: int, *, seen: int) -> None:
    """Use case: it goes on without an answer. Raises as :func:`take`."""
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id, seen)
        start_clock_again(case, desk.city, desk.today)
        move(session, case, Event.GO_ON, actor_id=by.actor_id, now=desk.now)


def tell(desk: CaseDesk, by: Authority, case_id: int, words: str, *, template: str = "") -> None:
    """Use case: write to the resident; nothing else changes. Raises ``NotAllowed``, ``NotFound``, ``NothingSaid``,
    ``NotNow`` for a case that nobody handed in."""
    _write(desk, by, case_id, Direction.TO_RESIDENT, words, template=template)


def leave_note(desk: CaseDesk, by: Authority, case_id: int, words: str) -> None:
    """Use case: a note for who works on it; the resident never sees it. Raises as :func:`tell`."""
    _write(desk, by, case_id, Direction.NOTE, words)


def sign_off(desk: CaseDesk, by: Authority, case_id: int, step_code: str, *, is_fine: bool, words: str = "") -> None:
    """Use case: somebody who may looked at it, and it is fine, or not and why. Raises ``NotAllowed``, ``NotFound``,
    ``NothingSaid``, ``NotNow``."""
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id)
        if State(case.state) not in rules.OPEN:
            raise rules.NotNow("it is not open", state=case.state, event="sign-off")
        step = next((step for step in terms_of(case).sign_offs if step.code == step_code), None)
        if step is None:
            raise NotFound(f"{case.kind} has no step {step_code!r}")
        by.must(step.permission)
        said = words.strip() if is_fine else rules.words(words)
        row = CaseSignOff(
            case_id=case.id, step=step_code, is_fine=is_fine, note=said, actor_id=by.actor_id, at=desk.now
        )
        session.add(row)
        note(session, "case-signed-off", case, by.actor_id, step=step_code, is_fine=is_fine)


def open_document(
    desk: CaseDesk, store: DocumentStore, by: Authority | None, case_id: int, case_document_id: int
) -> Opened:
    """Use case: a paper of a case, and a line of the audit that says who had it.

    ``by``: who works here, asked for their permission; nobody: who asked, whose right to the case the caller knows.
    Raises ``NotAllowed``, ``NotFound``.
    """
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id) if by is not None else locked(session, case_id)
        found = session.execute(
            select(CaseDocument, Document)
            .join(Document, Document.id == CaseDocument.document_id)
            .where(CaseDocument.id == case_document_id, CaseDocument.case_id == case_id)
            .where(CaseDocument.removed_at.is_(None))
        ).one_or_none()
        if found is None:
            raise NotFound(f"no paper {case_document_id} in case {case_id}")
        document = found[1]
        content = store.read(document.sha256)
        note(session, "document-opened", case, by.actor_id if by else case.asked_by, document=document.id)
        return Opened(document.name, document.media_type, content)


def worked(session: Session, by: Authority, case_id: int, seen: int | None = None) -> Case:
    """Step: the case under lock, for somebody who works here and may see what it is about. A draft is not there.

    Raises ``NotAllowed``, ``NotFound``, ``ChangedMeanwhile``.
    """
    by.must(Permission.CASES_WORK)
    case = locked(session, case_id, seen)
    if case.number is None:
        raise NotFound(f"no case {case_id} for {by.handle}")
    if case.customer_account_id is not None:
        seen_account(session, by, case.customer_account_id)
    return case


def must_be_ready(session: Session, case: Case, by: Authority, outcome: Outcome) -> None:
    """Step: whether this person may decide it so, now.

    Raises ``NotAllowed``, :class:`~accounts.errors.SamePerson` (nobody decides what they asked for), ``NotNow``,
    ``SignOffMissing``, ``SignOffRefused``.
    """
    kind = terms_of(case)
    by.must(kind.decided_with)
    if case.asked_by == by.actor_id:
        raise SamePerson("nobody decides their own request")
    rules.after(State(case.state), Event.DECIDE)
    rows = session.scalars(select(CaseSignOff).where(CaseSignOff.case_id == case.id).order_by(CaseSignOff.id))
    last = {row.step: row for row in rows}
    for step in kind.sign_offs:
        if step.code not in last:
            raise rules.SignOffMissing(f"no {step.code}", step=step.code)
        if not last[step.code].is_fine and outcome in {Outcome.GRANTED, Outcome.PARTLY}:
            raise rules.SignOffRefused(f"{step.code} says no", step=step.code)


def decide(session: Session, desk: CaseDesk, case: Case, by: Authority, decided: Decided) -> int:
    """Step: write the decision; the case is done, unless what follows waits for a second person. The decision's id.

    After :func:`must_be_ready`, under the same lock. What the case had stopped goes on once it is done.
    """
    number = session.scalars(select(func.count()).where(CaseDecision.case_id == case.id)).one() + 1
    row = CaseDecision(
        case_id=case.id, number=number, outcome=decided.outcome.value, reason=rules.words(decided.reason),
        authority=terms_of(case).authority, effect=dict(decided.effect), proposal_id=decided.proposal_id,
        asked_by=case.asked_by, decided_by=by.actor_id, decided_on=desk.today, at=desk.now,
    )  # fmt: skip
    session.add(row)
    move(session, case, Event.DECIDE, actor_id=by.actor_id, now=desk.now, outcome=decided.outcome.value)
    if decided.proposal_id is None:
        finish(session, desk, case, by.actor_id, keeps_pauses=decided.keeps_pauses)
    return row.id


def finish(session: Session, desk: CaseDesk, case: Case, actor_id: int | None, *, keeps_pauses: bool = False) -> None:
    """Step: all that follows the decision is done; who asked is told."""
    move(session, case, Event.FINISH, actor_id=actor_id, now=desk.now)
    if not keeps_pauses:
        end_pauses(session, (CASE, case.id), on=desk.today, why="decided", actor_id=actor_id, now=desk.now)
    announce(session, DECIDED, priority=SOMEBODY_WAITS, case_id=case.id)


def send_back(session: Session, desk: CaseDesk, case: Case, actor_id: int | None, why: str) -> None:
    """Step: what should have followed will not, so it is to be decided anew."""
    move(session, case, Event.SEND_BACK, actor_id=actor_id, now=desk.now, reason=why)


def _write(
    desk: CaseDesk, by: Authority, case_id: int, direction: Direction, words: str, *, template: str = ""
) -> None:
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id)
        write(session, case, direction, words, actor_id=by.actor_id, now=desk.now, template=template)
