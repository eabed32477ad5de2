"""Use case: take what a department brings, in an open drawer; its receipt goes back with whoever brought it."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import audit
from accounts.database import transaction
from accounts.money import total
from accounts.staff.rules import Authority, Permission
from payments.drawers.rules import as_stored, check_denominations
from payments.sales.service import SaleDesk, Saving, Take, save_step, take_step
from payments.turn_ins import queries
from payments.turn_ins.models import TurnIn
from payments.turn_ins.rules import Sheet, check_sheet, draft_of


@dataclass(frozen=True)
class Received:
    """A sheet in the books."""

    turn_in_id: int
    payment_id: int
    receipt_id: int
    again: bool = False


def receive(desk: SaleDesk, by: Authority, drawer_id: int, sheet: Sheet) -> Received:
    """Use case: one sheet, one sale, one receipt. A form sent twice finds it taken.

    Raises ``NotAllowed``, what ``rules.check_sheet`` refuses, ``UnknownDenomination``, and what a sale refuses.
    """
    by.must(Permission.WINDOW_TAKE)
    today = desk.clock.today()
    check_denominations(sheet.denominations or {}, desk.city.cash_policy(today).denominations)
    check_sheet(sheet, {item.code: item for item in desk.city.catalog(today)})
    key = f"turn-in:{sheet.key}"
    with transaction(desk.sessions) as session:
        if (known := queries.sent_before(session, key)) is not None:
            return Received(*known, again=True)
        view = save_step(session, desk, by, Saving(key, draft_of(sheet), sheet.language))
        taken = take_step(session, desk, by, Take(view.id, drawer_id))
        row = TurnIn(
            payment_id=taken.payment_id, department=sheet.department.strip(), sheet_number=sheet.number.strip(),
            brought_by=sheet.brought_by.strip(), cash_cents=sheet.cash,
            checks_cents=total(check.amount for check in sheet.checks), checks_count=len(sheet.checks),
            denominations=as_stored(sheet.denominations or {}), counted_by=by.actor_id, counted_at=desk.clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(
            session, "turn-in-received", subject=("payment", taken.payment_id), actor_id=by.actor_id,
            division=row.department, cents=(row.cash_cents + row.checks_cents).cents,
        )  # fmt: skip
        return Received(row.id, taken.payment_id, taken.receipt_id)
