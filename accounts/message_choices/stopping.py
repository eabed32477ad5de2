"""Use cases of a link in a mail: stop mail of a kind, and take that back. No sign-in: who has the mail may do it.

RFC 8058 (one click), RFC 2369 (the header). What the city may not leave unsaid is not stopped by it.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import SYSTEM, actor_id
from accounts.cities.messages import MessagePolicy
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.message_choices.papers import paper_again
from accounts.message_choices.queries import Person, choices_of
from accounts.message_choices.rules import Choices, Way, way_of
from accounts.message_choices.service import Wanted, recipient_row, write_choices

BILL = "bill-ready"
_WITHOUT_MAIL = {Way.MAIL: Way.NONE, Way.BOTH: Way.TEXT}
_WITH_MAIL = {Way.NONE: Way.MAIL, Way.TEXT: Way.BOTH}


def stop_mail(sessions: Sessions, policy: MessagePolicy, person: Person, kind: str, *, clock: Clock) -> list[int]:
    """Use case: no mail of this kind any more; texts of it go on. Again changes nothing.

    Who is not told by any way that a bill is there gets bills on paper again: the accounts of which that is so.
    Raises :class:`rules.MustBeTold`.
    """
    with transaction(sessions) as session:
        chosen = _chosen(session, person)
        way = way_of(policy.kinds[kind], kind, chosen)  # type: ignore[index]
        if way is Way.TEXT and not chosen.text_number:
            way = Way.MAIL  # it went by mail, as no text could go
        after = _WITHOUT_MAIL.get(way, way)
        if after is Way.TEXT and not chosen.text_number:
            after = Way.NONE
        if not _write(session, policy, _Whose(person, kind, chosen), after, "mail-stopped-by-link"):
            return []
        if kind != BILL or after is not Way.NONE:
            return []
        by = actor_id(session, SYSTEM)
        return paper_again(session, person, by=by, now=clock.now(), reason="stopped the mail about bills")


def resume_mail(sessions: Sessions, policy: MessagePolicy, person: Person, kind: str) -> None:
    """Use case: mail of this kind again; what else changed by its end, such as paper, stays."""
    with transaction(sessions) as session:
        chosen = _chosen(session, person)
        way = way_of(policy.kinds[kind], kind, chosen)  # type: ignore[index]
        _write(session, policy, _Whose(person, kind, chosen), _WITH_MAIL.get(way, way), "mail-resumed-by-link")


def _chosen(session: Session, person: Person) -> Choices:
    recipient_row(session, person)
    return choices_of(session, [person])[person]


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whose mail of which kind, and what they have chosen."""

    person: Person
    kind: str
    chosen: Choices


def _write(session: Session, policy: MessagePolicy, whose_: _Whose, after: Way, act: str) -> bool:
    """Whether anything is another than it was."""
    person, kind, chosen = whose_.person, whose_.kind, whose_.chosen
    before = way_of(policy.kinds[kind], kind, chosen)  # type: ignore[index]
    if after is before:
        return False
    write_choices(session, policy, person, Wanted({kind: after}, chosen.language, chosen.quiet))
    whose = ("customer", person.customer_id) if person.actor_id is None else ("actor", person.actor_id)
    then, now = {"ways": {kind: after.value}}, {"ways": {kind: before.value}}
    audit.record(session, act, subject=whose, before=now, after=then)
    return True
