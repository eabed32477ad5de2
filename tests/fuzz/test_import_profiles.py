"""Whatever a profile says and whatever a file holds: refused by name, or every row is accounted for."""

from __future__ import annotations

import csv
import random
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.imports.rules import BadProfile, ImportReport
from accounts.imports.service import import_file
from accounts.imports.terms import terms_of
from fuzz.changes import CELLS, settings_changed
from fuzz.import_profiles import ROWS, SEEDS, SHIPPED, SMALL, changed, loads, reads, try_bytes
from portal.config import CHECKOUT
from portal.verify import verify
from tests.accounts.imports.files import citation, license_row, utility
from tests.portal.scene import PROOF_KEY, Scene

Row = dict[str, str]
PLAUSIBLE = [
    "2026-11-02",
    "1800-01-01",
    "2999-12-31",
    "1",
    "9",
    "100000",
    "12.345",
    "0.001",
    "en",
    "closed",
    "ABC-12",
]
CELL = st.sampled_from([*CELLS, *PLAUSIBLE]) | st.text(max_size=12)
BAD_SETTINGS = {
    'key = ["number"]': ['key = ["plate"]', 'key = ["nobody"]'],
    'control_total = "fine"': ['control_total = "number"'],
    "replace = [": [r'replace = [["a", "\\9"], [', r'replace = [["a", "\\g<x>"], [',
                    'replace = [["a{99999999999}", ""], ['],
    '"%m/%d/%Y"': ['"%d/%d/%Y"', '"tomorrow"', '"%"'],
    "rows = 1": ["rows = -9"],
    'marker = "T"': ['marker = ""'],
    "[fields]": ['encoding = "utf-16"\n[fields]', 'delimiter = "\\n"\n[fields]', 'time_zone = "Mars"\n[fields]',
                 'encoding = "hz"\n[fields]', "skip_lines = 99999999999\n[fields]",
                 f"due_days = {'9' * 5000}\n[fields]"],
    'constant = "1"': ['constant = "\\u0000"'],
    "fine <= fine + fine": ["number + number = number", "issued_on >= fine"],
}  # fmt: skip


@given(st.sampled_from(sorted(SHIPPED)), st.randoms(use_true_random=False))
def test_a_shipped_profile_with_changes_loads_or_names_its_file(
    tmp_path_factory: pytest.TempPathFactory, name: str, chance: random.Random
) -> None:
    path = tmp_path_factory.getbasetemp() / "changed.toml"
    text = SHIPPED[name]
    for _ in range(chance.randint(1, 3)):
        text = settings_changed(text, chance)
    path.write_bytes(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a pattern may be one that a later Python reads otherwise
        loads(path)


@given(st.sampled_from(SEEDS), st.randoms(use_true_random=False))
def test_a_changed_profile_reads_a_changed_file(seed: bytes, chance: random.Random) -> None:
    try_bytes(changed(seed, chance))


@given(st.binary(max_size=200))
def test_any_bytes_as_a_file(rows: bytes) -> None:
    profile, _, _ = SEEDS[0].partition(b"#### the file ####")
    try_bytes(profile + b"#### the file ####\nn,d,t,f\n" + rows)


@pytest.mark.parametrize(("was", "by"), [(was, by) for was, changes in BAD_SETTINGS.items() for by in changes])
def test_a_setting_that_would_fail_later_is_refused_by_name(tmp_path: Path, was: str, by: str) -> None:
    profile, rows = tmp_path / "bad.toml", tmp_path / "file.csv"
    assert was in SMALL.decode()
    profile.write_text(SMALL.decode().replace(was, by, 1))
    rows.write_bytes(ROWS)
    loaded = loads(profile)
    assert loaded is None or reads(loaded, rows) is None


@pytest.fixture
def take(scene: Scene, tmp_path: Path) -> Callable[[str, list[Row]], ImportReport]:
    """Import rows for real through the demo's profile of a kind; each row is counted once."""
    ruling = scene.wired.city()
    terms = terms_of(ruling.city, ruling.release_id, scene.today)

    def run(kind: str, rows: list[Row]) -> ImportReport:
        profile = CHECKOUT / "city" / "profiles" / f"demo-{kind}.toml"
        report = import_file(
            scene.sessions, kind, _written(tmp_path / "rows.csv", rows), profile,
            terms=terms, clock=scene.clock, actor="system", proof_key=PROOF_KEY.encode(),
        )  # fmt: skip
        assert report.read == report.added + report.changed + report.unchanged + report.rejected
        assert len(_rejects(Path(report.rejects))) == report.rejected
        return report

    return run


def _written(path: Path, rows: list[Row]) -> Path:
    """A file that may hold bytes which are no text."""
    with path.open("w", newline="", encoding="utf-8", errors="surrogateescape") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


def _rejects(path: Path) -> list[Row]:
    if not path.exists():
        return []
    with path.open(encoding="utf-8", errors="surrogateescape", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert all(int(row["rejected_line"]) > 1 and row["rejected_reason"] for row in rows)
    return rows


@pytest.mark.parametrize(
    ("kind", "make"), [("citations", citation), ("utilities", utility), ("licenses", license_row)]
)
def test_any_row_is_taken_or_rejected_and_the_totals_tie(
    scene: Scene, take: Callable[[str, list[Row]], ImportReport], kind: str, make: Callable[..., Row]
) -> None:
    columns = sorted(make("A1"))
    one = st.builds(
        lambda number, given: {**make(number), **given},
        st.sampled_from(["A1", "A2", "A3", "A4", "A5"]),
        st.dictionaries(st.sampled_from(columns), CELL, max_size=3),
    )

    @settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
    @given(st.lists(one, min_size=1, max_size=12))
    def tried(rows: list[Row]) -> None:
        take(kind, rows)

    tried()
    cells = list(enumerate([*CELLS, *PLAUSIBLE]))
    take(kind, [{**make(f"{column}{number}"), column: cell} for column in columns for number, cell in cells])
    with scene.sessions() as session:
        assert [violation for check in verify(session) for violation in check.violations] == []


def test_a_letter_that_the_source_lacks_does_not_stop_its_rejects(tmp_path: Path) -> None:
    profile = tmp_path / "latin.toml"
    profile.write_text(
        SMALL.decode()
        .replace("control_total", 'encoding = "latin-1"\ncontrol_total')
        .replace('number = { column = "n",', 'number = { column = "n", case = "upper", values = { A = "1" },')
    )
    rows = tmp_path / "latin.csv"
    rows.write_bytes(b"n,d,t,f\n\xff,202611,1,1\n")
    loaded = loads(profile)
    assert loaded is not None
    loaded = loaded.model_copy(update={"trailer": None})
    assert reads(loaded, rows) == (0, 1)


def test_a_profile_that_is_not_there_is_refused() -> None:
    from accounts.imports.profiles import load_profile  # noqa: PLC0415

    with pytest.raises(BadProfile, match=r"nowhere\.toml"):
        load_profile(Path("nowhere.toml"))
