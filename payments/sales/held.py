"""Rows of sales that are being made, under lock."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission
from payments.drawers.rules import NotYourDrawer
from payments.sales.models import Sale
from payments.sales.queries import sale_by_id
from payments.sales.rules import SaleIsOver, SaleView


def locked(session: Session, which: object) -> Sale | None:
    """Step: the sale that is meant, as it stands now; none where there is none."""
    statement = select(Sale).where(which)  # type: ignore[arg-type]
    return session.scalar(statement.with_for_update().execution_options(populate_existing=True))


def unfinished(session: Session, sale_id: int) -> Sale:
    """Step: a sale that is neither taken nor given up. Raises ``NotFound``, :class:`SaleIsOver`."""
    sale = locked(session, Sale.id == sale_id)
    if sale is None:
        raise NotFound(f"no sale {sale_id}")
    if sale.state not in {"open", "parked"}:
        raise SaleIsOver(f"the sale is {sale.state}", state=sale.state)
    return sale


def must_be_theirs(sale: Sale, by: Authority) -> None:
    """Raises :class:`SaleIsOver`, ``NotYourDrawer``."""
    if sale.state not in {"open", "parked"}:
        raise SaleIsOver(f"the sale is {sale.state}", state=sale.state)
    if sale.cashier_id != by.actor_id:
        raise NotYourDrawer("another cashier is making this sale")


def view_of(session: Session, sale_id: int) -> SaleView:
    """Step: the sale as its page shows it. Raises ``NotFound``."""
    view = sale_by_id(session, sale_id)
    if view is None:
        raise NotFound(f"no sale {sale_id}")
    return view


def must_sell(by: Authority) -> None:
    """Whoever takes money at the window, or works the mail. Raises ``NotAllowed``."""
    if not by.may(Permission.MAIL_LOG):
        by.must(Permission.WINDOW_TAKE)
