"""Use cases of a drawer: open it, count its float a second time, move cash, and count it.

Locks: business day, then the drawer. A sale locks its accounts between the two, so nobody waits in a circle.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.cities.window import CashPolicy
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.errors import NotFound, SamePerson
from accounts.ledger import service as ledger
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from payments.drawers import queries
from payments.drawers.models import Drawer, DrawerCount, DrawerMovement, VaultBatch
from payments.drawers.queries import CountView
from payments.drawers.rules import (
    CashTerms,
    Counted,
    DrawerNotOpen,
    FloatNotRight,
    FloatsDiffer,
    NothingCounted,
    NotYourDrawer,
    OneDrawerEach,
    ReasonNeeded,
    TillInUse,
    as_stored,
    cash_of,
    check_denominations,
)

_TAKEN = {"uq_drawers_till_in_use": TillInUse, "uq_drawers_cashier_at_one": OneDrawerEach}


@dataclass(frozen=True)
class CashDesk:
    """What handling cash needs: the city's policy of today, and its accounts."""

    sessions: Sessions
    clock: Clock
    policy: CashPolicy
    terms: CashTerms


@dataclass(frozen=True)
class Mail:
    """A bundle of mail, added up before anything of it is entered."""

    control: Money
    count: int


def open_drawer(
    desk: CashDesk,
    by: Authority,
    till: str,
    series: str,
    denominations: Mapping[int, int],
    *,
    mail: Mail | None = None,
) -> int:
    """Use case: begin with a counted float; a second person counts it before anything is taken. Returns its id.

    A bundle of mail has no float, and is open at once. Raises ``NotAllowed``, ``UnknownDenomination``,
    :class:`FloatNotRight`, :class:`TillInUse`, :class:`OneDrawerEach`.
    """
    by.must(Permission.MAIL_LOG if mail else Permission.WINDOW_TAKE)
    check_denominations(denominations, desk.policy.denominations)
    counted = cash_of(denominations)
    if not mail and counted != desk.policy.float_money:
        raise FloatNotRight(f"{counted} was counted", float=desk.policy.float_money)
    try:
        with transaction(desk.sessions) as session:
            day = ledger.open_business_day(session, desk.clock.today())
            drawer = Drawer(
                kind="mail" if mail else "counter", till=till, series=series, business_day=day,
                cashier_id=by.actor_id, float_cents=counted, control_cents=mail.control if mail else None,
                control_count=mail.count if mail else 0, state="open" if mail else "float",
                opened_at=desk.clock.now(),
            )  # fmt: skip
            session.add(drawer)
            session.flush()
            audit.record(
                session, "drawer-opened", subject=("drawer", drawer.id), actor_id=by.actor_id, till=till,
                float_cents=counted.cents,
            )  # fmt: skip
            return drawer.id
    except IntegrityError as error:
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
        if name in _TAKEN:
            raise _TAKEN[name](till=till) from error
        raise


def verify_float(desk: CashDesk, by: Authority, drawer_id: int, denominations: Mapping[int, int]) -> None:
    """Use case: another person counts the float too; then the drawer is open.

    Raises ``NotAllowed``, ``SamePerson``, :class:`FloatsDiffer`, :class:`DrawerNotOpen`.
    """
    if not by.may(Permission.DRAWERS_REVIEW):
        by.must(Permission.WINDOW_TAKE)
    check_denominations(denominations, desk.policy.denominations)
    with transaction(desk.sessions) as session:
        drawer = lock(session, drawer_id, "float")
        if drawer.cashier_id == by.actor_id:
            raise SamePerson("the float is counted by two")
        if cash_of(denominations) != drawer.float_cents:
            raise FloatsDiffer(f"the second count of the float of drawer {drawer_id} is another")
        drawer.state, drawer.verified_by, drawer.verified_at = "open", by.actor_id, desk.clock.now()
        drawer.version += 1
        audit.record(session, "float-verified", subject=("drawer", drawer_id), actor_id=by.actor_id)


def drop(desk: CashDesk, by: Authority, drawer_id: int, denominations: Mapping[int, int], note: str = "") -> int:
    """Use case: the cashier puts cash into the vault; the id of the batch. Nothing is said of what is left."""
    by.must(Permission.WINDOW_TAKE)
    return _out(desk, by, drawer_id, kind="drop", denominations=denominations, note=note)


def pick_up(desk: CashDesk, by: Authority, drawer_id: int, denominations: Mapping[int, int], note: str) -> int:
    """Use case: a supervisor collects cash from a drawer, counted before the cashier's eyes; the id of the batch."""
    by.must(Permission.DRAWERS_REVIEW)
    if not note.strip():
        raise ReasonNeeded("cash is collected with a reason")
    return _out(desk, by, drawer_id, kind="pickup", denominations=denominations, note=note)


