"""The real registers, twice each: their traps, their control totals, and that the second time changes nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.database import Sessions, reading
from accounts.exceptions.queries import open_lines
from accounts.imports.rules import ControlsDoNotTie
from accounts.imports.service import Controls
from accounts.money import Money
from tests.accounts.imports.conftest import Import, books_agree, counts, register, rows_of

pytestmark = pytest.mark.long


def test_san_luis_obispo_licenses(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    file = register("slo_business_licenses_sample.csv")
    first = do_import(file, "slo-licenses", rejects=tmp_path / "r.csv", controls=Controls(rows=2_745))
    assert first.last_line() == (
        "Rows read 2,745: 2,745 added, 0 changed, 0 unchanged, 0 rejected; money total $0.00"
    )
    again = do_import(file, "slo-licenses", rejects=tmp_path / "r.csv")
    assert counts(again) == (0, 0, 2_745, 0)
    assert rows_of(sessions, "SELECT status, count(*) FROM customer_accounts GROUP BY 1 ORDER BY 1") == [
        ("closed", 1_484),
        ("open", 1_261),
    ]
    assert rows_of(sessions, "SELECT count(*) FROM premises WHERE zip_code = ''") == [(1,)]
    assert rows_of(sessions, "SELECT count(*) FROM charges") == [(0,)]


def test_los_angeles_citations(sessions: Sessions, do_import: Import, tmp_path: Path) -> None:
    """Seven rows carry no fine and one no time: refused, with all others taken and the fines tying to the cent."""
    file, rejects = register("la_parking_citations_sample.csv"), tmp_path / "r.csv"
    controls = Controls(rows=4_000, total=Money(284_671_00))
    first = do_import(file, "la-citations", rejects=rejects, controls=controls)
    assert counts(first) == (3_992, 0, 0, 8)
    assert first.money == Money(284_671_00)
    reasons = [line.split(",")[1:3] for line in rejects.read_text().splitlines()[1:]]
    assert sorted(reasons) == [["fine", "blank"]] * 7 + [["issued_time", "blank"]]
    assert counts(do_import(file, "la-citations", rejects=rejects)) == (0, 0, 3_992, 8)
    assert rows_of(sessions, "SELECT sum(open_cents)::bigint FROM charges") == [(284_671_00 - 93_00,)]
    assert books_agree(sessions)


def test_a_control_total_that_is_off_by_a_cent_stops_the_import(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    file = register("la_parking_citations_sample.csv")
    controls = Controls(rows=4_000, total=Money(284_671_01))
    with pytest.raises(ControlsDoNotTie, match=r"\$284,671\.00 read, \$284,671\.01 by the operator"):
        do_import(file, "la-citations", rejects=tmp_path / "r.csv", controls=controls)
    assert rows_of(sessions, "SELECT count(*) FROM import_runs") == [(0,)]


def test_baltimore_citations_report_what_contradicts_itself(
    sessions: Sessions, do_import: Import, tmp_path: Path
) -> None:
    """293 rows contradict themselves; of the 207 others one is an older state of a citation that is there already."""
    file, rejects = register("baltimore_citations_with_penalty_sample.csv"), tmp_path / "r.csv"
    first = do_import(file, "baltimore-citations", rejects=rejects, controls=Controls(rows=500))
    assert counts(first) == (206, 0, 1, 293)
    assert (first.contradictions, first.older) == (293, 1)
    with reading(sessions) as session:
        assert len(open_lines(session, "import-contradiction")) == 293
    assert len(rejects.read_text().splitlines()) == 294
    again = do_import(file, "baltimore-citations", rejects=rejects)
    assert counts(again) == (0, 0, 207, 293)
    with reading(sessions) as session:
        assert len(open_lines(session, "import-contradiction")) == 293
    assert books_agree(sessions)
