"""How a resident is told of things, the number that they get texts at, and what was sent to them."""

from __future__ import annotations

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.account_links.queries import linked_accounts
from accounts.account_links.rules import Right
from accounts.cities.messages import MessagePolicy
from accounts.database import one_by_one
from accounts.errors import DomainError
from accounts.message_choices import papers
from accounts.message_choices import service as choices
from accounts.message_choices.queries import (
    Person,
    address_states,
    choices_of,
    levels_of,
    paperless,
    waiting_number,
)
from accounts.message_choices.rules import AddressState, address_digest
from portal.forms.baskets import PlainForm
from portal.forms.messages import LevelForm, NumberForm, PaperlessForm, TextCodeForm, choices_form
from portal.i18n import locale_code
from portal.messages import sentence
from portal.messages_sent.queries import messages_to
from portal.messages_sent.rules import masked_contact
from portal.notices.paperless_words import paperless_words, sample_paper
from portal.notices.text_codes import PURPOSE, asked, consent_words
from portal.permissions import any_resident, proved_resident, with_right
from portal.resident.blueprint import opened_account, resident, resident_user
from portal.texts import TextRefused, e164
from portal.wiring import wiring
from portal.words.notices import message_states, notice_kinds

_NOT_FOUND, _UNPROCESSABLE = 404, 422
_Answer = str | Response | tuple[str, int]


