"""A cashier with an open drawer, an account that owes a bill, and links by which it may be paid online meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

from accounts.money import Money
from payments.attempts.rules import State
from payments.baskets.rules import Surplus, surplus_key
from payments.checkout import service as checkout
from payments.checkout.service import Leaving
from payments.collisions import service as collisions
from payments.pay_links import service
from payments.pay_links.rules import Asked
from payments.pay_links.service import NewLink, Opening
from payments.sales import service as sales
from payments.sales.service import Take, Taken
from payments.settlements.service import settle
from payments.terms import bounds_of, checkout_rules
from portal.acts import acts_under
from tests.factories.desk import Desk
from tests.factories.window import Window
from tests.portal.scene import Known, Scene

BILL = Money(60_00)


@dataclass
class LinkCounter:
    """What somebody does on a telephone, and what the clerk does meanwhile."""

    scene: Scene
    window: Window
    known: Known
    drawer: int

    def link(self, amount: Money = BILL) -> str:
        """Its token."""
        city, token = self.window.desk.ruling.city, service.new_token()
        new = NewLink(token[:12], token, "", "qr", "", "en", (Asked(self.known.id, amount),))
        service.send(
            self.scene.sessions, self.window.rosa, new, city.pay_link_policy(self.scene.today), bounds_of(city),
            clock=self.scene.clock,
        )  # fmt: skip
        return token

    def goes_on(self, token: str, told: frozenset[int] = frozenset(), amount: Money = BILL) -> Leaving:
        """From the page of the link as it stands now."""

        def rules(amount: Money) -> checkout.Rules:
            return checkout_rules(self.window.desk.ruling, amount, self.scene.today)

        surplus = surplus_key([Surplus(self.known.id, amount, self.scene.balance(self.known))])
        opening = Opening(token, "http://localhost", amount + rules(amount).fee.amount, told=told, surplus=surplus)
        return service.go_on(self.scene.wired.desk(), opening, rules)

    def sale(self, told: frozenset[int] = frozenset(), amount: Money = BILL) -> Callable[[], Taken]:
        """The clerk has the bill on the screen and the cash in the hand; no page is closed."""
        take = self._on_the_screen(told, amount)
        return lambda: sales.take(self.window.sale, self.window.rosa, take)

    def presses(
        self, told: frozenset[int] | None = None, amount: Money = BILL, knowing: Collection[str] = ()
    ) -> Callable[[], Taken]:
        """The same as the window does it. ``told``: what is on its way now, where nothing else is said."""
        take = self._on_the_screen(self.on_its_way() if told is None else told, amount)
        desk = collisions.Counter(self.window.sale, self.scene.wired.desk())
        return lambda: collisions.take(desk, self.window.rosa, take, knowing=knowing)

    def again(self, sale: int) -> Taken:
        """The form of a sale, sent once more."""
        desk = collisions.Counter(self.window.sale, self.scene.wired.desk())
        return collisions.take(desk, self.window.rosa, Take(sale, self.drawer, self.on_its_way()))

    def settles(self) -> Callable[[], State]:
        attempt = self.scene.scalar("SELECT id FROM attempts ORDER BY created_at DESC, id DESC LIMIT 1")
        return lambda: settle(self.scene.wired.desk(), attempt)

    def on_its_way(self) -> frozenset[int]:
        return frozenset(row.id for row in self.scene.rows("SELECT id FROM pending_payments"))

    def stands(self) -> tuple[int, int, int]:
        """What is owed, the credit, and how many payments there are."""
        credit = self.scene.scalar("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=self.known.id)
        return self.scene.balance(self.known).cents, credit, self.scene.scalar("SELECT count(*) FROM payments")

    def lines(self) -> list[str]:
        """Kinds of lines in the exceptions queue."""
        return [row.kind for row in self.scene.rows("SELECT kind FROM exception_lines ORDER BY id")]

    def acts(self, *named: str) -> list[str]:
        """Which of these acts the audit has."""
        rows = self.scene.rows("SELECT act FROM audit_entries WHERE act = ANY (:acts) ORDER BY id", acts=list(named))
        return [row.act for row in rows]

    def _on_the_screen(self, told: frozenset[int], amount: Money) -> Take:
        saved = self.window.saved(self.window.draft({self.known.id: amount.cents}))
        return Take(saved, self.drawer, told, {self.known.id: self.scene.balance(self.known)})


def link_counter(scene: Scene) -> LinkCounter:
    ruling = scene.wired.city()
    window = Window(Desk(scene.sessions, ruling, acts_under(ruling), scene.clock))
    return LinkCounter(scene, window, scene.open("utility", BILL.cents), window.open())
