"""Each journal goes out once; the file is what the books say; a copy is the same bytes; answers are kept."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from collections import defaultdict
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from accounts.cities.rules import NotInTheCity
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.ledger import exports
from accounts.ledger.queries import trial_balance
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from payments.journal_exports import queries, service
from payments.journal_exports.rules import AnsweredBefore, BadAnswer, DayNotClosed, ExportChanged, NothingToExport
from payments.journal_exports.service import ExportedFile
from payments.journal_exports.writing import read_back
from tests.accounts.counter import refused
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories.till_days import TillDays, item
from tests.payments.journal_exports.conftest import close


def export(window: TillDays, layout: str = "neutral", **more: object) -> ExportedFile:
    finance = window.person("olga", "finance")
    return service.export_journals(
        window.sessions, finance, window.ruling.city, clock=window.clock, layout=layout, **more
    )


def balances(window: TillDays) -> dict[str, int]:
    with reading(window.sessions) as session:
        return {code: money.cents for code, _, _, _, money in trial_balance(session) if money}


@pytest.mark.parametrize("layout", ["neutral", "delimited", "fixed-140"])
def test_the_file_reads_back_as_our_trial_balance(window: TillDays, layout: str) -> None:
    made = export(window, layout)
    form = None if layout == "neutral" else window.ruling.city.journal_layout(layout, window.today)
    found: dict[str, int] = defaultdict(int)
    for line in read_back(made.content, form):
        found["-".join(line.account) if layout == "delimited" else line.account[-1]] += line.amount.cents
    assert {code: cents for code, cents in found.items() if cents} == balances(window)
    projects = {line.project: line.amount.cents for line in read_back(made.content, form) if line.project == "PK-102"}
    assert projects == {"PK-102": -25_00}


def test_hledger_adds_up_to_the_same(window: TillDays, tmp_path: Path) -> None:
    program = shutil.which("hledger")
    if program is None:
        pytest.fail("hledger, our independent witness, is not here: apt-get install hledger")
    made, books = export(window), tmp_path / "books.journal"
    with reading(window.sessions) as session:
        books.write_text("".join(exports.hledger(session)))
    done = subprocess.run(
        [program, "-f", str(books), "bal", "-O", "csv", "--flat", "-N", "--empty"], check=True, capture_output=True,
        text=True,
    )  # fmt: skip
    theirs = {
        name.split(":")[2].split()[0]: Money.exact(amount.replace("$", "").replace(",", "")).cents
        for name, amount in list(csv.reader(io.StringIO(done.stdout)))[1:]
    }
    ours: dict[str, int] = defaultdict(int)
    for line in read_back(made.content, None):
        ours[line.account[1]] += line.amount.cents
    assert {code: cents for code, cents in ours.items() if cents} == {c: v for c, v in theirs.items() if v}


def test_every_journal_goes_out_once_reversals_too(window: TillDays, db: TestDatabase) -> None:
    first = export(window)
    assert first.batch.number == 1
    assert window.rows("SELECT count(*) FROM exported_journals") == window.rows("SELECT count(*) FROM journals")
    with refused(db, NothingToExport):
        export(window)
    drawer = window.open()
    window.sell(drawer, {"cash": 25}, items=[item("copy", 25)])
    window.close(drawer)
    with refused(db, NothingToExport):
        export(window)  # the day is not closed
    window.clock.advance(days=1)
    close(window)
    second = export(window)
    assert (second.batch.number, second.batch.journals, second.batch.debits) == (2, 1, Money(50))
    assert window.rows(
        "SELECT count(*) FROM journals WHERE id NOT IN (SELECT journal_id FROM exported_journals)"
    ) == [(0,)]


def test_days_may_be_left_for_the_next_batch(window: TillDays, db: TestDatabase) -> None:
    tuesday = window.today - timedelta(days=2)
    with refused(db, DayNotClosed):
        export(window, through=window.today)
    first = export(window, through=tuesday)
    assert (first.batch.first_day, first.batch.last_day) == (tuesday, tuesday)
    second = export(window)
    assert second.batch.first_day == second.batch.last_day == tuesday + timedelta(days=1)


def test_two_at_once_make_one_batch(window: TillDays) -> None:
    outcomes = together([lambda: export(window), lambda: export(window, "delimited")])
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["ExportedFile", "NothingToExport"]
    assert window.rows("SELECT count(*) FROM journal_batches") == [(1,)]


def test_the_database_itself_lets_no_journal_out_twice(window: TillDays) -> None:
    export(window)
    with pytest.raises(IntegrityError), transaction(window.sessions) as session:
        session.execute(
            text("INSERT INTO exported_journals SELECT journal_id, batch_id FROM exported_journals LIMIT 1")
        )


def test_a_copy_is_the_same_bytes_and_no_second_posting(window: TillDays) -> None:
    made = export(window, "fixed-140")
    before = window.rows("SELECT * FROM exported_journals ORDER BY 1")
    copy = service.written_again(window.sessions, window.person("olga", "finance"), 1)
    assert (copy.content, copy.name) == (made.content, "journal-000001-fixed-140-COPY.txt")
    assert made.name == "journal-000001-fixed-140.txt"
    assert window.rows("SELECT * FROM exported_journals ORDER BY 1") == before
    assert window.rows("SELECT details ->> 'file' FROM audit_entries WHERE act = 'journals-exported-again'") == [
        (copy.name,)
    ]
    with reading(window.sessions) as session:
        assert queries.batch(session, 1).copies == 1


def test_a_stored_file_that_was_changed_is_not_sent(window: TillDays, db: TestDatabase) -> None:
    export(window)
    with db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("ALTER TABLE journal_batches DROP CONSTRAINT ck_journal_batches_content_has_its_hash")
        )
        connection.execute(text("UPDATE journal_batches SET content = content || 'x'::bytea"))
    try:
        with refused(db, ExportChanged):
            service.written_again(window.sessions, window.person("olga", "finance"), 1)
    finally:
        with db.owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("DELETE FROM exported_journals; DELETE FROM journal_batch_lines"))
            connection.execute(text("DELETE FROM journal_batches"))
            connection.execute(
                text(
                    "ALTER TABLE journal_batches ADD CONSTRAINT ck_journal_batches_content_has_its_hash "
                    "CHECK (encode(sha256(content), 'hex') = sha256)"
                )
            )


def test_who_may_not_export_and_unknown_layouts_change_nothing(window: TillDays, db: TestDatabase) -> None:
    clerk = window.person("rosa", "clerk")
    with refused(db, NotAllowed):
        service.export_journals(window.sessions, clerk, window.ruling.city, clock=window.clock)
    with refused(db, NotAllowed):
        service.written_again(window.sessions, clerk, 1)
    with refused(db, NotAllowed):
        service.acknowledge(window.sessions, clerk, "1,accepted", clock=window.clock)
    with refused(db, NotInTheCity):
        export(window, "munis")
    with refused(db, NotFound):
        service.written_again(window.sessions, window.person("olga", "finance"), 9)


def answer(window: TillDays, content: str) -> service.Acknowledged:
    return service.acknowledge(window.sessions, window.person("olga", "finance"), content, clock=window.clock)


def test_rejected_then_sent_again_then_accepted(window: TillDays, db: TestDatabase) -> None:
    export(window)
    assert answer(window, "1,rejected,,period 05 is closed").rejected == (1,)
    assert answer(window, "1,rejected,,period 05 is closed").known == (1,)
    with refused(db, NothingToExport):
        export(window)  # never a new batch
    assert answer(window, "batch,status,reference,message\n1,accepted,JE-77,").accepted == (1,)
    assert answer(window, "1,accepted,JE-77,").known == (1,)
    with refused(db, AnsweredBefore):
        answer(window, "1,rejected,JE-77,on second thoughts")
    with reading(window.sessions) as session:
        sent = queries.batch(session, 1)
        said = queries.answers(session, sent.id)
    assert (sent.status, sent.reference) == ("accepted", "JE-77")
    assert [(one.status, one.message) for one in said] == [("rejected", "period 05 is closed"), ("accepted", "")]


def test_an_answer_is_taken_whole_or_not_at_all(window: TillDays, db: TestDatabase) -> None:
    export(window)
    with refused(db, NotFound):
        answer(window, "1,accepted,JE-77\n2,accepted,JE-78")
    with refused(db, BadAnswer):
        answer(window, "1,accepted,JE-77\n1,rejected,,no")


def test_funds_of_a_batch_balance(window: TillDays, sessions: Sessions) -> None:
    export(window)
    with reading(sessions) as session:
        found = queries.funds(session, queries.batch(session, 1).id)
    assert [fund.fund for fund in found] == sorted({code[:3] for code in balances(window)})
    assert all(fund.debits == fund.credits for fund in found)