def bring_change(desk: CashDesk, by: Authority, drawer_id: int, denominations: Mapping[int, int]) -> int:
    """Use case: somebody with the vault's key brings change to a drawer out of the change fund."""
    by.must(Permission.DRAWERS_REVIEW)
    check_denominations(denominations, desk.policy.denominations)
    with transaction(desk.sessions) as session:
        ledger.open_business_day(session, desk.clock.today())
        drawer = lock(session, drawer_id, "open")
        if drawer.cashier_id == by.actor_id:
            raise SamePerson("change is brought by another person")
        return _move(session, desk, drawer, by, kind="change", denominations=denominations).id


def count(desk: CashDesk, by: Authority, drawer_id: int, counted: Counted) -> CountView:
    """Use case: commit what was counted; only then is it compared. From here on the drawer takes nothing.

    The cashier counts, or a supervisor where the cashier cannot. Raises :class:`NotYourDrawer`,
    :class:`DrawerNotOpen` (also where a count waits already), ``UnknownDenomination``.
    """
    check_denominations(counted.denominations, desk.policy.denominations)
    with transaction(desk.sessions) as session:
        ledger.open_business_day(session, desk.clock.today())
        drawer = lock(session, drawer_id, "open", "counted")
        if drawer.cashier_id != by.actor_id and not by.may(Permission.DRAWERS_REVIEW):
            raise NotYourDrawer(f"drawer {drawer_id} belongs to another")
        before = queries.counts(session, drawer_id)
        if before and before[-1].verdict != "rejected":
            raise DrawerNotOpen("a count of it waits", state=drawer.state)
        expected = queries.contents(session, [drawer_id])[drawer_id]
        session.add(
            DrawerCount(
                drawer_id=drawer_id, number=len(before) + 1, counted_by=by.actor_id, counted_at=desk.clock.now(),
                denominations=as_stored(counted.denominations), cash_cents=counted.cash,
                checks_count=counted.checks_count, checks_cents=counted.checks, terminal_cents=counted.terminal,
                expected=expected.as_expected(),
            )
        )  # fmt: skip
        drawer.state, drawer.counted_at = "counted", desk.clock.now()
        drawer.version += 1
        audit.record(session, "drawer-counted", subject=("drawer", drawer_id), actor_id=by.actor_id)
        session.flush()
        kill_points.reached("drawers.counted")
        return queries.counts(session, drawer_id)[-1]


def lock(session: Session, drawer_id: int, *states: str) -> Drawer:
    """Step: a drawer FOR UPDATE, in one of these states; after the business day and accounts.

    Raises ``NotFound`` and :class:`DrawerNotOpen`.
    """
    statement = (
        select(Drawer).where(Drawer.id == drawer_id).with_for_update().execution_options(populate_existing=True)
    )
    drawer = session.scalar(statement)
    if drawer is None:
        raise NotFound(f"no drawer {drawer_id}")
    if drawer.state not in states:
        raise DrawerNotOpen(f"drawer {drawer_id} is {drawer.state}", state=drawer.state)
    return drawer


def _out(
    desk: CashDesk, by: Authority, drawer_id: int, *, kind: str, denominations: Mapping[int, int], note: str
) -> int:
    check_denominations(denominations, desk.policy.denominations)
    with transaction(desk.sessions) as session:
        day = ledger.open_business_day(session, desk.clock.today())
        drawer = lock(session, drawer_id, "open")
        if (drawer.cashier_id == by.actor_id) != (kind == "drop"):
            raise NotYourDrawer("the cashier drops, another person collects")
        movement = _move(session, desk, drawer, by, kind=kind, denominations=denominations, note=note)
        batch = VaultBatch(
            drawer_id=drawer_id, movement_id=movement.id, business_day=day, cash_cents=-movement.cash_cents,
            denominations=as_stored(denominations),
        )  # fmt: skip
        session.add(batch)
        session.flush()
        kill_points.reached("drawers.moved")
        return batch.id


def _move(
    session: Session, desk: CashDesk, drawer: Drawer, by: Authority, *, kind: str, denominations: Mapping[int, int],
    note: str = "",
) -> DrawerMovement:  # fmt: skip
    cash = cash_of(denominations) if kind == "change" else -cash_of(denominations)
    if not cash:
        raise NothingCounted("nothing was counted")
    movement = DrawerMovement(
        drawer_id=drawer.id, kind=kind, cash_cents=cash, denominations=as_stored(denominations),
        actor_id=by.actor_id, witness_id=drawer.cashier_id if by.actor_id != drawer.cashier_id else None,
        at=desk.clock.now(), note=note.strip(),
    )  # fmt: skip
    session.add(movement)
    session.flush()
    audit.record(session, f"cash-{kind}", subject=("drawer", drawer.id), actor_id=by.actor_id, cash_cents=cash.cents)
    return movement
