"""Change a customer's name, address and contact from a day on; and take back a change that is still to come."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, render_template, request
from werkzeug.wrappers import Response

from accounts.approvals.rules import ReasonMissing
from accounts.cities.desk import DocumentMissing, TooFarAhead, choice
from accounts.cities.staffing import Permission
from accounts.customer_accounts.access import must_see_customer
from accounts.customer_accounts.queries import HeldAccount, accounts_of
from accounts.customer_accounts.sources import CONTACT_FIELDS
from accounts.customer_changes import queries, service
from accounts.customer_changes.queries import ChangeEntry, Letter
from accounts.customer_changes.rules import ChangedMeanwhile, ChangeRequest
from accounts.customers.queries import CustomerCard, customer, records_of
from accounts.customers.rules import BadContact
from accounts.database import reading
from accounts.errors import DomainError, NotFound
from portal.forms.customer_changes import ChangeForm, WithdrawChangeForm
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date
from portal.languages import language_name
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.contact_words import contact_label, contact_problem, contact_value
from portal.staff.done import account_url, say
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_UNPROCESSABLE = 422
_AT = {DocumentMissing: "document", ReasonMissing: "reason", TooFarAhead: "effective_on"}
"""A refusal → the field that it is about."""


@dataclass(frozen=True)
class _Read:
    """The customer as they stand, and what waits and is stopped."""

    card: CustomerCard
    pending: Sequence[ChangeEntry]
    stopped: Sequence[Letter]
    accounts: Sequence[HeldAccount]


@dataclass(frozen=True)
class Moved:
    """A field that somebody else changed while the form was open."""

    label: str
    before: str
    now: str
    typed: str
    """What this person typed in it; empty where they typed nothing."""


@dataclass(frozen=True)
class Meanwhile:
    """What somebody else did while the form was open. ``actor`` is empty where no person did it."""

    moved: tuple[Moved, ...]
    actor: str
    at: datetime | None


@staff.route("/accounts/<reference>/customer-changes/new", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def customer_changes_new(reference: str) -> str | Response | tuple[str, int]:
    parts, meanwhile = wiring(), None
    read = _read()
    form = _form(read.card)
    if form.validate_on_submit():
        try:
            asked = service.change_customer(parts.change_desk(), staff_user().authority, _request(form, read.card))
        except ChangedMeanwhile as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            read = _read()
            meanwhile = _meanwhile(form, read.card)
            form.look_anew(read.card)
        except BadContact as refusal:
            field = str(refusal.facts.get("field", "name"))
            form.refuse(contact_problem(field), field, why=type(refusal).__name__)
        except DomainError as refusal:
            form.refuse(sentence(refusal), _AT.get(type(refusal)), why=type(refusal).__name__)
        else:
            say(_("The change is made.") if asked.version else _waits(form))
            return redirect(account_url(reference), 303)
    return _page(form, read, meanwhile)


@staff.route("/accounts/<reference>/customer-changes/<int:change_id>/withdraw", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def customer_changes_withdraw(reference: str, change_id: int) -> str | Response | tuple[str, int]:
    parts, form = wiring(), WithdrawChangeForm(kept=kept_here())
    entry = _entry(change_id)
    if form.validate_on_submit():
        try:
            service.withdraw_change(parts.change_desk(), staff_user().authority, entry.id, form.reason.data)
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
            entry = _entry(change_id)
        else:
            say(_("The change is taken back. The record stays as it is."))
            return redirect(account_url(reference), 303)
    page = render_template(
        "staff/customer_changes/withdraw.html",
        form=form,
        file=opened_file(),
        entry=entry,
        lines=_lines(entry.wanted),
        document=_document(entry.document),
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _read() -> _Read:
    """Whoever has an account that this person may not see is not there for them."""
    file, user = opened_file(), staff_user()
    with reading(wiring().sessions) as session:
        must_see_customer(session, user.authority, file.customer_id)
        card = customer(session, file.customer_id)
        return _Read(
            card,
            queries.pending_changes(session, card.id),
            queries.stop_mail_to(card.mailing_address, queries.letters_of(session, card.id)),
            accounts_of(session, [card.id], **may_see(user)),
        )


def _form(card: CustomerCard) -> ChangeForm:
    parts, kept = wiring(), kept_here()
    begun = kept is not None or request.method == "POST"  # blank fields are not kept: blank is what was typed
    form = ChangeForm(kept=kept, data={} if begun else ChangeForm.showing(card))
    languages = parts.city().city.identity.languages
    form.language.choices = [(code, language_name(code)) for code in languages]
    policy = parts.city().city.desk_policy(parts.clock.today())
    form.document.offer(policy.documents, empty=_("No document"))
    if not begun:
        form.effective_on.data = parts.clock.today()
    return form


def _request(form: ChangeForm, card: CustomerCard) -> ChangeRequest:
    return ChangeRequest(
        customer_id=card.id,
        contact=form.contact,
        seen_version=form.seen_version,
        effective_on=form.effective_on.data,
        reason=form.reason.data or "",
        document=form.document.data,
        document_note=form.document_note.data or "",
        forgets_old_name=form.forgets_old_name.data,
    )


def _meanwhile(form: ChangeForm, card: CustomerCard) -> Meanwhile:
    """What is another now than the form showed, and who made it so."""
    with reading(wiring().sessions) as session:
        entries = queries.changes_of(session, card.id)
    newest = next((entry for entry in entries if entry.version == card.version), None)
    moved = tuple(
        Moved(
            contact_label(name),
            contact_value(name, form.was(name)),
            contact_value(name, getattr(card, name)),
            contact_value(name, form.typed(name)) if form.is_typed(name) else "",
        )
        for name in CONTACT_FIELDS
        if getattr(card, name) != form.was(name)
    )
    return Meanwhile(moved, newest.settled_by if newest else "", newest.settled_at if newest else None)


def _page(form: ChangeForm, read: _Read, meanwhile: Meanwhile | None) -> tuple[str, int]:
    parts = wiring()
    policy = parts.city().city.desk_policy(parts.clock.today())
    page = render_template(
        "staff/customer_changes/new.html",
        form=form,
        file=opened_file(),
        card=read.card,
        meanwhile=meanwhile,
        pending=[(entry, _lines(entry.wanted)) for entry in read.pending],
        stopped=read.stopped,
        others=[account for account in read.accounts if account.id != opened_file().id],
        papers=[_document(code) for code in policy.name_change_documents],
        policy=policy,
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _entry(change_id: int) -> ChangeEntry:
    """A change of the person whose account this is; any other is not there."""
    file, user = opened_file(), staff_user()
    with reading(wiring().sessions) as session:
        must_see_customer(session, user.authority, file.customer_id)
        entry = queries.change(session, change_id)
        if entry.customer_id not in records_of(session, file.customer_id):
            raise NotFound(f"change {change_id} is not of customer {file.customer_id}")
    return entry


def _lines(wanted: dict[str, str]) -> list[tuple[str, str]]:
    return [(contact_label(name), contact_value(name, value)) for name, value in wanted.items()]


def _document(code: str) -> str:
    parts = wiring()
    known = choice(parts.city().city.desk_policy(parts.clock.today()).documents, code)
    return known.name.in_(locale_code()) if known else code


def _waits(form: ChangeForm) -> str:
    return _("The change is taken down. It comes on %(day)s.", day=long_date(form.effective_on.data))
