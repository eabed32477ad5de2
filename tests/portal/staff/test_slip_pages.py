"""What the customer gets: paper from a printer that may be away, a page of 80 mm, a letter, mail; and a void."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest

from accounts.money import Money
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.tills import Counter, open_counter

KICK = b"\x1bp"


@dataclass
class Paper:
    """A printer that keeps each slip it was sent."""

    listener: socket.socket
    slips: list[bytes] = field(default_factory=list)
    arrived: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def receive(self) -> None:
        while True:
            try:
                connection, _peer = self.listener.accept()
            except OSError:
                return
            with connection:
                slip = b""
                while part := connection.recv(4096):
                    slip += part
            self.slips.append(slip)
            self.arrived.release()


@pytest.fixture
def paper() -> Iterator[Paper]:
    listener = socket.create_server(("127.0.0.1", 0))
    made = Paper(listener)
    thread = threading.Thread(target=made.receive, daemon=True)
    thread.start()
    yield made
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


@pytest.fixture
def counter(scene: Scene) -> Counter:
    return open_counter(scene)


def with_printer(counter: Counter, address: str) -> None:
    """Till T1 has a printer there from now on."""
    ruling = counter.scene.wired.city()
    tills = tuple(
        till.model_copy(update={"printer": address}) if till.code == "T1" else till for till in ruling.city.tills
    )
    city = ruling.city.model_copy(update={"tills": tills})
    made = replace(ruling, city=city)
    counter.scene.wired.city = lambda: made  # type: ignore[method-assign]


def taken(counter: Counter, cents: int = 48_15, language: str = "en") -> int:
    """A bill paid in cash at the window; the receipt's id."""
    counter.look(counter.scene.open("utility", cents, language=language), "100")
    counter.rosa.submit(f"Take ${cents / 100:.2f}", expect=200, budget=60)
    return int(counter.scene.scalar("SELECT max(id) FROM receipts"))


def test_the_printer_gets_the_receipt_in_the_customers_language_and_opens_the_drawer(
    counter: Counter, paper: Paper
) -> None:
    with_printer(counter, paper.address)
    taken(counter, language="es")
    assert paper.arrived.acquire(timeout=5)
    (slip,) = paper.slips
    assert KICK in slip
    text = slip.decode("cp858", errors="replace")
    assert "Total pagado" in text
    assert "Cambio" in text
    assert "DUPLICADO" not in text


def test_a_printer_that_is_away_never_loses_the_sale(counter: Counter) -> None:
    with socket.create_server(("127.0.0.1", 0)) as gone:
        address = f"127.0.0.1:{gone.getsockname()[1]}"
    with_printer(counter, address)
    known = counter.scene.open("utility", 48_15)
    counter.look(known, "50")
    page = counter.rosa.submit("Take $48.15", expect=200, budget=60)
    assert "The receipt printer does not answer" in page.text
    assert page.soup.select_one('a[href$="/print"]') is not None
    assert counter.scene.balance(known) == Money(0)


def test_a_sale_sent_twice_is_printed_once(counter: Counter, paper: Paper) -> None:
    with_printer(counter, paper.address)
    taken(counter)
    assert paper.arrived.acquire(timeout=5)
    action, data = counter.rosa.filled_last
    counter.rosa.post(action, data, expect=303, budget=40)
    assert not paper.arrived.acquire(timeout=0.3)


def test_a_second_print_is_a_duplicate_and_written_down(counter: Counter) -> None:
    receipt = taken(counter)
    first = counter.rosa.get(f"/staff/receipts/{receipt}/print")
    assert "DUPLICATE" not in first.text
    assert "$51.85" in first.text
    assert not first.soup.select("article.slip table"), "no wide tables on a roll"
    second = counter.rosa.get(f"/staff/receipts/{receipt}/print")
    assert "DUPLICATE" in second.text
    acts = [row.act for row in counter.scene.rows(
        "SELECT act FROM audit_entries WHERE subject_kind = 'receipt' ORDER BY id")]  # fmt: skip
    assert acts == ["receipt-printed", "receipt-reprinted"]


def test_it_goes_by_mail_in_the_customers_language(counter: Counter) -> None:
    receipt = taken(counter, language="es")
    counter.rosa.get(f"/staff/receipts/{receipt}/mail")
    counter.rosa.submit("Send it", {"E-mail of the customer": "ana@example.com"}, budget=30)
    counter.scene.run_jobs()
    (mail,) = counter.scene.outbox.mails
    assert mail["To"] == "ana@example.com"
    assert mail["Content-Language"] == "es"


def test_a_receipt_with_a_hidden_account_is_not_there(counter: Counter) -> None:
    receipt = taken(counter)
    known = counter.scene.rows("SELECT id FROM customer_accounts ORDER BY id DESC LIMIT 1")[0].id
    counter.scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {known}")
    for part in ("", "/print", "/letter.pdf", "/mail", "/void"):
        counter.rosa.get(f"/staff/receipts/{receipt}{part}", expect=404)


def test_nobody_voids_what_they_took_and_another_does(counter: Counter) -> None:
    scene, receipt = counter.scene, taken(counter)
    both = staff_of(scene, "cashier", "supervisor", name="rosa")
    path = f"/staff/receipts/{receipt}/void"
    page = counter.rosa.get(path)
    assert "You took this money" in page.text
    counter.rosa.submit("See what it comes to", {"Why": "Paid the wrong bill."}, expect=200, budget=60)
    asked = counter.rosa.submit("Ask a second person", budget=60)
    assert asked.location.startswith("/staff/approvals/")
    assert scene.scalar("SELECT count(*) FROM payment_reversals") == 0
    samira = staff_of(scene, "supervisor", name="samira")
    samira.get(f"{asked.location}/approve", budget=30)
    samira.submit("Approve and do it", budget=60)
    rows = scene.rows("SELECT kind, amount_cents, drawer_id FROM payment_reversals")
    assert [tuple(row) for row in rows] == [("void", 48_15, counter.drawer)]
    assert "It does not count as paid" in counter.rosa.get(f"/staff/receipts/{receipt}").text
    assert both
    counter.window.desk.prove()


def test_a_supervisor_voids_alone_what_a_cashier_took(counter: Counter) -> None:
    scene, receipt = counter.scene, taken(counter)
    sofia = staff_of(scene, "supervisor", name="sofia")
    sofia.get(f"/staff/receipts/{receipt}/void")
    look = sofia.submit("See what it comes to", {"Why": "Paid twice."}, expect=200, budget=60)
    assert "$48.15" in look.text
    done = sofia.submit("Void it", budget=60)
    assert done.location == f"/staff/receipts/{receipt}"
    assert scene.scalar("SELECT count(*) FROM payment_reversals") == 1
    counter.window.desk.prove()


def test_money_on_its_way_is_named_before_more_is_taken(counter: Counter) -> None:
    scene, known = counter.scene, counter.scene.open("utility", 48_15)
    counter.look(known)
    scene.run_as_owner(
        "INSERT INTO pending_payments"
        " (customer_account_id, owner_kind, owner_id, amount_cents, created_at, expires_at)"
        f" VALUES ({known.id}, 'test', '1', 4815, now(), now() + interval '1 hour')"
    )
    page = counter.step("take", given="50", told="")
    assert page.status == 422
    assert "Money is on its way to" in page.text
    assert counter.counts()["payments"] == 0
    told = page.soup.select_one('input[name="told"]')
    assert told is not None
    assert counter.step("take", given="50", told=str(told["value"])).status == 200
