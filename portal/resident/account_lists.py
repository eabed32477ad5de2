"""Many accounts at once, for who files and pays for many: lines pasted or sent as a file, each answered by itself."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from flask import Response, abort, g, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from accounts.account_lists import service as lists
from accounts.account_lists.rules import MOST_LINES, Answer, Verdict, read_lines
from accounts.account_lists.service import Lister
from accounts.customer_accounts.rules import shown
from accounts.errors import DomainError
from accounts.ledger.exports import cells
from portal.card_numbers import contains_pan
from portal.forms.account_lists import ListForm
from portal.forms.baskets import PlainForm
from portal.i18n import gettext as _
from portal.identity.vault import Unreadable, Vault
from portal.messages import sentence
from portal.navigation import account_kind
from portal.permissions import any_resident
from portal.public import visitors
from portal.public.lookups import kinds_of_numbers
from portal.resident.blueprint import resident, resident_user
from portal.security import takes_files
from portal.wiring import wiring
from portal.words.account_lists import LOOKS, VERDICTS

_UNPROCESSABLE = 422
_BOM = "\ufeff"
_FOR_AN_HOUR = timedelta(hours=1)


@resident.route("/accounts/add-many", methods=["GET", "POST"])
@any_resident
@takes_files
def account_lists_new() -> str | AnyResponse | tuple[str, int]:
    """Each line is looked up as the form for one account does it, and counts as a guess just so."""
    form, parts, user = ListForm(), wiring(), resident_user()
    if not form.validate_on_submit():
        return _page(form, _UNPROCESSABLE if form.is_submitted() else 200)
    try:
        lines = read_lines(form.given())
    except DomainError as refusal:
        form.refuse(sentence(refusal), "lines", why=type(refusal).__name__)
        return _page(form, _UNPROCESSABLE)
    who = Lister(user.actor_id, g.client, visitors.known_accounts())
    answers = lists.add_all(parts.sessions, parts.lookup_keys(), who, lines, parts.clock)
    response = make_response(_answered(answers))
    visitors.set_known_all(response, [one.account_id for one in answers if one.account_id])
    return response


@resident.post("/accounts/add-many.csv")
@any_resident
def account_lists_file() -> AnyResponse:
    """The answers as a file; they are in the page that showed them, sealed, and kept nowhere."""
    if not PlainForm().validate_on_submit():
        abort(400)
    answers = _opened(request.form.get("answers", ""))
    if answers is None:
        return redirect(url_for("resident.account_lists_new"), 303)
    rows = [[_("Line"), _("Number"), _("Answer"), _("Account")]]
    for one in answers:
        account = f"{account_kind(one.kind)} {shown(one.reference)}" if one.reference else ""
        rows.append([str(one.place), _plain(one.number), str(VERDICTS[one.verdict]), account])
    response = Response(_BOM + "".join(cells(row) for row in rows), mimetype="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = 'attachment; filename="accounts.csv"'
    return response


def _answered(answers: Sequence[Answer]) -> str:
    counts = Counter(one.verdict for one in answers)
    return render_template(
        "resident/account_lists/show.html",
        rows=[(one, _plain(one.number), str(VERDICTS[one.verdict]), LOOKS[one.verdict]) for one in answers],
        summary=[(str(VERDICTS[verdict]), counts[verdict]) for verdict in Verdict if counts[verdict]],
        has_too_many=bool(counts[Verdict.TOO_MANY]),
        has_new=bool(counts[Verdict.ADDED]),
        sealed=_sealed(answers),
        shown=shown,
    )


def _page(form: ListForm, status: int) -> tuple[str, int]:
    kinds, asks_zip = kinds_of_numbers()
    page = render_template(
        "resident/account_lists/new.html", form=form, kinds=kinds, asks_zip=asks_zip, most=MOST_LINES
    )
    return page, status


def _plain(number: str) -> str:
    """What was typed as a number; a card's is not shown again."""
    return "" if contains_pan(number) else number[:40]


def _vault() -> Vault:
    return wiring().vault("answers to a list of accounts")


def _sealed(answers: Sequence[Answer]) -> str:
    until = (wiring().clock.now() + _FOR_AN_HOUR).timestamp()
    said = [[one.place, _plain(one.number), one.verdict, one.reference, one.kind] for one in answers]
    return _vault().lock(json.dumps([resident_user().actor_id, until, said]).encode()).decode()


def _opened(sealed: str) -> list[Answer] | None:
    """The answers that a page of theirs carried within the hour; else none."""
    try:
        actor_id, until, said = json.loads(_vault().open(sealed.encode()))
    except (Unreadable, ValueError):
        return None
    if actor_id != resident_user().actor_id or wiring().clock.now().timestamp() > until:
        return None
    return [
        Answer(place, number, Verdict(verdict), reference, kind) for place, number, verdict, reference, kind in said
    ]
