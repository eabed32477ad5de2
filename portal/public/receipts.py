"""A receipt by its link: on screen, as PDF, and as the page that its QR code opens."""

from __future__ import annotations

from flask import Response, abort, g, make_response, render_template, request

from accounts.database import reading
from payments.receipts.queries import receipt_by_token
from payments.receipts.rules import ReceiptPage
from portal import documents
from portal.i18n import locale_code
from portal.permissions import anyone
from portal.public.blueprint import public
from portal.wiring import wiring


@public.get("/receipts/<token>")
@anyone
def receipts_show(token: str) -> str:
    receipt = _receipt(token)
    return render_template("public/receipts/show.html", receipt=receipt, just_paid=request.args.get("paid") == "1")


@public.get("/receipts/<token>/receipt.pdf")
@anyone
def receipt_pdf(token: str) -> Response:
    receipt = _receipt(token)
    parts = wiring()
    response = make_response(
        documents.receipt_pdf(receipt, parts.city().city, locale_code(), parts.settings.base_url)
    )
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{receipt.number}.pdf"'
    return response


@public.get("/receipts/<token>/verify")
@anyone
def receipt_verify(token: str) -> str:
    return render_template("public/receipts/verify.html", receipt=_receipt(token))


def _receipt(token: str) -> ReceiptPage:
    with reading(wiring().sessions) as session:
        receipt = receipt_by_token(session, token)
    if receipt is None:
        abort(404)
    g.language_of_page = receipt.language
    return receipt
