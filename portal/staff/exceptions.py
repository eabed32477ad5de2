"""What does not fit: found by clock, kind and owner, read with its evidence, taken on, and closed with a word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import redirect, render_template, request, url_for
from flask_babel import pgettext
from markupsafe import Markup
from werkzeug.wrappers import Response

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.exceptions import queries, service
from accounts.exceptions.queries import KindCount, QueuedLine, Wanted
from accounts.exceptions.rules import LineClosed, WithAnother
from payments.attempts.stories import Story, story
from portal.forms.exceptions import CloseForm, ExceptionsFilter, TakeForm
from portal.i18n import gettext as _
from portal.i18n import money
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key, link_to
from portal.wiring import wiring
from portal.words.exceptions import Told, kind_name, subject_words, told
from portal.words.states import attempt_state
from portal.words.values import age

_UNPROCESSABLE, _CONFLICT = 422, 409
ALL, MINE, NOBODYS, LATE, CLOSED = "all", "mine", "nobodys", "late", "closed"


@dataclass(frozen=True)
class Row:
    """A line in a list."""

    url: str
    name: str
    subject: Markup
    reference: str
    holder: str
    amount: Markup
    clock: str
    is_late: bool
    owner: str
    note: str


def row_of(line: QueuedLine, now: datetime) -> Row:
    """A line as a list shows it."""
    words = told(line)
    return Row(
        url=url_for("staff.exceptions_show", exception_id=line.id),
        name=words.name,
        subject=subject_words(line.subject),
        reference=shown(line.reference) if line.reference else "",
        holder=line.holder,
        amount=money(words.amount) if words.amount is not None else Markup(),
        clock=clock_words(line, now),
        is_late=line.is_late(now),
        owner=line.owner_name or _("Nobody"),
        note=line.closing_note,
    )


def clock_words(line: QueuedLine, now: datetime) -> str:
    """How long there is, or how late it is."""
    if line.is_late(now):
        return _("Late by %(age)s", age=age(now - line.respond_by))
    return _("%(age)s left", age=age(line.respond_by - now)) if line.is_open else ""


@staff.get("/exceptions")
@needs(Permission.EXCEPTIONS_WORK)
def exceptions_list() -> str:
    parts, user, now = wiring(), staff_user(), wiring().clock.now()
    form, which = ExceptionsFilter(), request.args.get("which") or ALL
    with reading(parts.sessions) as session:
        counts = queries.counts(session, user.authority, now)
        form.kind.offer([("", _("All kinds")), *_kinds(counts, which)])
        wanted = Wanted(
            kind=form.kind.data or None,
            owner_id=user.actor_id if which == MINE else None,
            nobodys=which == NOBODYS,
            late_at=now if which == LATE else None,
            closed=which == CLOSED,
        )
        page = queries.lines(session, user.authority, wanted, after=key("after"))
    return render_template(
        "staff/exceptions/list.html",
        form=form,
        which=which,
        rows=[row_of(line, now) for line in page.lines],
        tabs=_tabs(which, counts),
        first_url=here() if key("after") else "",
        next_url=here(after=page.next_after) if page.next_after else "",
    )


@staff.route("/exceptions/<int:exception_id>", methods=["GET", "POST"])
@needs(Permission.EXCEPTIONS_WORK)
def exceptions_show(exception_id: int) -> str | Response | tuple[str, int]:
    line = _read(exception_id)
    words = told(line)
    is_closing = request.form.get("act") == "close"
    take, close = TakeForm(), CloseForm(kept=kept_here())
    close.offer(words.ends)
    try:
        if is_closing and close.validate_on_submit():
            return _close(line, close)
        if not is_closing and take.validate_on_submit():
            return _take(line, take)
    except (LineClosed, WithAnother) as refusal:
        close.refuse(sentence(refusal), why=type(refusal).__name__)
        return _page(_read(exception_id), words, close), _CONFLICT
    except DomainError as refusal:
        close.refuse(sentence(refusal), "note", why=type(refusal).__name__)
    return _page(line, words, close), _UNPROCESSABLE if close.errors else 200


def _take(line: QueuedLine, form: TakeForm) -> Response:
    service.take(wiring().sessions, staff_user().authority, line.id, owner_seen=form.owner_seen)
    say(_("This is yours now."))
    return redirect(url_for("staff.exceptions_show", exception_id=line.id), 303)


def _close(line: QueuedLine, form: CloseForm) -> Response:
    parts = wiring()
    service.close(
        parts.sessions, staff_user().authority, line.id, form.words,
        owner_seen=form.owner_seen, now=parts.clock.now(),
    )  # fmt: skip
    say(_("Closed: %(what)s.", what=kind_name(line.kind)))
    return redirect(url_for("staff.exceptions_list"), 303)


def _read(line_id: int) -> QueuedLine:
    """The line, if its account is for this person; who looked is written down on the account."""
    parts, user = wiring(), staff_user()
    with reading(parts.sessions) as session:
        line = queries.line(session, line_id, user.authority)
    if line.customer_account_id is not None and request.method == "GET":
        with transaction(parts.sessions) as session:
            audit.seen(session, line.customer_account_id, user.actor_id, "exceptions_show")
    return line


def _page(line: QueuedLine, words: Told, form: CloseForm) -> str:
    now, user = wiring().clock.now(), staff_user()
    attempt = _story(line)
    return render_template(
        "staff/exceptions/show.html",
        line=line,
        told=words,
        form=form,
        number=shown(line.reference) if line.reference else "",
        has_page=bool(line.reference and link_to("accounts_show", reference=line.reference)),
        clock=clock_words(line, now),
        is_late=line.is_late(now),
        is_mine=line.owner_id == user.actor_id,
        attempt=attempt,
        attempt_state=attempt_state(attempt.state) if attempt else "",
        acts=_acts(line, words, attempt),
    )


def _story(line: QueuedLine) -> Story | None:
    """The payment attempt that a line names."""
    attempt_id = str(line.evidence.get("attempt") or line.subject.partition(":")[0])
    if not attempt_id.startswith("pa_"):
        return None
    with reading(wiring().sessions) as session:
        return story(session, attempt_id, **may_see(staff_user()))


def _acts(line: QueuedLine, words: Told, attempt: Story | None) -> list[dict[str, str]]:
    """Pages on which something can be done about it, as far as they are there and this person may open them."""
    found = []
    if line.reference:
        payment = attempt.payment_id if attempt else None
        found += [
            (pgettext("look", "Open the account"), link_to("accounts_show", reference=line.reference)),
            *((label, link_to(name, reference=line.reference, **({"payment": payment} if needs_payment else {})))
              for kinds, label, name, needs_payment in _fitting() if line.kind in kinds),
        ]  # fmt: skip
    if words.amount is not None and line.kind in _LOOKED_FOR_BY_AMOUNT:
        found.append((_("Search for this amount"), link_to("searches_show", q=str(words.amount))))
    if attempt and attempt.receipt_number:
        found.append((_("Find the receipt"), link_to("searches_show", q=attempt.receipt_number)))
    return [{"label": label, "url": url} for label, url in found if url]


def _fitting() -> list[tuple[set[str], str, str, bool]]:
    """Acts on an account by the kinds of lines that they mend: kinds, words, page, whether it takes the payment."""
    return [
        ({"second-payment", "paid-after-expiry"}, _("Move the payment to another account"), "moves_new", True),
        ({"balance-difference"}, _("Correct a charge"), "adjustments_new", False),
        ({"contact-differs", "account-differs"}, _("Log a contact"), "contacts_new", False),
    ]


_LOOKED_FOR_BY_AMOUNT = {"no-owner", "orphan", "posted-unpaid", "payout-unknown-movement", "amount-mismatch"}


def _kinds(counts: list[KindCount], which: str) -> list[tuple[str, str]]:
    """Kinds that are open, with how many; while closed lines are looked at, without."""
    if which == CLOSED:
        return sorted(((one.kind, kind_name(one.kind)) for one in counts), key=lambda pair: pair[1])
    return [(one.kind, f"{kind_name(one.kind)} ({one.open})") for one in counts]


def _tabs(which: str, counts: list[KindCount]) -> list[dict[str, Any]]:
    tabs = (
        (ALL, pgettext("exceptions", "Open"), sum(one.open for one in counts)),
        (LATE, _("Late"), sum(one.late for one in counts)),
        (MINE, _("Mine"), sum(one.mine for one in counts)),
        (NOBODYS, _("Nobody’s"), sum(one.nobodys for one in counts)),
        (CLOSED, _("Closed"), None),
    )
    return [
        {"label": label, "url": here(which=code), "current": code == which, "count": count}
        for code, label, count in tabs
    ]
