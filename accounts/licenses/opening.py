"""Use cases at the counter: open, close and take up again a business license; and its name follows its holder's."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.policies import LicensePolicy
from accounts.customer_accounts import opening as accounts
from accounts.customer_accounts.access import seen_account
from accounts.customer_accounts.lifecycle import Closing, Opened, Opening
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.proofs import proof_forms
from accounts.customer_accounts.service import add_proofs
from accounts.customer_changes.desk import Applied, ChangeDesk
from accounts.customer_changes.forwarding import forward_mail
from accounts.customers.queries import customer
from accounts.customers.rules import BadContact, can_be
from accounts.database import transaction
from accounts.licenses.models import License, LicenseTerm
from accounts.licenses.rules import license_year_end
from accounts.licenses.service import Declared, declare
from accounts.money import Money
from accounts.staff.rules import Authority

_CEASE = text("UPDATE licenses SET ceased_on = :on WHERE customer_account_id = :account")
_RENAME = text("""
    UPDATE licenses SET business_name = :now
     WHERE customer_account_id = ANY (:accounts) AND business_name = :before""")


@dataclass(frozen=True)
class LicenseStart:
    """The license of a new account. Without ``business_name`` it is its holder's name.

    ``gross_receipts`` and ``employees`` are the first declaration; without it the tax waits for one.
    """

    license_class: str
    business_name: str = ""
    business_type: str = ""
    naics: str = ""
    started_on: date | None = None
    owner_last_name: str = ""
    """Proves the account, as the business's name does."""
    gross_receipts: Money | None = None
    employees: int | None = None


def open_license(desk: ChangeDesk, by: Authority, opening: Opening, start: LicenseStart) -> Opened:
    """Use case: open a license account with its first term, from the day it is opened through the license year.

    The night assesses tax and fees. Raises what :func:`accounts.customer_accounts.opening.open_account` refuses, and
    ``NotInTheCity`` for a class that the city does not have.
    """
    known = desk.city.license_class(start.license_class)
    name = " ".join(start.business_name.split())
    if name and not can_be("name", name, ()):
        raise BadContact("no business has this name", field="name")
    with transaction(desk.sessions) as session:
        opened = accounts.open_account(session, desk.terms, by, AccountKind.LICENSE, opening)
        name = name or customer(session, opened.customer_id).name
        license_ = License(
            customer_account_id=opened.account_id, business_name=name, license_class=known.code,
            business_type=start.business_type.strip(), naics=start.naics.strip(),
            started_on=start.started_on or opening.opened_on,
        )  # fmt: skip
        session.add(license_)
        session.flush()
        _begin_term(session, desk, opened.account_id, opening.opened_on, start)
        proofs = (("business_name", name), ("last_name", start.owner_last_name))
        forms = [(opened.account_id, kind, form) for kind, said in proofs for form in proof_forms(kind, said)]
        add_proofs(session, forms, proof_key=desk.proof_key)
        return opened


def close_license(desk: ChangeDesk, by: Authority, closing: Closing) -> None:
    """Use case: a business has ceased; what is owed stays to be paid.

    Raises what :func:`accounts.customer_accounts.opening.close_account` refuses.
    """
    with transaction(desk.sessions) as session:
        account = seen_account(session, by, closing.account_id)
        forward_mail(
            session, desk, by, account.customer_id, closing.forwarding_address,
            last_day=closing.final_on, reason=closing.reason,
        )  # fmt: skip
        accounts.close_account(session, desk.terms, by, closing)
        session.execute(_CEASE, {"account": account.id, "on": closing.final_on})


def reopen_license(desk: ChangeDesk, by: Authority, account_id: int, on: date, *, reason: str) -> None:
    """Use case: the business goes on; raises what ``accounts.customer_accounts.opening.reopen_account`` refuses."""
    with transaction(desk.sessions) as session:
        accounts.reopen_account(session, desk.terms, by, account_id, on, reason=reason)
        session.execute(_CEASE, {"account": account_id, "on": None})


def rename_licenses(session: Session, applied: Applied) -> None:
    """Step, a follower of changes: a license that carried its holder's former name carries the new one."""
    if "name" in applied.after:
        values = {
            "accounts": list(applied.accounts), "before": applied.before["name"], "now": applied.after["name"],
        }  # fmt: skip
        session.execute(_RENAME, values)


def _begin_term(session: Session, desk: ChangeDesk, account_id: int, on: date, start: LicenseStart) -> None:
    policy: LicensePolicy = desk.city.license_policy(on)
    term = LicenseTerm(customer_account_id=account_id, starts_on=on, expires_on=license_year_end(policy, on))
    session.add(term)
    session.flush()
    if start.gross_receipts is not None or start.employees is not None:
        declare(session, [Declared(term.id, start.gross_receipts, start.employees)])
