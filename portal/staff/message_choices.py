"""How the people of an account are told of things: seen at the counter, and changed for who comes or calls."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.audit import queries as audits
from accounts.audit.queries import Wanted as WantedLines
from accounts.cities.messages import MessagePolicy
from accounts.cities.staffing import Permission
from accounts.database import one_by_one, reading
from accounts.errors import DomainError
from accounts.message_choices import counter
from accounts.message_choices.counter import About, said_of
from accounts.message_choices.papers import OFFER_DAYS
from accounts.message_choices.queries import (
    AskedFor,
    Paperless,
    Person,
    choices_of,
    paperless,
    paperless_asked,
    waiting_number,
)
from accounts.message_choices.rules import Choices, Request, Way, way_of
from accounts.message_choices.service import Wanted
from portal.forms.counter_choices import (
    CounterChoicesForm,
    CounterCodeForm,
    CounterNumberForm,
    RequestForm,
    counter_form,
)
from portal.i18n import gettext as _
from portal.languages import language_name
from portal.messages import sentence
from portal.messages_sent.rules import masked_contact
from portal.notices.envelopes import PURPOSE, Envelope, sealed_all
from portal.notices.queries import people_of
from portal.notices.rules import Reader
from portal.notices.text_codes import PURPOSE as CODES
from portal.notices.text_codes import asked, consent_words
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.files import file_page
from portal.staff.kept_forms import kept_here
from portal.texts import TextRefused, e164
from portal.wiring import wiring
from portal.words.audit import said
from portal.words.notices import NOTICE_ACTS, chosen_rows, notice_kinds, quiet_words, ways
from portal.words.values import Compared

_NOT_FOUND, _UNPROCESSABLE = 404, 422
_LINES = 10
HOLDER = "holder"
Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Told:
    """Somebody of an account and what they chose. ``who`` is how a page calls them: the holder, or an actor's id."""

    who: str
    person: Person
    email: str
    language: str
    chosen: Choices
    gets_copies: bool

    @property
    def masked(self) -> str:
        """Where mail goes; empty where there is none."""
        return masked_contact("mail", self.email) if self.email else ""

    @property
    def texts_to(self) -> str:
        return masked_contact("text", self.chosen.text_number) if self.chosen.text_number else ""


@staff.get("/accounts/<reference>/message-choices")
@needs(Permission.ACCOUNTS_SEE)
def message_choices_list(reference: str) -> str:
    """Everybody who is told about an account, by which way, and who changed that last."""
    del reference
    parts, file, policy = wiring(), opened_file(), message_policy()
    people = _people()
    held, waits = papers_of(file.id)
    subjects = (("account", file.id), ("customer", file.customer_id))
    with reading(parts.sessions) as session:
        page = audits.entries(
            session, WantedLines(subjects=subjects, acts=tuple(NOTICE_ACTS)), limit=_LINES, **may_see(staff_user())
        )
    zone = parts.city().city.identity.time_zone
    return file_page(
        "staff/message_choices/list.html", people=[(one, _rows(policy, one)) for one in people], held=held,
        waits=waits, lines=[said(entry, zone) for entry in page.entries],
        may_change=staff_user().may(Permission.CUSTOMERS_CHANGE),
    )  # fmt: skip


