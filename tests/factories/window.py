"""A counter with its drawers: cashiers who take money, and colleagues who count after them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from accounts.database import reading
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.collisions.service import Counter
from payments.drawers import queries, service, verdicts
from payments.drawers.queries import CountView
from payments.drawers.rules import Counted
from payments.drawers.service import CashDesk
from payments.sales import service as sales
from payments.sales.drafts import AccountLine, Draft, ItemLine, TenderLine
from payments.sales.service import SaleDesk, Saving, Take, Taken
from payments.settlements.service import Desk as Online
from payments.terms import cash_terms, order_of_policy, terms_of
from tests.factories.desk import Desk
from tests.factories.online import unheard

FLOAT = {5000: 1, 2000: 3, 1000: 5, 500: 4, 100: 20}
"""The 200 dollars that a drawer of the shipped city begins with."""
_keys = itertools.count(1)


@dataclass
class Window:
    """Tills of the shipped city, and the people at them."""

    desk: Desk
    cash: CashDesk = field(init=False)
    sale: SaleDesk = field(init=False)
    online: Online = field(init=False)
    """Closes payment pages; nobody listens there."""
    rosa: Authority = field(init=False)
    """A cashier."""
    tomas: Authority = field(init=False)
    """Another."""
    sofia: Authority = field(init=False)
    """A supervisor."""

    def __post_init__(self) -> None:
        city, sessions, clock = self.desk.ruling.city, self.desk.sessions, self.desk.clock
        self.cash = CashDesk(sessions, clock, city.cash_policy(self.desk.today), cash_terms(city))
        self.sale = SaleDesk(sessions, clock, city, terms_of(city), lambda on: order_of_policy(city, on))
        self.online = unheard(sessions, city, clock)
        self.rosa = self.desk.person("rosa", "cashier")
        self.tomas = self.desk.person("tomas", "cashier")
        self.sofia = self.desk.person("sofia", "supervisor")

    @property
    def counter(self) -> Counter:
        return Counter(self.sale, self.online)

    def open(self, by: Authority | None = None, till: str = "T1") -> int:
        """A drawer with its float counted by two."""
        cashier = by or self.rosa
        series = self.desk.ruling.city.till(till).receipt_series
        drawer = service.open_drawer(self.cash, cashier, till, series, FLOAT)
        second = self.tomas if cashier.actor_id != self.tomas.actor_id else self.rosa
        service.verify_float(self.cash, second, drawer, FLOAT)
        return drawer

    def draft(
        self,
        accounts: Mapping[int, int] | None = None,
        tenders: Sequence[TenderLine] = (),
        items: Sequence[ItemLine] = (),
    ) -> Draft:
        """A sale of cents by account, in cash where nothing else is said."""
        draft = Draft(
            tuple(AccountLine(account, Money(cents)) for account, cents in (accounts or {}).items()),
            tuple(items),
            tuple(tenders),
        )
        return draft if tenders else draft.with_cash(draft.due)

    def saved(self, draft: Draft, by: Authority | None = None, key: str = "") -> int:
        return sales.save(self.sale, by or self.rosa, Saving(key or f"form-{next(_keys)}", draft, "en")).id

    def take(self, drawer: int, draft: Draft, by: Authority | None = None) -> Taken:
        cashier = by or self.rosa
        return sales.take(self.sale, cashier, Take(self.saved(draft, cashier), drawer))

    def counted(self, drawer: int, by: Authority | None = None, off: int = 0, checks_off: int = 0) -> CountView:
        """Count what is there, give or take some cents."""
        with reading(self.desk.sessions) as session:
            holds = queries.contents(session, [drawer])[drawer]
        found = Counted(
            pennies(holds.cash.cents + off), holds.checks_count, holds.checks + Money(checks_off), holds.terminal
        )
        return service.count(self.cash, by or self.rosa, drawer, found)

    def close(self, drawer: int, by: Authority | None = None, off: int = 0) -> int:
        """Count and accept; the id of the batch in the vault."""
        return verdicts.accept(self.cash, self.sofia, self.counted(drawer, by, off).id, "as found" if off else "")


def cash(cents: int, given: int = 0) -> TenderLine:
    return TenderLine("cash", Money(cents), Money(given or cents))


def check(cents: int, number: str = "1042", bank: str = "Bank of the Valley") -> TenderLine:
    return TenderLine("check", Money(cents), Money(cents), number, bank)


def terminal(cents: int) -> TenderLine:
    return TenderLine("terminal", Money(cents), Money(cents), "T-0007", brand="visa", last4="4242")


def pennies(cents: int) -> dict[int, int]:
    """Notes and coins that come to so many cents."""
    found = {}
    for value in (10000, 5000, 2000, 1000, 500, 200, 100, 50, 25, 10, 5, 1):
        found[value], cents = divmod(cents, value)
    return {value: number for value, number in found.items() if number}
