"""The shipped city, released, and accounts opened on it by the real steps."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.charges.models import Charge
from accounts.cities.folder import read_folder
from accounts.cities.queries import RulingCity, ruling
from accounts.cities.rules import City
from accounts.cities.service import approve, propose
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, OpenedAccount, Place, open_accounts
from accounts.database import Sessions, reading, transaction
from accounts.utilities.models import Meter, MeterRead, UtilityAccount, UtilityService

BILL_DATE = date(2026, 11, 16)
"""Its period runs from 16 October to 15 November 2026."""


@lru_cache(maxsize=1)
def city() -> City:
    return read_folder(Path(__file__).resolve().parents[3] / "city")


def released(sessions: Sessions) -> RulingCity:
    approve(sessions, propose(sessions, city(), "staff:maker"), "staff:checker")
    with reading(sessions) as session:
        return ruling(session)


def clerk(sessions: Sessions) -> int:
    with transaction(sessions) as session:
        return actor_id(session, "system")


def open_account(session: Session, kind: AccountKind, **more: object) -> OpenedAccount:
    new = NewAccount(kind=kind, holder=Holder("Ana Ruiz", last_name="Ruiz"), **more)  # type: ignore[arg-type]
    return open_accounts(session, [new], proof_key=b"test")[0]


def house(
    sessions: Sessions,
    number: int = 1,
    *,
    services: dict[str, tuple[str, int]] | None = None,
    since: date = date(2020, 1, 1),
    reads: dict[date, int] | None = None,
    dials: int = 5,
) -> int:
    """A utility account with a meter; by default a house whose reads say 12 CCF in the period of ``BILL_DATE``."""
    taken = services or {
        "water": ("water-fixed+water-usage", 1), "sewer": ("sewer-residential", 1), "refuse": ("refuse-carts:64", 1),
        "storm": ("storm-drain", 1),
    }  # fmt: skip
    with transaction(sessions) as session:
        new = open_account(
            session, AccountKind.UTILITY, place=Place(f"{number} Elm Street", zip_code="95399"), opened_on=since
        )
        session.add(UtilityAccount(customer_account_id=new.id, cycle="1"))
        session.add_all(
            UtilityService(
                customer_account_id=new.id, service=service, rate_code=code, quantity=quantity, since_on=since
            )
            for service, (code, quantity) in taken.items()
        )
        meter = Meter(premises_id=new.premises_id, serial=f"M{number}", dials=dials, installed_on=date(2015, 1, 1))
        session.add(meter)
        session.flush()
        shown = reads if reads is not None else {date(2026, 10, 13): 100, date(2026, 11, 12): 112}
        session.add_all(MeterRead(meter_id=meter.id, read_on=on, value=value) for on, value in shown.items())
        return new.id


def charges_of(sessions: Sessions, account_id: int) -> list[Charge]:
    with reading(sessions) as session:
        found = session.scalars(select(Charge).where(Charge.customer_account_id == account_id).order_by(Charge.id))
        charges = list(found)
        session.expunge_all()
        return charges
