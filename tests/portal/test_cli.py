"""The command line: every command explains itself, and says in a sentence what is wrong."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from accounts.database import transaction
from accounts.errors import SamePerson
from accounts.exceptions.service import open_exception
from portal.cli import exchange, main, parser
from tests.accounts.searches.town import opened
from tests.database import TestDatabase


def commands_of(whole: argparse.ArgumentParser, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Every command and subcommand, as it is typed."""
    for action in whole._actions:
        if isinstance(action, argparse._SubParsersAction):
            for name, command in action.choices.items():
                yield (*path, name)
                yield from commands_of(command, (*path, name))


COMMANDS = sorted(commands_of(parser()))


@pytest.fixture(autouse=True)
def environment(db: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MODE", "test")
    monkeypatch.setenv("DATABASE_URL", db.app_url)
    monkeypatch.setattr("portal.logs.configure", lambda *_: None)


def fake(monkeypatch: pytest.MonkeyPatch, name: str, **members: object) -> None:
    module = ModuleType(name)
    vars(module).update(members)
    monkeypatch.setitem(sys.modules, name, module)


def test_the_commands_are_those_of_the_manual() -> None:
    assert [" ".join(command) for command in COMMANDS] == [
        "city", "city check", "city release", "close-days", "drill", "exceptions", "exceptions close",
        "exceptions list", "exceptions show", "exceptions take", "export", "export journals", "export ledger",
        "export payments",
        "export payments-ack", "import", "index-accounts", "mail", "mail bounce", "migrate",
        "payouts", "report", "serve", "staff",
        "staff add", "staff end-grant", "staff grant", "staff link", "staff list", "staff offboard",
        "staff reset-password", "staff reset-second-factor", "status", "verify", "worker",
    ]  # fmt: skip


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_help_ends_in_an_example(command: tuple[str, ...], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    last = capsys.readouterr().out.rstrip().splitlines()[-1]
    assert "ventanilla" in last
    assert command[0] in last


@pytest.mark.parametrize(("violations", "status"), [([], 0), (["journal 3 is off by 5 cents"], 1)])
def test_verify_prints_figures_and_violations(
    violations: list[str], status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    check = SimpleNamespace(name="journals balance", figure="12 journals", violations=violations)
    fake(monkeypatch, "portal.verify", verify=lambda session, **asked: [check])
    assert main(["verify"]) == status
    out = capsys.readouterr().out
    assert "12 journals" in out
    assert all(violation in out for violation in violations)
    assert out.endswith(f"1 checks, {len(violations)} violations.\n")


@pytest.mark.parametrize(("typed", "asked"), [([], False), (["--recompute"], True)])
def test_verify_works_every_line_out_again_when_asked_to(
    typed: list[str],
    asked: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    seen: list[object] = []
    fake(monkeypatch, "portal.verify", verify=lambda session, **given: seen.append(given["recompute"]) or [])
    assert main(["verify", *typed]) == 0
    assert seen == [asked]


def test_a_refusal_is_a_sentence_and_not_a_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def refuse(session: object, **asked: object) -> None:
        raise SamePerson("maker and checker must differ")

    fake(monkeypatch, "portal.verify", verify=refuse)
    assert main(["verify"]) == 1
    assert capsys.readouterr().err == "ventanilla: SamePerson: maker and checker must differ\n"


def test_a_missing_file_is_a_sentence(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    fake(monkeypatch, "portal.verify", verify=lambda session, **asked: Path("/nowhere/at-all.csv").open())  # noqa: SIM115
    assert main(["verify"]) == 1
    assert capsys.readouterr().err == "ventanilla: there is no file /nowhere/at-all.csv\n"


def test_an_approval_needs_a_name(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["city", "release", "--approve", "4"])
    assert "--as NAME" in capsys.readouterr().err


def test_a_city_that_is_wrong_is_named_by_file_and_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "identity.toml").write_text("[identity]\nname = \n")
    assert main(["city", "check", str(tmp_path)]) == 1
    assert "identity.toml:2" in capsys.readouterr().out


def test_a_release_needs_two_people(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["city", "check"]) == 0
    assert main(["city", "release", "--propose-as", "ana"]) == 0
    found = re.search(r"--approve (\d+)", capsys.readouterr().out)
    assert found is not None
    assert main(["city", "release", "--approve", found[1], "--as", "ana"]) == 1
    assert "SamePerson" in capsys.readouterr().err
    assert main(["city", "release", "--approve", found[1], "--as", "ben"]) == 0
    assert main(["city", "release", "--propose-as", "ana"]) == 1
    assert "AlreadyRuling" in capsys.readouterr().err


def test_an_import_without_a_ruling_city_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in {
        "SECRET_KEY": "s" * 40, "PROOF_KEY": "p" * 40, "STRIPE_KEY": "sk_test_1", "STRIPE_WEBHOOK_SECRETS": "whsec_1",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    assert main(["import", "citations", str(tmp_path / "x.csv"), "--profile", "p.toml", "--total", "$1,204.50"]) == 1
    assert "NoRulingCity" in capsys.readouterr().err


def test_a_total_that_is_no_amount_is_a_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["import", "citations", "x.csv", "--profile", "p.toml", "--total", "twelve"])
    assert "'twelve' is not an amount of dollars and cents" in capsys.readouterr().err


def test_migrate_says_the_version(
    db: TestDatabase, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_OWNER_URL", db.owner_url)
    assert main(["migrate"]) == 0
    assert capsys.readouterr().out.startswith("The database is at version ")


def test_a_file_appears_only_when_it_is_whole(tmp_path: Path) -> None:
    out = tmp_path / "books.journal"
    exchange._write(["one\n", "two\n"], out)
    assert out.read_text() == "one\ntwo\n"

    def cut() -> Iterator[str]:
        yield "three\n"
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        exchange._write(cut(), out)
    assert out.read_text() == "one\ntwo\n"
    assert list(tmp_path.iterdir()) == [out]


def test_the_exceptions_queue_on_the_command_line(db: TestDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction(db.sessions) as session:
        opened = open_exception(session, "orphan", "pi_1", {"amount_cents": 7700}, "Find out who paid.")
    assert main(["exceptions", "list"]) == 0
    assert "1 open, 0 late." in capsys.readouterr().out
    assert main(["exceptions", "take", str(opened), "--as", "rosa"]) == 0
    assert main(["exceptions", "show", str(opened)]) == 0
    shown = capsys.readouterr().out
    for part in ("orphan pi_1", "owner    rosa", "Find out who paid.", '"amount_cents": 7700'):
        assert part in shown
    with db.owner.begin() as connection:
        connection.exec_driver_sql("UPDATE exception_lines SET opened_at = now() - interval '3 days'")
    assert main(["exceptions", "list", "--kind", "orphan"]) == 1, "late"
    assert main(["exceptions", "close", str(opened), "--as", "luis", "--note", "refunded, re_1"]) == 0
    assert main(["exceptions", "list"]) == 0
    assert main(["exceptions", "show", str(opened + 1)]) == 1
    assert "by luis: refunded, re_1" not in capsys.readouterr().out
    main(["exceptions", "show", str(opened)])
    assert "by luis: refunded, re_1" in capsys.readouterr().out


def test_the_search_index_is_written_anew(db: TestDatabase, capsys: pytest.CaptureFixture[str]) -> None:
    with transaction(db.sessions) as session:
        opened(session, "Ana Lindqvist")
    with db.owner.begin() as connection:
        connection.exec_driver_sql("DELETE FROM search_documents")
    assert main(["index-accounts"]) == 0
    assert capsys.readouterr().out == "1 of 1 accounts\n1 documents were not what they should be.\n"
