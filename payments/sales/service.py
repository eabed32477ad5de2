"""Use cases of a sale: save, park, resume, give up, and take it: one posting, one receipt.

Locks, in the order of the house: the sale, the business day, accounts and charges, the drawer, the receipt series.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.cash_only.queries import flagged
from accounts.charges.rules import AllocationOrder
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.ledger.rules import Source
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority
from payments.baskets.queries import money_on_its_way
from payments.checkout.service import MoneyOnItsWay
from payments.drawers import queries as drawers
from payments.drawers.models import Drawer
from payments.drawers.rules import NotYourDrawer
from payments.drawers.service import lock
from payments.posting import service as posting
from payments.posting.rules import Fee, Item, Received, Terms
from payments.sales import held
from payments.sales.drafts import CASH, Draft
from payments.sales.models import Sale
from payments.sales.rules import (
    DrawerFull,
    PaysInCashOnly,
    SaleChanged,
    SaleView,
    accounts_by_check,
    check,
    check_owed,
    items_of,
    tender_of,
    tendered_in,
)

SOURCE = "sale"


@dataclass(frozen=True)
class SaleDesk:
    """What selling needs: the city as it rules, and where its money goes."""

    sessions: Sessions
    clock: Clock
    city: City
    terms: Terms
    order: Callable[[date], AllocationOrder]


@dataclass(frozen=True)
class Saving:
    """A sale as a screen has it. ``version`` is the one that it showed; none for a new one."""

    form_key: str
    draft: Draft
    language: str
    note: str = ""
    version: int | None = None


@dataclass(frozen=True)
class Taken:
    """A sale in the books."""

    sale_id: int
    receipt_id: int
    payment_id: int
    change: Money
    warn: bool = False
    """The drawer holds more cash than the city wants in it."""
    again: bool = False
    """It had been taken before: the form was sent twice."""


@dataclass(frozen=True)
class Take:
    """Take a sale into a drawer. ``told`` are pending payments that the page named."""

    sale_id: int
    drawer_id: int
    told: frozenset[int] = frozenset()
    owed: Mapping[int, Money] = field(default_factory=dict)
    """What the page said that accounts owe, by id; less than that is paid meanwhile, and not taken again."""
    version: int | None = None
    effective_on: date | None = None
    """When it was paid, where that is not today: a postmark, a manual receipt. Never after today."""
    channel: str = field(default="")
    """Where it is another than the drawer's own."""


def save(desk: SaleDesk, by: Authority, saving: Saving) -> SaleView:
    """Use case: keep what a screen has of a sale, new or not. Raises :class:`SaleChanged`, :class:`SaleIsOver`."""
    held.must_sell(by)
    with transaction(desk.sessions) as session:
        return save_step(session, desk, by, saving)


def save_step(session: Session, desk: SaleDesk, by: Authority, saving: Saving) -> SaleView:
    """Step: :func:`save` in the caller's transaction."""
    now = desk.clock.now()
    known = held.locked(session, Sale.form_key == saving.form_key)
    if known is None:
        values = {
            "form_key": saving.form_key, "cashier_id": by.actor_id, "state": "open",
            "content": saving.draft.as_json(), "note": saving.note, "language": saving.language,
            "begun_at": now, "touched_at": now,
        }  # fmt: skip
        session.execute(insert(Sale).values(values).on_conflict_do_nothing(index_elements=["form_key"]))
        known = held.locked(session, Sale.form_key == saving.form_key)
    elif saving.version is not None and known.version != saving.version:
        raise SaleChanged("another screen changed it")
    if known is None:
        raise NotFound("no such sale")
    held.must_be_theirs(known, by)
    known.content, known.note, known.language = saving.draft.as_json(), saving.note, saving.language
    known.state, known.touched_at = "open", now
    known.version += 1
    session.flush()
    return held.view_of(session, known.id)


def park(desk: SaleDesk, by: Authority, sale_id: int, note: str) -> None:
    """Use case: put a sale aside, under a word by which it is found again."""
    _change(desk, by, sale_id, "parked", note)


def resume(desk: SaleDesk, by: Authority, sale_id: int) -> SaleView:
    """Use case: go on with a sale; a colleague's parked sale becomes one's own (the audit says so)."""
    held.must_sell(by)
    with transaction(desk.sessions) as session:
        sale = held.unfinished(session, sale_id)
        if sale.cashier_id != by.actor_id:
            if sale.state != "parked":
                raise NotYourDrawer("another cashier is making this sale")
            audit.record(
                session, "sale-taken-over", subject=("sale", sale_id), actor_id=by.actor_id, of=sale.cashier_id
            )
            sale.cashier_id = by.actor_id
        sale.state, sale.touched_at = "open", desk.clock.now()
        sale.version += 1
        session.flush()
        return held.view_of(session, sale_id)


def give_up(desk: SaleDesk, by: Authority, sale_id: int) -> None:
    """Use case: end a sale of which nothing was taken."""
    _change(desk, by, sale_id, "dropped", "")


