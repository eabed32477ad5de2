"""A receipt at the window: what was taken and given back, and on paper, by mail or as a letter for the customer."""

from __future__ import annotations

from dataclasses import dataclass

import structlog
from flask import Response, abort, make_response, redirect, render_template, request, url_for

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.cities.window import till_of
from accounts.database import reading, transaction
from payments.drawers import queries as drawers
from payments.drawers.queries import DrawerView
from payments.receipts.queries import receipt_by_id
from payments.receipts.rules import ReceiptPage
from payments.receipts.sight import SeenReceipt, seen_receipt
from payments.sales.owing import owing
from payments.sales.service import Taken
from portal import documents
from portal.documents.slip import SlipRow, slip_rows
from portal.forms.baskets import PlainForm
from portal.forms.window import LookForm, MailForm, new_key
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.languages import offered
from portal.messages_sent.rules import masked_contact
from portal.messages_sent.service import PURPOSE, ask_receipt_again
from portal.permissions import needs
from portal.printing import PrinterAway, print_slip
from portal.receipts import receipt_view, reversed_sentence
from portal.staff.blueprint import may_see, refuse_and_write_down, staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import Answer
from portal.staff.kept_forms import kept_here
from portal.staff.lists import link_to
from portal.wiring import wiring

_NOT_FOUND = 404
_UNPROCESSABLE = 422
_log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Printed:
    """What became of printing: on paper, not (the printer is away), or there is no printer here."""

    has_printer: bool
    is_on_paper: bool = False


@staff.get("/receipts/<int:receipt_id>")
@needs(Permission.RECEIPTS_SEND)
def slips_show(receipt_id: int) -> str:
    """A receipt by its number alone: what the window shows once a sale is taken."""
    return _page(_seen(receipt_id))


@staff.get("/receipts/<int:receipt_id>/print")
@needs(Permission.RECEIPTS_SEND)
def slips_print(receipt_id: int) -> str:
    """A page 80 mm wide, for a printer that only the browser knows; a second one is marked as a duplicate."""
    seen = _seen(receipt_id)
    rows, language = _rows(seen)
    return render_template("staff/slips/print.html", rows=rows, language=language, receipt_id=receipt_id)


@staff.post("/receipts/<int:receipt_id>/printer")
@needs(Permission.RECEIPTS_SEND)
def slips_printer(receipt_id: int) -> Answer:
    """On the receipt printer of one's own till, again or for the first time."""
    if not PlainForm().validate_on_submit():
        abort(400)
    seen = _seen(receipt_id)
    with reading(wiring().sessions) as session:
        drawer = drawers.drawer_of(session, staff_user().actor_id)
    made = on_paper(seen, drawer, opens_drawer=False)
    if made.is_on_paper:
        say(_("The receipt is printed."))
    else:
        say(_("The receipt printer does not answer. Print from the browser instead."), "warning")
    return redirect(url_for("staff.slips_show", receipt_id=receipt_id), 303)


@staff.get("/receipts/<int:receipt_id>/letter.pdf")
@needs(Permission.RECEIPTS_SEND)
def slips_letter(receipt_id: int) -> Response:
    """On letter paper, in the customer's language or another that is asked for."""
    seen, parts = _seen(receipt_id), wiring()
    receipt, language = _receipt(receipt_id), _language(seen)
    again = parts.clock.now() if seen.is_printed else None
    made = documents.receipt_pdf(
        receipt, parts.city().city, language, parts.settings.base_url, printed_again_at=again
    )
    _note_print(seen, language)
    response = make_response(made)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{receipt.number}.pdf"'
    return response


@staff.route("/receipts/<int:receipt_id>/mail", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_SEND)
def slips_mail(receipt_id: int) -> Answer:
    """To the customer's own address, which the cashier reads back."""
    seen, form, parts = _seen(receipt_id), MailForm(kept=kept_here()), wiring()
    receipt = _receipt(receipt_id)
    if request.method == "GET" and not form.email.data and seen.account_ids:
        with reading(parts.sessions) as session:
            held = owing(
                session, seen.account_ids[:1], parts.clock.today(), parts.clock.now(), **may_see(staff_user())
            )
        form.email.data = next((one.email for one in held), "")
    if form.validate_on_submit():
        account = seen.account_ids[0] if seen.account_ids else None
        ask_receipt_again(
            parts.sessions, parts.vault(PURPOSE), account, (receipt_id, receipt.number), form.email.data,
            by=staff_user().actor_id,
        )  # fmt: skip
        say(_("The receipt is on its way to %(address)s.", address=masked_contact("mail", form.email.data)))
        return redirect(url_for("staff.slips_show", receipt_id=receipt_id), 303)
    page = render_template("staff/slips/mail.html", form=form, receipt=receipt)
    return page, _UNPROCESSABLE if form.errors else 200


