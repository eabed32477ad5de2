"""``verify`` names a batch that is not what the books say; the command line writes, copies and reads answers."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from accounts.database import reading
from portal.cli import main
from portal.verify import verify
from tests.database import TestDatabase
from tests.factories.till_days import TillDays
from tests.payments.journal_exports.test_service import export


def violations(window: TillDays) -> list[str]:
    with reading(window.sessions) as session:
        return [said for check in verify(session) if "export" in check.name for said in check.violations]


CHANGES = {
    "batch 1 has $-54.99 of 100-4610 on 2026-11-17, the books have $-55.00": """
        UPDATE journal_batch_lines SET amount_cents = amount_cents + 1
         WHERE number = (SELECT min(number) FROM journal_batch_lines WHERE account = '100-4610')""",
    "batch 1 has $-4.99 of 100-4600 on 2026-11-17, the books have $-4.98": """
        UPDATE postings SET amount_cents = amount_cents + 1
         WHERE id = (SELECT min(p.id) FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id
                      WHERE a.code = '100-4600')""",
    "batch 1 says": """
        DELETE FROM exported_journals WHERE journal_id = (SELECT max(journal_id) FROM exported_journals)""",
    "batch 1: the audit knows its file by another hash": """
        UPDATE journal_batches SET content = '\\x00', sha256 = encode(sha256('\\x00'), 'hex')""",
}


@pytest.mark.parametrize(("said", "change"), CHANGES.items(), ids=list(CHANGES))
def test_one_changed_cent_is_named(window: TillDays, db: TestDatabase, said: str, change: str) -> None:
    export(window)
    assert violations(window) == []
    with db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.exec_driver_sql(change)
    assert any(found.startswith(said) for found in violations(window)), violations(window)


@pytest.fixture
def commands(window: TillDays, db: TestDatabase, monkeypatch: pytest.MonkeyPatch) -> TillDays:
    monkeypatch.setenv("MODE", "test")
    monkeypatch.setenv("DATABASE_URL", db.app_url)
    monkeypatch.setattr("portal.logs.configure", lambda *_: None)
    return window


def test_from_the_command_line(commands: TillDays, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "journals", "--profile", "delimited", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out.startswith("Batch 1: 7 journals of 2026-11-17 through 2026-11-18")
    assert main(["export", "journals", "--out", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "Every journal of the closed days was exported.\n"
    assert main(["export", "journals", "--again", "1", "--out", str(tmp_path)]) == 0
    first, copy = tmp_path / "journal-000001-delimited.txt", tmp_path / "journal-000001-delimited-COPY.txt"
    assert first.read_bytes() == copy.read_bytes()
    answer = tmp_path / "answer.csv"
    answer.write_text("1,rejected,,unknown object 4610\n")
    capsys.readouterr()
    assert main(["import", "journal-acknowledgement", str(answer)]) == 1
    assert capsys.readouterr().out.startswith("Rejected: batch 1.\nCorrect what was rejected there")
    answer.write_text("1,accepted,JE-9,\n")
    assert main(["import", "journal-acknowledgement", str(answer)]) == 0
    assert capsys.readouterr().out == "Accepted: batch 1.\n"


def test_an_import_without_its_profile_is_refused(
    commands: TillDays, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["import", "citations", str(tmp_path / "x.csv")]) == 1
    assert "needs --profile" in capsys.readouterr().err
