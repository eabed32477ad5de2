"""Links to a guest's request are called back: by the guest, whose link somebody else has, or by who works on it.

A link carries how often links to its case had been called back when it was made; an older one opens nothing, and is
answered like one that we never made.
"""

from __future__ import annotations

from sqlalchemy.orm import Session

from accounts.cases import queries as cases
from accounts.cases.lifecycle import CaseDesk, locked, note, write
from accounts.cases.models import Case
from accounts.cases.rules import ChangedMeanwhile, Direction, State, words
from accounts.cases.service import worked
from accounts.database import transaction
from accounts.errors import DomainError
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.requests import guests
from accounts.requests.guests import Guest
from accounts.staff.rules import Authority

CALLED_BACK = "guest_links_called_back"
"""Fact: a new link goes to the address that asked for ``case_id``, unless its links were called back again
(``links``)."""


class AsksSignedIn(DomainError):
    """Whoever asked has signed in: there is no link to call back."""


def call_back(desk: CaseDesk, who: Guest) -> None:
    """Use case: all links to a guest's request end, theirs too; a new one is mailed to the address that asked.

    Raises ``NotFound`` for a link that is none, or not any more.
    """
    with transaction(desk.sessions) as session:
        case = locked(session, who.case_id)
        guests.must_own(session, who, cases.case(session, who.case_id))
        _end(session, case, None)
        if case.state == State.DRAFT.value:
            case.kept_at = desk.now
        _mail(session, case)


def call_back_at_counter(
    desk: CaseDesk, by: Authority, case_id: int, reason: str, *, seen: int, mails_new: bool
) -> None:
    """Use case: who works on it ends all links to a guest's request, with a reason that stays with it as a note.

    ``seen``: how often they had been called back when the person looked. ``mails_new``: a new one goes to the address
    that asked; else they can ask for one. Raises ``NotAllowed``, ``NotFound``, :class:`AsksSignedIn`,
    ``NothingSaid``, ``ChangedMeanwhile``.
    """
    said = words(reason)
    with transaction(desk.sessions) as session:
        case = worked(session, by, case_id)
        if case.asked_by is not None:
            raise AsksSignedIn(f"actor {case.asked_by} asked for {case_id}")
        if case.links != seen:
            raise ChangedMeanwhile(f"links of {case_id} were called back {case.links} times, not {seen}")
        _end(session, case, by.actor_id, reason=said)
        write(session, case, Direction.NOTE, said, actor_id=by.actor_id, now=desk.now)
        if mails_new:
            _mail(session, case)


def _end(session: Session, case: Case, actor_id: int | None, **details: object) -> None:
    case.links += 1
    session.flush()
    note(session, "guest-links-ended", case, actor_id, **details)


def _mail(session: Session, case: Case) -> None:
    announce(session, CALLED_BACK, priority=SOMEBODY_WAITS, case_id=case.id, links=case.links)
