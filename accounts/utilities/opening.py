"""Use cases at the counter: start, stop and take up again a utility service."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.rules import City
from accounts.customer_accounts import opening as accounts
from accounts.customer_accounts.access import Account, seen_account
from accounts.customer_accounts.lifecycle import DAY, Closing, Opened, Opening, PlaceMissing, RoleMissing
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Place
from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.forwarding import forward_mail
from accounts.database import transaction
from accounts.staff.rules import Authority
from accounts.utilities.models import Meter, UtilityAccount, UtilityService
from accounts.utilities.starting import (
    AlreadyServed,
    MeterElsewhere,
    MeterMissing,
    NewMeter,
    ServiceWanted,
    Start,
    check_meter,
    check_read,
    check_services,
    metered,
)

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('served:' || :place, 0))")
_PLACE = text("SELECT address_key FROM premises WHERE id = :premises")
_SERVED = text("""
    SELECT s.service, s.rate_code, s.quantity, s.since_on, a.reference FROM utility_services s
      JOIN customer_accounts a ON a.id = s.customer_account_id
     WHERE a.premises_id = :premises AND a.id <> :account AND (s.until_on IS NULL OR s.until_on > :since)
       AND (a.status = 'open' OR a.closed_on >= :since)
     ORDER BY s.id""")
_STANDING = text("""
    SELECT id, size, dials FROM meters WHERE premises_id = :premises AND installed_on <= :on
       AND (removed_on IS NULL OR removed_on > :on)
     ORDER BY installed_on DESC, id DESC LIMIT 1""")
_SERIAL = text("SELECT id, size, dials, premises_id, removed_on FROM meters WHERE serial = :serial")
_READ = text("""
    INSERT INTO meter_reads (meter_id, read_on, value, kind) VALUES (:meter, :on, :value, :kind)
        ON CONFLICT (meter_id, read_on, kind) DO UPDATE SET value = excluded.value""")
_END_SERVICES = text("""
    UPDATE utility_services SET until_on = greatest(:until, since_on)
     WHERE customer_account_id = :account AND (until_on IS NULL OR until_on > :until)""")
_ENDED = text("""
    SELECT DISTINCT ON (service) service, rate_code, quantity FROM utility_services
     WHERE customer_account_id = :account AND until_on = :until AND since_on < until_on ORDER BY service, id DESC""")
_IS_OWNER = text("""
    SELECT EXISTS (SELECT FROM premises_roles WHERE premises_id = :premises AND customer_id = :customer
                      AND role = 'owner' AND since_on <= :on AND (until_on IS NULL OR until_on > :on))""")


@dataclass(frozen=True, slots=True)
class _Standing:
    """The meter of a place."""

    id: int
    size: str
    dials: int


def open_utility_account(desk: ChangeDesk, by: Authority, opening: Opening, start: Start) -> Opened:
    """Use case: open a utility account with its services and, where one is metered, the meter and its first read.

    Raises what :func:`accounts.customer_accounts.opening.open_account` refuses, ``PlaceMissing``, ``RoleMissing``,
    ``NotAService``, ``AlreadyServed``, ``MeterMissing``, ``MeterElsewhere``, ``BadMeter``, ``BadRead``, and what
    pricing the services would.
    """
    with transaction(desk.sessions) as session:
        return open_step(session, desk, by, opening, start)


def open_step(session: Session, desk: ChangeDesk, by: Authority, opening: Opening, start: Start) -> Opened:
    """Step: :func:`open_utility_account` in the caller's transaction, before anything is locked there."""
    if opening.premises_id is None and opening.place is None:
        raise PlaceMissing("a service is taken somewhere")
    if not opening.role:
        raise RoleMissing("say what they are at the premises")
    since = opening.opened_on
    _hold_place(session, opening.premises_id, opening.place)
    opened = accounts.open_account(session, desk.terms, by, AccountKind.UTILITY, opening)
    premises_id = opened.premises_id or 0
    meter = _installed(session, premises_id, start.meter, since) if start.meter else None
    meter = meter or _standing(session, premises_id, since)
    check_services(desk.city, start.services, since, meter.size if meter else None)
    _must_be_free(session, desk.city, opened.account_id, premises_id, start.services, on=since)
    if start.first_read is not None:
        _read(session, meter, since, start.first_read, "actual")
    details = UtilityAccount(
        customer_account_id=opened.account_id, cycle=start.cycle, route=start.route,
        customer_class=start.customer_class,
    )  # fmt: skip
    session.add(details)
    _serve(session, opened.account_id, start.services, since)
    return opened