def take(desk: SaleDesk, by: Authority, command: Take) -> Taken:
    """Use case: take a sale: post it once, number its receipt. A form sent twice finds it taken.

    Raises what ``rules.check`` and ``rules.items_of`` refuse, ``MoneyOnItsWay``, ``NotYourDrawer``,
    ``DrawerNotOpen``, :class:`DrawerFull`, :class:`PaysInCashOnly`, :class:`PaidMeanwhile`, :class:`SaleChanged`,
    :class:`SaleIsOver`.
    """
    held.must_sell(by)
    with transaction(desk.sessions) as session:
        taken = take_step(session, desk, by, command)
        kill_points.reached("sales.posted")
    kill_points.reached("sales.taken")
    return taken


def take_step(session: Session, desk: SaleDesk, by: Authority, command: Take) -> Taken:
    """Step: :func:`take` in the caller's transaction."""
    ready = _ready(session, desk, by, command)
    if isinstance(ready, Taken):
        return ready
    sale, today = ready.sale, desk.clock.today()
    posted = posting.write(
        session,
        _received(desk, command, ready),
        desk.terms,
        business_day=ready.locked.business_day or today,
        source=Source(SOURCE, str(sale.id), "take"),
        actor_id=by.actor_id,
        channel=command.channel or ready.drawer.kind,
        language=ready.view.language,
        series=(ready.drawer.series,),
    )
    sale.state, sale.payment_id, sale.drawer_id = "taken", posted.payment_id, ready.drawer.id
    sale.touched_at, sale.version = desk.clock.now(), sale.version + 1
    session.flush()
    return Taken(sale.id, posted.receipt_id, posted.payment_id, ready.view.draft.change, warn=ready.warn)


@dataclass(frozen=True)
class _Ready:
    """A sale that may be taken, with all that it touches under lock."""

    sale: Sale
    view: SaleView
    items: tuple[Item, ...]
    locked: posting.Locked
    drawer: Drawer
    warn: bool


def _ready(session: Session, desk: SaleDesk, by: Authority, command: Take) -> _Ready | Taken:
    sale = held.locked(session, Sale.id == command.sale_id)
    if sale is None:
        raise NotFound(f"no sale {command.sale_id}")
    view = held.view_of(session, sale.id)
    if sale.payment_id is not None and view.receipt_id is not None:
        return Taken(sale.id, view.receipt_id, sale.payment_id, view.draft.change, again=True)
    held.must_be_theirs(sale, by)
    if command.version is not None and sale.version != command.version:
        raise SaleChanged("another screen changed it")
    draft, today = view.draft, desk.clock.today()
    check(draft)
    items = items_of(draft, desk.city, today)
    locked = posting.lock_accounts(session, {line.customer_account_id: line.amount for line in draft.accounts}, today)
    drawer = lock(session, command.drawer_id, "open")
    if drawer.cashier_id != by.actor_id:
        raise NotYourDrawer(f"drawer {drawer.id} belongs to another")
    _must_be_told(session, draft, desk.clock.now(), command.told)
    check_owed(locked.accounts, command.owed)
    _must_take_checks(session, view, today)
    return _Ready(sale, view, items, locked, drawer, _must_have_room(session, desk, drawer, draft, today))


def _received(desk: SaleDesk, command: Take, ready: _Ready) -> Received:
    today, draft = desk.clock.today(), ready.view.draft
    tendered = tendered_in(draft, command.drawer_id)
    targets = {line.customer_account_id: line.targets for line in draft.accounts}
    effective_on = min(command.effective_on or today, today)
    return Received(
        accounts=tuple(replace(part, targets=targets[part.customer_account_id]) for part in ready.locked.accounts),
        fee=Fee(),
        tender=tender_of(tendered),
        order=desk.order(effective_on),
        paid_at=desk.clock.now(),
        effective_on=effective_on,
        items=ready.items,
        tendered=tendered,
        payer=draft.payer,
        manual_number=draft.manual_number,
    )


def _must_be_told(session: Session, draft: Draft, now: datetime, told: frozenset[int]) -> None:
    """Money that is on its way for the same accounts is named before more is taken (the interlock)."""
    coming = money_on_its_way(session, [line.customer_account_id for line in draft.accounts], now)
    if {one.id for ones in coming.values() for one in ones} - told:
        raise MoneyOnItsWay("another payment for the same has begun")


def _must_take_checks(session: Session, view: SaleView, today: date) -> None:
    flags = flagged(session, [line.customer_account_id for line in view.draft.accounts], today)
    held = accounts_by_check(view.draft, flags, view.overridden)
    if held:
        raise PaysInCashOnly("no check is taken", accounts=tuple(held), until=flags[held[0]].until_on)


def _must_have_room(session: Session, desk: SaleDesk, drawer: Drawer, draft: Draft, today: date) -> bool:
    """Whether the drawer now holds more than the city wants; raises :class:`DrawerFull` above what it allows."""
    if not any(line.kind == CASH for line in draft.tenders):
        return False
    policy = desk.city.cash_policy(today)
    cash = drawers.contents(session, [drawer.id])[drawer.id].cash + draft.cash
    if cash > policy.stop and draft.cash > ZERO:
        raise DrawerFull("too much cash in the drawer", limit=policy.stop)
    return cash > policy.warn


def _change(desk: SaleDesk, by: Authority, sale_id: int, state: str, note: str) -> None:
    held.must_sell(by)
    with transaction(desk.sessions) as session:
        sale = held.unfinished(session, sale_id)
        held.must_be_theirs(sale, by)
        sale.state, sale.touched_at, sale.note = state, desk.clock.now(), note.strip() or sale.note
        sale.version += 1
