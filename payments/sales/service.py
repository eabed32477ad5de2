"""Use cases of a sale: save, park, resume, give up, let pass, and take it: one posting, one receipt.

Locks, in the order of the house: the sale, the business day, accounts and charges, the drawer, the receipt series.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.cash_only.queries import flagged
from accounts.charges.rules import AllocationOrder
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound, SamePerson
from accounts.ledger.rules import Source
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, Permission
from payments.baskets.queries import money_on_its_way
from payments.checkout.service import MoneyOnItsWay
from payments.drawers import queries as drawers
from payments.drawers.models import Drawer
from payments.drawers.rules import NotYourDrawer, ReasonNeeded
from payments.drawers.service import lock
from payments.posting import service as posting
from payments.posting.rules import Fee, Item, Paid, Received, Terms
from payments.sales.models import Sale, SaleOverride
from payments.sales.queries import sale_by_id
from payments.sales.rules import (
    CASH,
    Draft,
    DrawerFull,
    NoAccountNamed,
    NotHeldUp,
    PaysInCashOnly,
    SaleChanged,
    SaleIsOver,
    SaleView,
    accounts_by_check,
    check,
    check_owed,
    items_of,
    tender_of,
    tendered_in,
)

SOURCE = "sale"
CASH_ONLY = "cash-only"


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
    _may_sell(by)
    with transaction(desk.sessions) as session:
        return save_step(session, desk, by, saving)


def save_step(session: Session, desk: SaleDesk, by: Authority, saving: Saving) -> SaleView:
    """Step: :func:`save` in the caller's transaction."""
    now = desk.clock.now()
    known = _locked(session, Sale.form_key == saving.form_key)
    if known is None:
        values = {
            "form_key": saving.form_key, "cashier_id": by.actor_id, "state": "open",
            "content": saving.draft.as_json(), "note": saving.note, "language": saving.language,
            "begun_at": now, "touched_at": now,
        }  # fmt: skip
        session.execute(insert(Sale).values(values).on_conflict_do_nothing(index_elements=["form_key"]))
        known = _locked(session, Sale.form_key == saving.form_key)
    elif saving.version is not None and known.version != saving.version:
        raise SaleChanged("another screen changed it")
    if known is None:
        raise NotFound("no such sale")
    _must_be_theirs(known, by)
    known.content, known.note, known.language = saving.draft.as_json(), saving.note, saving.language
    known.state, known.touched_at = "open", now
    known.version += 1
    session.flush()
    return _view(session, known.id)


def park(desk: SaleDesk, by: Authority, sale_id: int, note: str) -> None:
    """Use case: put a sale aside, under a word by which it is found again."""
    _change(desk, by, sale_id, "parked", note)


def resume(desk: SaleDesk, by: Authority, sale_id: int) -> SaleView:
    """Use case: go on with a sale; a colleague's parked sale becomes one's own (the audit says so)."""
    _may_sell(by)
    with transaction(desk.sessions) as session:
        sale = _unfinished(session, sale_id)
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
        return _view(session, sale_id)


def give_up(desk: SaleDesk, by: Authority, sale_id: int) -> None:
    """Use case: end a sale of which nothing was taken."""
    _change(desk, by, sale_id, "dropped", "")


def let_pass(desk: SaleDesk, by: Authority, sale_id: int, account_ids: Collection[int], reason: str) -> None:
    """Use case: a supervisor lets these accounts, which pay in cash only, pay this sale by check; all or none.

    Each account is named, with the one reason: who lets one pass has not spoken for another. Raises ``NotAllowed``,
    ``SamePerson``, ``ReasonNeeded``, ``NotFound`` for an account that is not for them, :class:`NoAccountNamed`,
    :class:`NotHeldUp`, :class:`SaleIsOver`.
    """
    by.must(Permission.DRAWERS_REVIEW)
    if not reason.strip():
        raise ReasonNeeded("an override needs a reason")
    named = sorted(set(account_ids))
    if not named:
        raise NoAccountNamed("an override names its accounts")
    with transaction(desk.sessions) as session:
        sale = _unfinished(session, sale_id)
        if sale.cashier_id == by.actor_id:
            raise SamePerson("an override is another person's")
        for account_id in named:
            seen_account(session, by, account_id)
        view = _view(session, sale_id)
        held = accounts_by_check(view.draft, flagged(session, named, desk.clock.today()), view.overridden)
        if others := set(named) - set(held):
            raise NotHeldUp(f"nothing holds up {sorted(others)}", accounts=tuple(sorted(others)))
        for account_id in named:
            _grant(session, sale, account_id, by.actor_id, (reason.strip(), desk.clock.now()))


