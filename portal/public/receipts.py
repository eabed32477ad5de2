"""A receipt by its link: on screen, as PDF, and as the page that its QR code opens."""

from __future__ import annotations

from flask import Response, abort, g, make_response, render_template, request

from accounts.database import one_by_one
from payments.receipts.queries import receipt_by_token
from payments.receipts.rules import ReceiptPage
from portal import documents
from portal.i18n import locale_code
from portal.permissions import anyone
from portal.public.blueprint import public
from portal.receipts import ReceiptView, receipt_view, reversed_sentence
from portal.wiring import wiring

_NOT_FOUND = 404


@public.get("/receipts/<token>")
@anyone
def receipt(token: str) -> str:
    view = _view(_found(token))
    return render_template(
        "public/receipts/show.html",
        receipt=view,
        reversed_sentence=reversed_sentence(view),
        just_paid=request.args.get("paid") == "1",
    )


@public.get("/receipts/<token>/receipt.pdf")
@anyone
def receipt_pdf(token: str) -> Response:
    found = _found(token)
    parts = wiring()
    response = make_response(documents.receipt_pdf(found, parts.city().city, locale_code(), parts.settings.base_url))
    response.mimetype = "application/pdf"
    response.headers["Content-Disposition"] = f'inline; filename="{found.number}.pdf"'
    return response


@public.get("/receipts/<token>/verify")
@anyone
def receipt_verify(token: str) -> str | tuple[str, int]:
    """What the QR code opens: the facts for a link of ours, and a plain warning for any other."""
    found = _receipt(token)
    if found is None:
        return render_template("public/receipts/verify.html", receipt=None, reversed_sentence=""), _NOT_FOUND
    view = _view(found)
    return render_template("public/receipts/verify.html", receipt=view, reversed_sentence=reversed_sentence(view))


def _found(token: str) -> ReceiptPage:
    found = _receipt(token)
    if found is None:
        abort(_NOT_FOUND)
    return found


def _receipt(token: str) -> ReceiptPage | None:
    with one_by_one(wiring().sessions) as session:
        found = receipt_by_token(session, token)
    if found is not None:
        g.language_of_page = found.language
    return found


def _view(found: ReceiptPage) -> ReceiptView:
    parts = wiring()
    return receipt_view(found, parts.city().city, locale_code(), parts.settings.base_url)
