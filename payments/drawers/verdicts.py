"""Use cases of a second person: accept the count of a drawer, which freezes it, or have it counted again."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.database import transaction
from accounts.errors import NotFound, SamePerson
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Source
from accounts.staff.rules import Authority, Permission
from payments.drawers import queries
from payments.drawers.models import Drawer, DrawerCount, DrawerVerdict, VaultBatch
from payments.drawers.queries import CountView
from payments.drawers.rules import (
    ChecksDiffer,
    CountIsStale,
    DifferenceNotExplained,
    NotCounted,
    ReasonNeeded,
    as_stored,
    over_short,
    unexplained,
)
from payments.drawers.service import CashDesk, lock

SOURCE = "drawer_count"
"""The kind of source of an over or short."""


def accept(desk: CashDesk, by: Authority, count_id: int, reason: str = "") -> int:
    """Use case: a second person accepts a count: over and short are posted, the money goes to the vault, the drawer
    is frozen. Returns the id of the batch.

    Raises ``NotAllowed``, ``SamePerson``, :class:`NotCounted`, :class:`CountIsStale`, :class:`ChecksDiffer`,
    :class:`DifferenceNotExplained`.
    """
    with transaction(desk.sessions) as session:
        day = ledger.open_business_day(session, desk.clock.today())
        drawer, found = _waiting(session, by, count_id)
        difference = found.found.difference
        if queries.contents(session, [drawer.id])[drawer.id].as_expected() != found.expected:
            raise CountIsStale(f"drawer {drawer.id} is not what was counted any more")
        if not found.are_checks_there:
            raise ChecksDiffer(f"{difference.checks} of checks")
        if unexplained(difference, reason, desk.policy.explain):
            raise DifferenceNotExplained("say why", limit=desk.policy.explain)
        session.add(_verdict(drawer, found, by, desk, verdict="accepted", reason=reason))
        for what, lines in over_short(found.found, desk.terms).items():
            draft = JournalDraft(
                "over-short", Source(SOURCE, str(count_id), what), desk.clock.today(), by.actor_id, lines, reason
            )
            ledger.post(session, draft, business_day=day)
        batch = VaultBatch(
            drawer_id=drawer.id, count_id=count_id, business_day=day, cash_cents=found.found.takings,
            checks_cents=found.found.checks, checks_count=found.checks_count,
            terminal_cents=found.found.terminal, denominations=as_stored(found.denominations),
        )  # fmt: skip
        session.add(batch)
        drawer.state, drawer.closed_at = "closed", desk.clock.now()
        drawer.version += 1
        audit.record(
            session, "count-accepted", subject=("drawer", drawer.id), actor_id=by.actor_id, reason=reason,
            cash_cents=difference.cash.cents, checks_cents=difference.checks.cents,
            terminal_cents=difference.terminal.cents,
        )  # fmt: skip
        session.flush()
        kill_points.reached("drawers.accepted")
        return batch.id


def reject(desk: CashDesk, by: Authority, count_id: int, reason: str) -> None:
    """Use case: a second person does not accept a count; it is counted again. Raises :class:`ReasonNeeded`."""
    if not reason.strip():
        raise ReasonNeeded("say why the count is rejected")
    with transaction(desk.sessions) as session:
        drawer, found = _waiting(session, by, count_id)
        session.add(_verdict(drawer, found, by, desk, verdict="rejected", reason=reason))
        drawer.version += 1
        audit.record(session, "count-rejected", subject=("drawer", drawer.id), actor_id=by.actor_id, reason=reason)


def _waiting(session: Session, by: Authority, count_id: int) -> tuple[Drawer, CountView]:
    """The count that waits, its drawer locked, and a second person who may decide."""
    by.must(Permission.DRAWERS_REVIEW)
    drawer_id = session.scalar(select(DrawerCount.drawer_id).where(DrawerCount.id == count_id))
    if drawer_id is None:
        raise NotFound(f"no count {count_id}")
    drawer = lock(session, drawer_id, "open", "counted", "closed")
    last = queries.counts(session, drawer_id)[-1]
    if last.id != count_id or last.verdict:
        raise NotCounted(f"count {count_id} does not wait")
    if by.actor_id in {last.counted_by, drawer.cashier_id}:
        raise SamePerson("a count is accepted by another person")
    return drawer, last


def _verdict(
    drawer: Drawer, found: CountView, by: Authority, desk: CashDesk, *, verdict: str, reason: str
) -> DrawerVerdict:
    return DrawerVerdict(
        count_id=found.id, drawer_id=drawer.id, cashier_id=drawer.cashier_id, counted_by=found.counted_by,
        verdict=verdict, decided_by=by.actor_id, decided_at=desk.clock.now(), reason=reason.strip(),
    )  # fmt: skip