def taken_page(taken: Taken, drawer: DrawerView, *, had_cash: bool) -> str:
    """What the window answers when a sale is taken: printed, its change large, ready for the next one.

    The sale is in the books when the printer is asked; whatever becomes of the paper, it stays there.
    """
    seen = _seen(taken.receipt_id)
    made = None if taken.again else on_paper(seen, drawer, opens_drawer=had_cash)
    return _page(seen, printed=made, is_full=taken.warn, just_taken=True)


def on_paper(seen: SeenReceipt, drawer: DrawerView | None, *, opens_drawer: bool) -> Printed:
    """Print on the till's own printer, outside of any transaction; one that is away is said, and that is all."""
    till = till_of(wiring().city().city.tills, drawer.till) if drawer else None
    if till is None or not till.printer:
        return Printed(has_printer=False)
    rows, language = _rows(seen, note=False)
    try:
        print_slip(till.printer, rows, opens_drawer=opens_drawer)
    except PrinterAway as away:
        _log.warning("receipt printer away", till=till.code, why=str(away))
        return Printed(has_printer=True)
    _note_print(seen, language)
    return Printed(has_printer=True, is_on_paper=True)


def _page(
    seen: SeenReceipt, *, printed: Printed | None = None, is_full: bool = False, just_taken: bool = False
) -> str:
    parts, user = wiring(), staff_user()
    receipt = _receipt(seen.receipt_id)
    view = receipt_view(receipt, parts.city().city, locale_code(), parts.settings.base_url)
    with reading(parts.sessions) as session:
        drawer = drawers.drawer_of(session, user.actor_id)
    till = till_of(parts.city().city.tills, drawer.till) if drawer else None
    form = LookForm(formdata=None)
    form.form_key.data = new_key()
    return render_template(
        "staff/slips/show.html", receipt=view, receipt_id=seen.receipt_id, reversed_sentence=reversed_sentence(view),
        seen=seen, printed=printed, is_full=is_full, just_taken=just_taken, form=form,
        sells=drawer is not None and drawer.state == "open", has_printer=bool(till and till.printer),
        language=receipt.language, languages=offered(), void_url=_void_url(seen, view.reversed_on is None),
        limit=parts.city().city.cash_policy(parts.clock.today()),
    )  # fmt: skip


def _void_url(seen: SeenReceipt, stands: bool) -> str:
    return link_to("voids_new", receipt_id=seen.receipt_id) if stands and seen.drawer_id is not None else ""


def _seen(receipt_id: int) -> SeenReceipt:
    """A receipt without an account that is hidden from this person; that they looked is written down."""
    with reading(wiring().sessions) as session:
        found = seen_receipt(session, receipt_id, **may_see(staff_user()))
    if found is None:
        refuse_and_write_down("receipt-not-found", asked=str(receipt_id)[:20])
        abort(_NOT_FOUND)
    with transaction(wiring().sessions) as session:
        audit.seen_all(session, found.account_ids, staff_user().actor_id, "slips_show")
    return found


def _receipt(receipt_id: int) -> ReceiptPage:
    with reading(wiring().sessions) as session:
        found = receipt_by_id(session, receipt_id)
    if found is None:
        abort(_NOT_FOUND)
    return found


def _rows(seen: SeenReceipt, *, note: bool = True) -> tuple[tuple[SlipRow, ...], str]:
    parts, language = wiring(), _language(seen)
    city = parts.city().city
    view = receipt_view(_receipt(seen.receipt_id), city, language, parts.settings.base_url)
    rows = slip_rows(view, city, printed_again_at=parts.clock.now() if seen.is_printed else None)
    if note:
        _note_print(seen, language)
    return rows, language


def _language(seen: SeenReceipt) -> str:
    asked = request.args.get("language", seen.language)
    return asked if asked in offered() else seen.language


def _note_print(seen: SeenReceipt, language: str) -> None:
    """Each paper is written down: the second is a duplicate, and a duplicate before a void is a question."""
    act = "receipt-reprinted" if seen.is_printed else "receipt-printed"
    with transaction(wiring().sessions) as session:
        audit.record(
            session, act, subject=("receipt", seen.receipt_id), actor_id=staff_user().actor_id,
            receipt=seen.number, language=language,
        )  # fmt: skip
