"""The last days at the made-up city's counter: what people asked, what was done, what waits for somebody.

All of it through the use cases that the pages call, by the colleagues who are shown on ``/demo``: so the inboxes, the
timeline of an account and the audit have something true to show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from sqlalchemy import text

from accounts.adjustments.commands import Adjust, ByLines, StatedLine, Waive
from accounts.approvals import service as approvals
from accounts.approvals.rules import Command
from accounts.clock import FixedClock
from accounts.contacts import service as contacts
from accounts.contacts.rules import FollowUpKind, NewContact, NewFollowUp
from accounts.database import reading
from accounts.fees.rules import PostFee
from accounts.money import Money
from accounts.staff.rules import Authority
from demo.colleagues import CHIEF, CLERK, SECOND, Colleagues
from payments.moves.rules import Move
from portal.acts import acts_under

_LATE = text("""
    SELECT a.id, p.id, p.amount_cents, w.id, w.amount_cents
      FROM customer_accounts a
      JOIN charges p ON p.customer_account_id = a.id AND p.kind = 'penalty' AND p.open_cents = p.amount_cents
      JOIN charges w ON w.customer_account_id = a.id AND w.kind = 'service' AND w.revenue_line = 'water'
       AND w.open_cents = w.amount_cents AND w.source_system = 'ventanilla'
     WHERE a.kind = 'utility' AND a.system_of_record = 'ventanilla' AND NOT a.is_protected
       AND w.amount_cents > 3000
     ORDER BY a.id DESC, p.id, w.id""")
_PAID = text("""
    SELECT p.id, met.account, p.amount_cents
      FROM payments p
     CROSS JOIN LATERAL (
           SELECT min(c.customer_account_id) AS account, count(DISTINCT c.customer_account_id) AS accounts
             FROM allocations l JOIN charges c ON c.id = l.charge_id WHERE l.journal_id = p.journal_id) met
     WHERE met.accounts = 1 AND p.tender = 'check' AND p.amount_cents BETWEEN 4000 AND 15000
     ORDER BY p.id DESC LIMIT 1""")


@dataclass(frozen=True)
class _Late:
    """A house with a penalty and an unpaid water charge."""

    account: int
    penalty: int
    penalty_cents: int
    water: int
    water_cents: int


def work(people: Colleagues) -> None:
    """Two days of work in a city that has its accounts and its people."""
    with reading(people.sessions) as session:
        found: dict[int, _Late] = {}
        for row in session.execute(_LATE):
            found.setdefault(row[0], _Late(*row))
    _Counter(people, list(found.values())).worked()


@dataclass
class _Counter:
    people: Colleagues
    late: Sequence[_Late]

    def worked(self) -> None:
        self._talk()
        self._act()
        self._wait()

    def _at(self, days_ago: int, hour: int, minute: int = 0) -> FixedClock:
        return self.people.at(days_ago, hour, minute)

    def _person(self, handle: str) -> Authority:
        return self.people.person(handle)

    def _talk(self) -> None:
        """Calls, a note for whoever opens the account next, and what was left to be followed up."""
        ana, policy = self._person(CLERK), self.people.ruling.city.desk_policy(self.people.clock.today())
        first, second, third, *_ = self.late
        contacts.add_note(
            self.people.sessions, ana, first.account, "Big dog in the yard: ring before you read the meter.",
            clock=self._at(6, 10, 5), pinned=True,
        )  # fmt: skip
        today = self.people.clock.today()
        yesterday = today - timedelta(days=1)
        call = NewContact(
            "phone", "past-due", "bill-code", "open", "es", text="Asked for two weeks. Is paid on the 1st."
        )
        contacts.log_contact(
            self.people.sessions, ana, policy, first.account, call, clock=self._at(3, 9, 20),
            follow_up=NewFollowUp("See whether she has paid.", yesterday, for_actor_id=ana.actor_id),
        )  # fmt: skip
        visit = NewContact("counter", "leak", "photo-id", "handed-off", "en", text="Wet spot at the meter box.")
        hand_off = NewFollowUp("Look for a leak at the meter.", today, FollowUpKind.HAND_OFF, for_division="field")
        contacts.log_contact(
            self.people.sessions, ana, policy, second.account, visit, clock=self._at(1, 14, 40), follow_up=hand_off
        )
        mail = NewContact("e-mail", "bill", "known-sender", "answered", "en", text="Explained the winter rate.")
        contacts.log_contact(self.people.sessions, ana, policy, third.account, mail, clock=self._at(1, 15, 10))

    def _act(self) -> None:
        """Done alone within a limit, and one that the supervisor approved."""
        first, second, third, *_ = self.late
        self._asks(
            CLERK,
            PostFee(customer_account_id=second.account, rate="meter-test"),
            "She asked for a test.",
            self._at(1, 14),
        )
        forgiven = Waive(
            charge_id=first.penalty, amount_cents=min(first.penalty_cents, 20_00), reason_code="first-time"
        )
        self._asks(CLERK, forgiven, "First time late in nine years.", self._at(1, 15))
        agreed = self._asks(CLERK, self._misread(third, 3), "The photo shows 3 CCF less.", self._at(1, 15, 30))
        approvals.approve(
            self.people.sessions, acts_under(self.people.ruling), agreed, self._person(CHIEF), clock=self._at(1, 16),
            reason="Seen on the photo.",
        )  # fmt: skip

    def _wait(self) -> None:
        """For a second person: a correction, a fee above the limit, a payment that went to the wrong house."""
        *_, fourth, fifth, sixth = self.late[:6]
        self._asks(CLERK, self._misread(fourth, 5), "Estimated too high; read again on Friday.", self._at(2, 11))
        locks = PostFee(customer_account_id=fifth.account, rate="cut-lock", quantity=3)
        self._asks(CLERK, locks, "Three locks cut since October.", self._at(1, 10))
        with reading(self.people.sessions) as session:
            payment, paid_on, cents = session.execute(_PAID).one()
        wrong = Move(
            payment_id=payment, from_account_id=paid_on, to_account_id=sixth.account, amount_cents=min(cents, 40_00)
        )
        self._asks(SECOND, wrong, "His check names the house next door.", self._at(0, 8, 15))

    def _misread(self, at: _Late, ccf: int) -> Adjust:
        line = StatedLine(label="CCF that did not run", quantity=Decimal(ccf), rate=Decimal("-2.50"))
        cents = Money.rounded(line.quantity * line.rate).cents
        return Adjust(by=ByLines(charge_id=at.water, amount_cents=cents, reason_code="misread", lines=(line,)))

    def _asks(self, handle: str, command: Command, reason: str, when: FixedClock) -> int:
        outcome = approvals.propose(
            self.people.sessions, acts_under(self.people.ruling), command, self._person(handle), reason=reason,
            clock=when,
        )  # fmt: skip
        return outcome.proposal_id
