"""What working with statements needs, and the steps that write a match and book what none of ours explains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.banks import BankCategory
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions
from accounts.ledger.rules import JournalDraft, Source
from accounts.ledger.service import post
from accounts.money import ZERO, Money
from payments.bank_statements.lists import StatementLine
from payments.bank_statements.models import BankMatch, BankMatchedJournal, BankMatchedLine, BankMatchPart
from payments.bank_statements.pairing import OurSide
from payments.bank_statements.rules import Chart, NotBooked, WrongCategory, booked_lines, fits

BOOKED = "booked"
_NUMBER = text("SELECT count(*) FROM bank_matches WHERE line_id = :line")


@dataclass(frozen=True)
class BankDesk:
    """All that working with statements needs."""

    sessions: Sessions
    clock: Clock
    city: City

    @property
    def today(self) -> date:
        return self.clock.today()

    def category(self, code: str, amount: Money) -> BankCategory:
        """A name for a line of this amount; raises :class:`WrongCategory`."""
        found = self.city.bank_policy(self.today).category(code)
        if found is None or not fits(found.direction, amount):
            raise WrongCategory(f"no category {code!r} for this line", category=code)
        return found

    @property
    def chart(self) -> Chart:
        roles = self.city.roles
        return Chart(roles.pooled_cash_fund, roles.due_to_funds, dict(roles.claim_on_pooled_cash))


@dataclass(frozen=True)
class Booked:
    """The part of a line that none of ours explains, and the journal that it became."""

    journal_id: int | None = None
    amount: Money = ZERO
    category: str = ""


@dataclass(frozen=True)
class Pen:
    """Writes for one line, in one transaction, in one name."""

    session: Session
    desk: BankDesk
    line: StatementLine
    actor_id: int

    def book(self, category: str, amount: Money, day: date) -> Booked:
        """Step: a journal of the line, or of a part of it; raises ``WrongCategory`` and ``NotBooked``."""
        named: BankCategory = self.desk.category(category, amount)
        if not named.ledger_account:
            raise NotBooked(f"{named.code} is only named", category=named.code)
        line, city = self.line, self.desk.city
        fund = city.ledger_account(named.ledger_account).fund
        number = self.session.execute(_NUMBER, {"line": line.id}).scalar_one() + 1
        draft = JournalDraft(
            kind="bank-entry",
            source=Source("bank_line", str(line.id), f"book-{number}"),
            effective_on=min(line.on, day),
            actor_id=self.actor_id,
            lines=booked_lines(amount, line.ledger_account, named.ledger_account, fund, self.desk.chart),
            memo=f"{named.code}: bank line {line.id}",
        )
        return Booked(post(self.session, draft, business_day=day), amount, category)

    def match(self, way: str, reason: str, ours: Sequence[OurSide], booked: Booked) -> int:
        """Step: the line is these of ours and what was booked; the match's id."""
        made = BankMatch(
            line_id=self.line.id, way=way, reason=reason.strip()[:500], category=booked.category,
            made_by=self.actor_id, made_at=self.desk.clock.now(),
        )  # fmt: skip
        self.session.add(made)
        self.session.flush()
        parts = [(one.kind, one.subject, journal, Money(cents)) for one in ours for journal, cents in one.journals]
        if booked.journal_id is not None:
            parts.append((BOOKED, str(self.line.id), booked.journal_id, booked.amount))
        self.session.add(BankMatchedLine(line_id=self.line.id, match_id=made.id))
        for kind, subject, journal, amount in parts:
            self.session.add(
                BankMatchPart(match_id=made.id, journal_id=journal, kind=kind, subject=subject, amount_cents=amount)
            )
            self.session.add(
                BankMatchedJournal(journal_id=journal, ledger_account=self.line.ledger_account, match_id=made.id)
            )
        self.session.flush()
        return made.id
