"""Days of the books: which are open and why, the equation of one, closing it, and its packet."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import abort, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.ledger.exports import cells
from accounts.seals.rules import Obstacle, why_not_close
from payments.closings import queries, service
from payments.closings.positions import positions
from payments.closings.queries import DayLine
from payments.closings.rules import Proof, prove
from payments.sweeps.queries import clean_through
from portal.documents.packet import grouped, packet_pdf
from portal.forms.baskets import PlainForm
from portal.i18n import gettext as _
from portal.i18n import long_date, money
from portal.messages import sentence
from portal.permissions import needs, permission_of
from portal.sealing import PARTS
from portal.staff.blueprint import staff, staff_user
from portal.staff.done import say
from portal.wiring import wiring
from portal.words.closings import equation, named, obstacle_text
from portal.words.names import person
from portal.words.packets import packet_tables

MOST = 40
_UNPROCESSABLE = 422
_LINKS = {
    "drawer": ("staff.drawer_reviews_show", "drawer_id"),
    "deposit": ("staff.bank_deposits_show", "deposit_id"),
    "line": ("staff.bank_lines_show", "line_id"),
    "statement": ("staff.bank_statements_show", "statement_id"),
}
_BANK = "staff.bank_statements_list"


@staff.get("/days")
@needs(Permission.REPORTS_SEE)
def days_list() -> str:
    before = _day_or_none(request.args.get("before", ""))
    with reading(wiring().sessions) as session:
        found = queries.days(session, before, MOST + 1)
    shown = found[:MOST]
    return render_template(
        "staff/days/list.html",
        days=shown,
        person=person,
        first_url=url_for("staff.days_list") if before else "",
        next_url=url_for("staff.days_list", before=shown[-1].day.isoformat()) if len(found) > MOST else "",
    )


@staff.get("/days/<day>")
@needs(Permission.REPORTS_SEE)
def days_show(day: str) -> str:
    parts, asked = wiring(), _day(day)
    city = parts.city().city
    with reading(parts.sessions) as session:
        line = queries.day(session, asked)
        packet = queries.packet(session, asked) if line.packet else None
        proof = prove(positions(session, city, asked)) if line.state == "open" else None
        swept = clean_through(session) if proof else None
    tables = packet_tables(packet.content, city, money) if packet else []
    return render_template(
        "staff/days/show.html",
        line=line,
        packet=packet,
        tables=tables,
        grouped=grouped,
        person=person,
        **_standing(proof),
        not_yet=_not_yet(line, swept),
        may_close=staff_user().may(Permission.DAYS_CLOSE),
    )


@staff.route("/days/<day>/close", methods=["GET", "POST"])
@needs(Permission.DAYS_CLOSE)
def days_close(day: str) -> str | Response | tuple[str, int]:
    """What is there, then the act: every day through this one, in order, each by its own proof."""
    parts, asked, form = wiring(), _day(day), PlainForm()
    city, stays = parts.city().city, []
    with reading(parts.sessions) as session:
        line, swept = queries.day(session, asked), clean_through(session)
        proof = prove(positions(session, city, asked))
    if form.validate_on_submit():
        try:
            done = service.close(
                parts.sessions, staff_user().authority, city, PARTS, asked, clock=parts.clock, swept_through=swept
            )
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            if done.waiting is None:
                say(_("Closed through %(day)s. The packet is below.", day=long_date(asked)))
                return redirect(url_for("staff.days_show", day=day), 303)
            stays = [_obstacle(one) for one in done.waiting.obstacles]
            form.refuse(
                _("%(day)s stays open. Look at what is named below.", day=long_date(done.waiting.day)),
                why="DayStaysOpen",
            )
    html = render_template(
        "staff/days/close.html", form=form, line=line, stays=stays, not_yet=_not_yet(line, swept), **_standing(proof)
    )
    return html, _UNPROCESSABLE if form.errors else 200


@staff.get("/days/<day>/packet/<kind>")
@needs(Permission.REPORTS_SEE)
def days_packet(day: str, kind: str) -> Response:
    """The packet as it was written (JSON), as a table (CSV), or on paper (PDF); each time a line of the audit."""
    parts, asked = wiring(), _day(day)
    if kind not in {"json", "csv", "pdf"}:
        abort(404)
    city = parts.city().city
    with transaction(parts.sessions) as session:
        line, packet = queries.day(session, asked), queries.packet(session, asked)
        audit.exported(session, staff_user().actor_id, "closing-packet", 1, day=day, format=kind)
    if kind == "json":
        return _file(packet.text.encode(), "application/json", f"close-{day}.json")
    if kind == "pdf":
        return _file(packet_pdf(packet, line.seal, city), "application/pdf", f"close-{day}.pdf")
    rows: list[str] = []
    for table in packet_tables(packet.content, city):
        rows += [cells((table.title,)), cells(table.headings), *map(cells, table.rows), "\r\n"]
    rows.append(cells((_("Fingerprint of the packet"), grouped(packet.sha256))))
    return _file("".join(rows).encode("utf-8-sig"), "text/csv; charset=utf-8", f"close-{day}.csv")


def _file(content: bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _standing(proof: Proof | None) -> dict[str, Any]:
    """The equation, the names, and what keeps the day open."""
    if proof is None:
        return {"rows": [], "named": [], "obstacles": []}
    city = wiring().city().city
    return {
        "rows": equation(proof.rows),
        "named": named(proof.differences, city),
        "obstacles": [_obstacle(one) for one in proof.obstacles],
    }


def _obstacle(one: Obstacle) -> tuple[str, str]:
    """The sentence, and the page where it is mended."""
    for fact, (endpoint, argument) in _LINKS.items():
        if fact in one.facts and _may_open(endpoint):
            where: dict[str, Any] = {argument: int(one.facts[fact])}
            return obstacle_text(one), url_for(endpoint, **where)
    return obstacle_text(one), url_for(_BANK) if "bank" in one.facts and _may_open(_BANK) else ""


def _may_open(endpoint: str) -> bool:
    mark = permission_of(current_app, endpoint)
    return mark is not None and staff_user().may(Permission(mark))


def _not_yet(line: DayLine, swept: Any) -> list[str]:
    """Why the day is not over yet, for people."""
    parts = wiring()
    if line.state != "open":
        return []
    through = parts.clock.day_of(swept) if swept else None
    if not why_not_close(line.day, today=parts.clock.today(), swept_through=through):
        return []
    said = []
    if line.day >= parts.clock.today():
        said.append(_("The day is not over. People pay online until midnight, and that money is this day’s."))
    else:
        said.append(_("Not everything paid online that day is settled yet. That is looked at every few minutes."))
    return said


def _day(text: str) -> date:
    found = _day_or_none(text)
    if found is None:
        abort(404)
    return found


def _day_or_none(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == len("2026-11-17") else None
    except ValueError:
        return None
