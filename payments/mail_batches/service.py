"""Use cases of a bundle of mail: log it, work it, explain a difference, count it. ``entering`` is what is between."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.models import Actor, ActorKind
from accounts.cities.desk import must_be_on
from accounts.clock import Clock
from accounts.contacts.rules import FollowUpKind, ForNobody, NewFollowUp
from accounts.contacts.service import leave_follow_up
from accounts.database import Sessions, transaction
from accounts.errors import NotFound, SamePerson
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority, Permission
from payments.drawers import service as drawers
from payments.drawers.models import Drawer
from payments.drawers.queries import CountView
from payments.drawers.rules import Counted, NotYourDrawer, ReasonNeeded
from payments.drawers.service import CashDesk, Mail
from payments.mail_batches import queries
from payments.mail_batches.models import MailBundle, MailExplanation
from payments.mail_batches.rules import (
    MISCOUNTED,
    SENT_BACK,
    BundleWorked,
    NewBundle,
    NotTied,
    NotWorkedHere,
    check_bundle,
)
from payments.sales.service import SaleDesk
from payments.settlements.service import Desk


@dataclass(frozen=True)
class MailDesk:
    """What working the mail needs. ``online`` closes payment pages; ``key`` is the key of fingerprints of checks."""

    cash: CashDesk
    sale: SaleDesk
    online: Desk
    key: bytes

    @property
    def sessions(self) -> Sessions:
        return self.sale.sessions

    @property
    def clock(self) -> Clock:
        return self.sale.clock


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