def _grant(session: Session, sale: Sale, account_id: int, actor_id: int, said: tuple[str, datetime]) -> None:
    reason, now = said
    values = {
        "sale_id": sale.id, "kind": CASH_ONLY, "customer_account_id": account_id, "asked_by": sale.cashier_id,
        "granted_by": actor_id, "granted_at": now, "reason": reason,
    }  # fmt: skip
    made = session.execute(
        insert(SaleOverride).values(values).on_conflict_do_nothing().returning(SaleOverride.id)
    ).first()
    if made is None:
        raise NotHeldUp("who lifted it makes the sale now: begin it anew", accounts=(account_id,))
    audit.record(
        session, "cash-only-overridden", subject=("account", account_id), actor_id=actor_id, reason=reason,
        sale=sale.id,
    )  # fmt: skip


def take(desk: SaleDesk, by: Authority, command: Take) -> Taken:
    """Use case: take a sale: post it once, number its receipt. A form sent twice finds it taken.

    Raises what ``rules.check`` and ``rules.items_of`` refuse, ``MoneyOnItsWay``, ``NotYourDrawer``,
    ``DrawerNotOpen``, :class:`DrawerFull`, :class:`PaysInCashOnly`, :class:`PaidMeanwhile`, :class:`SaleChanged`,
    :class:`SaleIsOver`.
    """
    _may_sell(by)
    with transaction(desk.sessions) as session:
        taken = take_step(session, desk, by, command)
        kill_points.reached("sales.posted")
    kill_points.reached("sales.taken")
    return taken


def take_step(session: Session, desk: SaleDesk, by: Authority, command: Take) -> Taken:
    """Step: :func:`take` in the caller's transaction."""
    sale = _locked(session, Sale.id == command.sale_id)
    if sale is None:
        raise NotFound(f"no sale {command.sale_id}")
    view = _view(session, sale.id)
    if sale.payment_id is not None and view.receipt_id is not None:
        return Taken(sale.id, view.receipt_id, sale.payment_id, view.draft.change, again=True)
    _must_be_theirs(sale, by)
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
    warn = _must_have_room(session, desk, drawer, draft, today)
    received = _received(desk, command, draft, locked, items)
    posted = posting.write(
        session,
        received,
        desk.terms,
        business_day=locked.business_day or today,
        source=Source(SOURCE, str(sale.id), "take"),
        actor_id=by.actor_id,
        channel=command.channel or drawer.kind,
        language=view.language,
        series=(drawer.series,),
    )
    sale.state, sale.payment_id, sale.drawer_id = "taken", posted.payment_id, drawer.id
    sale.touched_at, sale.version = desk.clock.now(), sale.version + 1
    session.flush()
    return Taken(sale.id, posted.receipt_id, posted.payment_id, draft.change, warn=warn)


def _received(
    desk: SaleDesk, command: Take, draft: Draft, locked: posting.Locked, items: tuple[Item, ...]
) -> Received:
    today = desk.clock.today()
    tendered = tendered_in(draft, command.drawer_id)
    targets = {line.customer_account_id: line.targets for line in draft.accounts}
    effective_on = min(command.effective_on or today, today)
    return Received(
        accounts=tuple(_targeted(part, targets[part.customer_account_id]) for part in locked.accounts),
        fee=Fee(),
        tender=tender_of(tendered),
        order=desk.order(effective_on),
        paid_at=desk.clock.now(),
        effective_on=effective_on,
        items=items,
        tendered=tendered,
        payer=draft.payer,
        manual_number=draft.manual_number,
    )


def _targeted(part: Paid, targets: tuple[int, ...]) -> Paid:
    return Paid(part.customer_account_id, part.kind, part.reference, part.amount, part.charges, targets)


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


def _may_sell(by: Authority) -> None:
    if not by.may(Permission.MAIL_LOG):
        by.must(Permission.WINDOW_TAKE)


def _must_be_theirs(sale: Sale, by: Authority) -> None:
    if sale.state not in {"open", "parked"}:
        raise SaleIsOver(f"the sale is {sale.state}", state=sale.state)
    if sale.cashier_id != by.actor_id:
        raise NotYourDrawer("another cashier is making this sale")


def _change(desk: SaleDesk, by: Authority, sale_id: int, state: str, note: str) -> None:
    _may_sell(by)
    with transaction(desk.sessions) as session:
        sale = _unfinished(session, sale_id)
        _must_be_theirs(sale, by)
        sale.state, sale.touched_at, sale.note = state, desk.clock.now(), note.strip() or sale.note
        sale.version += 1


def _unfinished(session: Session, sale_id: int) -> Sale:
    sale = _locked(session, Sale.id == sale_id)
    if sale is None:
        raise NotFound(f"no sale {sale_id}")
    if sale.state not in {"open", "parked"}:
        raise SaleIsOver(f"the sale is {sale.state}", state=sale.state)
    return sale


def _locked(session: Session, which: object) -> Sale | None:
    statement = select(Sale).where(which)  # type: ignore[arg-type]
    return session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def _view(session: Session, sale_id: int) -> SaleView:
    view = sale_by_id(session, sale_id)
    if view is None:
        raise NotFound(f"no sale {sale_id}")
    return view
