"""Journals to the accounting system: what waits, each batch with its file, and what was answered."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from payments.journal_exports import queries, service
from payments.journal_exports.rules import NEUTRAL, BadAnswer
from portal.forms.journal_exports import AnswerForm, ExportForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring
from portal.words.names import person

MOST = 30
_UNPROCESSABLE = 422
_LARGEST = 1_000_000


@staff.route("/journal-exports", methods=["GET", "POST"])
@needs(Permission.JOURNALS_EXPORT)
def journal_exports_list() -> str | Response | tuple[str, int]:
    parts, form = wiring(), ExportForm(kept=kept_here())
    city, today = parts.city().city, parts.clock.today()
    form.layout.choices = [
        *((layout.code, layout.name.in_(locale_code())) for layout in city.layouts(today)),
        (NEUTRAL, _("Neutral CSV")),
    ]
    if form.validate_on_submit():
        try:
            made = service.export_journals(
                parts.sessions, staff_user().authority, city, clock=parts.clock, through=form.through.data,
                layout=form.layout.data,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("Batch %(number)s is made. Download its file below.", number=made.batch.number))
            return redirect(url_for("staff.journal_exports_show", number=made.batch.number), 303)
    page = max(request.args.get("page", 1, int), 1)
    with reading(parts.sessions) as session:
        waiting = queries.waiting(session)
        found = queries.batches(session, skip=(page - 1) * MOST, most=MOST + 1)
    html = render_template(
        "staff/journal_exports/list.html",
        form=form,
        waiting=waiting,
        batches=found[:MOST],
        first_url=url_for("staff.journal_exports_list") if page > 1 else "",
        next_url=url_for("staff.journal_exports_list", page=page + 1) if len(found) > MOST else "",
    )
    return html, _UNPROCESSABLE if form.errors else 200


@staff.get("/journal-exports/<int:number>")
@needs(Permission.JOURNALS_EXPORT)
def journal_exports_show(number: int) -> str:
    with reading(wiring().sessions) as session:
        batch = queries.batch(session, number)
        funds = queries.funds(session, batch.id)
        answers = queries.answers(session, batch.id)
    return render_template(
        "staff/journal_exports/show.html",
        batch=batch,
        funds=funds,
        answers=answers,
        person=person,
        known_funds=wiring().city().city.funds,
    )


@staff.post("/journal-exports/<int:number>/file")
@needs(Permission.JOURNALS_EXPORT)
def journal_exports_file(number: int) -> Response:
    """The file, streamed: the first time as it is, after that as a copy that says so."""
    parts = wiring()
    file = service.taken_out(parts.sessions, staff_user().authority, number)
    response = Response(file.pieces(), content_type="text/plain; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Content-Length"] = str(len(file.content))
    return response


@staff.route("/journal-exports/acknowledge", methods=["GET", "POST"])
@needs(Permission.JOURNALS_EXPORT)
def journal_exports_acknowledge() -> str | Response | tuple[str, int]:
    parts, form = wiring(), AnswerForm()
    if form.validate_on_submit():
        try:
            told = service.acknowledge(
                parts.sessions, staff_user().authority, _text(form.file.data.read(_LARGEST + 1)), clock=parts.clock
            )
        except DomainError as refusal:
            form.refuse(sentence(refusal), "file", why=type(refusal).__name__)
        else:
            _say_answers(told)
            return redirect(url_for("staff.journal_exports_list"), 303)
    html = render_template("staff/journal_exports/acknowledge.html", form=form)
    return html, _UNPROCESSABLE if form.errors else 200


def _say_answers(told: service.Acknowledged) -> None:
    if told.accepted:
        say(_("Accepted: %(batches)s.", batches=_listed(told.accepted)))
    if told.rejected:
        say(
            _(
                "Rejected: %(batches)s. Correct the cause there and send the same file again.",
                batches=_listed(told.rejected),
            ),
            "warning",
        )
    if told.known:
        say(_("Known before: %(batches)s.", batches=_listed(told.known)), "info")


def _listed(numbers: tuple[int, ...]) -> str:
    return ", ".join(map(str, numbers))


def _text(content: bytes) -> str:
    """Raises :class:`BadAnswer` for what is no text, or far too much of it."""
    if len(content) > _LARGEST:
        raise BadAnswer("the file is too large", line=1)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadAnswer("the file is no text", line=1) from error
