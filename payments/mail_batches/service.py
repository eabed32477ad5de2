"""Use cases of the mail: log it, work a bundle, enter a remittance, explain a difference, count it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.actors.models import Actor, ActorKind
from accounts.cities.desk import must_be_on
from accounts.clock import Clock
from accounts.contacts.rules import FollowUpKind, ForNobody, NewFollowUp
from accounts.contacts.service import leave_follow_up
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound, SamePerson
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, Permission
from payments.baskets.queries import money_on_its_way
from payments.drawers import service as drawers
from payments.drawers.models import Drawer
from payments.drawers.queries import CountView
from payments.drawers.rules import Counted, NotYourDrawer, ReasonNeeded
from payments.drawers.service import CashDesk, Mail
from payments.mail_batches import queries
from payments.mail_batches.models import MailBundle, MailExplanation, MailRemittance
from payments.mail_batches.rules import (
    MISCOUNTED,
    SENT_BACK,
    BundleIsFull,
    BundleWorked,
    NewBundle,
    NotTied,
    NotWorkedHere,
    PaidOn,
    Remittance,
    check_bundle,
    check_remittance,
    paid_on,
)
from payments.sales.drafts import SUSPENSE, AccountLine, Draft, ItemLine, TenderLine
from payments.sales.service import SaleDesk, Saving, Take, save_step, take_step
from payments.suspense.rules import Clue, check_routing, fingerprint
from payments.suspense.service import note_clue


@dataclass(frozen=True)
class MailDesk:
    """What working the mail needs. ``key`` is the key of fingerprints of checks."""

    cash: CashDesk
    sale: SaleDesk
    key: bytes

    @property
    def sessions(self) -> Sessions:
        return self.sale.sessions

    @property
    def clock(self) -> Clock:
        return self.sale.clock


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
    """Another payment for the same is on its way: this money is here all the same."""
    again: bool = False
    """It had been entered before: the form was sent twice."""


def log(desk: MailDesk, by: Authority, bundle: NewBundle) -> int:
    """Use case: log a bundle that two people opened; mail without money becomes somebody's follow-up. Its id.

    Raises ``NotAllowed``, ``SamePerson``, ``NotOnTheList``, ``ForNobody``, and what ``rules.check_bundle`` refuses.
    """
    by.must(Permission.MAIL_LOG)
    today, city = desk.clock.today(), desk.sale.city
    policy = city.mail_policy(today)
    must_be_on(policy.kinds, bundle.kind, "mail kind")
    if bundle.opened_with == by.actor_id:
        raise SamePerson("mail is opened by two")
    check_bundle(policy, bundle, desk.clock.now())
    with transaction(desk.sessions) as session:
        _must_work_here(session, bundle.opened_with)
        row = MailBundle(
            kind=bundle.kind, received_at=bundle.received_at, postmarked_on=bundle.postmarked_on,
            opened_by=by.actor_id, opened_with=bundle.opened_with, remittances=bundle.remittances,
            total_cents=bundle.total, routed_to=bundle.routed_to.strip(), note=bundle.note.strip(),
            logged_at=desk.clock.now(),
        )  # fmt: skip
        if not bundle.remittances:
            kind = policy.kind(bundle.kind)
            words = bundle.note.strip() or (kind.name.in_(city.identity.languages[0]) if kind else bundle.kind)
            wanted = NewFollowUp(
                words, city.calendar.add_business_days(today, policy.answer_days), FollowUpKind.HAND_OFF,
                bundle.for_actor_id, bundle.for_division,
            )  # fmt: skip
            row.follow_up_id = leave_follow_up(session, by, city.desk_policy(today), None, wanted, clock=desk.clock)
        session.add(row)
        session.flush()
        audit.record(
            session, "mail-logged", subject=("mail", row.id), actor_id=by.actor_id, kind=row.kind,
            remittances=row.remittances, total_cents=row.total_cents.cents, with_actor=row.opened_with,
        )  # fmt: skip
        return row.id


def work(desk: MailDesk, by: Authority, bundle_id: int) -> int:
    """Use case: begin to enter a bundle, as a drawer with its control total; the drawer's id. Again is the same.

    Raises ``NotAllowed``, ``NotFound``, :class:`NotWorkedHere`, :class:`BundleWorked`, ``OneDrawerEach``.
    """
    by.must(Permission.MAIL_LOG)
    with transaction(desk.sessions) as session:
        bundle = _bundle(session, bundle_id)
        if not bundle.remittances:
            raise NotWorkedHere("no money in it")
        drawer_id = bundle.drawer_id or session.scalar(select(Drawer.id).where(Drawer.till == _till(bundle_id)))
        control, count = bundle.total_cents, bundle.remittances
    if drawer_id is None:
        series = desk.sale.city.series_of("mail")
        drawer_id = drawers.open_drawer(desk.cash, by, _till(bundle_id), series[0], {}, mail=Mail(control, count))
    with transaction(desk.sessions) as session:
        bundle = _bundle(session, bundle_id)
        drawer = session.get_one(Drawer, drawer_id)
        if drawer.cashier_id != by.actor_id:
            raise BundleWorked(f"bundle {bundle_id} is worked by another")
        bundle.drawer_id = bundle.drawer_id or drawer_id
    return drawer_id


def enter(desk: MailDesk, by: Authority, bundle_id: int, remittance: Remittance) -> Entered:
    """Use case: put a remittance into the books at once: one payment, one receipt, dated by the city's policy.

    Raises ``NotAllowed``, ``NotFound``, :class:`NotWorkedHere`, :class:`BundleIsFull`, ``NotYourDrawer``,
    ``DrawerNotOpen``, ``BadRouting``, and what the rules of mail and of sales refuse.
    """
    by.must(Permission.MAIL_LOG)
    today = desk.clock.today()
    check_remittance(remittance, today)
    if remittance.routing:
        check_routing(remittance.routing)
    with transaction(desk.sessions) as session:
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
        coming = money_on_its_way(session, [account for account, _ in remittance.accounts], desk.clock.now())
        saving = Saving(_key(bundle_id, remittance), _draft(remittance), remittance.language)
        view = save_step(session, desk.sale, by, saving)
        told = frozenset(one.id for ones in coming.values() for one in ones)
        taken = take_step(
            session, desk.sale, by,
            Take(view.id, found.drawer_id, told=told, effective_on=dated.on, channel="mail"),
        )  # fmt: skip
        row = _remember(session, desk, by, bundle_id, remittance=remittance, dated=dated, payment_id=taken.payment_id)
        kill_points.reached("mail.entered")
        return Entered(
            row.number, taken.payment_id, taken.receipt_id, dated.on, remittance.unknown, is_coming=bool(told)
        )


def explain(
    desk: MailDesk, by: Authority, bundle_id: int, *, kind: str, count: int, amount: Money, reason: str
) -> None:
    """Use case: say why a bundle comes to something else than was added up: remittances that were not taken and go
    back (``sent-back``), or a control that was wrong (``miscounted``, signed).

    Raises ``ReasonNeeded``, :class:`NotWorkedHere`, ``NotYourDrawer``, ``DrawerNotOpen``.
    """
    by.must(Permission.MAIL_LOG)
    if not reason.strip():
        raise ReasonNeeded("say why")
    if (
        kind not in {SENT_BACK, MISCOUNTED}
        or not (count or amount)
        or (kind == SENT_BACK and (count < 1 or amount < ZERO))
    ):
        raise NotWorkedHere("nothing is explained")
    with transaction(desk.sessions) as session:
        bundle = _bundle(session, bundle_id)
        if bundle.drawer_id is None:
            raise NotWorkedHere(f"bundle {bundle_id} is not worked")
        drawer = drawers.lock(session, bundle.drawer_id, "open")
        if drawer.cashier_id != by.actor_id:
            raise NotYourDrawer("somebody else works this bundle")
        session.add(
            MailExplanation(
                bundle_id=bundle_id, kind=kind, count=count, cents=amount, reason=reason.strip(),
                actor_id=by.actor_id, at=desk.clock.now(),
            )
        )  # fmt: skip
        audit.record(
            session, "mail-explained", subject=("mail", bundle_id), actor_id=by.actor_id, reason=reason.strip(),
            count=count, cents=amount.cents, kind=kind,
        )  # fmt: skip


def count(desk: MailDesk, by: Authority, bundle_id: int, counted: Counted) -> CountView:
    """Use case: count a bundle once it ties; a second person accepts it like any drawer.

    Raises :class:`NotTied`; the database refuses the count too where the bundle is off. Else as ``drawers.count``.
    """
    with transaction(desk.sessions) as session:
        found = queries.bundle(session, bundle_id)
    if found.drawer_id is None:
        raise NotWorkedHere(f"bundle {bundle_id} is not worked")
    standing = found.standing
    if found.state == "open" and not standing.ties:
        raise NotTied("off its control", count=standing.missing_count, cents=standing.missing)
    return drawers.count(desk.cash, by, found.drawer_id, counted)


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


def _till(bundle_id: int) -> str:
    """The name under which a bundle's drawer is found again, whatever died in between."""
    return f"MAIL-{bundle_id}"


def _bundle(session: Session, bundle_id: int) -> MailBundle:
    found = session.scalar(select(MailBundle).where(MailBundle.id == bundle_id).with_for_update())
    if found is None:
        raise NotFound(f"no bundle {bundle_id}")
    return found


def _must_work_here(session: Session, actor_id: int) -> None:
    if session.scalar(select(Actor.kind).where(Actor.id == actor_id)) is not ActorKind.STAFF:
        raise ForNobody(f"actor {actor_id} does not work here")
