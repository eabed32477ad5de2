"""From the payer's card to the bank, with a real processor beside it: pages, the hourly job, the command line."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from accounts import kill_points
from accounts.clock import SystemClock
from accounts.database import transaction
from accounts.money import Money
from payments.gateway.base import Busy, Refused, Unheard
from payments.gateway.payouts import MovementTruth
from payments.gateway.stripe import StripeGateway
from payments.payouts import queries
from payments.payouts.service import LOOK_BACK, PayoutDesk, read_payouts
from portal import jobs, queue
from portal.cli import main
from portal.config import CHECKOUT
from portal.jobs import Night
from tests.factories.paid_out import PAYOUT_TERMS
from tests.portal.scene import PROOF_KEY, Scene, add, leave
from tests.sandbox_server import Sandbox, pay_hosted_page

pytestmark = pytest.mark.long

NET, GROSS, FEES = Money(207_31), Money(214_12), Money(6_81)
"""$50.00 and $160.00 with the city's fees of $1.00 and $3.12; the processor keeps $1.78 and $5.03."""


@pytest.fixture
def paid(scene: Scene) -> Scene:
    """A water bill of $50.00 and a license of $160.00, paid on the processor's page; four days went by since."""
    for kind, cents in (("utility", 50_00), ("license", 160_00)):
        guest = scene.guest()
        add(guest, scene.open(kind, cents))
        guest.land(pay_hosted_page(leave(guest)))
    pass_days(scene, 4)
    return scene


def pass_days(scene: Scene, days: int) -> None:
    scene.sandbox.advance(days=days)
    scene.clock.advance(days=days)


def balances(scene: Scene) -> tuple[int, ...]:
    """Bank, clearing, fees, suspense."""
    sql = (
        "SELECT coalesce(sum(p.amount_cents), 0)::bigint FROM postings p"
        " JOIN ledger_accounts a ON a.id = p.ledger_account_id WHERE a.code = :code"
    )
    return tuple(int(scene.scalar(sql, code=code)) for code in ("990-1010", "990-1020", "100-5100", "990-2095"))


def payout_of(scene: Scene) -> Any:
    return scene.sandbox.client().v1.payouts.list({"limit": 1}).data[0]


def test_the_hour_after_a_payout_arrived(paid: Scene) -> None:
    assert balances(paid) == (0, GROSS.cents, 0, 0)
    said = Night(paid.wired).payouts()
    assert said == "payouts: 1 looked at, 1 posted; 3 movements read, 0 moved out of suspense"
    assert balances(paid) == (NET.cents, 0, FEES.cents, 0)
    assert Night(paid.wired).payouts().startswith("payouts: 1 looked at, 0 posted")
    with paid.sessions() as session:
        (line,) = queries.payouts(session)
    assert (line.net, line.gross, line.fees, line.residual, line.problems) == (NET, GROSS, FEES, Money(0), ())
    assert line.trace_id == payout_of(paid).trace_id.value


def test_a_payout_fails_days_after_it_was_paid_and_its_money_comes_later(paid: Scene) -> None:
    Night(paid.wired).payouts()
    failed = payout_of(paid).id
    paid.sandbox.post("/payouts/fail", payout=failed, failure_code="account_closed")
    (told,) = paid.sandbox.client().v1.events.list({"type": "payout.failed"}).data
    assert told.data.object.failure_balance_transaction
    queue_app = queue.queue_app(paid.db.app_url)
    jobs.register(queue_app, paid.app)
    queue_app.tasks["payout_changed"](payout_id=failed)
    assert balances(paid) == (0, GROSS.cents, 0, 0)
    pass_days(paid, 3)
    Night(paid.wired).payouts()
    assert balances(paid) == (NET.cents, 0, FEES.cents, 0)
    kinds = paid.rows("SELECT kind, subject FROM exception_lines")
    assert [tuple(row) for row in kinds] == [("payout-failed", failed)]


def test_movements_of_every_sort(paid: Scene) -> None:
    Night(paid.wired).payouts()
    for kind, amount, fee in (("stripe_fee", -2_00, 0), ("adjustment", -30_00, 15_00), ("contribution", -50, 0)):
        paid.sandbox.post("/movements", type=kind, amount=amount, fee=fee)
    paid.sandbox.post("/payouts/debits", allowed=True)
    pass_days(paid, 4)
    Night(paid.wired).payouts()
    assert balances(paid) == (NET.cents - 47_50, 0, FEES.cents + 2_00, 45_50)
    kinds = paid.rows("SELECT kind, evidence ->> 'type' AS type FROM exception_lines ORDER BY type")
    assert [tuple(row) for row in kinds] == [
        ("payout-unknown-movement", "adjustment"),
        ("payout-unknown-movement", "contribution"),
    ]


def test_a_payout_by_hand_is_named(paid: Scene) -> None:
    Night(paid.wired).payouts()
    guest = paid.guest()
    add(guest, paid.open("citation", 40_00))
    guest.land(pay_hosted_page(leave(guest), "4000000000000077"))
    by_hand = paid.sandbox.post("/payouts/by-hand")["id"]
    pass_days(paid, 2)
    Night(paid.wired).payouts()
    assert [tuple(row) for row in paid.rows("SELECT kind, subject FROM exception_lines")] == [
        ("payout-manual", by_hand)
    ]


def test_a_strangers_charge_is_the_sweeps_line_too(paid: Scene) -> None:
    orphan = paid.sandbox.post("/orphans", amount=12_00, session=False)
    pass_days(paid, 4)
    Night(paid.wired).payouts()
    rows = paid.rows("SELECT kind, subject FROM exception_lines")
    assert [tuple(row) for row in rows] == [("orphan", orphan["payment_intent"])]
    assert balances(paid)[1] == 0
    assert balances(paid)[3] == -12_00


