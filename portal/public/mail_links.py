"""Links of mails that need no sign-in: stop a kind of mail in one click, and confirm bills without paper.

To look changes nothing: mail filters open every link. A program that stops mail for its reader (RFC 8058) has no
visit and no form token; the link's own signature is what it shows.
"""

from __future__ import annotations

from flask import abort, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.database import one_by_one
from accounts.errors import DomainError
from accounts.message_choices import papers, stopping
from accounts.message_choices.papers import OFFER_DAYS
from accounts.message_choices.queries import AskedFor, asked_paperless, paperless
from portal import refusals
from portal.forms.messages import PaperlessForm
from portal.messages import sentence
from portal.notices.links import read_paper
from portal.notices.paperless_words import paperless_words, sample_paper
from portal.notices.stopping import Stopping, TooManyLinks, count_bad, look_up, still_comes
from portal.permissions import anyone
from portal.public.blueprint import public
from portal.wiring import wiring
from portal.words.notices import notice_kinds

_NOT_FOUND, _CONFLICT, _TOO_MANY, _UNPROCESSABLE = 404, 409, 429, 422
_SECONDS_OF_DAY = 86_400
Answer = str | Response | tuple[str, int]


@public.route("/mail/stop/<token>", methods=["GET", "POST"])
@anyone
def mail_links_stop(token: str) -> Answer:
    """One button; then what still comes, and a way back. Both languages by the page's own switch."""
    parts = wiring()
    found = _stopping(token)
    policy = parts.city().city.message_policy(parts.clock.today())
    if policy is None:
        abort(_NOT_FOUND)
    person, kind = found.stop.person, found.stop.kind
    if request.method == "POST" and found.rule.may_be_none:
        done = "undone" if request.form.get("undo") == "1" else "done"
        if done == "undone":
            stopping.resume_mail(parts.sessions, policy, person, kind)
        elif stopping.stop_mail(parts.sessions, policy, person, kind, clock=parts.clock):
            done = "paper"
        if request.form.get("List-Unsubscribe") == "One-Click":
            return "", 200  # a program does not follow redirects (RFC 8058, 3.1)
        return redirect(url_for("public.mail_links_stop", token=token, then=done), 303)
    must, on = still_comes(parts.city().city, parts, found.chosen)
    names = notice_kinds()
    page = render_template(
        "public/mail_links/stop.html", token=token, found=found, kind=names[kind], then=request.args.get("then", ""),
        must=[names[one] for one in must], on=[names[one] for one in on if one != kind],
    )  # fmt: skip
    return page, 200 if request.method == "GET" or found.rule.may_be_none else _CONFLICT


@public.route("/mail/paper/<token>", methods=["GET", "POST"])
@anyone
def mail_links_paper(token: str) -> Answer:
    """The words that were read at the counter, a sample to open, and the yes that makes them hold."""
    parts, asked, form = wiring(), _asked(token), PaperlessForm()
    text = paperless_words(parts.city().city, asked.language)
    with one_by_one(parts.sessions) as reader:
        is_done = asked.account_id in paperless(reader, [asked.account_id])
    if not is_done and form.validate_on_submit():
        evidence = {"browser": request.user_agent.string[:200], "opened": "sample"}
        try:
            papers.confirm_paperless(parts.sessions, asked.id, now=parts.clock.now(), evidence=evidence)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            return redirect(url_for("public.mail_links_paper", token=token), 303)
    page = render_template(
        "public/mail_links/paper.html", form=form, token=token, paragraphs=text.words.split("\n"), is_done=is_done
    )
    return page, _UNPROCESSABLE if form.errors else 200


@public.get("/mail/paper/<token>/sample.pdf")
@anyone
def mail_links_sample(token: str) -> Response:
    """A paper like those that will come."""
    asked, parts = _asked(token), wiring()
    paper = sample_paper(parts.city().city, asked.language, parts.clock.now())
    return Response(paper, mimetype="application/pdf")


def _stopping(token: str) -> Stopping:
    try:
        found = look_up(wiring(), token, g.client)
    except TooManyLinks:
        abort(_TOO_MANY)
    if found is None:
        refusals.note("mail link")
        abort(_NOT_FOUND)
    g.language_of_page = found.language
    return found


def _asked(token: str) -> AskedFor:
    """What was asked for and not taken back, lately."""
    parts = wiring()
    asked_id = read_paper(parts.proof_key, token)
    with one_by_one(parts.sessions) as reader:
        found = asked_paperless(reader, asked_id or 0)
    if found is None or (parts.clock.now() - found.at).total_seconds() > OFFER_DAYS * _SECONDS_OF_DAY:
        try:
            count_bad(parts, g.client)
        except TooManyLinks:
            abort(_TOO_MANY)
        refusals.note("mail link")
        abort(_NOT_FOUND)
    g.language_of_page = found.language
    return found
