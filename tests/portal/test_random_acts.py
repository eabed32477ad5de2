"""Acts of two people in any order, agreed to late or never: no account loses or gains a cent, and the books prove."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from accounts.adjustments.commands import Adjust, ByLines, StatedLine, TakeBack, Waive
from accounts.approvals import service as approvals
from accounts.approvals.rules import Command
from accounts.approvals.service import Done
from accounts.clock import FixedClock
from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.fees.rules import PostFee
from accounts.money import ZERO, Money
from payments.moves.queries import holdings
from payments.moves.rules import Move
from tests.database import TestDatabase
from tests.factories.desk import Desk, open_desk

PICK = st.integers(0, 99)
CENTS = st.integers(1, 150_00)
FAIR = st.sampled_from([True, True, True, False])
LINES = {
    "utility": (("water", "service"), ("refuse", "service"), ("utility-fees", "penalty"), ("utility-fees", "fee")),
    "license": (("business-license", "tax"), ("state-disability-fee", "fee"), ("license-penalties", "penalty")),
    "citation": (("parking", "fine"),),
}
KINDS = ("utility", "utility", "license", "citation")


class Counter(RuleBasedStateMachine):
    """``db`` is given by the test; each example has books of its own, and a model of what accounts ask and have."""

    db: TestDatabase
    outcomes: dict[str, int]

    @initialize()
    def open_the_counter(self) -> None:
        self.db.empty()
        self.desk: Desk = open_desk(self.db.sessions, FixedClock())
        self.clerk = self.desk.person("clara", "clerk")
        self.checkers = [self.desk.person("sofia", "supervisor"), self.desk.person("fred", "finance")]
        self.accounts = [(kind, self.desk.account(kind)) for kind in KINDS]
        self.asked = {account: 0 for _, account in self.accounts}
        self.has = dict(self.asked)
        self.payments: list[int] = []
        self.made: list[int] = []
        self.waiting: list[tuple[int, Command]] = []

    @rule(pick=PICK, line=PICK, cents=CENTS, days=st.integers(-40, 40))
    def bill(self, pick: int, line: int, cents: int, days: int) -> None:
        kind, account = self.accounts[pick % len(self.accounts)]
        code, charge_kind = LINES[kind][line % len(LINES[kind])]
        external = "tickets" if kind == "citation" else ""
        with transaction(self.desk.sessions) as session:
            self.desk.charge(session, account, (code, charge_kind, cents), days=days, external=external)
        self.asked[account] += cents

    @rule(picks=st.lists(PICK, min_size=1, max_size=2), cents=CENTS)
    def pay(self, picks: list[int], cents: int) -> None:
        amounts = {self.accounts[pick % len(self.accounts)][1]: Money(cents + pick) for pick in picks}
        self.payments.append(self.desk.pay(amounts).payment_id)
        for account, amount in amounts.items():
            self.has[account] += amount.cents

    @rule(pick=PICK, quantity=st.integers(1, 2))
    def fee(self, pick: int, quantity: int) -> None:
        account = self.accounts[pick % len(self.accounts)][1]
        self.ask(PostFee(customer_account_id=account, rate="cut-lock", quantity=quantity))

    @rule(pick=PICK, cents=CENTS, beyond=st.booleans(), fair=FAIR)
    def waive(self, pick: int, cents: int, *, beyond: bool, fair: bool) -> None:
        """Fair: a fee or a penalty, and no more than it asks."""
        found = [one for one in self.charges() if not fair or (one[1] in {"fee", "penalty"} and one[2])]
        if found:
            charge, _, asked = found[pick % len(found)]
            cents = min(cents, asked) if fair else cents
            waive = {"charge_id": charge, "amount_cents": cents, "reason_code": "city-error"}
            self.ask(Waive.model_validate({**waive, "beyond_count": beyond}))

    @rule(pick=PICK, cents=st.integers(-150_00, 80_00))
    def adjust(self, pick: int, cents: int) -> None:
        found = self.charges()
        if found:
            line = StatedLine(label="x", rate=Decimal(cents).scaleb(-2))
            by = {"charge_id": found[pick % len(found)][0], "amount_cents": cents, "reason_code": "other"}
            self.ask(Adjust(by=ByLines(**by, lines=(line,))))

    @precondition(lambda self: self.made)
    @rule(pick=PICK)
    def take_back(self, pick: int) -> None:
        self.ask(Adjust(by=TakeBack(adjustment_id=self.made[pick % len(self.made)])))

    @precondition(lambda self: self.payments)
    @rule(pick=PICK, source=PICK, to=PICK, cents=CENTS, fair=FAIR)
    def move(self, pick: int, source: int, to: int, cents: int, *, fair: bool) -> None:
        """Fair: from where the money is, and no more than is there."""
        payment, reaches = self.payments[pick % len(self.payments)], self.accounts[to % len(self.accounts)][1]
        leaves = self.accounts[source % len(self.accounts)][1]
        with reading(self.desk.sessions) as session:
            held = [one for one in holdings(session, payment) if one.total > ZERO]
        if fair and held:
            one = held[source % len(held)]
            leaves, cents = one.account_id, min(cents, one.total.cents)
        move = {"payment_id": payment, "from_account_id": leaves, "to_account_id": reaches, "amount_cents": cents}
        self.ask(Move.model_validate(move))

    @precondition(lambda self: self.waiting)
    @rule(pick=PICK, how=st.sampled_from(["approve", "approve", "approve", "reject", "withdraw"]), who=PICK)
    def decide(self, pick: int, how: str, who: int) -> None:
        self.decide_on(pick, how, who)

    def decide_on(self, pick: int, how: str, who: int) -> None:
        proposal, command = self.waiting.pop(pick % len(self.waiting))
        by, clock, sessions = self.checkers[who % len(self.checkers)], self.desk.clock, self.desk.sessions
        if how == "approve":
            self.attempt(lambda: self.desk.approve(by, proposal), command)
        elif how == "reject":
            self.attempt(
                lambda: approvals.reject(self.desk.sessions, proposal, by, clock=clock, reason="no"), command
            )
        else:
            approvals.withdraw(sessions, proposal, self.clerk, clock=clock)

    @rule(days=st.integers(1, 200))
    def time_passes(self, days: int) -> None:
        self.desk.clock.advance(days=days)

    def charges(self) -> list[tuple[int, str, int]]:
        """(Id, kind, what it asks in cents)."""
        return self.desk.rows(
            """SELECT id, kind, amount_cents + coalesce((SELECT sum(amount_cents) FROM adjustments
                                                          WHERE charge_id = c.id), 0)::bigint
                 FROM charges c ORDER BY id"""
        )

    def ask(self, command: Command) -> None:
        """Half of the acts that must wait are agreed to at once, the others some day."""
        waited = len(self.waiting)
        self.attempt(lambda: self.desk.propose(self.clerk, command), command)
        if len(self.waiting) > waited and self.waiting[-1][0] % 2:
            self.decide_on(waited, "approve", 1)

    def attempt(self, act: Any, command: Command) -> None:
        """Do it; what is refused leaves the money as it was."""
        before = {**self.desk.books(), "proposal_decisions": 0}
        try:
            done = act()
        except DomainError as refusal:
            assert {**self.desk.books(), "proposal_decisions": 0} == before
            self.count(type(refusal).__name__)
            return
        if isinstance(done, Done):
            self.remember(command, done)
            self.count(type(command).__name__)
        elif done is not None:
            self.waiting.append((done.proposal_id, command))

    def remember(self, command: Command, done: Done) -> None:
        """What it means for the model."""
        if isinstance(command, Move):
            self.has[command.from_account_id] -= command.amount_cents
            self.has[command.to_account_id] += command.amount_cents
            return
        self.made += done.outcome.get("adjustment_ids", [])
        account = self.desk.rows("SELECT customer_account_id FROM proposals WHERE id = :id", id=done.proposal_id)[0][
            0
        ]
        self.asked[account] += done.effect.cents

    def count(self, what: str) -> None:
        self.outcomes[what] = self.outcomes.get(what, 0) + 1

    def teardown(self) -> None:
        if not hasattr(self, "desk"):
            return
        for _, account in self.accounts:
            owed = sum(left for _, _, left in self.desk.charges(account))
            assert owed - self.desk.credit(account) == self.asked[account] - self.has[account]
        self.desk.prove()


@pytest.mark.long
def test_whatever_two_people_do_the_books_prove(db: TestDatabase) -> None:
    Counter.db, Counter.outcomes = db, {}
    run_state_machine_as_test(  # type: ignore[no-untyped-call]
        Counter,
        settings=settings(
            max_examples=12,
            stateful_step_count=40,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),
            suppress_health_check=list(HealthCheck),
        ),
    )
    done = Counter.outcomes
    assert {"PostFee", "Waive", "Adjust", "Move"} <= set(done), done
    assert {"WorldChanged", "MoreThanAsked", "NotOurs"} <= set(done), done