def read_in_a_process(scene: Scene, kill_at: str = "") -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"],
        "MODE": "test",
        "DATABASE_URL": scene.db.app_url,
        "SECRET_KEY": "a secret key for tests, long enough to count",
        "PROOF_KEY": PROOF_KEY,
        "STRIPE_KEY": scene.sandbox.key,
        "STRIPE_WEBHOOK_SECRETS": scene.sandbox.webhook_secret,
        "STRIPE_API_BASE": scene.sandbox.url,
        "KILL_AT": kill_at,
        "CLOCK_AHEAD": str(max(0, int((scene.clock.now() - SystemClock().now()).total_seconds()))),
    }
    command = [sys.executable, "-m", "portal.cli", "payouts", "--read"]
    return subprocess.run(
        command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_process_that_dies_in_the_middle_is_finished_by_the_next(paid: Scene) -> None:
    died = read_in_a_process(paid, "K12")
    assert died.returncode == kill_points.EXIT_CODE, died.stderr
    assert paid.scalar("SELECT count(*) FROM payout_movements") == 3
    assert paid.scalar("SELECT count(*) FROM payout_bookings") == 0
    assert balances(paid) == (0, GROSS.cents, 0, 0)
    finished = read_in_a_process(paid)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.startswith("payouts: 1 looked at, 1 posted")
    assert payout_of(paid).id in finished.stdout
    assert balances(paid) == (NET.cents, 0, FEES.cents, 0)
    assert "1 looked at, 0 posted" in read_in_a_process(paid).stdout
    assert paid.scalar("SELECT count(*) FROM journals WHERE kind = 'payout'") == 1


def test_the_command_line_shows_the_list_and_one_by_type(
    paid: Scene, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MODE", "test")
    monkeypatch.setenv("DATABASE_URL", paid.db.app_url)
    Night(paid.wired).payouts()
    payout_id = payout_of(paid).id
    assert main(["payouts"]) == 0
    head, row, count = capsys.readouterr().out.splitlines()
    assert head.split() == ["payout", "status", "arrives", "net", "gross", "fees", "residual", "journal", "problems"]
    assert row.split()[0:2] == [payout_id, "paid"]
    assert row.split()[3:7] == ["207.31", "214.12", "6.81", "0.00"]
    assert count == "1 payouts."
    paid.sandbox.post("/payouts/fail", payout=payout_id)
    Night(paid.wired).payouts()
    assert main(["payouts", payout_id]) == 0
    shown = capsys.readouterr().out
    assert "charge" in shown
    assert "214.12         6.81         207.31" in shown
    assert "taken back" in shown
    assert "problem: payout-failed" in shown
    assert main(["payouts", "po_none"]) == 1


def test_the_gateway_reads_what_stripe_writes(paid: Scene) -> None:
    gateway = paid.wired.gateway
    (payout,) = gateway.payouts(paid.clock.now() - LOOK_BACK)
    assert gateway.payout(payout.id) == payout
    assert (payout.amount, payout.status, payout.automatic) == (NET, "paid", True)
    assert list(gateway.payouts(paid.clock.now() + timedelta(hours=1))) == []
    parts = list(gateway.movements_of(payout.id))
    own = next(part for part in parts if part.type == "payout")
    assert (own.source_id, own.amount, own.payment_intent_id) == (payout.id, -NET, "")
    charges: list[MovementTruth] = [part for part in parts if part.type == "charge"]
    known = {row.tender_reference for row in paid.rows("SELECT tender_reference FROM payments")}
    assert {charge.payment_intent_id for charge in charges} == known
    assert all(charge.charge_id.startswith("ch_") and charge.net == charge.amount - charge.fee for charge in charges)
    assert set(gateway.movements(paid.clock.now() - LOOK_BACK)) == set(parts)
    with pytest.raises(Refused):
        gateway.payout("po_none")


def test_errors_are_those_of_every_other_call(sandbox: Sandbox) -> None:
    gateway = StripeGateway(sandbox.key, [sandbox.webhook_secret], sandbox.url)
    now = datetime.fromtimestamp(sandbox.now(), UTC)
    calls: list[Callable[[], object]] = [
        lambda: list(gateway.payouts(now)),
        lambda: list(gateway.movements(now)),
    ]
    for kind, meant in (("500_after", Unheard), ("empty_200", Unheard), ("cut", Unheard), ("429", Busy)):
        for call in calls:
            sandbox.fault(kind, match="GET /v1/", count=2)
            with pytest.raises(meant):
                call()
            sandbox.server.app.extensions["faults"].clear()


def test_no_call_leaves_while_a_transaction_is_open(paid: Scene) -> None:
    gateway, now = paid.wired.gateway, paid.clock.now()
    calls: list[Callable[[], object]] = [
        lambda: gateway.payout("po_1"),
        lambda: list(gateway.payouts(now)),
        lambda: list(gateway.movements(now)),
        lambda: list(gateway.movements_of("po_1")),
    ]
    for call in calls:
        with transaction(paid.sessions), pytest.raises(RuntimeError, match="inside a transaction"):
            call()


def test_a_hundred_and_more_movements_come_page_by_page(paid: Scene) -> None:
    for n in range(205):
        paid.sandbox.post("/movements", type="stripe_fee", amount=-1 - n)
    desk: PayoutDesk = paid.wired.payout_desk()
    assert read_payouts(desk, paid.clock.now() - LOOK_BACK).movements == 208
    assert paid.scalar("SELECT count(*) FROM payout_movements") == 208
    assert desk.terms.suspense != PAYOUT_TERMS.suspense
