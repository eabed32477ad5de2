"""What tests of returned payments begin with: a check that was taken, and what the bank says of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from accounts.staff.rules import Authority
from payments.returned_payments import service, weighing
from payments.returned_payments.rules import Looked, Return
from payments.returned_payments.service import Posted
from payments.returned_payments.weighing import ReturnDesk
from payments.sales.drafts import ItemLine, TenderLine
from payments.terms import reversal_terms
from tests.factories.window import Window, check


def desk_of(window: Window) -> ReturnDesk:
    desk = window.desk
    return ReturnDesk(desk.sessions, desk.clock, desk.ruling, reversal_terms(desk.ruling.city))


def clerk_of(window: Window) -> Authority:
    return window.desk.person("clara", "clerk")


def owing(window: Window, cents: int = 100_00, kind: str = "utility", days: int = 20) -> int:
    account = window.desk.account(kind)
    line = {"utility": "water", "license": "business-license", "citation": "parking"}[kind]
    with window.desk.sessions() as session:
        window.desk.charge(session, account, (line, "service", cents), days=days)
        session.commit()
    return account


def paid(
    window: Window, paying: dict[int, int], tenders: Sequence[TenderLine] = (), items: Sequence[ItemLine] = ()
) -> int:
    """A sale in a drawer that is closed then; the tender that may come back."""
    drawer = window.open()
    due = sum(paying.values()) + sum(item.amount.cents for item in items)
    taken = window.take(drawer, window.draft(paying, tenders or [check(due)], items))
    window.close(drawer)
    ((tender,),) = window.desk.rows(
        "SELECT id FROM payment_tenders WHERE payment_id = :id AND kind = 'check'", id=taken.payment_id
    )
    return int(tender)


def told(window: Window, tender: int, reason: str = "NSF", days: int = 0) -> Return:
    return Return(tender, reason, window.desk.today - timedelta(days=days), "ADV-1")


def looked(window: Window, tender: int, reason: str = "NSF", by: Authority | None = None) -> Looked:
    return weighing.look(desk_of(window), by or clerk_of(window), told(window, tender, reason))


def post(window: Window, tender: int, reason: str = "NSF", by: Authority | None = None) -> Posted:
    person = by or clerk_of(window)
    seen = looked(window, tender, reason, person).seen
    return service.post(desk_of(window), person, told(window, tender, reason), seen)


def opens(window: Window, account: int) -> list[int]:
    return [left for _, _, left in window.desk.charges(account)]
