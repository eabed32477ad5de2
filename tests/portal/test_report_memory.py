"""The whole server process while it makes a long report: rows, workbook and database driver together."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.portal.scene import Scene

_MEASURED = """
import sys
from datetime import date, datetime, UTC
from flask import Flask
from flask_babel import Babel
from accounts.cities.folder import read_folder
from accounts.database import engine_for, sessions_for
from payments.reports import queries
from payments.reports.rules import Reader
from portal import report_files
from portal.config import CHECKOUT
from portal.report_files import Wanted
from tests.portal.test_report_files import DAYS, generated

url, way, rows, keeps = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4] == "keeps"
app, city, sessions = Flask("measured"), read_folder(CHECKOUT / "city"), sessions_for(engine_for(url))
Babel(app)
every_row = queries.every_row
if keeps:
    queries.every_row = lambda *given: (yield from list(every_row(*given)))


def made(rows):
    with app.test_request_context():
        file = report_files.make(sessions, Wanted(generated(rows), DAYS, Reader(), city, way, datetime.now(UTC)))
        assert sum(map(len, file.pieces())) > rows and file.rows == rows
    status = dict(line.split(":", 1) for line in open("/proc/self/status"))
    return int(status["VmHWM"].split()[0])


few = made(2_000)
print(few, made(rows))
"""
ROWS = 200_000
BOUND = 16 * 1024
"""kB by which the process may be larger at its height than with a hundredth of the rows."""


def grows(scene: Scene, way: str, keeps: str = "") -> int:
    """kB."""
    arguments = [sys.executable, "-c", _MEASURED, scene.db.app_url, way, str(ROWS), keeps]
    ended = subprocess.run(arguments, check=False, timeout=240, capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    few, many = map(int, ended.stdout.split())
    return many - few


@pytest.mark.long
@pytest.mark.parametrize("way", ["csv", "xlsx"])
def test_the_process_does_not_grow_with_the_rows(scene: Scene, way: str) -> None:
    assert grows(scene, way) < BOUND


@pytest.mark.long
def test_control_a_process_that_keeps_the_rows_is_caught(scene: Scene) -> None:
    assert grows(scene, "csv", "keeps") > BOUND
