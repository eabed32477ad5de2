"""Enter what came in an envelope: one payment, one receipt, and nobody pays the same online as well unawares."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.customer_accounts.access import seen_account
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, Permission
from payments.collisions.rules import NOT_WARNED, Warned, Whereabouts
from payments.collisions.service import Taking, once
from payments.drawers.rules import NotYourDrawer
from payments.mail_batches import queries
from payments.mail_batches.models import MailRemittance
from payments.mail_batches.rules import BundleIsFull, NotWorkedHere, PaidOn, Remittance, check_remittance, paid_on
from payments.mail_batches.service import MailDesk
from payments.sales.drafts import SUSPENSE, AccountLine, Draft, ItemLine, TenderLine
from payments.sales.service import Saving, Take, save_step, take_step
from payments.suspense.rules import Clue, check_routing, fingerprint
from payments.suspense.service import note_clue


@dataclass(frozen=True)
class Entered:
    """A remittance in the books."""

    number: int
    payment_id: int
    receipt_id: int
    paid_on: date
    unknown: Money
    """What of it is in suspense."""
    is_coming: bool = False
    """Another payment for the same account is on its way: this money is here all the same."""
    closed: bool = False
    """A payment page for the same was open, and was closed."""
    again: bool = False
    """It had been entered before: the form was sent twice."""


def enter(
    desk: MailDesk, by: Authority, bundle_id: int, remittance: Remittance, warned: Warned = NOT_WARNED
) -> Entered:
    """Use case: put a remittance into the books at once: one payment, one receipt, dated by the city's policy.

    What would pay the same online is closed first; ``warned`` is what the page had named of it. Raises
    ``NotAllowed``, ``NotFound``, :class:`NotWorkedHere`, :class:`BundleIsFull`, ``NotYourDrawer``, ``DrawerNotOpen``,
    ``BadRouting``, what the rules of mail and of sales refuse, and what ``payments.collisions`` has to be known.
    """
    by.must(Permission.MAIL_LOG)
    check_remittance(remittance, desk.clock.today())
    if remittance.routing:
        check_routing(remittance.routing)
    taking = Taking(
        Whereabouts.HERE,
        sold=lambda _session: _sold(remittance),
        post=lambda session, told: _enter(session, desk, by, bundle_id, remittance=remittance, told=told),
        is_over=lambda entered: entered.again,
        about={"bundle": bundle_id},
    )
    done = once(desk.online, by, taking, warned)
    return replace(done.result, closed=done.closed)


def _sold(remittance: Remittance) -> Mapping[int, Money]:
    sold: dict[int, Money] = {}
    for account, amount in remittance.accounts:
        sold[account] = sold.get(account, ZERO) + amount
    return sold


def _enter(
    session: Session, desk: MailDesk, by: Authority, bundle_id: int, *, remittance: Remittance, told: frozenset[int]
) -> Entered:
    found = queries.bundle(session, bundle_id)
    if found.drawer_id is None:
        raise NotWorkedHere(f"bundle {bundle_id} is not worked")
    if found.worker_id != by.actor_id:
        raise NotYourDrawer("somebody else works this bundle")
    known = _entered_before(session, bundle_id, remittance)
    if known is not None:
        return known
    if found.standing.missing_count <= 0:
        raise BundleIsFull("all is entered")
    dated = _dated(session, desk, by, found, remittance)
    view = save_step(
        session, desk.sale, by, Saving(_key(bundle_id, remittance), _draft(remittance), remittance.language)
    )
    taken = take_step(
        session, desk.sale, by,
        Take(view.id, found.drawer_id, told=told, effective_on=dated.on, channel="mail"),
    )  # fmt: skip
    row = _remember(session, desk, by, bundle_id, remittance=remittance, dated=dated, payment_id=taken.payment_id)
    return Entered(row.number, taken.payment_id, taken.receipt_id, dated.on, remittance.unknown, is_coming=bool(told))


def _dated(session: Session, desk: MailDesk, by: Authority, found: queries.Bundle, remittance: Remittance) -> PaidOn:
    """The date that counts, for the accounts that are paid (all of which this person may see)."""
    today = desk.clock.today()
    kinds = [seen_account(session, by, account).kind for account, _ in remittance.accounts]
    zone = ZoneInfo(desk.sale.city.identity.time_zone)
    received_on = found.received_at.astimezone(zone).date()
    postmark = remittance.postmarked_on or found.postmarked_on
    return paid_on(desk.sale.city.mail_policy(today), kinds, received_on, postmark, today)


def _remember(
    session: Session, desk: MailDesk, by: Authority, bundle_id: int, *, remittance: Remittance, dated: PaidOn,
    payment_id: int,
) -> MailRemittance:  # fmt: skip
    """The drawer is locked by the sale: numbers are counted one at a time."""
    last = session.scalar(select(func.max(MailRemittance.number)).where(MailRemittance.bundle_id == bundle_id)) or 0
    row = MailRemittance(
        bundle_id=bundle_id, number=last + 1, payment_id=payment_id,
        postmarked_on=remittance.postmarked_on, paid_on=dated.on, by_postmark=dated.by_postmark,
        entered_by=by.actor_id, entered_at=desk.clock.now(),
    )  # fmt: skip
    session.add(row)
    clue = Clue(remittance.payer, remittance.memo, fingerprint(desk.key, remittance.routing, remittance.bank_account))
    if clue != Clue():
        note_clue(session, payment_id, clue)
    session.flush()
    return row


def _draft(remittance: Remittance) -> Draft:
    items: tuple[ItemLine, ...] = ()
    if remittance.unknown > ZERO:
        items = (ItemLine(SUSPENSE, 1, remittance.unknown, note=remittance.payer),)
    tender = TenderLine(
        remittance.tender, remittance.amount, remittance.amount, remittance.check_number, remittance.bank,
        made_out_to_city=remittance.made_out_to_city,
    )  # fmt: skip
    lines = tuple(AccountLine(account, amount) for account, amount in remittance.accounts)
    return Draft(lines, items, (tender,))


def _entered_before(session: Session, bundle_id: int, remittance: Remittance) -> Entered | None:
    row = queries.sent_before(session, bundle_id, _key(bundle_id, remittance))
    if row is None:
        return None
    return Entered(row.number, row.payment_id, row.receipt_id, row.paid_on, remittance.unknown, again=True)


def _key(bundle_id: int, remittance: Remittance) -> str:
    return f"mail:{bundle_id}:{remittance.key}"
