"""The one search box: results as a page, and suggestions while somebody types."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, redirect, render_template, request, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response as AnyResponse

from accounts import audit
from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from accounts.database import one_by_one, transaction
from accounts.searches.queries import Hit, SearchResult
from accounts.searches.queries import search as search_accounts
from accounts.searches.rules import Fit, Matched, TooLittle
from payments.receipts.queries import ReceiptHit, ReceiptSearch
from payments.receipts.queries import search as search_receipts
from payments.receipts.rules import numbers_typed
from portal import refusals
from portal.card_numbers import contains_pan
from portal.i18n import gettext as _
from portal.navigation import account_kind
from portal.permissions import needs
from portal.security import refuses_card_numbers
from portal.staff.acts_menu import exists
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.file_words import status_text
from portal.wiring import wiring

LONGEST = 200
SUGGESTED = 8
MOST_RECEIPTS = 10
CARD_NUMBER = "card-number"
_UNPROCESSABLE = 422


@staff.get("/search")
@needs(Permission.ACCOUNTS_SEE)
@refuses_card_numbers
def searches_show() -> str | AnyResponse | tuple[str, int]:
    """What fits, best first; one exact number opens its file at once."""
    asked = _asked()
    if contains_pan(asked):
        # To an address without the number: neither the page nor the browser's history is to keep it.
        return redirect(url_for("staff.searches_show", refused=CARD_NUMBER), 303)
    if request.args.get("refused") == CARD_NUMBER:
        refusals.note(CARD_NUMBER)
        return _page("", SearchResult(), ReceiptSearch(), card_number=True), _UNPROCESSABLE
    if not asked:
        return _page("", SearchResult(), ReceiptSearch())
    with one_by_one(wiring().sessions) as reader:
        accounts = search_accounts(reader, asked, **may_see(staff_user()))
        receipts = search_receipts(reader, asked, **may_see(staff_user()), limit=MOST_RECEIPTS)
    _write_down(asked, len(accounts.hits) + len(receipts.hits))
    if (only := _only(asked, accounts, receipts)) is not None:
        return redirect(only, 303)
    return _page(asked, accounts, receipts)


@staff.get("/search/suggest")
@needs(Permission.ACCOUNTS_SEE)
@refuses_card_numbers
def searches_suggest() -> Response | tuple[Response, int]:
    """The best few, masked: other people look over the counter. ``settled`` says that the typing has stopped."""
    asked = _asked()
    if contains_pan(asked):
        refusals.note(CARD_NUMBER)
        return jsonify(options=[], said=_card_help()), _UNPROCESSABLE
    with one_by_one(wiring().sessions) as reader:
        found = search_accounts(reader, asked, **may_see(staff_user()), limit=SUGGESTED)
    if request.args.get("settled") == "1" and found.too_little is None:
        _write_down(asked, len(found.hits))
    return jsonify(options=[_option(hit) for hit in found.hits], said=_said(found))


def _asked() -> str:
    return request.args.get("q", "").strip()[:LONGEST]


def _write_down(asked: str, found: int) -> None:
    with transaction(wiring().sessions) as session:
        audit.searched(session, staff_user().actor_id, asked, found)


def _only(asked: str, accounts: SearchResult, receipts: ReceiptSearch) -> str | None:
    """Where the one account or receipt is whose number was typed, whole."""
    exact = [hit for hit in accounts.hits if hit.fit is Fit.EXACT and hit.matched is Matched.NUMBER]
    if len(exact) == 1:
        return url_for("staff.accounts_show", reference=exact[0].reference)
    if not accounts.hits and len(receipts.hits) == 1 and numbers_typed(asked):
        return receipt_url(receipts.hits[0])
    return None


def receipt_url(hit: ReceiptHit) -> str:
    """The page of a receipt, in the file of the first account on it; of items alone, its own."""
    if not hit.accounts:
        return url_for("staff.slips_show", receipt_id=hit.id)
    return url_for("staff.receipts_show", reference=hit.accounts[0].reference, receipt_id=hit.id)


def _page(asked: str, accounts: SearchResult, receipts: ReceiptSearch, *, card_number: bool = False) -> str:
    may_open = staff_user().may(Permission.ACCOUNTS_OPEN) and exists("openings_new")
    return render_template(
        "staff/searches/show.html",
        asked=asked,
        accounts=accounts,
        receipts=receipts,
        too_little=_too_little(accounts.too_little) if asked else "",
        matched_words=matched_words(),
        receipt_url=receipt_url,
        card_help=_card_help() if card_number else "",
        opening_url=url_for("staff.openings_new") if may_open else "",
    )


def _option(hit: Hit) -> dict[str, Any]:
    return {
        "url": url_for("staff.accounts_show", reference=hit.reference),
        "number": shown(hit.reference),
        "kind": account_kind(hit.kind),
        "holder": hit.masked_holder,
        "address": hit.masked_address,
        "status": "" if hit.status == "open" else status_text(hit.status),
    }


def _said(found: SearchResult) -> str:
    """What a screen reader hears of the suggestions."""
    if found.too_little is not None:
        return ""
    if not found.hits:
        return _("Nothing found so far.")
    if found.more:
        return _("The best %(count)s are shown. Press Enter to see more.", count=len(found.hits))
    return str(ngettext("%(num)s account fits.", "%(num)s accounts fit.", len(found.hits)))


def _card_help() -> str:
    return _(
        "That looks like a card number, so we did not search for it. Never type a card number here. "
        "Search by receipt number, by amount, or by name."
    )


def _too_little(why: TooLittle | None) -> str:
    if why is TooLittle.ONE_LETTER:
        return _("Type two letters or more.")
    if why is TooLittle.ONLY_PUNCTUATION:
        return _("Type letters or digits.")
    return ""


def matched_words() -> dict[Matched, str]:
    """By what an account was found."""
    return {
        Matched.NUMBER: _("Number"),
        Matched.NAME: _("Name"),
        Matched.ADDRESS: _("Address"),
        Matched.WORDS: _("Name and address"),
        Matched.PHONE: _("Phone"),
        Matched.EMAIL: _("E-mail"),
        Matched.PLATE: _("Plate"),
        Matched.AMOUNT: _("Amount of a charge"),
        Matched.LAST_PAYMENT: _("Amount of the last payment"),
    }
