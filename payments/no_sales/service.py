"""Open a drawer without a sale: it is written down first, then the drawer may be told to open."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.dialects.postgresql import insert

from accounts import audit
from accounts.database import transaction
from accounts.staff.rules import Authority, Permission
from payments.drawers.rules import NotYourDrawer
from payments.drawers.service import CashDesk, lock
from payments.no_sales.models import NoSale
from payments.no_sales.rules import NoSuchReason


@dataclass(frozen=True)
class Opening:
    """What the cashier said. ``form_key`` was made with the empty form."""

    form_key: str
    drawer_id: int
    reason: str
    note: str = ""


def write_down(desk: CashDesk, by: Authority, opening: Opening) -> bool:
    """Use case: the cashier of an open drawer opens it without a sale; whether that is news.

    The same form again is the same opening: nothing is written, and nothing should open. Raises ``NotAllowed``,
    ``NotFound``, ``DrawerNotOpen``, ``NotYourDrawer``, :class:`NoSuchReason`.
    """
    by.must(Permission.WINDOW_TAKE)
    if desk.policy.no_sale_reason(opening.reason) is None:
        raise NoSuchReason(f"no reason {opening.reason!r}")
    with transaction(desk.sessions) as session:
        drawer = lock(session, opening.drawer_id, "open")
        if drawer.cashier_id != by.actor_id or drawer.kind != "counter":
            raise NotYourDrawer(f"drawer {drawer.id} belongs to another")
        values = {
            "form_key": opening.form_key, "drawer_id": drawer.id, "cashier_id": by.actor_id,
            "reason": opening.reason, "note": opening.note.strip(), "at": desk.clock.now(),
        }  # fmt: skip
        made = insert(NoSale).values(values).on_conflict_do_nothing(index_elements=["form_key"]).returning(NoSale.id)
        if session.scalar(made) is None:
            return False
        audit.record(
            session, "drawer-opened-without-sale", subject=("drawer", drawer.id), actor_id=by.actor_id,
            reason=opening.reason,
        )  # fmt: skip
        return True
