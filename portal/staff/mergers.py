"""Two records of one person: found, looked at side by side, made one by two people, and made two again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.customer_accounts.access import must_see_customer
from accounts.customer_accounts.queries import HeldAccount, account_file, accounts_of
from accounts.customer_accounts.rules import number_key, shown
from accounts.customers.queries import CustomerCard, customer
from accounts.database import one_by_one, reading
from accounts.errors import DomainError, NotFound
from accounts.mergers.queries import Duplicate, MergerEntry, duplicates, mergers_of
from accounts.mergers.rules import DifferentKinds, Merging, SameCustomer
from portal.forms.mergers import FindRecordForm, MergerForm, UndoMergerForm
from portal.i18n import gettext as _
from portal.languages import language_name
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.contact_words import contact_label
from portal.staff.kept_forms import kept_here
from portal.staff.lists import key
from portal.staff.proposing import Looked, look_or_do
from portal.wiring import wiring

_UNPROCESSABLE = 422
_COMPARED = ("name", "last_name", "phone", "email", "mailing_address", "language")
Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Side:
    """One of the two records, with its accounts."""

    card: CustomerCard
    accounts: Sequence[HeldAccount]


@dataclass(frozen=True)
class Row:
    """A field of both records."""

    label: str
    this: str
    other: str


@staff.route("/accounts/<reference>/mergers/new", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_MERGE)
def mergers_new(reference: str) -> Answer:
    if "number" in request.form:
        return _found_by_number(reference)
    form = MergerForm(kept=kept_here())
    if request.method == "GET" and (asked := key("with")) is not None:
        form.other.data = str(asked)
    if form.other_id is None:
        return _candidates(FindRecordForm(kept=kept_here()))
    sides = _sides(form.other_id)
    if isinstance(sides, DomainError):
        find = FindRecordForm(formdata=None)
        find.refuse(sentence(sides), why=type(sides).__name__)
        return _candidates(find)
    return _compare(form, *sides, reference)


@staff.route("/accounts/<reference>/mergers/<int:merger_id>/undo", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_MERGE)
def mergers_undo(reference: str, merger_id: int) -> Answer:
    file, form, looked = opened_file(), UndoMergerForm(kept=kept_here()), None
    with reading(wiring().sessions) as session:
        must_see_customer(session, staff_user().authority, file.customer_id)
        entry = next((one for one in mergers_of(session, file.customer_id) if one.id == merger_id), None)
    if entry is None:
        raise NotFound(f"no merger {merger_id} of customer {file.customer_id}")
    if form.validate_on_submit():
        outcome = look_or_do(form, Merging(from_id=entry.from_id, into_id=entry.into_id, undo=True), reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    page = render_template(
        "staff/mergers/undo.html",
        form=form,
        file=file,
        entry=entry,
        looked=looked,
        numbers=[shown(reference) for reference in entry.accounts],
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _found_by_number(reference: str) -> Answer:
    """The record that has an account of that number, if this person may see it."""
    form, parts = FindRecordForm(), wiring()
    if form.validate_on_submit():
        with one_by_one(parts.sessions) as reader:
            found = account_file(reader, number_key(form.number.data), **may_see(staff_user()))
        if found is not None:
            url = url_for("staff.mergers_new", reference=reference)
            return redirect(f"{url}?with={found.customer_id}", 303)
        form.refuse(_("There is no account with that number. Check the digits."), "number", why="NotFound")
    return _candidates(form)


def _candidates(form: FindRecordForm) -> Answer:
    """Records that are likely the same person, and the mergers that there were."""
    file, user = opened_file(), staff_user()
    with reading(wiring().sessions) as session:
        must_see_customer(session, user.authority, file.customer_id)
        alike = duplicates(session, user.authority, file.customer_id)
        before = mergers_of(session, file.customer_id)
    page = render_template(
        "staff/mergers/candidates.html",
        form=form,
        file=file,
        alike=[(one, _shares(one), [shown(reference) for reference in one.accounts]) for one in alike],
        before=[(one, [shown(reference) for reference in one.accounts], _can_undo(one)) for one in before],
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _sides(other_id: int) -> tuple[Side, Side] | DomainError:
    """This record and the other one; or why they are not compared."""
    file, user = opened_file(), staff_user()
    if other_id == file.customer_id:
        return SameCustomer(f"customer {other_id} is this one")
    with reading(wiring().sessions) as session:
        for customer_id in (file.customer_id, other_id):
            must_see_customer(session, user.authority, customer_id)
        cards = [customer(session, customer_id) for customer_id in (file.customer_id, other_id)]
        held = accounts_of(session, [card.id for card in cards], **may_see(user))
    this, other = (Side(card, [one for one in held if one.customer_id == card.id]) for card in cards)
    return (this, other) if this.card.kind == other.card.kind else DifferentKinds("a person and a business")


def _compare(form: MergerForm, this: Side, other: Side, reference: str) -> Answer:
    form.stays.choices = [(str(side.card.id), _label(side)) for side in (this, other)]
    if form.stays.data not in dict(form.stays.choices):
        form.stays.data = str(this.card.id)
    looked: Looked | None = None
    if form.validate_on_submit():
        into = int(form.stays.data)
        gone = other.card.id if into == this.card.id else this.card.id
        outcome = look_or_do(form, Merging(from_id=gone, into_id=into), reference)
        if isinstance(outcome, Response):
            return outcome
        looked = outcome
    stays, goes = (this, other) if form.stays.data == str(this.card.id) else (other, this)
    page = render_template(
        "staff/mergers/compare.html",
        form=form,
        file=opened_file(),
        this=this,
        other=other,
        rows=[Row(contact_label(name), _value(this.card, name), _value(other.card, name)) for name in _COMPARED],
        looked=looked,
        stays=stays,
        goes=goes,
    )
    return page, _UNPROCESSABLE if form.errors else 200


def _label(side: Side) -> str:
    numbers = ", ".join(one.number for one in side.accounts[:4]) or _("no account")
    return f"{side.card.name} ({numbers})"


def _value(card: CustomerCard, name: str) -> str:
    value = str(getattr(card, name))
    return language_name(value) if name == "language" else value


def _shares(one: Duplicate) -> str:
    words = {
        "email": _("e-mail"),
        "phone": _("phone"),
        "mailing-address": _("mailing address"),
        "premises": _("service address"),
    }
    return ", ".join(words.get(what, what) for what in one.shares)


def _can_undo(one: MergerEntry) -> bool:
    """Is this record the one that the other was merged into, and do they stand as one?"""
    return one.stands and one.into_id == opened_file().customer_id