def close_utility_account(
    desk: ChangeDesk, by: Authority, closing: Closing, *, final_read: int | None = None
) -> None:
    """Use case: a utility account ends after the day of its final read, and its services with it.

    The final bill comes with the next run, and what is owed stays to be paid. A forwarding address becomes the
    mailing address on the day after. An owner's account closes on proof of sale only, where the city says so (Tracy:
    owners stay liable for vacant property). Raises what :func:`accounts.customer_accounts.opening.close_account`
    refuses, ``MeterMissing`` and ``BadRead``.
    """
    with transaction(desk.sessions) as session:
        close_step(session, desk, by, closing, final_read=final_read)


def close_step(
    session: Session, desk: ChangeDesk, by: Authority, closing: Closing, *, final_read: int | None = None
) -> None:
    """Step: :func:`close_utility_account` in the caller's transaction."""
    account = seen_account(session, by, closing.account_id)
    forward_mail(
        session, desk, by, account.customer_id, closing.forwarding_address,
        last_day=closing.final_on, reason=closing.reason,
    )  # fmt: skip
    papers = desk.policy.owner_closing_documents if _is_owner(session, account, closing.final_on) else ()
    accounts.close_account(session, desk.terms, by, closing, asked=papers)
    session.execute(_END_SERVICES, {"account": account.id, "until": closing.final_on + DAY})
    if final_read is not None:
        meter = _standing(session, account.premises_id or 0, closing.final_on)
        _read(session, meter, closing.final_on, final_read, "final")


def reopen_utility_account(desk: ChangeDesk, by: Authority, account_id: int, on: date, *, reason: str) -> None:
    """Use case: a closed utility account is open again from a day on, with the services that ended with it.

    Raises what :func:`accounts.customer_accounts.opening.reopen_account` refuses, and ``AlreadyServed`` where
    somebody else has the meter's service now.
    """
    with transaction(desk.sessions) as session:
        _hold_place(session, seen_account(session, by, account_id).premises_id)
        account = accounts.reopen_account(session, desk.terms, by, account_id, on, reason=reason)
        ended = account.closed_on + DAY if account.closed_on else on
        rows = session.execute(_ENDED, {"account": account_id, "until": ended})
        services = [ServiceWanted(*row) for row in rows]
        _must_be_free(session, desk.city, account_id, account.premises_id or 0, services, on=on)
        _serve(session, account_id, services, on)


def _hold_place(session: Session, premises_id: int | None, place: Place | None = None) -> None:
    """One at a time serves a place, also one that is not here yet. Before anything is locked."""
    key = place.key[0] if place and premises_id is None else session.scalar(_PLACE, {"premises": premises_id})
    session.execute(_ONE_AT_A_TIME, {"place": key or ""})


def _serve(session: Session, account_id: int, services: Sequence[ServiceWanted], since: date) -> None:
    for wanted in services:
        service = UtilityService(
            customer_account_id=account_id, service=wanted.service, rate_code=wanted.rate_code,
            quantity=wanted.quantity, since_on=since,
        )  # fmt: skip
        session.add(service)
    session.flush()


def _must_be_free(
    session: Session, city: City, account_id: int, premises_id: int, services: Sequence[ServiceWanted], *, on: date
) -> None:
    """What one meter measures is billed to one account; the place is held until commit."""
    wanted = metered(city, services, on)
    values = {"premises": premises_id, "account": account_id, "since": on}
    for service, rate_code, quantity, since, reference in session.execute(_SERVED, values):
        theirs = metered(city, [ServiceWanted(service, rate_code, quantity)], max(since, on))
        if theirs & wanted:
            raise AlreadyServed(f"{reference} takes {service} here", reference=reference, service=service)


def _installed(session: Session, premises_id: int, new: NewMeter, on: date) -> _Standing:
    """The meter of that number, which stands here or is set now."""
    check_meter(new)
    known = session.execute(_SERIAL, {"serial": new.serial.strip()}).one_or_none()
    if known is not None:
        if known.premises_id != premises_id or known.removed_on is not None:
            raise MeterElsewhere(f"meter {new.serial} is not here", serial=new.serial)
        return _Standing(known.id, known.size, known.dials)
    meter = Meter(
        premises_id=premises_id, serial=new.serial.strip(), size=new.size, unit=new.unit, dials=new.dials,
        multiplier=new.multiplier, installed_on=on,
    )  # fmt: skip
    session.add(meter)
    session.flush()
    return _Standing(meter.id, meter.size, meter.dials)


def _standing(session: Session, premises_id: int, on: date) -> _Standing | None:
    row = session.execute(_STANDING, {"premises": premises_id, "on": on}).one_or_none()
    return _Standing(*row) if row else None


def _read(session: Session, meter: _Standing | None, on: date, value: int, kind: str) -> None:
    if meter is None:
        raise MeterMissing("no meter stands there to be read")
    check_read(value, meter.dials)
    session.execute(_READ, {"meter": meter.id, "on": on, "value": value, "kind": kind})


def _is_owner(session: Session, account: Account, on: date) -> bool:
    values = {"premises": account.premises_id, "customer": account.customer_id, "on": on}
    return bool(session.scalar(_IS_OWNER, values))
