"""A small city in which anything may happen in any order, and what must be true once it is quiet again."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from accounts import kill_points
from accounts.actors.service import SYSTEM, actor_id
from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.money import Money
from payments.baskets import service as baskets
from payments.baskets.queries import basket
from payments.baskets.rules import basket_total, surplus_key, told_of
from payments.checkout import service as checkout
from payments.settlements.service import settle
from payments.sweeps.service import deep, frequent
from payments.terms import checkout_rules
from portal.verify import verify
from sandbox.deliveries import signature
from tests.portal.scene import Known, Scene
from tests.sandbox_server import WEBHOOK_SECRET, pay_hosted_page

GOOD, DECLINED, ASKED = "4242424242424242", "4000000000000002", "4000002760003184"
POINTS = ("K1", "K2", "K4", "K5", "K6", "K7", "K8", "K9")
FAULTS = ("before", "after", "cut", "empty_200", "500_after", "409", "429")


class Killed(BaseException):
    """The process died here: nothing after this point happens, and nothing catches it."""


@dataclass
class Payer:
    """Somebody with a basket of one account, and the page that they were sent to, if any."""

    known: Known
    basket_token: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    token: str = ""
    url: str = ""


@dataclass
class World:
    """The acts of people, processor and clock. Each may fail as it would; only what is wrong raises."""

    scene: Scene
    payers: list[Payer] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def opens(self, payer: Payer, cents: int | None = None) -> None:
        """Presses "Go to the payment page" (again)."""
        self._step("open", lambda: self._open(payer, cents))

    def new_payer(self, known: Known) -> Payer:
        """Another person (or another browser) with the same bill."""
        payer = Payer(known)
        self.payers.append(payer)
        return payer

    def types_card(self, payer: Payer, card: str, *, authenticate: bool = True) -> None:
        """At the processor's page, if they have one that still takes a card."""

        def act() -> None:
            try:
                pay_hosted_page(payer.url, card, authenticate=authenticate)
            except AssertionError:
                self.counts["not_paid"] += 1

        if payer.url and "/c/pay/" in payer.url:  # else they were led to their receipt: it was paid before
            self._step("card", act)

    def comes_back(self, payer: Payer) -> None:
        """Lands on the return page, in whatever browser."""
        if payer.token:
            self._step("return", lambda: self._get(f"/payments/{payer.token}/return"))

    def gives_up(self, payer: Payer) -> None:
        """Wants to change something."""
        if payer.token:
            self._step("give_up", lambda: checkout.give_up(self.scene.wired.desk(), payer.token))

    def resumes(self, payer: Payer) -> None:
        """Goes on by the same link."""

        def act() -> None:
            payer.url = checkout.resume(self.scene.wired.desk(), payer.token).url

        if payer.token:
            self._step("resume", act)

    def webhook(self, pick: int, times: int) -> None:
        """One of the processor's events arrives, once or several times, whenever and in whatever order."""

        def act() -> None:
            told = self.scene.sandbox.server.app.extensions["world"].store.find("event", limit=50)
            if told:
                body = json.dumps(told[pick % len(told)], indent=2).encode()
                for _ in range(times):
                    self._knock(body)

        self._step("webhook", act)

    def works(self) -> None:
        """The worker does what is queued; a job that fails stays queued."""
        self._step("work", self.scene.run_jobs)

    def sweeps(self, *, deeply: bool = False) -> None:
        """The sweep of every two minutes, or of the night."""
        desk = self.scene.wired.desk()
        self._step("sweep", lambda: deep(desk, 30) if deeply else frequent(desk))

    def time_passes(self, minutes: int) -> None:
        """For us and for the processor."""
        self.counts["clock"] += 1
        self.scene.clock.advance(minutes=minutes)
        self.scene.sandbox.advance(seconds=int(timedelta(minutes=minutes).total_seconds()))

    def processor_fails(self, fault: str, times: int) -> None:
        """The next calls of the processor go wrong in some way."""
        self.counts["fault"] += 1
        self.scene.sandbox.fault(fault, count=times)

    def dies_at(self, point: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """The next process that reaches this point dies there."""

        def reached(name: str) -> None:
            if name == point:
                monkeypatch.setattr(kill_points, "reached", lambda name: None)
                raise Killed

        monkeypatch.setattr(kill_points, "reached", reached)

    def quiesce(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The storm is over: what was queued is done, and the sweeps of two days have run."""
        monkeypatch.setattr(kill_points, "reached", lambda name: None)
        self.scene.sandbox.server.app.extensions["faults"].clear()
        for minutes in (3, 65, 26 * 60, 8 * 60):
            self.time_passes(minutes)
            self.scene.run_jobs()
            frequent(self.scene.wired.desk())
            self.scene.run_jobs()
        assert frequent(self.scene.wired.desk()).clean
        assert deep(self.scene.wired.desk(), 30).clean

    def prove(self) -> None:
        """What must be true of every storm."""
        scene = self.scene
        paid = {
            intent.id: intent.amount_received
            for intent in scene.sandbox.client().v1.payment_intents.list({"limit": 100}).data
            if intent.status == "succeeded"
        }
        per_attempt = scene.sandbox.charges_by_attempt()
        assert all(count == 1 for count in per_attempt.values()), f"charged twice: {per_attempt}"
        rows = scene.rows("SELECT tender_reference AS ref, amount_cents + fee_cents AS cents FROM payments")
        assert {row.ref: row.cents for row in rows} == paid, "the books and the processor differ"
        assert scene.scalar("SELECT count(*) FROM receipts") == len(paid)
        mails = scene.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'receipt_issued'")
        assert mails == len(paid)
        for row in scene.rows(
            "SELECT series, max(number) AS most, count(*) AS count, count(DISTINCT number) AS distinct_count"
            " FROM receipts GROUP BY series, year"
        ):
            assert row.most == row.count == row.distinct_count, f"a gap in series {row.series}"
        lost = scene.rows(
            "SELECT id, state FROM attempts WHERE state IN ('sending', 'open', 'processing', 'unknown')"
        )
        assert lost == [], "attempts that never end"
        assert scene.scalar("SELECT count(*) FROM pending_payments") == 0
        assert scene.scalar("SELECT count(*) FROM processor_events WHERE state = 'received'") == 0
        with reading(scene.sessions) as session:
            wrong = [violation for check in verify(session) for violation in check.violations]
        assert wrong == []
        assert scene.sandbox.violations() == []

    def _step(self, name: str, act: Callable[[], object]) -> None:
        self.counts[name] += 1
        try:
            act()
        except DomainError as refusal:
            self.counts[f"refused_{type(refusal).__name__}"] += 1
        except Killed:
            self.counts["crash"] += 1

    def _open(self, payer: Payer, cents: int | None) -> None:
        scene = self.scene
        bounds = baskets.Bounds(Money(1), Money(10_000_00))
        baskets.put(scene.sessions, payer.basket_token, payer.known.id, bounds=bounds)
        if cents is not None:
            baskets.choose(
                scene.sessions,
                payer.basket_token,
                payer.known.id,
                baskets.Choice("other", Money(cents)),
                bounds=bounds,
                today=scene.today,
            )
        with transaction(scene.sessions) as session:
            actor = actor_id(session, SYSTEM)
            shown = basket(session, payer.basket_token, scene.today, scene.clock.now())
        rules = checkout_rules(scene.wired.city(), basket_total(shown), scene.today)
        told = frozenset(int(str(one["pending"])) for one in told_of(shown))
        total = basket_total(shown) + rules.fee.amount
        command = checkout.Start(
            payer.basket_token,
            "en",
            "ana@example.com",
            "http://localhost",
            total,
            actor,
            told=told,
            surplus=surplus_key(one.surplus for one in shown),
        )
        payer.token = payer.url = ""
        try:
            leaving = checkout.start(scene.wired.desk(), command, rules)
        except checkout.PaymentNotSent as refusal:
            payer.token = str(refusal.facts["token"])
            raise
        payer.token, payer.url = leaving.token, leaving.url

    def _get(self, path: str) -> None:
        answer = self.scene.app.test_client().get(path, follow_redirects=True)
        assert answer.status_code == 200, f"{path}: {answer.status}"

    def _knock(self, body: bytes) -> None:
        headers = {"Stripe-Signature": signature(body, WEBHOOK_SECRET)}
        answer = self.scene.app.test_client().post("/webhooks/processor", data=body, headers=headers)
        assert answer.status_code == 200

    def settles(self, payer: Payer) -> None:
        """Somebody asks for the payment's state at this very moment."""
        attempt = self.scene.scalar("SELECT id FROM attempts WHERE token = :token", token=payer.token)
        if attempt:
            self._step("settle", lambda: settle(self.scene.wired.desk(), attempt))
