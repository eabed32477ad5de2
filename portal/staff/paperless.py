"""Bills without paper at the counter: asked for with a record of who asked and how, confirmed by mail, and ended."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.errors import DomainError
from accounts.message_choices import counter
from accounts.message_choices.counter import About
from portal.forms.counter_choices import CounterPaperForm, RequestForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.notices.envelopes import PURPOSE, Envelope, sealed, sealed_all
from portal.notices.paperless_words import paperless_words
from portal.permissions import needs
from portal.staff.blueprint import opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.message_choices import HOLDER, Told, envelopes, papers_of, told, words_by_language
from portal.wiring import wiring

_UNPROCESSABLE = 422


@staff.route("/accounts/<reference>/paperless", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def paperless_edit(reference: str) -> str | Response | tuple[str, int]:
    """Ask for the holder's confirmation by mail; or let the bills come on paper again."""
    parts, file, one = wiring(), opened_file(), told(HOLDER)
    held, waits = papers_of(file.id)
    form = RequestForm(kept=kept_here()) if held else CounterPaperForm(kept=kept_here())
    if (held or one.email) and form.validate_on_submit():
        try:
            done = _end(form, one) if held else _ask(form, one)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(done)
            return redirect(url_for("staff.message_choices_list", reference=reference), 303)
    page = render_template(
        "staff/message_choices/paper.html", form=form, file=file, one=one, held=held, waits=waits,
        words=words_by_language(lambda code: paperless_words(parts.city().city, code).words),
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def _ask(form: RequestForm, one: Told) -> str:
    parts, file, user = wiring(), opened_file(), staff_user()
    vault, language = parts.vault(PURPOSE), str(form["language"].data)
    mail = Envelope("mail", one.email, language, "paper-asked", file.id, form.request.way, asked_by=user.actor_id)
    about = About(file.id, one.person, form.request)
    counter.ask_paperless(
        parts.sessions, user.authority, about, paperless_words(parts.city().city, language),
        sealed=sealed(vault, mail), now=parts.clock.now(),
    )  # fmt: skip
    return _("The mail that asks for the confirmation is on its way to %(to)s.", to=one.masked)


def _end(form: RequestForm, one: Told) -> str:
    parts, file = wiring(), opened_file()
    sent = sealed_all(parts.vault(PURPOSE), envelopes(one, "paper", form.request, one.language))
    about = About(file.id, one.person, form.request, sent)
    counter.end_paperless_at_counter(parts.sessions, staff_user().authority, about, now=parts.clock.now())
    return _("Bills come on paper again, from the next one on. They are told.")