@staff.route("/accounts/<reference>/message-choices/<who>", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def message_choices_edit(reference: str, who: str) -> Answer:
    """Choose for somebody: what changes is shown first, with the addresses that hear of it."""
    parts, policy, one = wiring(), message_policy(), told(who)
    form = counter_form(policy, one.chosen, one.language, kept=kept_here())
    rows: list[Compared] | None = None
    if form.validate_on_submit():
        rows = chosen_rows(said_of(_usual(policy, one.chosen)), said_of(_after(policy, one.chosen, form.wanted)))
        shown = _shown(one.chosen, form.wanted)
        if not rows:
            form.refuse(_("Nothing is another than it was."), why="nothing-changed")
            rows = None
        elif form.looked.data == shown and request.form.get("step") == "do":
            language = form.wanted.language
            about = About(opened_file().id, one.person, form.request, _sealed(one, "choices", form, language))
            try:
                counter.choose_at_counter(
                    parts.sessions, policy, staff_user().authority, about, form.wanted, seen=one.chosen
                )
            except DomainError as refusal:
                form.refuse(sentence(refusal), why=type(refusal).__name__)
            else:
                return _back(reference, _("It is changed, and they are told."))
        form.looked.data = shown
    page = render_template(
        "staff/message_choices/edit.html", form=form, file=opened_file(), one=one, rows=rows,
        told=[to.to_masked for to in _addresses(one)],
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/message-choices/<who>/number", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def message_choices_number(reference: str, who: str) -> Answer:
    """A number for texts by double consent: the words are read, the code goes to the number, it comes back."""
    parts, one, now = wiring(), told(who), wiring().clock.now()
    with one_by_one(parts.sessions) as reader:
        waiting = waiting_number(reader, one.person, now)
    is_asking = waiting is None or request.args.get("again") == "1"
    form = (CounterNumberForm if is_asking else CounterCodeForm)(kept=kept_here())
    if form.validate_on_submit():
        done = _ask_number(form, one) if isinstance(form, CounterNumberForm) else _confirm(form, one)
        if done is not None:
            here = url_for("staff.message_choices_number", reference=reference, who=who)
            if is_asking:
                say(done)
                return redirect(here, 303)
            return _back(reference, done)
    page = render_template(
        "staff/message_choices/number.html", form=form, file=opened_file(), one=one, is_asking=is_asking,
        waiting=masked_contact("text", waiting.number) if waiting else "",
        words=words_by_language(lambda code: consent_words(parts.city().city, code).words),
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/message-choices/<who>/number/end", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def message_choices_end_texts(reference: str, who: str) -> Answer:
    """No texts any more."""
    parts, one, form = wiring(), told(who), RequestForm(kept=kept_here())
    if not one.chosen.text_number:
        abort(_NOT_FOUND)
    if form.validate_on_submit():
        about = About(opened_file().id, one.person, form.request, _sealed(one, "texts-ended", form, one.language))
        try:
            counter.end_texts_at_counter(parts.sessions, staff_user().authority, about, now=parts.clock.now())
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return _back(reference, _("No texts go there any more. They are told."))
    page = render_template("staff/message_choices/end_texts.html", form=form, file=opened_file(), one=one)
    return page, _UNPROCESSABLE if form.errors else 200


def message_policy() -> MessagePolicy:
    """What the city tells people; a city that tells nothing has no such pages."""
    policy = wiring().city().city.message_policy(wiring().clock.today())
    if policy is None:
        abort(_NOT_FOUND)
    return policy


def told(who: str) -> Told:
    """One of the people of the account that is open; anybody else is not there."""
    found = next((one for one in _people() if one.who == who), None)
    if found is None:
        abort(_NOT_FOUND)
    return found


def papers_of(account_id: int) -> tuple[Paperless | None, AskedFor | None]:
    """Whether an account's bills come without paper, and what was asked for and waits."""
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        held = paperless(reader, [account_id]).get(account_id)
        waits = paperless_asked(reader, account_id, parts.clock.now() - timedelta(days=OFFER_DAYS))
    return held, None if held else waits


def envelopes(one: Told, what: str, given: Request, language: str, end: str = "") -> list[Envelope]:
    """One for each address that hears of a change: mail where there is any, else the number that gets texts."""
    return [
        Envelope(
            to.channel, to.to, language, what, opened_file().id, given.way, end, staff_user().actor_id,
            one.person.customer_id, one.person.actor_id,
        )
        for to in _addresses(one)
    ]  # fmt: skip


def words_by_language(words: Callable[[str], str]) -> list[tuple[str, str, list[str]]]:
    """Words of consent as they are read aloud: language, its name, paragraphs."""
    codes = wiring().city().city.identity.offered
    return [(code, language_name(code), words(code).split("\n")) for code in codes]


@dataclass(frozen=True)
class _Address:
    channel: str
    to: str
    to_masked: str


def _addresses(one: Told) -> list[_Address]:
    if one.email:
        return [_Address("mail", one.email, one.masked)]
    if one.chosen.text_number:
        return [_Address("text", one.chosen.text_number, one.texts_to)]
    return []


def _people() -> list[Told]:
    """The holder on file first, then residents who have the account. Two statements."""
    with one_by_one(wiring().sessions) as reader:
        readers = people_of(reader, [opened_file().id])
        chosen = choices_of(reader, {one.person for one in readers})
    found = [_told(one, chosen[one.person]) for one in readers]
    return sorted(found, key=lambda one: (one.who != HOLDER, one.who))


def _told(one: Reader, chosen: Choices) -> Told:
    who = HOLDER if one.person.actor_id is None else str(one.person.actor_id)
    offered = wiring().city().city.identity.offered
    language = next((code for code in (chosen.language, one.language) if code in offered), offered[0])
    return Told(who, one.person, one.email, language, chosen, one.gets_copies)


def _rows(policy: MessagePolicy, one: Told) -> list[tuple[str, str]]:
    named, quiet = ways(), one.chosen.quiet or policy.quiet_minutes
    rows = [
        (name, named[way_of(policy.kinds[kind], kind, one.chosen).value])  # type: ignore[index]
        for kind, name in notice_kinds().items()
        if kind in policy.kinds
    ]
    return [*rows, (_("Language of messages"), language_name(one.language)), (_("Quiet hours"), quiet_words(*quiet))]


def _usual(policy: MessagePolicy, chosen: Choices) -> Choices:
    """With the city's usual way where nothing was chosen, so that only what differs is shown as changed."""
    full: dict[str, Way] = {kind: way_of(rule, kind, chosen) for kind, rule in policy.kinds.items()}
    return Choices(full, chosen.language, chosen.quiet, chosen.text_number)


def _after(policy: MessagePolicy, chosen: Choices, wanted: Wanted) -> Choices:
    return _usual(policy, Choices({**chosen.ways, **wanted.ways}, wanted.language, wanted.quiet, chosen.text_number))


def _shown(chosen: Choices, wanted: Wanted) -> str:
    """What the page showed before it is done: another world or another wish is another look."""
    now = said_of(chosen)
    then = said_of(Choices(wanted.ways, wanted.language, wanted.quiet))
    return hashlib.sha256(json.dumps([now, then], sort_keys=True).encode()).hexdigest()[:32]


def _sealed(one: Told, what: str, form: RequestForm | CounterChoicesForm, language: str, end: str = "") -> list[str]:
    return sealed_all(wiring().vault(PURPOSE), envelopes(one, what, form.request, language, end))


def _ask_number(form: CounterNumberForm, one: Told) -> str | None:
    parts, policy = wiring(), message_policy()
    try:
        number = e164(form.number.data)
    except TextRefused:
        form.refuse(form.number.validators[-1].message, "number", why="number")
        return None
    ask = asked(parts.vault(CODES), parts.city().city, number, form.language.data)
    about = About(opened_file().id, one.person, form.request, _sealed(one, "number", form, one.language, number[-4:]))
    try:
        counter.ask_number_at_counter(
            parts.sessions, parts.proof_key, staff_user().authority, about, ask, now=parts.clock.now(),
            minutes=policy.code_minutes,
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return None
    return _("A code is on its way to the number. Ask them to read it to you, or to reply YES.")


def _confirm(form: CounterCodeForm, one: Told) -> str | None:
    parts = wiring()
    about = About(opened_file().id, one.person, form.request)
    try:
        counter.confirm_at_counter(
            parts.sessions, parts.proof_key, staff_user().authority, about, form.code.data, now=parts.clock.now()
        )
    except DomainError as refusal:
        form.refuse(sentence(refusal), "code", why=type(refusal).__name__)
        return None
    return _("Texts can go to this number now. Choose what goes there.")


def _back(reference: str, words: str) -> Response:
    say(words)
    return redirect(url_for("staff.message_choices_list", reference=reference), 303)
