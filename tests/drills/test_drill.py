"""``ventanilla drill``: green where all is well, and red, with names, where money is left unposted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import psycopg
import pytest

from drills.__main__ import conduct, main
from drills.cases import CASES
from drills.running import run_one
from drills.stage import Stage
from drills.tally import taken
from portal.config import CHECKOUT
from tests import database


def drilling(*arguments: str) -> subprocess.Popen[str]:
    """The command in a process of its own, its scratch database on the tests' server."""
    server = database.running_server()
    given = {
        "DRILL_DATABASE_OWNER_URL": server.owner_url("postgres"),
        "DRILL_DATABASE_URL": server.app_url("postgres"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "portal.cli", "drill", *arguments],
        cwd=CHECKOUT,
        env={**os.environ, **given},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )


def scratch_databases() -> list[str]:
    """Those that drills have made and not dropped."""
    with psycopg.connect(database.running_server().owner_url("postgres")) as connection:
        found = connection.execute("SELECT datname FROM pg_database WHERE datname LIKE 'ventanilla_drill_%'")
        return [name for (name,) in found]


def test_every_drill_finds_what_it_should() -> None:
    with drilling() as process:
        said, _ = process.communicate(timeout=900)
    assert process.returncode == 0, said
    assert f"{len(CASES)} drills in " in said
    assert said.rstrip().endswith("paid-but-unposted 0\nposted-but-unpaid 0\nverify violations 0")


def test_a_drill_prints_what_was_done_and_found(drill_stage: Stage, capsys: pytest.CaptureFixture[str]) -> None:
    chosen = [CASES[name] for name in ("plain", "webhook-dropped", "page-after", "second-payment", "database-away")]
    assert conduct(drill_stage, chosen) == 0
    said = capsys.readouterr().out
    for case in chosen:
        assert f"ok      {case.name}" in said
    assert "2 charges, 2 posted, 2 receipts, 2 mails" in said
    assert "queue: second-payment" in said
    assert "5 drills in " in said
    assert said.endswith("paid-but-unposted 0\nposted-but-unpaid 0\nverify violations 0\n")


def test_money_that_no_sweep_finds_is_named_and_the_drill_fails(
    drill_stage: Stage, capsys: pytest.CaptureFixture[str]
) -> None:
    drill_stage.sweeps_run = False
    try:
        assert conduct(drill_stage, [CASES["plain"], CASES["webhook-dropped"]]) == 1
    finally:
        drill_stage.sweeps_run = True
    said = capsys.readouterr().out
    assert "ok      plain" in said
    assert "FAILED  webhook-dropped" in said
    assert "payments: 0 and not 1" in said
    (unposted,) = taken(drill_stage).paid_but_unposted
    assert f"paid-but-unposted 1: {unposted}" in said
    drill_stage.sweep()
    assert taken(drill_stage).is_clean


def test_a_payment_that_the_processor_does_not_know_is_counted(drill_stage: Stage) -> None:
    assert not run_one(drill_stage, CASES["plain"]).problems
    (newest,) = drill_stage.rows("SELECT id, tender_reference FROM payments ORDER BY id DESC LIMIT 1")
    change = "UPDATE payments SET tender_reference = '{}' WHERE id = {}"
    replica = "SET LOCAL session_replication_role = replica; "
    drill_stage.change(replica + change.format("pi_invented", newest.id))
    try:
        money = taken(drill_stage)
        assert money.posted_but_unpaid == ("pi_invented",)
        assert money.paid_but_unposted == (newest.tender_reference,)
    finally:
        drill_stage.change(replica + change.format(newest.tender_reference, newest.id))


def test_what_was_started_is_ended_when_the_drill_is_interrupted() -> None:
    with drilling() as process:
        assert process.stdout is not None
        while "ok      plain" not in (line := process.stdout.readline()):
            assert line, "the drill ended before it began"
        names = scratch_databases()
        os.killpg(process.pid, signal.SIGINT)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "the scratch database is gone" in said
    gone = set(names) - set(scratch_databases())
    assert gone, "its scratch database is still there"


def test_the_list_names_every_drill_with_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CASES)
    assert all(line.endswith(".") for line in lines)


def test_a_drill_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--only", "K99"])
    assert "there is no drill K99" in capsys.readouterr().err


def test_half_of_a_database_server_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DRILL_DATABASE_URL", "postgresql://app@127.0.0.1/x")
    with pytest.raises(SystemExit, match="Set both"):
        main(["--only", "plain"])
