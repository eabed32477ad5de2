"""Files in: again, changed, cut short, at once, contradicting, unreadable. Rows are made up."""

from __future__ import annotations

import csv
import threading
from pathlib import Path
from typing import Any

import pytest

from accounts.clock import FixedClock
from accounts.customer_accounts.rules import is_reference, proof_digest
from accounts.database import Sessions
from accounts.errors import Conflict
from accounts.imports.profiles import Profile
from accounts.imports.rules import BadProfile, ControlsDoNotTie
from accounts.imports.service import Controls
from accounts.money import Money
from tests.accounts.imports.conftest import KEY, Import, books_agree, counts, rows_of, shipped
from tests.accounts.imports.files import citation, citations_file, write

COUNT = (
    "SELECT (SELECT count(*) FROM customer_accounts), (SELECT count(*) FROM charges), (SELECT count(*) FROM journals)"
)


def test_a_citation_becomes_an_account_with_its_charges(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    file = citations_file(tmp_path, [citation("RC-00441", open_fine="$52.00", open_penalty="32", plate="7abc 123")])
    report = do_import(file, "demo-citations", controls=Controls(rows=1, total=Money(8400)))
    assert report.lines() == [
        "Rows: 1 read, 1 by the operator: tied.",
        "Money: $84.00 read, $84.00 by the operator: tied.",
        "Rows read 1: 1 added, 0 changed, 0 unchanged, 0 rejected; money total $84.00",
    ]
    (account,) = rows_of(sessions, "SELECT id, reference, system_of_record, source_key FROM customer_accounts")
    assert is_reference(account[1])
    assert account[2:] == ("external", "RC-00441")
    assert rows_of(sessions, "SELECT number_key FROM account_aliases") == [("RC00441",)]
    assert rows_of(sessions, "SELECT kind, digest FROM account_proofs") == [
        ("plate", proof_digest(KEY, account[0], "plate", "7ABC123"))
    ]
    assert rows_of(sessions, "SELECT source_key, kind, open_cents FROM charges ORDER BY id") == [
        ("RC-00441:fine", "fine", 5200),
        ("RC-00441:penalty", "penalty", 3200),
    ]
    assert rows_of(sessions, "SELECT issued_at::text FROM citations") == [("2026-11-02 16:10:00+00",)]
    assert books_agree(sessions)


def test_the_same_file_again_changes_nothing(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    file = citations_file(tmp_path, [citation(f"RC{n}") for n in range(25)])
    assert counts(do_import(file, "demo-citations", batch_rows=10)) == (25, 0, 0, 0)
    before = rows_of(sessions, COUNT), rows_of(sessions, "SELECT xmin::text FROM imported_rows")
    again = do_import(file, "demo-citations", batch_rows=10)
    assert again.last_line() == "Rows read 25: 0 added, 0 changed, 25 unchanged, 0 rejected; money total $1,000.00"
    assert (rows_of(sessions, COUNT), rows_of(sessions, "SELECT xmin::text FROM imported_rows")) == before


def test_only_changed_rows_change_and_balances_are_never_written_over(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    do_import(citations_file(tmp_path, [citation("A"), citation("B"), citation("C")]), "demo-citations")
    rows = [citation("A", open_penalty="25"), citation("B", open_fine="10", location="Elm St"), citation("C")]
    changed = citations_file(tmp_path, rows, "second.csv")
    assert counts(do_import(changed, "demo-citations")) == (0, 2, 1, 0)
    assert rows_of(sessions, "SELECT source_key, amount_cents, open_cents, version FROM charges ORDER BY 1") == [
        ("A:fine", 4000, 4000, 1),
        ("A:penalty", 2500, 2500, 1),
        ("B:fine", 4000, 1000, 2),
        ("C:fine", 4000, 4000, 1),
    ]
    assert rows_of(sessions, "SELECT amount_cents FROM adjustments") == [(-3000,)]
    assert rows_of(sessions, "SELECT location FROM citations WHERE location <> ''") == [("Elm St",)]
    first_again = tmp_path / "citations.csv"
    assert counts(do_import(first_again, "demo-citations")) == (0, 2, 1, 0)
    assert counts(do_import(changed, "demo-citations")) == (0, 2, 1, 0)
    assert rows_of(sessions, "SELECT sum(open_cents)::bigint FROM charges") == [(4000 + 2500 + 1000 + 4000,)]
    assert books_agree(sessions)


def test_a_difference_that_does_not_explain_itself_becomes_an_exception(
    sessions: Sessions, do_import: Import, tmp_path: Path, pay: Any
) -> None:
    """We took 40; the owner has not seen it and adds 25 to the same fine: nothing is posted."""
    do_import(citations_file(tmp_path, [citation("A"), citation("B")]), "demo-citations")
    pay("A:fine", 4000)
    pay("B:fine", 4000)
    second = citations_file(tmp_path, [citation("A", open_fine="65"), citation("B", open_fine="0")], "second.csv")
    report = do_import(second, "demo-citations")
    assert (counts(report), report.differences) == ((0, 2, 0, 0), 1)
    assert rows_of(sessions, "SELECT kind, evidence ->> 'stated_now' FROM exception_lines") == [
        ("balance-difference", "65.00")
    ]
    assert rows_of(sessions, "SELECT count(*) FROM adjustments") == [(0,)]
    assert counts(do_import(second, "demo-citations")) == (0, 0, 2, 0)


def test_a_run_that_was_cut_goes_on_where_it_stopped(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    rows = [citation(f"RC{n}", open_fine="x" if n in (3, 17) else "40") for n in range(25)]
    file, rejects = citations_file(tmp_path, rows), tmp_path / "r.csv"

    class Cut(Exception):
        pass

    def cut(done: int, of: int) -> None:
        assert of == 25
        if done == 20:
            raise Cut

    with pytest.raises(Cut):
        do_import(file, "demo-citations", batch_rows=10, progress=cut, rejects=rejects)
    assert rows_of(sessions, "SELECT rows_done, finished_at FROM import_runs") == [(20, None)]
    report = do_import(file, "demo-citations", batch_rows=10, rejects=rejects)
    assert (counts(report), report.resumed_after) == ((23, 0, 0, 2), 20)
    assert [row[:2] for row in csv.reader(rejects.read_text().splitlines())][1:] == [["5", "fine"], ["19", "fine"]]
    assert rows_of(sessions, "SELECT count(*) FROM customer_accounts") == [(23,)]
    assert books_agree(sessions)


def test_a_batch_that_fails_leaves_nothing_of_itself(
    sessions: Sessions, do_import: Import, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = citations_file(tmp_path, [citation(f"RC{n}") for n in range(20)])
    with monkeypatch.context() as broken:
        broken.setattr("accounts.imports.runs.save", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            do_import(file, "demo-citations", batch_rows=10)
    assert rows_of(sessions, COUNT) == [(0, 0, 0)]
    assert counts(do_import(file, "demo-citations", batch_rows=10)) == (20, 0, 0, 0)


def test_two_at_once_take_each_row_once(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    file = citations_file(tmp_path, [citation(f"RC{n}") for n in range(300)])
    start, outcomes = threading.Barrier(2), []

    def run(number: int) -> None:
        start.wait()
        try:
            outcomes.append(do_import(file, "demo-citations", batch_rows=10, rejects=tmp_path / f"{number}.csv"))
        except Conflict as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert any(isinstance(outcome, Conflict) for outcome in outcomes) or len(outcomes) == 2
    do_import(file, "demo-citations")
    assert rows_of(sessions, "SELECT count(*) FROM customer_accounts") == [(300,)]
    assert books_agree(sessions)


def test_what_cannot_be_read_is_kept_whole_with_its_reason(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    file = tmp_path / "citations.csv"
    good = citations_file(tmp_path, [citation("A"), citation("B", issued_on="2026-13-01", issued_time="")])
    content = good.read_bytes() + b"only,three,cells\r\n" + b"\xff" + good.read_bytes().splitlines()[1] + b"\r\n\r\n"
    file.write_bytes(content)
    assert counts(do_import(file, "demo-citations")) == (1, 0, 0, 3)
    rejects = tmp_path / "citations.csv.rejects.csv"
    assert rejects.stat().st_mode & 0o077 == 0
    lines = rejects.read_bytes().splitlines()
    assert lines[1].startswith(b"3,issued_on; issued_time,not a date of the form %Y-%m-%d; blank,B,")
    assert lines[2] == b"4,,3 cells where the header has 21,only,three,cells"
    assert lines[3].startswith(b"5,,not text in utf-8-sig,\xffA,")


def test_a_mended_rejects_file_goes_through_the_same_profile(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    do_import(
        citations_file(tmp_path, [citation("A"), citation("B", open_fine="4O", balance="40")]), "demo-citations"
    )
    rejects = tmp_path / "citations.csv.rejects.csv"
    mended = tmp_path / "mended.csv"
    mended.write_text(rejects.read_text().replace("4O", "40"))
    assert counts(do_import(mended, "demo-citations")) == (1, 0, 0, 0)
    assert not (tmp_path / "mended.csv.rejects.csv").exists()


def test_rows_that_repeat_each_other_otherwise_are_refused_every_time(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    rows = [citation("A"), citation("A"), citation("A", open_fine="50", balance="50"), citation("B")]
    file = citations_file(tmp_path, rows)
    assert counts(do_import(file, "demo-citations", batch_rows=2)) == (2, 0, 1, 1)
    assert counts(do_import(file, "demo-citations", batch_rows=3)) == (0, 0, 3, 1)
    assert counts(do_import(file, "demo-citations")) == (0, 0, 3, 1)


def test_a_contradiction_is_reported_and_never_forced(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    file = citations_file(tmp_path, [citation("A", open_fine="52", open_penalty="112", balance="$324.00")])
    report = do_import(file, "demo-citations")
    assert (counts(report), report.contradictions, report.money) == ((0, 0, 0, 1), 1, Money(32400))
    assert rows_of(sessions, COUNT) == [(0, 0, 0)]
    ((kind, evidence),) = rows_of(sessions, "SELECT kind, evidence FROM exception_lines")
    assert kind == "import-contradiction"
    assert (evidence["fine"], evidence["penalty"], evidence["total"]) == ("52.00", "112.00", "324.00")
    assert "plate" not in evidence


def test_a_dry_run_judges_everything_and_writes_nothing(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    do_import(citations_file(tmp_path, [citation("A"), citation("B")]), "demo-citations")
    before = rows_of(sessions, COUNT), rows_of(sessions, "SELECT count(*) FROM import_runs")
    rows = [citation("A"), citation("B", open_fine="60"), citation("C"), citation("D", open_fine="?")]
    report = do_import(citations_file(tmp_path, rows, "second.csv"), "demo-citations", dry_run=True, batch_rows=2)
    assert counts(report) == (1, 1, 1, 1)
    assert "Dry run: nothing was written." in report.lines()
    assert (tmp_path / "second.csv.rejects.csv").exists()
    assert (rows_of(sessions, COUNT), rows_of(sessions, "SELECT count(*) FROM import_runs")) == before


def test_controls_and_profiles_are_checked_first(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    file = citations_file(tmp_path, [citation("A")])
    with pytest.raises(ControlsDoNotTie, match="1 read, 2 by the operator"):
        do_import(file, "demo-citations", controls=Controls(rows=2))
    with pytest.raises(BadProfile, match="no column"):
        do_import(write(tmp_path / "x.csv", [{"number": "1"}]), "demo-citations")
    assert rows_of(sessions, "SELECT count(*) FROM import_runs") == [(0,)]


FIXED = {
    "name": "fixed", "fingerprint": "1", "kind": "citations", "source_system": "county", "format": "fixed",
    "encoding": "cp1252", "key": ("number",), "control_total": "fine", "lines": {"fine": "parking"},
    "trailer": {"marker": "T", "rows_at": (2, 6), "total_at": (8, 12), "total_in_cents": True},
    "fields": {
        "number": {"at": (1, 8)}, "issued_on": {"at": (9, 8), "formats": ("%m%d%Y",)},
        "issued_time": {"at": (17, 4), "formats": ("HHMM",)}, "violation_code": {"constant": "22500"},
        "violation": {"at": (21, 16), "collapse": True}, "fine": {"at": (37, 8), "in_cents": True},
    },
}  # fmt: skip


def test_fixed_columns_with_a_trailer(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    profile = Profile.model_validate(FIXED)
    rows = [f"{'C0000001':8}11022026{' 810'}{'Año nuevo  lot':16}00004000",
            f"{'C0000002':8}11022026{'1845'}{'Zona  roja':16}00009350"]  # fmt: skip
    file = tmp_path / "county.txt"
    file.write_bytes("\r\n".join([*rows, "T000002000000013350", ""]).encode("cp1252"))
    report = do_import(file, profile)
    assert counts(report) == (2, 0, 0, 0)
    assert "Money: $133.50 read, $133.50 by the trailer: tied." in report.controls
    assert rows_of(sessions, "SELECT violation FROM citations ORDER BY 1") == [("Año nuevo lot",), ("Zona roja",)]
    file.write_bytes("\r\n".join([*rows, "T000003000000013350", ""]).encode("cp1252"))
    with pytest.raises(ControlsDoNotTie, match="2 read, 3 by the trailer"):
        do_import(file, profile)
    file.write_bytes("\r\n".join(rows).encode("cp1252"))
    with pytest.raises(ControlsDoNotTie, match="cut short"):
        do_import(file, profile)


def test_a_changed_profile_reads_the_file_anew(
    sessions: Sessions, do_import: Import, tmp_path: Path, clock: FixedClock
) -> None:
    file = citations_file(tmp_path, [citation("A", make="TOYT")])
    do_import(file, "demo-citations")
    content = shipped("demo-citations").model_dump()
    content["fields"]["make"]["values"] = {"TOYT": "Toyota"}
    clock.advance(hours=1)
    assert counts(do_import(file, Profile.model_validate({**content, "fingerprint": "2"}))) == (0, 1, 0, 0)
    assert rows_of(sessions, "SELECT make FROM citations") == [("Toyota",)]
