"""The last days at the made-up city's window: a drawer that was counted and banked, and one that is open now.

All of it through the use cases that the pages call, by the colleagues who are shown on ``/demo``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import text

from accounts.approvals import service as approvals
from accounts.clock import Clock, FixedClock
from accounts.database import reading
from accounts.money import Money
from accounts.staff.rules import Authority
from demo import letters
from demo.colleagues import CASHIER, CHIEF, CLERK, SECOND, Colleagues
from payments.bank_deposits import queries as vault
from payments.bank_deposits import service as deposits
from payments.bank_deposits.rules import Counted as DepositCounted
from payments.bank_deposits.rules import Kind
from payments.bank_deposits.service import DepositDesk, Preparation, Receiver
from payments.drawers import queries as drawers
from payments.drawers import service as drawing
from payments.drawers import verdicts
from payments.drawers.rules import Counted
from payments.drawers.service import CashDesk
from payments.mail_batches.service import MailDesk
from payments.reversals.rules import Void
from payments.sales import service as selling
from payments.sales.drafts import AccountLine, Draft, ItemLine, TenderLine
from payments.sales.service import SaleDesk, Saving, Take, Taken
from payments.settlements.service import Desk
from payments.terms import cash_terms, order_of_policy, terms_of
from portal.acts import acts_under

_OWING = text("""
    SELECT a.id, sum(c.open_cents)::bigint AS cents
      FROM customer_accounts a JOIN charges c ON c.customer_account_id = a.id AND c.open_cents > 0
     WHERE a.kind = :kind AND NOT a.is_protected AND a.system_of_record = 'ventanilla'
       AND NOT EXISTS (SELECT FROM pending_payments p WHERE p.customer_account_id = a.id)
     GROUP BY a.id HAVING sum(c.open_cents) BETWEEN 4000 AND 30000
     ORDER BY a.id DESC LIMIT 100""")


def work(people: Colleagues, online: Desk, key: bytes) -> None:
    """Yesterday's money counted, banked and one sale voided; today's drawer open with a sale put aside."""
    with reading(people.sessions) as session:
        homes, shops = (
            [(row.id, row.cents) for row in session.execute(_OWING, {"kind": kind})]
            for kind in ("utility", "license")
        )
    _Window(people, online, key).days(homes, shops)


@dataclass
class _Window:
    people: Colleagues
    online: Desk
    key: bytes
    """Of fingerprints of checks."""
    keys: int = 0

    def days(self, homes: Sequence[tuple[int, int]], shops: Sequence[tuple[int, int]]) -> None:
        left = iter(homes)
        yesterday = self._at(1, 8, 5)
        rosa = self._opens(CASHIER, "T1", yesterday)
        for hour, how in ((9, "cash"), (9, "check"), (10, "cash"), (11, "split"), (14, "money_order"), (15, "cash")):
            self._sells(CASHIER, rosa, dict([next(left)]), how, self._at(1, hour, 20))
        self._sells(CASHIER, rosa, dict(shops[:1]), "terminal", self._at(1, 13, 40))
        self._turn_in(rosa, self._at(1, 16))
        twice = self._sells(CASHIER, rosa, dict([next(left)]), "cash", self._at(1, 16, 10))
        approvals.propose(
            self.people.sessions, acts_under(self.people.ruling), Void(payment_id=twice.payment_id),
            self._person(CHIEF), reason="Rung up on the neighbor’s account.", clock=self._at(1, 16, 15),
        )  # fmt: skip
        self._closes(CASHIER, rosa, -35, self._at(1, 17, 10))
        ana = self._opens(CLERK, "T2", self._at(1, 12))
        self._sells(CLERK, ana, dict([next(left)]), "cash", self._at(1, 12, 5))
        account, cents = next(left)
        for minute, part in zip((25, 40), Money(cents).split(2), strict=True):
            self._sells(CLERK, ana, {account: part.cents}, "check", self._at(1, 12, minute))
        self._closes(CLERK, ana, 0, self._at(1, 13, 15))
        morning = self._at(1, 10, 30)
        letters.opened(
            MailDesk(self._cash_desk(morning), self._sale_desk(morning), self.online, self.key),
            (self._person(CLERK), self._person(SECOND)), self._person(CHIEF), [next(left), next(left)],
        )  # fmt: skip
        self._banks(self._at(1, 17, 30))
        self._settles(self._at(1, 17, 50))
        now = FixedClock(self.people.clock.now() - timedelta(minutes=30), self.people.ruling.city.identity.time_zone)
        today = self._opens(CASHIER, "T1", now)
        self._sells(CASHIER, today, dict([next(left)]), "cash", now)
        self._sells(CASHIER, today, dict([next(left)]), "check", now)
        account, cents = next(left)
        put_aside = self._saved(
            CASHIER, Draft((AccountLine(account, Money(cents)),)), now, "She went for her checkbook."
        )
        selling.park(self._sale_desk(now), self._person(CASHIER), put_aside, "She went for her checkbook.")

    def _opens(self, handle: str, till: str, when: Clock) -> int:
        desk = self._cash_desk(when)
        float_ = _pennies(desk.policy.float_money.cents, desk.policy.denominations)
        series = self.people.ruling.city.till(till).receipt_series
        drawer = drawing.open_drawer(desk, self._person(handle), till, series, float_)
        other = CLERK if handle != CLERK else SECOND
        drawing.verify_float(desk, self._person(other), drawer, float_)
        return drawer

    def _sells(self, handle: str, drawer: int, owed: Mapping[int, int], how: str, when: Clock) -> Taken:
        due = Money(sum(owed.values()))
        draft = Draft(tuple(AccountLine(account, Money(cents)) for account, cents in owed.items()))
        draft = Draft(draft.accounts, tenders=_tenders(how, due))
        sale = self._saved(handle, draft, when)
        return selling.take(self._sale_desk(when), self._person(handle), Take(sale, drawer))

    def _turn_in(self, drawer: int, when: Clock) -> None:
        items = (ItemLine("library-turn-in", 1, Money(43_75)), ItemLine("copy", 12, Money(3_00)))
        draft = Draft(items=items, payer="Public Library").with_cash(Money(46_75))
        sale = self._saved(CASHIER, draft, when)
        selling.take(self._sale_desk(when), self._person(CASHIER), Take(sale, drawer))

    def _saved(self, handle: str, draft: Draft, when: Clock, note: str = "") -> int:
        self.keys += 1
        saving = Saving(f"demo-{self.keys}-{when.now():%Y%m%d}", draft, "es" if self.keys % 3 == 0 else "en", note)
        return selling.save(self._sale_desk(when), self._person(handle), saving).id

    def _closes(self, handle: str, drawer: int, off: int, when: Clock) -> None:
        desk = self._cash_desk(when)
        with reading(self.people.sessions) as session:
            holds = drawers.contents(session, [drawer])[drawer]
        found = Counted(
            _pennies(holds.cash.cents + off, desk.policy.denominations), holds.checks_count, holds.checks,
            holds.terminal,
        )  # fmt: skip
        counted = drawing.count(desk, self._person(handle), drawer, found)
        verdicts.accept(desk, self._person(CHIEF), counted.id, "A roll of dimes was one coin short." if off else "")

    def _banks(self, when: Clock) -> None:
        """The supervisor prepares the bag, who covers for her counts again and hands it to the courier."""
        desk = DepositDesk(self.people.sessions, when, self.people.ruling.city)
        with reading(self.people.sessions) as session:
            waiting = [one.batch for one in vault.waiting_batches(session) if one.has_bag]
        cash = Money(sum(batch.cash.cents for batch in waiting))
        counted = DepositCounted(
            _pennies(cash.cents, desk.denominations), sum(batch.checks_count for batch in waiting),
            Money(sum(batch.checks.cents for batch in waiting)),
        )  # fmt: skip
        bank = self.people.ruling.city.bank_accounts[0].code
        wanted = Preparation(Kind.BAG, bank, tuple(batch.id for batch in waiting), counted, "BG-100427")
        made = deposits.prepare(desk, wanted, self._person(CHIEF))
        second = self._person(SECOND)
        deposits.verify_and_seal(desk, made, counted, second)
        deposits.hand_over(desk, made, Receiver("courier", name="Valley Armored", reference="Run 14"), second)

    def _settles(self, when: Clock) -> None:
        """What the card terminals took: the bank brings it by itself."""
        desk = DepositDesk(self.people.sessions, when, self.people.ruling.city)
        with reading(self.people.sessions) as session:
            slips = [one.batch for one in vault.waiting_batches(session) if one.has_terminal]
        counted = DepositCounted({}, terminal=Money(sum(batch.terminal.cents for batch in slips)))
        bank, batches = self.people.ruling.city.bank_accounts[0].code, tuple(batch.id for batch in slips)
        wanted = Preparation(Kind.TERMINAL, bank, batches, counted, reference=f"SET{when.today():%m%d}")
        made = deposits.prepare(desk, wanted, self._person(CHIEF))
        deposits.verify_and_seal(desk, made, counted, self._person(SECOND))

    def _cash_desk(self, when: Clock) -> CashDesk:
        city = self.people.ruling.city
        return CashDesk(self.people.sessions, when, city.cash_policy(when.today()), cash_terms(city))

    def _sale_desk(self, when: Clock) -> SaleDesk:
        city = self.people.ruling.city
        return SaleDesk(self.people.sessions, when, city, terms_of(city), lambda on: order_of_policy(city, on))

    def _at(self, days_ago: int, hour: int, minute: int = 0) -> FixedClock:
        return self.people.at(days_ago, hour, minute)

    def _person(self, handle: str) -> Authority:
        return self.people.person(handle)


def _tenders(how: str, due: Money) -> tuple[TenderLine, ...]:
    """What is handed over: notes that come to a little more than is due, or paper for the exact amount."""
    if how == "cash":
        return (TenderLine("cash", due, Money(-(-due.cents // 20_00) * 20_00)),)
    if how == "check":
        return (TenderLine("check", due, due, str(1000 + due.cents % 9000), "Valley Credit Union"),)
    if how == "money_order":
        return (TenderLine("money_order", due, due, f"22{due.cents:08d}"),)
    if how == "terminal":
        return (TenderLine("terminal", due, due, "T1-0418", brand="visa", last4="4242"),)
    half, rest = due.split(2)
    return (*_tenders("check", half), *_tenders("cash", rest))


def _pennies(cents: int, denominations: Sequence[int]) -> dict[int, int]:
    """The fewest notes and coins that come to so many cents."""
    found = {}
    for value in denominations:
        found[value], cents = divmod(cents, value)
    return {value: number for value, number in found.items() if number}
