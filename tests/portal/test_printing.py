"""The receipt printer: what reaches its socket, in the customer's language; and a printer that is away."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from payments.receipts.rules import ReceiptPage
from portal.documents.receipt import receipt_view
from portal.documents.slip import COLUMNS, SlipRow, Style, slip_rows
from portal.printing import PrinterAway, print_slip, slip_bytes
from tests.payments.receipts.samples import ISSUED_AT, page, split_tenders
from tests.portal.scene import Scene, shipped_city

KICK, CUT, CODE_PAGE = b"\x1bp", b"\x1dV", b"\x1bt\x13"


@dataclass
class Paper:
    """A printer's socket that keeps what it was sent."""

    listener: socket.socket
    sent: bytearray = field(default_factory=bytearray)
    finished: threading.Event = field(default_factory=threading.Event)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.listener.getsockname()[1]}"

    def receive(self) -> None:
        connection, _peer = self.listener.accept()
        with connection:
            while part := connection.recv(4096):
                self.sent += part
        self.finished.set()


@pytest.fixture
def paper() -> Iterator[Paper]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        made = Paper(listener)
        threading.Thread(target=made.receive, daemon=True).start()
        yield made


def rows_of(scene: Scene, language: str = "en", found: ReceiptPage | None = None, **more: Any) -> tuple[SlipRow, ...]:
    with scene.app.app_context():
        view = receipt_view(found or page(split_tenders()), shipped_city(), language, "http://localhost:8000")
        return slip_rows(view, shipped_city(), **more)


def test_a_slip_reaches_the_printer_whole_opens_the_drawer_and_is_cut(scene: Scene, paper: Paper) -> None:
    print_slip(paper.address, rows_of(scene), opens_drawer=True)
    assert paper.finished.wait(5)
    sent = bytes(paper.sent)
    assert KICK in sent
    assert CODE_PAGE in sent
    assert sent.index(KICK) < sent.index(b"W1-2026-000123") < sent.rindex(CUT)
    for words in (b"Paper check 1043", b"$100.00", b"Cash, given", b"Change", b"Copy, per page (Quantity: 4)"):
        assert words in sent, words


def test_without_cash_the_drawer_stays_shut(scene: Scene) -> None:
    assert KICK not in slip_bytes(rows_of(scene), opens_drawer=False)


def test_spanish_keeps_its_letters(scene: Scene, paper: Paper) -> None:
    print_slip(paper.address, rows_of(scene, "es"), opens_drawer=False)
    assert paper.finished.wait(5)
    text = bytes(paper.sent).decode("cp858", errors="replace")
    for words in ("Río Claro", "Agua, octubre de 2026", "Copia, por página", "Total pagado"):
        assert words in text
    assert "?" not in text.split("000123")[1]


def test_no_line_is_wider_than_the_paper(scene: Scene) -> None:
    for language in ("en", "es"):
        lines = [line for row in rows_of(scene, language) for line in row.lines()]
        assert max(map(len, lines)) <= COLUMNS
    long = SlipRow("A description that is far longer than any paper of eighty millimeters is wide", "$1,234.56")
    assert long.lines()[-1].endswith("$1,234.56")
    assert {len(line) <= COLUMNS for line in long.lines()} == {True}
    assert all(len(line) <= COLUMNS // 2 for line in SlipRow("DUPLICATE", style=Style.BANNER).lines())


def test_a_duplicate_says_that_it_is_one(scene: Scene) -> None:
    assert "DUPLICATE" in " ".join(row.left for row in rows_of(scene, printed_again_at=ISSUED_AT))
    assert "DUPLICATE" not in " ".join(row.left for row in rows_of(scene))


def test_a_printer_that_is_away_is_said_so_at_once() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(PrinterAway):
        print_slip(f"127.0.0.1:{port}", [SlipRow("x")], opens_drawer=False)


def test_nobody_waits_longer_than_two_seconds_for_a_printer_that_does_not_answer() -> None:
    began = time.monotonic()
    with pytest.raises(PrinterAway):
        print_slip("192.0.2.1:9100", [SlipRow("x")], opens_drawer=False, seconds=0.3)
    assert time.monotonic() - began < 2
