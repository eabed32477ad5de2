"""Payments on an account and where each went; a receipt, printed again or mailed again."""

from __future__ import annotations

from datetime import datetime

from flask import Response, abort, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from accounts.cities.staffing import Permission
from accounts.customer_accounts.queries import AccountFile
from accounts.database import reading
from payments.receipts.queries import receipt_by_id
from payments.receipts.rules import ReceiptPage
from portal import documents
from portal.account_files.heads import file_head
from portal.account_files.payments import AccountPayment, payments_of
from portal.forms.receipts import OTHER, SendAgainForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.languages import offered
from portal.messages_sent.rules import masked_contact
from portal.messages_sent.service import PURPOSE, ask_receipt_again, note_reprint
from portal.permissions import needs
from portal.receipts import receipt_view
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.done import say
from portal.staff.files import file_page, page_url
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_NOT_FOUND = 404
_UNPROCESSABLE = 422


@staff.get("/accounts/<reference>/payments")
@needs(Permission.ACCOUNTS_SEE)
def payments_list(reference: str) -> str:
    """Payments, newest first."""
    del reference
    with reading(wiring().sessions) as session:
        page = payments_of(session, opened_file().id, before=_before(), **may_see(staff_user()))
    older = page_url(before=f"{page.next_before[0].isoformat()}_{page.next_before[1]}") if page.next_before else ""
    return file_page(
        "staff/payments/list.html", payments=page.payments, older=older, is_first="before" not in request.args
    )


@staff.get("/accounts/<reference>/receipts/<int:receipt_id>")
@needs(Permission.ACCOUNTS_SEE)
def receipts_show(reference: str, receipt_id: int) -> str:
    """One payment: what of it was for this account, and the receipt as it was issued."""
    del reference
    payment, receipt = _paid(receipt_id)
    parts, user = wiring(), staff_user()
    view = receipt_view(receipt, parts.city().city, locale_code(), parts.settings.base_url)
    return file_page(
        "staff/receipts/show.html",
        payment=payment,
        receipt=view,
        masked_email=masked_contact("mail", receipt.email) if receipt.email else "",
        may_send=payment.is_whole_seen and user.may(Permission.RECEIPTS_SEND),
        languages=offered(),
    )


@staff.get("/accounts/<reference>/receipts/<int:receipt_id>/duplicate.pdf")
@needs(Permission.RECEIPTS_SEND)
def receipts_reprint(reference: str, receipt_id: int) -> Response:
    """The receipt on paper, marked as a duplicate on each page; who printed it is written down."""
    del reference
    parts, receipt = wiring(), _whole(receipt_id)
    asked = request.args.get("language", receipt.language)
    language = asked if asked in offered() else receipt.language
    made = documents.receipt_pdf(
        receipt, parts.city().city, language, parts.settings.base_url, printed_again_at=parts.clock.now()
    )
    note_reprint(
        parts.sessions, opened_file().id, receipt.number, by=staff_user().actor_id, language=language
    )  # fmt: skip
    response = make_response(made)
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{receipt.number}-duplicate.pdf"'
    return response


@staff.route("/accounts/<reference>/receipts/<int:receipt_id>/send", methods=["GET", "POST"])
@needs(Permission.RECEIPTS_SEND)
def receipts_send(reference: str, receipt_id: int) -> str | AnyResponse | tuple[str, int]:
    """Mail the receipt again, in its payer's language."""
    del reference
    parts, file, receipt = wiring(), opened_file(), _whole(receipt_id)
    known = _addresses(file, receipt)
    form = SendAgainForm(kept=kept_here())
    form.offer(known)
    if form.validate_on_submit():
        to = form.other.data if form.choice.data == OTHER else known[form.choice.data]
        ask_receipt_again(
            parts.sessions, parts.vault(PURPOSE), file.id, (receipt.id, receipt.number), to, by=staff_user().actor_id
        )
        say(_("The receipt is on its way to %(address)s.", address=masked_contact("mail", to)))
        return redirect(url_for("staff.receipts_show", reference=file.reference, receipt_id=receipt_id), 303)
    page = file_page("staff/receipts/send.html", form=form, receipt=receipt, other=OTHER)
    return page, _UNPROCESSABLE if form.errors else 200


def _addresses(file: AccountFile, receipt: ReceiptPage) -> dict[str, str]:
    """Where it may go without typing: to whom it went first, and to the holder, if this person sees their contact."""
    parts = wiring()
    with reading(parts.sessions) as session:
        head = file_head(session, file.id, parts.clock.today(), **may_see(staff_user()))
    known = {"payer": receipt.email, "holder": head.email}
    if known["holder"].casefold() == known["payer"].casefold():
        known.pop("holder")
    return {name: address for name, address in known.items() if address}


def _paid(receipt_id: int) -> tuple[AccountPayment, ReceiptPage]:
    """The payment on this account with this receipt; a receipt of other accounts alone is not found here."""
    with reading(wiring().sessions) as session:
        found = payments_of(session, opened_file().id, receipt_id=receipt_id, **may_see(staff_user())).payments
        receipt = receipt_by_id(session, receipt_id) if found else None
    if not found or receipt is None:
        abort(_NOT_FOUND)
    return found[0], receipt


def _whole(receipt_id: int) -> ReceiptPage:
    """A receipt on which there is no account that is hidden from this person."""
    payment, receipt = _paid(receipt_id)
    if not payment.is_whole_seen:
        abort(_NOT_FOUND)
    return receipt


def _before() -> tuple[datetime, int] | None:
    at, _sep, id_ = request.args.get("before", "").partition("_")
    try:
        return (datetime.fromisoformat(at), int(id_)) if at else None
    except ValueError:
        abort(_NOT_FOUND)
