"""Everything paid on one's accounts: filter, receipts, a file; and paying all at once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from flask import Response, abort, redirect, render_template, request, stream_with_context, url_for
from werkzeug.wrappers import Response as AnyResponse

from accounts import audit
from accounts.account_links.queries import LinkedAccount, linked_accounts
from accounts.account_links.rules import Right
from accounts.customer_accounts.rules import number_key
from accounts.database import one_by_one, reading, transaction
from accounts.errors import DomainError
from accounts.ledger.exports import cells
from payments.baskets import service as baskets
from payments.receipts.rules import ReceiptTender
from payments.terms import bounds_of
from portal.account_files.paid import Asked, Key, Paid, all_paid, paid_on
from portal.documents.receipt import tender_words
from portal.forms.baskets import PlainForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.navigation import account_kind
from portal.permissions import any_resident
from portal.public import visitors
from portal.resident.blueprint import resident, resident_user
from portal.resident.home import home_page
from portal.wiring import wiring

_YEARS = 7
"""As long as receipts are kept at hand (``domain.md`` has cities with five to seven)."""
_BOM = "\ufeff"


@resident.get("/payments")
@any_resident
def payments_list() -> str:
    """Newest first; of one account, of one year."""
    mine = _mine()
    chosen, year = _chosen(mine), _year()
    with one_by_one(wiring().sessions) as reader:
        page = paid_on(reader, _asked(mine, chosen, year), before=_before())
    return render_template(
        "resident/payments/list.html",
        lines=page.lines,
        paid_with=_tender,
        accounts=[(one.reference, one.nickname or f"{account_kind(one.kind)} {one.number}") for one in mine],
        chosen=chosen.reference if chosen else "",
        year=year,
        years=_years(),
        older_url=_older(page.next_before),
        newest_url=url_for("resident.payments_list", **_filters()) if request.args.get("before") else None,
        file_url=url_for("resident.payments_file", **_filters()),
    )


@resident.get("/payments.csv")
@any_resident
def payments_file() -> AnyResponse:
    """The same lines as a file, however many they are; who took it out is written down."""
    mine, parts, user = _mine(), wiring(), resident_user()
    asked = _asked(mine, _chosen(mine), _year())
    with transaction(parts.sessions) as session:
        audit.exported(session, user.actor_id, "my-payments", len(mine), accounts=len(mine))
    response = Response(stream_with_context(_rows(asked)), mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="payments.csv"'
    return response


@resident.post("/pay")
@any_resident
def payments_begin() -> AnyResponse | tuple[str, int]:
    """Put one account, or all that owe, into the basket and go there."""
    if not PlainForm().validate_on_submit():
        abort(400)
    payable = {one.reference: one.account_id for one in _mine() if one.may(Right.PAY)}
    wanted = number_key(request.form.get("reference", ""))
    if wanted and wanted not in payable:
        abort(404)
    chosen = [payable[wanted]] if wanted else list(payable.values())
    parts, token = wiring(), visitors.basket_token(create=True)
    try:
        baskets.put_all(parts.sessions, token or "", chosen, bounds=bounds_of(parts.city().city))
    except DomainError as refusal:
        return home_page(refused=sentence(refusal)), 422
    return redirect(url_for("public.baskets_show"), 303)


def _tender(line: Paid) -> str:
    """By what it was paid, without whose card it was: somebody else may have paid."""
    return tender_words(ReceiptTender(line.tender))


def _mine() -> list[LinkedAccount]:
    with one_by_one(wiring().sessions) as reader:
        return linked_accounts(reader, resident_user().actor_id)


def _chosen(mine: list[LinkedAccount]) -> LinkedAccount | None:
    """The account that the filter names; another's is not found."""
    wanted = number_key(request.args.get("account", ""))
    if not wanted:
        return None
    found = next((one for one in mine if one.reference == wanted), None)
    if found is None:
        abort(404)
    return found


def _years() -> list[int]:
    this_year = wiring().clock.today().year
    return list(range(this_year, this_year - _YEARS, -1))


def _year() -> int:
    """0: of all years."""
    said = request.args.get("year", "")
    return int(said) if said.isdecimal() and int(said) in _years() else 0


def _asked(mine: list[LinkedAccount], chosen: LinkedAccount | None, year: int) -> Asked:
    zone = ZoneInfo(wiring().city().city.identity.time_zone)
    first, last = (date(year, 1, 1), date(year + 1, 1, 1)) if year else (date(1990, 1, 1), date(2200, 1, 1))
    return Asked(
        [one.account_id for one in mine],
        datetime.combine(first, time(), zone),
        datetime.combine(last, time(), zone),
        chosen.account_id if chosen else 0,
    )


def _filters() -> dict[str, Any]:
    return {name: value for name in ("account", "year") if (value := request.args.get(name, ""))}


def _before() -> Key | None:
    """Where this page goes on; the first page for anything that is no such place."""
    at, _, rest = request.args.get("before", "").partition("_")
    id_, _, account = rest.partition("_")
    if not (at.isdecimal() and id_.isdecimal() and account.isdecimal() and len(at + id_ + account) <= 60):
        return None
    try:
        return datetime.fromtimestamp(int(at) / 1_000_000, UTC), int(id_), int(account)
    except (OverflowError, ValueError, OSError):
        return None


def _older(key: Key | None) -> str | None:
    if key is None:
        return None
    at, id_, account = key
    micros = int(at.timestamp()) * 1_000_000 + at.microsecond
    return url_for("resident.payments_list", before=f"{micros}_{id_}_{account}", **_filters())


def _rows(asked: Asked) -> Iterator[str]:
    heading = [_("Date"), _("Account"), _("Receipt"), _("Paid with"), _("Amount"), _("Reversed")]
    yield _BOM + cells(heading)
    zone = ZoneInfo(wiring().city().city.identity.time_zone)
    with reading(wiring().sessions) as session:
        for line in all_paid(session, asked):
            reversed_on = line.reversed_on.isoformat() if line.reversed_on else ""
            day = line.paid_at.astimezone(zone).date().isoformat()
            yield cells([day, line.number, line.receipt, _tender(line), line.amount, reversed_on])
