"""People to look for, opened by the step that opens every account."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.charges.service import raise_charges
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.searches.queries import Hit, SearchResult, search
from tests.factories import DAY, make_charge, make_chart
from tests.factories.books import LINE_OF

KEY = b"a key for tests"


def opened(
    session: Session,
    name: str = "María López",
    address: str = "",
    *,
    kind: str = "utility",
    owes: Money | None = None,
    email: str = "",
    phone: str = "",
    business: str = "",
    plate: str = "",
    zip_code: str = "95300",
    **account: object,
) -> int:
    """One account; its id."""
    new = NewAccount(
        AccountKind(kind),
        Holder(name, email=email, phone=phone),
        Place(address, zip_code=zip_code) if address else None,
        **account,  # type: ignore[arg-type]
    )
    (made,) = open_accounts(session, [new], proof_key=KEY)
    if kind == "license":
        session.execute(
            text("INSERT INTO licenses (customer_account_id, business_name, license_class, business_type, naics)"
                 " VALUES (:id, :business, 'retail', '', '')"),
            {"id": made.id, "business": business or name},
        )  # fmt: skip
    if kind == "citation":
        session.execute(
            text("INSERT INTO citations (customer_account_id, issued_at, violation_code, violation, location,"
                 " plate_state, plate, make, agency) VALUES (:id, now(), '1', 'Red zone', '', 'CA', :plate, '', '')"),
            {"id": made.id, "plate": plate},
        )  # fmt: skip
    if owes:
        owe(session, made.id, owes, kind=kind)
    return made.id


def crowd(session: Session, names: Sequence[str], **account: object) -> None:
    """Many accounts at once, in this order."""
    new = [NewAccount(AccountKind.UTILITY, Holder(name), **account) for name in names]  # type: ignore[arg-type]
    open_accounts(session, new, proof_key=KEY)


def owe(session: Session, account_id: int, amount: Money, *, kind: str = "utility") -> None:
    """A charge on an account."""
    make_chart(session)
    charge = replace(make_charge(amount, line=LINE_OF[kind]), customer_account_id=account_id)
    raise_charges(
        session, [charge], source=Source("test-bill", f"{account_id}:{amount}", "raise"), kind="bill",
        effective_on=DAY, actor_id=actor_id(session, "system"),
    )  # fmt: skip


def look(sessions: Sessions, asked: str, *, limit: int = 20) -> SearchResult:
    """As somebody who may see everything."""
    with reading(sessions) as session:
        return search(session, asked, sees_protected=True, sees_restricted=True, limit=limit)


def names(sessions: Sessions, asked: str) -> list[str]:
    return [hit.holder for hit in look(sessions, asked).hits]


def only(sessions: Sessions, asked: str) -> Hit:
    (hit,) = look(sessions, asked).hits
    return hit


def restrict(sessions: Sessions, account_id: int) -> None:
    with transaction(sessions) as session:
        session.execute(text("UPDATE customer_accounts SET is_restricted = true WHERE id = :id"), {"id": account_id})
