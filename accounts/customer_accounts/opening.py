"""Steps at the counter: open an account, close it, open it again. Features above add what is theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.rules import ReasonMissing
from accounts.cities.rules import City
from accounts.customer_accounts.access import Account, locked_account, must_see_customer
from accounts.customer_accounts.lifecycle import (
    DAY,
    AlreadyClosed,
    AlreadyOpened,
    Closing,
    NotClosed,
    Opened,
    Opening,
    check_closing,
    check_opening,
    check_reopening,
)
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.rules import bill_code
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.customer_accounts.sources import STATUS, hold, status_text
from accounts.customers.models import Customer, CustomerKind
from accounts.customers.rules import Merged
from accounts.errors import NotFound
from accounts.premises.models import Premises, PremisesRole
from accounts.staff.rules import Authority, Permission

_ONE_FORM = text("SELECT pg_advisory_xact_lock(hashtextextended('opening:' || :key, 0))")
_OPENED_BY_FORM = text("""
    SELECT reference FROM customer_accounts WHERE source_system = 'ventanilla' AND source_key = :key""")
_MARK = text("""
    UPDATE customer_accounts n SET is_protected = m.is_protected, is_restricted = m.is_restricted
      FROM (SELECT bool_or(is_protected) AS is_protected, bool_or(is_restricted) AS is_restricted
              FROM customer_accounts WHERE customer_id = :customer) AS m
     WHERE n.id = :account AND (m.is_protected OR m.is_restricted)""")
_STAND_AT = text(
    "UPDATE customer_accounts SET premises_id = :premises WHERE id = :account AND premises_id <> :premises"
)
_CLOSE = text("UPDATE customer_accounts SET status = 'closed', closed_on = :final WHERE id = :account")
_REOPEN = text("UPDATE customer_accounts SET status = 'open', closed_on = NULL WHERE id = :account")
# A role ends with the last account that its holder has there.
_END_ROLES = text("""
    UPDATE premises_roles r SET until_on = greatest(:until, r.since_on + 1)
     WHERE r.premises_id = :premises AND r.customer_id = :customer AND (r.until_on IS NULL OR r.until_on > :until)
       AND NOT EXISTS (SELECT FROM customer_accounts a WHERE a.premises_id = r.premises_id
                          AND a.customer_id = r.customer_id AND a.status = 'open' AND a.id <> :account)""")
_BEGIN_ROLES = text("""
    INSERT INTO premises_roles (premises_id, customer_id, role, since_on)
    SELECT DISTINCT premises_id, customer_id, role, CAST(:on AS date) FROM premises_roles r
     WHERE premises_id = :premises AND customer_id = :customer AND until_on = :ended
       AND NOT EXISTS (SELECT FROM premises_roles n WHERE n.premises_id = r.premises_id
                          AND n.customer_id = r.customer_id AND n.role = r.role AND n.until_on IS NULL)""")


@dataclass(frozen=True)
class Terms:
    """What opening and closing go by."""

    city: City
    today: date
    proof_key: bytes


def open_account(session: Session, terms: Terms, by: Authority, kind: AccountKind, opening: Opening) -> Opened:
    """Step: open an account of our own, with reference, bill code, proofs and the holder's role at the premises.

    Who is protected or restricted elsewhere is so here. Raises ``NotAllowed``, ``NotFound``, ``Merged``,
    :class:`~accounts.customer_accounts.lifecycle.AlreadyOpened`, and what
    :func:`~accounts.customer_accounts.lifecycle.check_opening` refuses.
    """
    by.must(Permission.ACCOUNTS_OPEN)
    policy = terms.city.desk_policy(terms.today)
    check_opening(policy, opening, languages=terms.city.identity.languages, today=terms.today)
    source_key = _one_form(session, opening.form_key)
    holder = opening.holder
    if opening.customer_id is not None:
        holder = _known_holder(session, by, opening.customer_id)
    place = opening.place if opening.premises_id is None else _known_place(session, opening.premises_id)
    new = NewAccount(
        kind=kind,
        holder=holder or Holder(""),
        place=place,
        customer_id=opening.customer_id,
        opened_on=opening.opened_on,
        source_key=source_key,
        proofs=_proofs(holder, place),
    )
    account = open_accounts(session, [new], proof_key=terms.proof_key)[0]
    session.execute(_MARK, {"account": account.id, "customer": account.customer_id})
    premises_id = opening.premises_id or account.premises_id
    if opening.premises_id is not None:
        session.execute(_STAND_AT, {"account": account.id, "premises": opening.premises_id})
    if opening.role and premises_id is not None:
        role = PremisesRole(
            premises_id=premises_id, customer_id=account.customer_id, role=opening.role, since_on=opening.opened_on
        )
        session.add(role)
    _audit(session, "account-opened", account.id, by, opened_on=opening.opened_on.isoformat(), role=opening.role,
           documents=list(opening.documents), document_note=opening.document_note.strip())  # fmt: skip
    code = bill_code(terms.proof_key, account.id)
    return Opened(account.id, account.reference, account.customer_id, premises_id, code)


def close_account(
    session: Session, terms: Terms, by: Authority, closing: Closing, *, asked: tuple[str, ...] = ()
) -> Account:
    """Step: an account ends after a day; what is owed stays to be paid. Returns it as it was.

    With a day to come it is closed as of now and runs through that day: nothing new is begun on it. ``asked``: one of
    these documents is needed. Raises ``NotAllowed``, ``NotFound``, :class:`AlreadyClosed`, and what
    :func:`~accounts.customer_accounts.lifecycle.check_closing` refuses.
    """
    by.must(Permission.ACCOUNTS_OPEN)
    account = locked_account(session, by, closing.account_id)
    if account.status != "open":
        raise AlreadyClosed(f"account {account.id} is closed", closed_on=account.closed_on)
    policy = terms.city.desk_policy(terms.today)
    check_closing(policy, closing, account.opened_on, asked, today=terms.today)
    hold(session, [account.id], {STATUS: status_text(account.status, account.closed_on)})
    session.execute(_CLOSE, {"account": account.id, "final": closing.final_on})
    if account.premises_id is not None:
        session.execute(
            _END_ROLES,
            {
                "account": account.id, "premises": account.premises_id, "customer": account.customer_id,
                "until": closing.final_on + DAY,
            },
        )  # fmt: skip
    _audit(session, "account-closed", account.id, by, reason=closing.reason.strip(), before="open", after="closed",
           final_on=closing.final_on.isoformat(), documents=list(closing.documents),
           document_note=closing.document_note.strip())  # fmt: skip
    return account


def reopen_account(
    session: Session, terms: Terms, by: Authority, account_id: int, on: date, *, reason: str
) -> Account:
    """Step: a closed account is open again from a day on, with the roles that ended with it. Returns it as it was.

    Raises ``NotAllowed``, ``NotFound``, ``ReasonMissing``, :class:`NotClosed`, and what
    :func:`~accounts.customer_accounts.lifecycle.check_reopening` refuses.
    """
    by.must(Permission.ACCOUNTS_OPEN)
    if not reason.strip():
        raise ReasonMissing("say why it is open again")
    account = locked_account(session, by, account_id)
    if account.status == "open":
        raise NotClosed(f"account {account.id} is open")
    check_reopening(terms.city.desk_policy(terms.today), on, account.closed_on, today=terms.today)
    hold(session, [account.id], {STATUS: status_text(account.status, account.closed_on)})
    session.execute(_REOPEN, {"account": account.id})
    if account.premises_id is not None and account.closed_on is not None:
        session.execute(
            _BEGIN_ROLES,
            {
                "premises": account.premises_id, "customer": account.customer_id, "on": on,
                "ended": account.closed_on + DAY,
            },
        )  # fmt: skip
    _audit(session, "account-reopened", account.id, by, reason=reason.strip(), before="closed", after="open",
           open_on=on.isoformat())  # fmt: skip
    return account


def _one_form(session: Session, form_key: str) -> str | None:
    """The key under which the account is kept; whoever sent the same form waits for this one to end."""
    if not form_key:
        return None
    source_key = f"form:{form_key}"
    session.execute(_ONE_FORM, {"key": source_key})
    known = session.scalar(_OPENED_BY_FORM, {"key": source_key})
    if known is not None:
        raise AlreadyOpened(f"this form opened {known}", reference=known)
    return source_key


def _known_holder(session: Session, by: Authority, customer_id: int) -> Holder:
    """The customer, whom nobody merges into another until commit."""
    must_see_customer(session, by, customer_id)
    wanted = select(Customer).where(Customer.id == customer_id).with_for_update(read=True)
    customer = session.scalar(wanted.execution_options(populate_existing=True))
    if customer is None:
        raise NotFound(f"no customer {customer_id}")
    if customer.merged_into is not None:
        raise Merged(f"customer {customer_id} was merged", into=customer.merged_into)
    return Holder(customer.name, customer.kind, customer.last_name, customer.email, customer.phone)


def _known_place(session: Session, premises_id: int) -> Place:
    place = session.get(Premises, premises_id)
    if place is None:
        raise NotFound(f"no premises {premises_id}")
    return Place(place.address, place.city, place.state, place.zip_code, place.parcel, place.dwelling_units)


def _proofs(holder: Holder | None, place: Place | None) -> tuple[tuple[str, str], ...]:
    known: Mapping[str, str] = {
        "last_name": holder.last_name if holder else "",
        "business_name": holder.name if holder and holder.kind is CustomerKind.BUSINESS else "",
        "zip": place.zip_code if place else "",
    }
    return tuple((kind, proof) for kind, proof in known.items() if proof)


def _audit(session: Session, act: str, account_id: int, by: Authority, **details: object) -> None:
    audit.record(session, act, subject=("account", account_id), actor_id=by.actor_id, **details)
