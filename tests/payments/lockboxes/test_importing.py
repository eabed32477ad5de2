"""Lockbox files in the books: each check once, whatever dies, whoever else imports; nobody's money in suspense."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from accounts.customer_accounts.scan_lines import Printed, write
from accounts.database import reading
from accounts.errors import DomainError
from accounts.money import Money
from accounts.staff.rules import Authority, NotAllowed
from payments.lockboxes import queries, service
from payments.lockboxes.items import LockboxDesk, _account
from payments.lockboxes.rules import FileRefused, NotHeld
from payments.terms import lockbox_desk
from tests.concurrency.threads import together
from tests.factories.desk import Desk
from tests.factories.lockbox import Check, lockbox_file
from tests.factories.online import unheard

PROFILE = "river-bank"


@pytest.fixture
def box(desk: Desk) -> LockboxDesk:
    return lockbox_desk(unheard(desk.sessions, desk.ruling.city, desk.clock), desk.ruling.city, b"a key of tests")


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


def reference(desk: Desk, account: int) -> str:
    ((found,),) = desk.rows("SELECT reference FROM customer_accounts WHERE id = :id", id=account)
    return str(found)


def put(path: Path, content: str, name: str = "box.txt") -> Path:
    file = path / name
    file.write_text(content, encoding="latin-1")
    return file


def outcome(desk: Desk) -> tuple[object, ...]:
    """What an import left, without ids and instants."""
    return (
        desk.balances(),
        desk.rows("SELECT customer_account_id, open_cents FROM charges ORDER BY id"),
        desk.rows("SELECT id, credit_cents FROM customer_accounts ORDER BY id"),
        desk.rows("""SELECT p.amount_cents, p.channel, p.tender, j.effective_on, r.series, r.number
                       FROM payments p JOIN journals j ON j.id = p.journal_id JOIN receipts r ON r.payment_id = p.id
                      ORDER BY p.id"""),
        desk.rows("SELECT state, count(*) FROM lockbox_items GROUP BY state"),
        desk.rows("SELECT finished_at IS NOT NULL FROM lockbox_files"),
    )


def test_checks_meet_their_accounts_and_what_fits_nothing_is_in_suspense(
    desk: Desk, box: LockboxDesk, clerk: Authority, tmp_path: Path
) -> None:
    one = desk.account("utility", ("water", "service", 60_00))
    other = desk.account("license", ("business-license", "tax", 40_00))
    first, second = reference(desk, one), reference(desk, other)
    file = put(tmp_path, lockbox_file([
        [Check(60_00, first), Check(50_00, split=((first, 5_00), (second, 40_00), ("999", 5_00)), number="2")],
        [Check(7_00, "12345678901", number="3", payer="NOBODY KNOWN")],
    ]))  # fmt: skip
    done = service.import_file(box, clerk, file, PROFILE)
    assert (done.posted, done.file.posted, done.file.waits, done.was_known) == (3, 3, 0, False)
    assert [left for _, _, left in desk.charges(one)] + [left for _, _, left in desk.charges(other)] == [0, 0]
    assert desk.credit(one) == 5_00
    roles = desk.ruling.city.roles
    assert (desk.balances()[roles.bank], desk.balances()[roles.suspense]) == (117_00, -12_00)
    assert {on for (on,) in desk.rows("SELECT effective_on FROM journals WHERE kind = 'payment'")} == {
        date(2026, 11, 16)
    }
    assert desk.rows("SELECT payer, memo FROM suspense_clues ORDER BY payment_id")[2] == (
        "NOBODY KNOWN",
        "12345678901",
    )


def test_a_stub_with_a_whole_scan_line_finds_its_account(
    desk: Desk, box: LockboxDesk, clerk: Authority, tmp_path: Path
) -> None:
    account = desk.account("utility", ("water", "service", 60_00))
    (layout,) = desk.ruling.city.scan_layouts(desk.today)
    line = write(layout, Printed(reference(desk, account), gross=Money(60_00)))
    with reading(desk.sessions) as session:
        assert _account(session, box, line) == account
        assert _account(session, box, line[:-1] + "0123456789"[int(line[-1]) - 1]) is None
    assert put(tmp_path, "").exists()
    assert clerk.actor_id


def test_the_same_file_again_changes_nothing(desk: Desk, box: LockboxDesk, clerk: Authority, tmp_path: Path) -> None:
    account = desk.account("utility", ("water", "service", 60_00))
    file = put(tmp_path, lockbox_file([[Check(60_00, reference(desk, account))]]))
    service.import_file(box, clerk, file, PROFILE)
    before = outcome(desk)
    again = service.import_file(box, clerk, put(tmp_path, file.read_text(), "renamed.txt"), PROFILE)
    assert (again.posted, again.was_known) == (0, True)
    assert outcome(desk) == before


@pytest.mark.parametrize("spoil", [("0000006000", "0000006001"), ("9000007", "9000008")])
def test_a_file_that_does_not_tie_leaves_nothing(
    desk: Desk, box: LockboxDesk, clerk: Authority, tmp_path: Path, spoil: tuple[str, str]
) -> None:
    content = lockbox_file([[Check(60_00, "1")]])
    assert spoil[0] in content
    before = outcome(desk)
    with pytest.raises(FileRefused):
        service.import_file(box, clerk, put(tmp_path, content.replace(*spoil, 1)), PROFILE)
    assert outcome(desk) == before


def test_who_may_not_import_leaves_nothing(desk: Desk, box: LockboxDesk, tmp_path: Path) -> None:
    file = put(tmp_path, lockbox_file([[Check(60_00, "1")]]))
    before = outcome(desk)
    with pytest.raises(NotAllowed):
        service.import_file(box, desk.person("ada", "auditor"), file, PROFILE)
    with pytest.raises(DomainError):
        service.import_file(box, desk.person("clara", "clerk"), file, "no-such-bank")
    assert outcome(desk) == before


def test_an_item_that_came_before_is_held_until_a_person_has_looked(
    desk: Desk, box: LockboxDesk, clerk: Authority, tmp_path: Path
) -> None:
    service.import_file(box, clerk, put(tmp_path, lockbox_file([[Check(60_00, "1")]])), PROFILE)
    twice = put(tmp_path, lockbox_file([[Check(60_00, "1"), Check(5_00, "2", number="77")]]), "next.txt")
    done = service.import_file(box, clerk, twice, PROFILE)
    assert (done.posted, done.file.held, done.file.finished_at) == (1, 1, None)
    assert desk.rows("SELECT kind FROM exception_lines") == [("lockbox-repeated",)]
    with reading(desk.sessions) as session:
        (held,) = [
            item
            for item in queries.items(session, done.file.id, sees_protected=True, sees_restricted=True)
            if item.state == "held"
        ]
    service.post_held(box, clerk, held.id, "another check of that day")
    before = outcome(desk)
    with pytest.raises(NotHeld):
        service.post_held(box, clerk, held.id, "again")
    assert outcome(desk) == before
    assert -desk.balances()[desk.ruling.city.roles.suspense] == 125_00


def test_the_same_file_twice_at_once_is_posted_once(
    desk: Desk, box: LockboxDesk, clerk: Authority, tmp_path: Path
) -> None:
    account = desk.account("utility", ("water", "service", 60_00))
    stub = reference(desk, account)
    file = put(tmp_path, lockbox_file([[Check(1_00, stub, number=str(n)) for n in range(12)]]))
    done = together([lambda: service.import_file(box, clerk, file, PROFILE) for _ in range(3)])
    assert not [one for one in done if isinstance(one, Exception)], done
    assert desk.rows("SELECT count(*) FROM payments") == [(12,)]
    assert desk.charges(account)[0][2] == 48_00
    assert desk.rows("SELECT finished_at IS NOT NULL FROM lockbox_files") == [(True,)]
