"""Mail that came back: note it, send it again, visit, or say that it need not be; and all that waits for it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from accounts.approvals.rules import ReasonMissing
from accounts.cities.desk import choice
from accounts.cities.staffing import Permission
from accounts.customer_accounts.access import must_see_customer
from accounts.customer_accounts.queries import accounts_of
from accounts.customer_changes import letters, queries
from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.letters import CameBack
from accounts.customer_changes.queries import Letter
from accounts.customer_changes.rules import Handling, InTheFuture
from accounts.customers.queries import customer, records_of
from accounts.customers.rules import BadContact
from accounts.database import reading
from accounts.errors import DomainError, NotFound
from portal.forms.customer_changes import HandlingForm, ReturnedMailForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.contact_words import contact_problem
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.wiring import wiring

_UNPROCESSABLE = 422


@dataclass(frozen=True)
class Row:
    """A letter that waits, as the queue shows it. ``url`` is empty where the person has no account to open."""

    letter: Letter
    url: str
    kind: str


@staff.get("/returned-mail")
@needs(Permission.CUSTOMERS_CHANGE)
def returned_mail_list() -> str:
    """What still has to reach somebody, of people whom the reader may see; longest waiting first."""
    parts, user, after = wiring(), staff_user(), key("after")
    with reading(parts.sessions) as session:
        page = queries.re_mail_queue(session, user.authority, after=after)
        homeless = {letter.customer_id for letter in page.letters if letter.account is None}
        held = accounts_of(session, homeless, **may_see(user)) if homeless else []
    first = {account.customer_id: account.reference for account in reversed(held)}
    return render_template(
        "staff/returned_mail/list.html",
        rows=[_row(letter, letter.account or first.get(letter.customer_id, "")) for letter in page.letters],
        today=parts.clock.today(),
        first_url=here() if after else "",
        next_url=here(after=page.next_after) if page.next_after else "",
    )


@staff.route("/accounts/<reference>/returned-mail/new", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def returned_mail_new(reference: str) -> str | Response | tuple[str, int]:
    parts, file, user = wiring(), opened_file(), staff_user()
    desk, form = parts.change_desk(), ReturnedMailForm(kept=kept_here())
    form.mail_kind.offer(desk.policy.mail_kinds)
    if not form.is_submitted() and form.returned_on.data is None:
        form.returned_on.data = parts.clock.today()
    with reading(parts.sessions) as session:
        must_see_customer(session, user.authority, file.customer_id)
        card = customer(session, file.customer_id)
        earlier = queries.letters_of(session, card.id)
    if form.validate_on_submit():
        try:
            letter_id = letters.mail_came_back(desk, user.authority, _came_back(form))
        except DomainError as refusal:
            _refuse(form, refusal, on="returned_on")
        else:
            say(_("It is noted. Nothing more goes to that address."))
            return redirect(url_for("staff.returned_mail_show", reference=reference, letter_id=letter_id), 303)
    page = render_template(
        "staff/returned_mail/new.html",
        form=form,
        file=file,
        address=card.mailing_address or file.address,
        earlier=[_row(letter, reference) for letter in earlier],
    )
    return page, _UNPROCESSABLE if form.errors else 200


@staff.route("/accounts/<reference>/returned-mail/<int:letter_id>", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def returned_mail_show(reference: str, letter_id: int) -> str | Response | tuple[str, int]:
    parts, form, letter = wiring(), HandlingForm(kept=kept_here()), _letter(letter_id)
    if not form.is_submitted():
        form.on.data = form.on.data or parts.clock.today()
        if form.kept_at is None and letter.can_be_sent:
            form.address.data = letter.mailing_address
    if form.validate_on_submit():
        try:
            _handle(parts.change_desk(), letter, form)
        except DomainError as refusal:
            _refuse(form, refusal, on="on")
            letter = _letter(letter_id)
        else:
            say(_("It is noted."))
            return redirect(account_url(reference), 303)
    row = _row(letter, reference)
    page = render_template(
        "staff/returned_mail/show.html", form=form, file=opened_file(), letter=letter, kind=row.kind,
        handled=[(_done_words(one.handling), one) for one in letter.handled],
        was_visited=Handling.VISITED in letter.done,
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


def _came_back(form: ReturnedMailForm) -> CameBack:
    file = opened_file()
    return CameBack(
        customer_id=file.customer_id,
        account_id=file.id,
        returned_on=form.returned_on.data,
        mail_kind=form.mail_kind.data,
        address=form.address.data or "",
        reference=form.letter_reference.data or "",
        evidence=form.evidence.data or "",
    )


def _handle(desk: ChangeDesk, letter: Letter, form: HandlingForm) -> None:
    by, on, note = staff_user().authority, form.on.data, form.note.data or ""
    what = Handling(form.handling.data)
    if what is Handling.RE_MAILED:
        return letters.re_mail(desk, by, letter.id, on=on, address=form.address.data or "", note=note)
    if what is Handling.VISITED:
        return letters.visit(desk, by, letter.id, on=on, note=note)
    if not note.strip():
        raise ReasonMissing("say why nothing is sent")
    if what is Handling.NOT_NEEDED:
        return letters.let_be(desk, by, letter.id, note)
    return letters.flagged_by_mistake(desk, by, letter.id, note)


def _refuse(form: ReturnedMailForm | HandlingForm, refusal: DomainError, *, on: str) -> None:
    name = type(refusal).__name__
    if isinstance(refusal, BadContact):
        form.refuse(contact_problem("mailing_address"), "address", why=name)
    elif isinstance(refusal, ReasonMissing):
        form.refuse(sentence(refusal), "note", why=name)
    else:
        form.refuse(sentence(refusal), on if isinstance(refusal, InTheFuture) else None, why=name)


def _letter(letter_id: int) -> Letter:
    """A letter to the person whose account this is; any other is not there."""
    file = opened_file()
    with reading(wiring().sessions) as session:
        must_see_customer(session, staff_user().authority, file.customer_id)
        found = queries.letter(session, letter_id)
        if found.customer_id not in records_of(session, file.customer_id):
            raise NotFound(f"letter {letter_id} is not of customer {file.customer_id}")
    return found


def _row(letter: Letter, reference: str) -> Row:
    parts = wiring()
    kind = choice(parts.city().city.desk_policy(parts.clock.today()).mail_kinds, letter.mail_kind)
    url = url_for("staff.returned_mail_show", reference=reference, letter_id=letter.id) if reference else ""
    return Row(letter, url, kind.name.in_(locale_code()) if kind else letter.mail_kind)


def _done_words(handling: Handling) -> str:
    return {
        Handling.VISITED: _("Visited: a notice was left at the door"),
        Handling.NEW_ADDRESS: _("The holder has a new address"),
        Handling.RE_MAILED: _("Sent again"),
        Handling.NOT_NEEDED: _("It need not be sent again"),
        Handling.MISTAKE: _("Entered by mistake"),
    }[handling]
