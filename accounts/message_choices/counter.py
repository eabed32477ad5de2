"""Use cases of the counter: somebody asks in person or by phone, and staff choose for them how they are told.

Each says in the audit who asked, by which way, what was before and who did it; and each is told to the person, at the
addresses that they had and have (``told``: sealed by the room above, one for each address).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from accounts import audit
from accounts.cities.messages import MessagePolicy
from accounts.consents.models import Consent
from accounts.database import Sessions, transaction
from accounts.message_choices.papers import stop_paperless
from accounts.message_choices.queries import PAPERLESS_ASKED, Person, choices_of, paperless
from accounts.message_choices.rules import AlreadyPaperless, Choices, ChoicesMoved, Request, check_request
from accounts.message_choices.service import (
    Asked,
    ConsentText,
    Wanted,
    confirm_number,
    put_number,
    recipient_row,
    stop_texts,
    write_choices,
)
from accounts.outbox import announce
from accounts.staff.rules import Authority, Permission

TOLD = "choices_changed"
OFFERED = "paperless_asked"
"""Facts: somebody's choices were changed for them; a mail must go that asks for their confirmation."""


@dataclass(frozen=True, slots=True)
class About:
    """Whose choices, on which account's file they were opened, who asked how, and where they hear of it."""

    account_id: int
    person: Person
    request: Request
    told: Sequence[str] = ()


def choose_at_counter(
    sessions: Sessions, policy: MessagePolicy, by: Authority, about: About, wanted: Wanted, *, seen: Choices
) -> None:
    """Use case: how a person wants to be told, as they said at the counter or on the phone.

    ``seen`` is what the page showed as chosen. Raises ``NotAllowed``, :class:`rules.NobodyAsked`,
    :class:`rules.ChoicesMoved` and all that ``service.choose`` raises.
    """
    _check(by, about)
    with transaction(sessions) as session:
        recipient_row(session, about.person)
        held = choices_of(session, [about.person])[about.person]
        if held != seen:
            raise ChoicesMoved(f"account {about.account_id}")
        write_choices(session, policy, about.person, wanted)
        then = choices_of(session, [about.person])[about.person]
        _done(session, "messages-chosen-at-counter", by, about, before=said_of(held), after=said_of(then))


def ask_number_at_counter(
    sessions: Sessions, secret: bytes, by: Authority, about: About, asked: Asked, *, now: datetime, minutes: int
) -> None:
    """Use case: a code goes to the number that somebody named; nothing else does until they give it, or reply YES."""
    _check(by, about)
    with transaction(sessions) as session:
        put_number(session, secret, about.person, asked, now=now, minutes=minutes)
        language, version = asked.text.language, asked.text.version
        _done(session, "text-number-asked-at-counter", by, about, language=language, words=version)


def confirm_at_counter(
    sessions: Sessions, secret: bytes, by: Authority, about: About, code: str, *, now: datetime
) -> None:
    """Use case: they read the code to the counter; raises what ``service.confirm_number`` raises."""
    _check(by, about)
    said = f"counter, {about.request.way}: {about.request.asked_by}"
    confirm_number(sessions, secret, about.person, code, by=by.actor_id, now=now, evidence=said)


def end_texts_at_counter(sessions: Sessions, by: Authority, about: About, *, now: datetime) -> None:
    """Use case: they want no texts any more."""
    _check(by, about)
    with transaction(sessions) as session:
        row = recipient_row(session, about.person)
        stop_texts(session, row, by=by.actor_id, now=now, reason="asked at the counter")
        _done(session, "texts-ended-at-counter", by, about)


def ask_paperless(
    sessions: Sessions, by: Authority, about: About, text: ConsentText, *, sealed: str, now: datetime
) -> int:
    """Use case: somebody asks for bills without paper; it holds once they confirm from the mail that goes to them.

    What is kept: who asked, by which way, and the words in the language in which they were read or shown to them.
    ``sealed`` is where the mail goes. Raises :class:`rules.AlreadyPaperless`.
    """
    _check(by, about)
    with transaction(sessions) as session:
        if about.account_id in paperless(session, [about.account_id]):
            raise AlreadyPaperless(f"account {about.account_id}")
        row = Consent(
            kind=PAPERLESS_ASKED, text_version=text.version, language=text.language, text_sha256=text.digest,
            actor_id=by.actor_id, customer_account_id=about.account_id, method=about.request.way,
            evidence={"customer": about.person.customer_id, "asked_by": about.request.asked_by}, agreed_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        announce(session, OFFERED, asked_id=row.id, sealed=sealed)
        _done(session, "paperless-asked-at-counter", by, about, language=text.language, words=text.version)
        return row.id


def end_paperless_at_counter(sessions: Sessions, by: Authority, about: About, *, now: datetime) -> None:
    """Use case: they want paper again; raises :class:`rules.NotPaperless`."""
    _check(by, about)
    with transaction(sessions) as session:
        stop_paperless(session, about.account_id, by=by.actor_id, now=now, reason="asked at the counter")
        _done(session, "paperless-ended-at-counter", by, about)


def _check(by: Authority, about: About) -> None:
    by.must(Permission.CUSTOMERS_CHANGE)
    check_request(about.request)


def _done(session: Session, act: str, by: Authority, about: About, **details: object) -> None:
    asked = about.request
    audit.record(
        session, act, subject=("account", about.account_id), actor_id=by.actor_id, asked_for_by=asked.asked_by,
        asked_way=asked.way, **details,
    )  # fmt: skip
    for sealed in about.told:
        announce(session, TOLD, sealed=sealed)


def said_of(choices: Choices) -> dict[str, object]:
    """Choices as the audit keeps them; no number of anybody."""
    quiet = choices.quiet or (None, None)
    ways = {kind: way.value for kind, way in sorted(choices.ways.items())}
    return {"ways": ways, "language": choices.language, "quiet_from": quiet[0], "quiet_until": quiet[1]}
