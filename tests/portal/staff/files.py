"""An account with a history, for tests of its file."""

from __future__ import annotations

from datetime import timedelta

from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.database import transaction
from accounts.ledger.rules import Source
from accounts.ledger.service import reverse
from accounts.money import Money
from payments.moves.rules import Move
from portal.acts import acts_of
from tests.factories.desk import Desk
from tests.portal.scene import Known, Scene, add, leave
from tests.sandbox_server import pay_hosted_page


def path(known: Known, part: str = "") -> str:
    """The address of a part of an account's file."""
    return f"/staff/accounts/{known.reference}{part}"


def pay_online(scene: Scene, *accounts: Known, email: str = "payer@example.com") -> int:
    """Somebody pays all that these accounts owe; the receipt's id."""
    person = scene.guest()
    for known in accounts:
        add(person, known)
    person.land(pay_hosted_page(leave(person, email)))
    return int(scene.scalar("SELECT max(id) FROM receipts"))


def raise_many(scene: Scene, known: Known, count: int, *, cents: int = 10_00) -> None:
    """So many charges, each of a bill of its own month."""
    terms = scene.city.revenue_line("water")
    charges = [
        NewCharge(
            customer_account_id=known.id,
            revenue_line="water",
            kind="service",
            fund=terms.fund,
            receivable=terms.receivable,
            revenue=terms.revenue,
            amount=Money(cents),
            description={"en": f"Water {place}", "es": f"Agua {place}"},
            billed_on=scene.today - timedelta(days=place),
            due_on=scene.today + timedelta(days=20 - place),
            delinquent_on=scene.today + timedelta(days=21 - place),
            working={"imported": {"profile": "test", "key": ""}},
        )
        for place in range(count)
    ]
    with transaction(scene.sessions) as session:
        for place, charge in enumerate(charges):
            source = Source("test-many", f"{known.id}-{place}", "raise")
            raise_charges(session, [charge], source=source, kind="bill", effective_on=scene.today, actor_id=1)


def desk_of(scene: Scene) -> Desk:
    """The counter of the scene's city, for what is done without pages."""
    return Desk(scene.sessions, scene.wired.city(), acts_of(scene.wired), scene.clock)


def pay_at_counter(scene: Scene, known: Known, cents: int) -> int:
    """Somebody pays at the counter; the receipt's id."""
    return desk_of(scene).pay({known.id: Money(cents)}).receipt_id


def move(scene: Scene, receipt_id: int, source: Known, target: Known, cents: int) -> None:
    """A clerk proposes and finance agrees that money of a payment goes to another account."""
    payment = scene.scalar("SELECT payment_id FROM receipts WHERE id = :id", id=receipt_id)
    desk = desk_of(scene)
    command = Move(payment_id=payment, from_account_id=source.id, to_account_id=target.id, amount_cents=cents)
    desk.done(desk.person("clara", "clerk"), desk.person("fina", "finance"), command)


def take_back(scene: Scene, receipt_id: int, why: str) -> None:
    """The journal of a payment is reversed. The charges stay as they are: what is tested is how it is told."""
    journal = scene.scalar(
        "SELECT p.journal_id FROM receipts r JOIN payments p ON p.id = r.payment_id WHERE r.id = :id", id=receipt_id
    )
    with transaction(scene.sessions) as session:
        reverse(session, journal, actor_id=1, on=scene.today, memo=why)


def hide(scene: Scene, known: Known, flag: str = "is_protected") -> None:
    """Only some may see this account from now on."""
    scene.run_as_owner(f"UPDATE customer_accounts SET {flag} = true WHERE id = {known.id}")


def same_holder(scene: Scene, first: Known, *others: Known) -> None:
    """Accounts of one customer."""
    for other in others:
        scene.run_as_owner(
            "UPDATE customer_accounts SET customer_id = (SELECT customer_id FROM customer_accounts WHERE id = :first)"
            " WHERE id = :other",
            first=first.id,
            other=other.id,
        )


PARTS = ("", "/bills", "/payments", "/conversations", "/messages", "/details", "/timeline", "/as-resident")
"""Every part of a file that needs no further number."""