@resident.route("/messages", methods=["GET", "POST"])
@any_resident
def messages_show() -> _Answer:
    """All choices on one page; texts can be chosen once a number is confirmed."""
    parts, user, policy = wiring(), resident_user(), _policy()
    me = Person(actor_id=user.actor_id)
    with one_by_one(parts.sessions) as reader:
        held = choices_of(reader, [me])[me]
        states = address_states(reader, _digests(user.email, held.text_number))
        accounts = linked_accounts(reader, user.actor_id)
        without_paper = paperless(reader, [one.account_id for one in accounts])
        levels = levels_of(reader, me)
    form = choices_form(policy, held, user.language)
    if form.validate_on_submit():
        try:
            choices.choose(parts.sessions, policy, me, form.wanted, by=user.actor_id)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.messages_show", saved=1), 303)
    secret = parts.proof_key
    page = render_template(
        "resident/messages/show.html", form=form, plain=PlainForm(), email=user.email, number=held.text_number,
        masked=masked_contact("text", held.text_number) if held.text_number else "",
        mail_is_dead=bool(user.email) and address_digest(secret, "mail", user.email) in states,
        is_stopped=states.get(address_digest(secret, "text", held.text_number)) is AddressState.STOPPED,
        accounts=accounts, without_paper=without_paper, levels=levels, saved=request.args.get("saved") == "1",
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@resident.route("/messages/number", methods=["GET", "POST"])
@proved_resident
def messages_number() -> _Answer:
    """A number for texts: the first half of the consent. The code goes there and nowhere else."""
    parts, user, policy, form = wiring(), resident_user(), _policy(), NumberForm()
    text = consent_words(parts.city().city, locale_code())
    form.agrees.label.text = text.words
    if form.validate_on_submit():
        try:
            number = e164(form.number.data)
        except TextRefused:
            form.refuse(form.number.validators[-1].message, "number", why="number")
        else:
            one = asked(parts.vault(PURPOSE), parts.city().city, number, locale_code())
            choices.ask_number(
                parts.sessions, parts.proof_key, Person(actor_id=user.actor_id), one, by=user.actor_id,
                now=parts.clock.now(), minutes=policy.code_minutes,
            )  # fmt: skip
            return redirect(url_for("resident.messages_code"), 303)
    page = render_template("resident/messages/number.html", form=form)
    return page, _UNPROCESSABLE if form.errors else 200


@resident.route("/messages/code", methods=["GET", "POST"])
@any_resident
def messages_code() -> _Answer:
    """The second half: the code, or a reply that says yes."""
    parts, user, form = wiring(), resident_user(), TextCodeForm()
    me = Person(actor_id=user.actor_id)
    with one_by_one(parts.sessions) as reader:
        waiting = waiting_number(reader, me, parts.clock.now())
    if waiting is None:
        return redirect(url_for("resident.messages_show"), 303)
    if form.validate_on_submit():
        try:
            choices.confirm_number(
                parts.sessions, parts.proof_key, me, form.code.data, by=user.actor_id, now=parts.clock.now(),
                evidence=request.user_agent.string[:200],
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "code", why=type(refusal).__name__)
        else:
            return redirect(url_for("resident.messages_show", saved=1), 303)
    page = render_template("resident/messages/code.html", form=form, masked=masked_contact("text", waiting.number))
    return page, _UNPROCESSABLE if form.errors else 200


@resident.post("/messages/number/end")
@any_resident
def messages_end_number() -> Response:
    """No texts any more; what was to go by text goes by mail."""
    if PlainForm().validate_on_submit():
        parts, user = wiring(), resident_user()
        me = Person(actor_id=user.actor_id)
        choices.end_texts(parts.sessions, me, by=user.actor_id, now=parts.clock.now(), reason="on the page")
    return redirect(url_for("resident.messages_show", saved=1), 303)


@resident.get("/messages/sent")
@any_resident
def messages_list() -> str:
    """What was sent to them, newest first, and where it is."""
    given = request.args.get("before", "")
    if given and not (given.isascii() and given.isdigit() and len(given) < 19):
        abort(_NOT_FOUND)
    with one_by_one(wiring().sessions) as reader:
        page = messages_to(reader, resident_user().actor_id, before=int(given) if given else None)
    older = url_for("resident.messages_list", before=page.next_before) if page.next_before else ""
    return render_template(
        "resident/messages/list.html", messages=page.messages, older=older, kinds=notice_kinds(),
        states=message_states(),
    )  # fmt: skip


@resident.route("/accounts/<reference>/paper", methods=["GET", "POST"])
@with_right(Right.MANAGE)
def messages_paper(reference: str) -> _Answer:
    """Bills without paper: what is agreed to, word for word, and its end (E-SIGN, 15 USC 7001(c))."""
    account, parts, user = opened_account(), wiring(), resident_user()
    with one_by_one(parts.sessions) as reader:
        held = paperless(reader, [account.account_id]).get(account.account_id)
    form, text = PaperlessForm(), paperless_words(parts.city().city, locale_code())
    if held is None and user.email and form.validate_on_submit():
        evidence = {
            "browser": request.user_agent.string[:200], "opened": "sample",
            "mail": masked_contact("mail", user.email),
        }  # fmt: skip
        papers.go_paperless(
            parts.sessions, account.account_id, text, by=user.actor_id, now=parts.clock.now(), evidence=evidence
        )
        return redirect(url_for("resident.messages_paper", reference=reference, saved=1), 303)
    page = render_template(
        "resident/messages/paper.html", account=account, form=form, held=held, paragraphs=text.words.split("\n"),
        email=user.email, plain=PlainForm(), saved=request.args.get("saved") == "1",
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@resident.get("/accounts/<reference>/paper/sample.pdf")
@with_right(Right.MANAGE)
def messages_sample(reference: str) -> Response:
    """A paper like those that will come: who can open it can read their bills."""
    del reference
    parts = wiring()
    return Response(sample_paper(parts.city().city, locale_code(), parts.clock.now()), mimetype="application/pdf")


@resident.post("/accounts/<reference>/paper/end")
@with_right(Right.MANAGE)
def messages_end_paper(reference: str) -> Response:
    """Bills on paper again."""
    if PlainForm().validate_on_submit():
        parts = wiring()
        papers.end_paperless(
            parts.sessions, opened_account().account_id, by=resident_user().actor_id, now=parts.clock.now(),
            reason="on the page",
        )  # fmt: skip
    return redirect(url_for("resident.messages_paper", reference=reference, saved=1), 303)


@resident.route("/accounts/<reference>/level", methods=["GET", "POST"])
@with_right(Right.SEE)
def messages_level(reference: str) -> _Answer:
    """Tell me when use is above a level."""
    account, parts, user = opened_account(), wiring(), resident_user()
    if account.kind != "utility":
        abort(_NOT_FOUND)
    me = Person(actor_id=user.actor_id)
    with one_by_one(parts.sessions) as reader:
        held = levels_of(reader, me).get(account.account_id)
    form = LevelForm(level=f"{held.level.normalize():f}" if held else "", unit=held.unit.value if held else "CCF")
    if form.validate_on_submit():
        choices.set_level(parts.sessions, me, account.account_id, form.wanted, form.wanted_unit, by=user.actor_id)
        return redirect(url_for("resident.messages_show", saved=1), 303)
    page = render_template("resident/messages/level.html", account=account, form=form, reference=reference)
    return page, _UNPROCESSABLE if form.errors else 200


def _policy() -> MessagePolicy:
    """What the city tells people; a city that tells nothing has no such pages."""
    policy = wiring().city().city.message_policy(wiring().clock.today())
    if policy is None:
        abort(_NOT_FOUND)
    return policy


def _digests(email: str, number: str) -> list[bytes]:
    secret = wiring().proof_key
    return [address_digest(secret, "mail", email), address_digest(secret, "text", number)]
