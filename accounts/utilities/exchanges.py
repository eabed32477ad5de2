"""A meter takes the place of another: both are read, and the period has two segments of usage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.customer_accounts.models import CustomerAccount
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, DomainError, NotFound
from accounts.staff.rules import Authority, Permission
from accounts.utilities.models import Meter, MeterExchange, MeterRead
from accounts.utilities.starting import NewMeter, check_meter, check_read


class NoMeterToExchange(DomainError):
    """No meter with that serial number stands at the place of the account."""


class ExchangeInThePast(DomainError):
    """The old meter was read or set after that day, or the day has not come: ``facts["on"]``."""


class ReasonForExchange(DomainError):
    """An exchange says why: age, a test, a broken dial."""


class SerialTaken(Conflict):
    """A meter with the new serial number is known already."""


@dataclass(frozen=True)
class Exchange:
    """The old meter with its last read, the new one with its first, both at the end of a day."""

    account_id: int
    old_serial: str
    old_value: int
    new: NewMeter
    new_value: int
    on: date
    reason: str


def exchange(sessions: Sessions, by: Authority, asked: Exchange, *, today: date) -> int:
    """Use case: record an exchange; returns its id.

    Raises ``NotAllowed``, ``NotFound`` (also where the account is hidden), :class:`ReasonForExchange`,
    :class:`NoMeterToExchange`, :class:`ExchangeInThePast`, :class:`SerialTaken`, ``BadMeter`` and ``BadRead``.
    """
    by.must(Permission.BILLS_RUN)
    words = asked.reason.strip()
    if not words:
        raise ReasonForExchange("say why the meter was exchanged")
    check_meter(asked.new)
    check_read(asked.new_value, asked.new.dials)
    with transaction(sessions) as session:
        premises_id = _premises(session, by, asked.account_id)
        old = _standing(session, asked, premises_id, today)
        check_read(asked.old_value, old.dials)
        if session.scalar(select(Meter.id).where(Meter.serial == asked.new.serial.strip())) is not None:
            raise SerialTaken(f"meter {asked.new.serial} is known")
        new = _set(session, asked, premises_id)
        old.removed_on = asked.on
        session.add(MeterRead(meter_id=old.id, read_on=asked.on, value=asked.old_value, kind="final"))
        session.add(MeterRead(meter_id=new.id, read_on=asked.on, value=asked.new_value))
        made = MeterExchange(
            premises_id=premises_id, old_meter_id=old.id, new_meter_id=new.id, exchanged_on=asked.on,
            old_value=asked.old_value, new_value=asked.new_value, reason=words, actor_id=by.actor_id,
        )  # fmt: skip
        session.add(made)
        session.flush()
        audit.record(
            session, "meter-exchanged", subject=("account", asked.account_id), actor_id=by.actor_id, reason=words,
            before={"serial": old.serial, "value": asked.old_value},
            after={"serial": new.serial, "value": asked.new_value}, on=asked.on.isoformat(),
        )  # fmt: skip
        return made.id


def _premises(session: Session, by: Authority, account_id: int) -> int:
    account = session.get(CustomerAccount, account_id, with_for_update=True)
    hidden = account is not None and (
        (account.is_protected and not by.may(Permission.PROTECTED_SEE))
        or (account.is_restricted and not by.may(Permission.RESTRICTED_SEE))
    )
    if account is None or hidden:
        raise NotFound(f"no account {account_id}")
    if account.premises_id is None:
        raise NoMeterToExchange("the account has no place")
    return account.premises_id


def _standing(session: Session, asked: Exchange, premises_id: int, today: date) -> Meter:
    old = session.scalar(
        select(Meter).where(Meter.serial == asked.old_serial, Meter.premises_id == premises_id).with_for_update()
    )
    if old is None or old.removed_on is not None:
        raise NoMeterToExchange(f"no meter {asked.old_serial} stands there")
    newest = session.scalar(
        select(MeterRead.read_on).where(MeterRead.meter_id == old.id).order_by(MeterRead.read_on.desc()).limit(1)
    )
    if asked.on > today or asked.on < max(old.installed_on, newest or old.installed_on):
        raise ExchangeInThePast(f"{asked.on} is not a day on which it could be exchanged", on=asked.on)
    return old


def _set(session: Session, asked: Exchange, premises_id: int) -> Meter:
    kind = asked.new
    meter = Meter(
        premises_id=premises_id, serial=kind.serial.strip(), size=kind.size, unit=kind.unit, dials=kind.dials,
        multiplier=kind.multiplier, installed_on=asked.on,
    )  # fmt: skip
    session.add(meter)
    session.flush()
    return meter
