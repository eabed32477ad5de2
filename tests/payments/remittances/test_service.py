"""Payments go back to the owner of the balance: once, in order, acknowledged; whatever crashes or runs beside."""

from __future__ import annotations

import csv
import hashlib
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from accounts.clock import FixedClock
from accounts.database import Sessions, reading
from accounts.errors import Conflict, NotFound
from accounts.exceptions.queries import open_lines
from payments.remittances import queries
from payments.remittances.rules import BadAcknowledgement
from payments.remittances.service import Acknowledged, Exported, acknowledge, export_payments
from tests.accounts.imports.conftest import rows_of
from tests.payments.remittances.conftest import SYSTEM

Pay = Callable[[str, int], int]


@pytest.fixture
def export(sessions: Sessions, clock: FixedClock, tmp_path: Path) -> Callable[..., Exported]:
    def run(**options: Any) -> Exported:
        return export_payments(sessions, SYSTEM, tmp_path, clock=clock, actor="staff:rosa", **options)

    return run


def rows(path: Path | None) -> list[list[str]]:
    assert path is not None
    return list(csv.reader(path.read_text().splitlines()))


def test_payments_and_reversals_go_back_once(
    sessions: Sessions, citations: Pay, export: Callable[..., Exported]
) -> None:
    citations("C0:fine", 4000)
    citations("C1:fine", 1500)
    citations("C0:fine", -4000)
    sent = export()
    assert sent.batch is not None
    assert (sent.batch.number, sent.batch.line_count, str(sent.batch.total)) == (1, 3, "15.00")
    head, *lines, tail = rows(sent.path)
    assert head == ["H", "1", SYSTEM, "1", "2026-11-17"]
    assert [line[:6] for line in lines] == [
        ["D", "1", "C0", "C0:fine", "40.00", "2026-11-17"],
        ["D", "2", "C1", "C1:fine", "15.00", "2026-11-17"],
        ["D", "3", "C0", "C0:fine", "-40.00", "2026-11-17"],
    ]
    content = sent.path.read_bytes() if sent.path else b""
    before = content[: content.rindex(b"T,")]
    assert tail == ["T", "3", "15.00", hashlib.sha256(before).hexdigest()]
    assert export().last_line() == "Nothing to send."
    citations("C2:fine", 4000)
    second = export()
    assert "Batch 2 for demo-citations: 1 lines, total $40.00" in second.last_line()
    assert rows_of(sessions, "SELECT count(*) FROM remittance_lines") == [(4,)]


def test_the_same_number_makes_the_same_bytes(
    citations: Pay, export: Callable[..., Exported], clock: FixedClock
) -> None:
    citations("C0:fine", 4000)
    first = export()
    assert first.path is not None
    before = first.path.read_bytes()
    first.path.unlink()
    citations("C1:fine", 4000)
    clock.advance(days=3)
    again = export(number=1)
    assert again.path == first.path
    assert first.path.read_bytes() == before
    with pytest.raises(NotFound):
        export(number=9)


def test_a_crash_before_the_file_is_written_loses_nothing(
    sessions: Sessions, citations: Pay, export: Callable[..., Exported], monkeypatch: pytest.MonkeyPatch
) -> None:
    citations("C0:fine", 4000)
    with monkeypatch.context() as broken:
        broken.setattr("payments.remittances.service.write_whole", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            export()
    assert export().batch is None
    with reading(sessions) as session:
        assert [batch.number for batch in queries.batches(session, SYSTEM)] == [1]
    assert len(rows(export(number=1).path)) == 3


def test_two_exports_at_once_send_no_line_twice(
    sessions: Sessions, citations: Pay, clock: FixedClock, tmp_path: Path
) -> None:
    for number in range(6):
        citations(f"C{number}:fine", 1000)
    start, results = threading.Barrier(4), []

    def run(place: int) -> None:
        folder = tmp_path / str(place)
        folder.mkdir()
        start.wait()
        results.append(export_payments(sessions, SYSTEM, folder, clock=clock, actor="system"))

    threads = [threading.Thread(target=run, args=(place,)) for place in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sent = [line[7] for result in results if result.path for line in rows(result.path) if line[0] == "D"]
    assert len(sent) == len(set(sent)) == 6
    assert rows_of(sessions, "SELECT count(*), sum(amount_cents)::bigint FROM remittance_lines") == [(6, 6000)]


def test_charges_of_our_own_lines_stay_here(
    sessions: Sessions, citations: Pay, export: Callable[..., Exported]
) -> None:
    citations("C0:fine", 4000)
    assert (
        export_payments(sessions, "demo-billing", Path("/nowhere"), clock=FixedClock(), actor="system").batch is None
    )


def test_an_acknowledgement_is_read_back(
    sessions: Sessions, citations: Pay, export: Callable[..., Exported], clock: FixedClock
) -> None:
    citations("C0:fine", 4000)
    citations("C1:fine", 4000)
    sent = export().batch
    assert sent is not None
    answer = f"A,{SYSTEM},1,{sent.sha256}\nR,1,accepted\nR,2,rejected,Citation was dismissed\n"

    def acknowledged(content: str, number: int = 1) -> Acknowledged:
        return acknowledge(sessions, SYSTEM, number, content, clock=clock, actor="staff:rosa")

    for wrong in (
        answer.replace(sent.sha256, "0" * 64), answer.replace("R,1,accepted\n", ""), answer + "R,2,accepted\n",
        answer.replace(f"{SYSTEM},1", f"{SYSTEM},2"), answer.replace("accepted", "perhaps"), "", "X",
    ):  # fmt: skip
        with pytest.raises(BadAcknowledgement):
            acknowledged(wrong)
    assert acknowledged(answer) == Acknowledged(1, 1)
    assert acknowledged(answer) == Acknowledged(1, 1, was_known=True)
    with pytest.raises(Conflict):
        acknowledged(answer.replace("rejected,Citation was dismissed", "accepted"))
    with reading(sessions) as session:
        (line,) = open_lines(session, "remittance-rejected")
        assert (line.subject, line.evidence["reason"]) == ("demo-citations:1:2", "Citation was dismissed")
        assert queries.batch(session, SYSTEM, 1).acknowledged_at == clock.now()
