"""Find an account by number and proof; ask for a code or for a number."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from accounts.cities.rules import City
from accounts.customer_accounts.models import AccountKind
from accounts.errors import DomainError
from accounts.lookups import asking, service
from accounts.lookups.rules import NoMatch, TooManyGuesses
from accounts.lookups.service import Found, Guess
from portal.forms.lookups import AskCodeForm, CodeForm, FindForm, FindNumberForm
from portal.i18n import locale_code
from portal.messages import sentence
from portal.per_city import PerCity
from portal.permissions import anyone
from portal.public import visitors
from portal.public.blueprint import public
from portal.wiring import wiring

_UNPROCESSABLE = 422
_TOO_MANY = 429
_KINDS = [kind.value for kind in AccountKind]
"""In the order in which people ask for them."""


@public.route("/pay", methods=["GET", "POST"])
@anyone
def lookups_find() -> str | Response | tuple[str, int]:
    form = FindForm(number=request.args.get("number", ""))
    if not form.validate_on_submit():
        return _find_page(form, _UNPROCESSABLE if form.is_submitted() else 200)
    guess = Guess(form.number.data, form.proof.data, form.zip_code.data or "", g.client, visitors.known_accounts())
    try:
        found = service.find(wiring().sessions, wiring().lookup_keys(), guess, wiring().clock.now())
    except (NoMatch, TooManyGuesses) as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _find_page(form, _TOO_MANY if isinstance(refusal, TooManyGuesses) else _UNPROCESSABLE)
    return _enter(found, corrected=found.corrected)


@public.route("/pay/code", methods=["GET", "POST"])
@anyone
def lookups_ask_code() -> str | Response | tuple[str, int]:
    form = AskCodeForm(number=request.args.get("number", ""))
    if not form.validate_on_submit():
        status = _UNPROCESSABLE if form.is_submitted() else 200
        return render_template("public/lookups/ask_code.html", form=form), status
    parts = wiring()
    try:
        asking.ask_for_code(
            parts.sessions, parts.lookup_keys(), form.number.data, g.client,
            language=locale_code(), now=parts.clock.now(),
        )  # fmt: skip
    except TooManyGuesses as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return render_template("public/lookups/ask_code.html", form=form), _TOO_MANY
    return redirect(url_for("public.lookups_enter_code", number=form.number.data), 303)


@public.route("/pay/code/enter", methods=["GET", "POST"])
@anyone
def lookups_enter_code() -> str | Response | tuple[str, int]:
    form = CodeForm(number=request.args.get("number", ""))
    if not form.validate_on_submit():
        status = _UNPROCESSABLE if form.is_submitted() else 200
        return render_template("public/lookups/enter_code.html", form=form), status
    parts = wiring()
    try:
        found = service.find_by_code(
            parts.sessions, parts.lookup_keys(), form.number.data, form.code.data, g.client, now=parts.clock.now()
        )
    except (NoMatch, TooManyGuesses) as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        status = _TOO_MANY if isinstance(refusal, TooManyGuesses) else _UNPROCESSABLE
        return render_template("public/lookups/enter_code.html", form=form), status
    return _enter(found)


@public.route("/find-my-number", methods=["GET", "POST"])
@anyone
def lookups_find_number() -> str | Response | tuple[str, int]:
    form = FindNumberForm()
    if not form.validate_on_submit():
        status = _UNPROCESSABLE if form.is_submitted() else 200
        return render_template("public/lookups/find_number.html", form=form), status
    parts = wiring()
    try:
        asking.ask_for_number(
            parts.sessions, parts.lookup_keys(), form.name.data, form.address.data, g.client,
            language=locale_code(), now=parts.clock.now(),
        )  # fmt: skip
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return render_template("public/lookups/find_number.html", form=form), _TOO_MANY
    return redirect(url_for("public.lookups_number_asked"), 303)


@public.get("/find-my-number/asked")
@anyone
def lookups_number_asked() -> str:
    return render_template("public/lookups/number_asked.html")


def kinds_of_numbers() -> tuple[tuple[KindView, ...], bool]:
    """Which numbers and proofs there are, and whether any of them goes with a ZIP code."""
    city = wiring().city().city
    asks_zip = any(proof.needs_zip for lookup in city.lookups.values() for proof in lookup.proofs)
    return _kinds(city, locale_code()), asks_zip


def _find_page(form: FindForm, status: int) -> tuple[str, int]:
    kinds, asks_zip = kinds_of_numbers()
    return render_template("public/lookups/find.html", form=form, kinds=kinds, asks_zip=asks_zip), status


@dataclass(frozen=True)
class KindView:
    """How a number of one kind looks, and what proves it."""

    label: str
    help: str
    example: str
    proofs: tuple[str, ...]


@PerCity
def _kinds(city: City, language: str) -> tuple[KindView, ...]:
    return tuple(
        KindView(
            label=lookup.reference_label.in_(language),
            help=lookup.reference_help.in_(language),
            example=lookup.reference_example,
            proofs=tuple(
                _("%(proof)s, and your ZIP code", proof=proof.label.in_(language))
                if proof.needs_zip
                else proof.label.in_(language)
                for proof in lookup.proofs
            ),
        )
        for lookup in (city.lookups[kind] for kind in sorted(city.lookups, key=_KINDS.index))
    )


def _enter(found: Found, *, corrected: bool = False) -> Response:
    visitors.remember_proof(found.account_id, found.reference)
    response = redirect(
        url_for("public.accounts_show", reference=found.reference, corrected=1 if corrected else None), 303
    )
    visitors.set_known(response, found.account_id)  # type: ignore[arg-type]
    return response
