"""What was said about an account: notes, contacts and follow-ups."""

from __future__ import annotations

from collections.abc import Iterable

from flask import abort, request

from accounts.cities.desk import Choice, choice
from accounts.cities.staffing import Permission
from accounts.contacts.queries import contacts, follow_ups_of, notes, pinned_notes
from accounts.database import reading
from portal.i18n import locale_code
from portal.permissions import needs
from portal.staff.acts_menu import exists
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.files import file_page, page_url
from portal.wiring import wiring

_NOT_FOUND = 404
_MOST = 10
_LISTS = (
    "channels",
    "topics",
    "verifications",
    "outcomes",
    "spoken_languages",
    "divisions",
    "documents",
    "mail_kinds",
)


@staff.get("/accounts/<reference>/conversations")
@needs(Permission.ACCOUNTS_SEE)
def conversations_list(reference: str) -> str:
    """Pinned notes first, then what is to be done, then notes and contacts side by side, each newest first."""
    del reference
    parts, file, user = wiring(), opened_file(), staff_user()
    with reading(parts.sessions) as session:
        pinned = pinned_notes(session, [file.id])
        noted = notes(session, [file.id], before=key_of("notes"), limit=_MOST)
        said = contacts(session, [file.id], before=key_of("contacts"), limit=_MOST)
        promised = follow_ups_of(session, [file.id])
    return file_page(
        "staff/conversations/list.html",
        pinned=pinned,
        notes=noted.notes,
        older_notes=page_url(**{**request.args, "notes": noted.next_before}) if noted.next_before else "",
        contacts=said.contacts,
        older_contacts=page_url(**{**request.args, "contacts": said.next_before}) if said.next_before else "",
        promised=promised,
        desk_words=desk_words,
        today=parts.clock.today(),
        may_pin=user.may(Permission.CONTACTS_LOG) and exists("notes_pin"),
        has_follow_ups=user.may(Permission.CONTACTS_LOG) and exists("follow_ups_show"),
    )


def desk_words(what: str, code: str) -> str:
    """A choice of the city's desk policy in words; its code where the policy knows it no more."""
    parts = wiring()
    policy = parts.city().city.desk_policy(parts.clock.today())
    choices: Iterable[Choice] = getattr(policy, what) if what in _LISTS else ()
    found = choice(choices, code)
    return found.name.in_(locale_code()) if found else code


def key_of(name: str) -> int | None:
    """The key of a page, as its link has it."""
    given = request.args.get(name, "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        abort(_NOT_FOUND)
    return int(given) if given else None
