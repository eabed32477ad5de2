"""Payments of the past two bills, posted by the step that posts every payment, each on its own business day."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.rules import City
from accounts.database import Sessions, reading, transaction
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.money import Money, total
from demo.days import Days
from demo.people import Town
from demo.registers import Home
from payments.posting import service as posting
from payments.posting.rules import Fee, Received, Tender
from payments.terms import order_of_policy, terms_of

MAIL, COUNTER = ("M1",), ("C1", "C2", "C3")
"""Receipt series of checks by mail, and of the counters."""
AT_ONCE = 100
_OWED = text("""
    SELECT a.id, a.source_key, c.language, sum(l.open_cents)
      FROM bills b
      JOIN charges l ON l.bill_id = b.id
      JOIN customer_accounts a ON a.id = b.customer_account_id
      JOIN customers c ON c.id = a.customer_id
     WHERE b.billed_on = :billed_on
     GROUP BY a.id, a.source_key, c.language HAVING sum(l.open_cents) > 0
     ORDER BY a.id""")
_FORGET_MAIL = text("DELETE FROM procrastinate_jobs WHERE task_name = 'receipt_issued' AND status = 'todo'")


@dataclass(frozen=True)
class PastPayment:
    """A payment that somebody made."""

    account_id: int
    amount: Money
    language: str
    tender: Tender
    source: Source


@dataclass
class Till:
    """Takes past payments into the books."""

    sessions: Sessions
    city: City
    town: Town
    days: Days
    actor_id: int

    def pay_bills(self, homes: Mapping[str, Home], which: int) -> int:
        """Post what was paid of last month's (0) or this month's (1) bills by today; how many payments."""
        billed_on = self.days.bills[which]
        with reading(self.sessions) as session:
            owed = session.execute(_OWED, {"billed_on": billed_on}).all()
        by_day: dict[date, list[PastPayment]] = defaultdict(list)
        for account_id, number, language, cents in owed:
            if number not in homes:
                continue
            drawn = self._draw(homes[number], which, Money(int(cents)))
            if drawn is not None:
                day, amount = drawn
                source = Source("past-payment", f"{account_id}:{billed_on}", "post")
                by_day[day].append(PastPayment(account_id, amount, language, self._tender(), source))
        for day in sorted(by_day):
            self._post(day, by_day[day])
        return sum(map(len, by_day.values()))

    def _draw(self, home: Home, which: int, owed: Money) -> tuple[date, Money] | None:
        """When and how much of a bill was paid; nothing if it was not (yet)."""
        chance = self.town.random
        luck, extra = chance.random(), chance.randrange(2000, 15000)
        newest_due = self.days.due_before_today - 1
        unpaid = home.behind > max(newest_due - which, 0)
        lag = timedelta(days=chance.randrange(2, (self.days.due[which] - self.days.bills[which]).days + 1))
        day = self.city.calendar.next_business_day(self.days.bills[which] + lag)
        if which == 1 and home.behind == 0 and luck < 0.012:
            day = min(day, self.city.calendar.next_business_day(self.days.bills[1]))
            owed += Money(extra)
        if unpaid:
            if luck < 0.85 or which != newest_due:
                return None
            owed = owed.split(2)[0]
        return (day, owed) if day <= self.days.today else None

    def _tender(self) -> Tender:
        chance = self.town.random
        if chance.random() < 0.25:
            return Tender("cash")
        return Tender("check", reference=str(chance.randrange(101, 9800)))

    def _post(self, day: date, payments: Sequence[PastPayment]) -> None:
        terms, order = terms_of(self.city), order_of_policy(self.city, day)
        opens = datetime.combine(day, time(9), ZoneInfo(self.city.identity.time_zone)).astimezone(UTC)
        with transaction(self.sessions) as session:
            for group in _groups(payments):
                amounts = {payment.account_id: payment.amount for payment in group}
                locked = posting.lock_accounts(session, amounts, day)
                parts = {part.customer_account_id: part for part in locked.accounts}
                for payment in group:
                    part = parts[payment.account_id]
                    by_mail = payment.tender.kind == "check" and payment.account_id % 3 > 0
                    received = Received(
                        accounts=(part,),
                        fee=Fee(),
                        tender=payment.tender,
                        order=order,
                        paid_at=opens + timedelta(minutes=payment.account_id % 480),
                        effective_on=day,
                    )
                    posting.write(
                        session,
                        received,
                        terms,
                        business_day=locked.business_day or day,
                        source=payment.source,
                        actor_id=self.actor_id,
                        channel="mail" if by_mail else "counter",
                        language=payment.language,
                        series=MAIL if by_mail else COUNTER,
                    )
            self._bank(session, day, total(payment.amount for payment in payments), payments[0].source.id)
            # These receipts went out long ago.
            session.execute(_FORGET_MAIL)

    def _bank(self, session: Session, day: date, amount: Money, first: str) -> None:
        """Taken to the bank the same day, when there were no drawers yet: no vault holds any of it."""
        roles = self.city.roles
        lines = (
            Line(roles.bank, roles.pooled_cash_fund, amount),
            Line(roles.cash_on_hand, roles.pooled_cash_fund, -amount),
        )
        source = Source("cash_before_drawers", f"{day}:{first}", "bank")
        ledger.post(session, JournalDraft("bank-deposit", source, day, self.actor_id, lines), business_day=day)


def _groups(payments: Iterable[PastPayment]) -> Iterable[list[PastPayment]]:
    left = iter(payments)
    while group := list(islice(left, AT_ONCE)):
        yield group
