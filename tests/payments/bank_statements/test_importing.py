"""Files of the bank: whole or not at all, once, and whichever comes first."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import pytest

from accounts.cities.banks import BankAccount, CsvProfile
from accounts.errors import DomainError
from accounts.money import Money
from payments.bank_statements.reading import read_bai2, read_csv
from payments.bank_statements.rules import Contradicts, DoesNotFollow, FileRefused, StatementOff, WhichAccount
from tests.accounts.counter import shipped
from tests.factories import DAY
from tests.factories.bank_files import Told, bai2, bai2_days, csv
from tests.payments.bank_statements.conftest import Bank

BESIDE = Path(__file__).parents[4] / "shared" / "data"
SAMPLE = Path(os.environ.get("REAL_REGISTERS_DIR", BESIDE)) / "bai2_sample_synthetic.bai"
SOME = (Told(50_00, "301", "REF1", "BAG-1", "Deposit, first"), Told(-2_50, "698", text="FEE"))
NEXT = DAY + timedelta(days=1)


def general(**changes: object) -> BankAccount:
    return shipped().bank_account("general", DAY).model_copy(update=changes)


def test_a_file_of_our_own_generator_reads_back() -> None:
    (told,) = read_bai2(bai2(DAY, 100_00, SOME), [general()])
    assert (told.bank_account, told.from_on, told.through_on) == ("general", DAY, DAY)
    assert (told.opening, told.closing) == (Money(100_00), Money(147_50))
    deposit, fee = told.lines
    assert (deposit.amount, deposit.type_code, deposit.bank_reference) == (Money(50_00), "301", "REF1")
    assert (deposit.customer_reference, deposit.text) == ("BAG-1", "Deposit, first")
    assert fee.amount == Money(-2_50)


@pytest.mark.skipif(not SAMPLE.exists(), reason="the sample is not here: set REAL_REGISTERS_DIR")
def test_the_sample_reads() -> None:
    (told,) = read_bai2(SAMPLE.read_bytes(), [general()])
    assert (told.opening, told.closing) == (Money(100_00), Money(150_00))
    assert [(line.amount.cents, line.type_code) for line in told.lines] == [(3000, "142"), (2000, "301")]
    assert told.lines[0].text == "ACH CREDIT CREF: 9f4396bd"


def _broken(line: int, was: str, now: str) -> bytes:
    lines = bai2(DAY, 100_00, SOME).decode().splitlines()
    assert was in lines[line - 1], lines[line - 1]
    lines[line - 1] = lines[line - 1].replace(was, now)
    return "\n".join(lines).encode()


BAD = [
    (b"01,BANK", FileRefused, {"problem": "not-bai2"}),
    (_broken(1, ",2/", ",3/"), FileRefused, {"problem": "type-code"}),
    (_broken(5, "5000", "5001"), FileRefused, {"problem": "control-total"}),
    (_broken(5, "5000", "50.00"), FileRefused, {"problem": "amount", "line": 5}),
    (_broken(5, "301", "999"), FileRefused, {"problem": "type-code"}),
    (_broken(2, ",1,2", ",4,2"), FileRefused, {"problem": "group-status"}),
    (_broken(2, ",2/", ",3/"), FileRefused, {"problem": "interim"}),
    (_broken(3, "USD", "CAD"), FileRefused, {"problem": "currency"}),
    (_broken(3, "123456", "123457"), WhichAccount, {"ends": "3457"}),
    (bai2(DAY, 100_00, SOME) + b"99,0,0,0/\n", FileRefused, {"problem": "not-bai2"}),
    (bai2(DAY, 100_00, SOME, closing=147_49), StatementOff, {"difference_cents": 1, "line": 0}),
]


@pytest.mark.parametrize(("content", "refusal", "facts"), BAD)
def test_bad_bai2_is_refused(content: bytes, refusal: type[DomainError], facts: dict[str, object]) -> None:
    with pytest.raises(refusal) as said:
        read_bai2(content, [general()])
    assert facts.items() <= said.value.facts.items()


def _csv(*rows: str) -> bytes:
    return "\n".join(["Date,Description,Amount,Balance,Bank Reference,Customer Reference", *rows, ""]).encode()


BAD_CSV = [
    (_csv(), FileRefused, {"problem": "empty"}),
    (b"Date,Amount\n11/17/2026,5\n", FileRefused, {"problem": "columns", "line": 1}),
    (_csv("11/17/2026,x,5.00,5.00,a"), FileRefused, {"problem": "columns", "line": 2}),
    (_csv("11/17/2026,x,5.00,5.00,a,b", "17.11.2026,x,5.00,10.00,a,b"), FileRefused, {"problem": "date", "line": 3}),
    (_csv("11/17/2026,x,5.005,5.00,a,b"), FileRefused, {"problem": "amount", "line": 2}),
    (_csv("11/17/2026,x,1e3,5.00,a,b"), FileRefused, {"problem": "amount", "line": 2}),
    (_csv("11/17/2026,x,5.00,5.00,,", "11/17/2026,x,5.00,10.01,,"), StatementOff,
     {"difference_cents": 1, "line": 3}),
    (_csv("11/17/2026,x,5.00,5.00,,", "11/16/2026,x,5.00,10.00,,"), FileRefused, {"problem": "date-order"}),
]  # fmt: skip


@pytest.mark.parametrize(("content", "refusal", "facts"), BAD_CSV)
def test_bad_csv_is_refused_with_its_line(
    content: bytes, refusal: type[DomainError], facts: dict[str, object]
) -> None:
    with pytest.raises(refusal) as said:
        read_csv(content, general())
    assert facts.items() <= said.value.facts.items()


def test_csv_as_other_banks_write_it() -> None:
    profile = CsvProfile(
        date="Posted", credit="In", debit="Out", balance="Left", description="What", date_format="%Y-%m-%d",
        delimiter=";", newest_first=True,
    )  # fmt: skip
    content = b'Posted;What;In;Out;Left\n2026-11-18;b;;"1,000.00";(500.00)\n2026-11-17;a;$500.00;;500.00\n'
    (told,) = read_csv(content, general(csv=profile))
    assert (told.opening, told.closing, told.from_on) == (Money(0), Money(-500_00), DAY)
    assert [line.amount.cents for line in told.lines] == [500_00, -1000_00]
    turned = general(csv=general().csv.model_copy(update={"credit_is_positive": False}))  # type: ignore[union-attr]
    (other,) = read_csv(_csv("11/17/2026,x,-5.00,5.00,,"), turned)
    assert other.lines[0].amount == Money(5_00)
    with pytest.raises(WhichAccount):
        read_csv(content, general(csv=None))


def test_the_same_file_again_changes_nothing(bank: Bank) -> None:
    content = bai2(DAY, 100_00, SOME)
    assert bank.takes(content).new == 2
    before = bank.vault.state()
    assert bank.takes(content).was_known
    assert bank.vault.state() == before


def test_other_files_of_the_same_days_add_nothing_and_alike_lines_stay_two(bank: Bank) -> None:
    twice = (Told(20_00, "301"), Told(20_00, "301"), Told(7_00, "142"))
    assert bank.takes(bai2(DAY, 0, twice)).new == 3
    assert bank.takes(bai2(NEXT, 47_00, SOME)).new == 2
    told = bank.csv([(DAY, twice[::-1]), (NEXT, (*SOME, Told(1_00)))])  # a line more on the last day
    assert (told.lines, told.new) == (6, 1)
    assert [cents for cents, *_ in bank.lines()] == [20_00, 20_00, 7_00, 50_00, -2_50, 1_00]


def test_what_contradicts_another_file_is_refused(bank: Bank) -> None:
    bank.takes(bai2(DAY, 0, SOME))
    bank.takes(bai2(NEXT, 47_50, SOME))
    before = bank.vault.state()
    for days, difference in (
        ([(DAY, SOME[:1]), (NEXT, SOME)], 2_50),
        ([(DAY, (*SOME, Told(9_00))), (NEXT, SOME)], 9_00),
        ([(NEXT, SOME[:1])], None),
    ):
        with pytest.raises((Contradicts, DoesNotFollow)) as said:
            bank.csv(days)
        assert difference is None or said.value.facts["difference_cents"] == difference
        assert bank.vault.state() == before


def test_a_statement_follows_the_one_before_or_says_why_not(bank: Bank) -> None:
    bank.takes(bai2(DAY, 0, SOME))
    before = bank.vault.state()
    with pytest.raises(DoesNotFollow) as said:
        bank.takes(bai2(NEXT, 50_00, SOME))
    assert said.value.facts == {"difference_cents": 2_50, "on": NEXT, "may_be_named": True}
    with pytest.raises(DoesNotFollow) as early:
        bank.takes(bai2(DAY - timedelta(days=1), 0, SOME))
    assert not early.value.facts["may_be_named"]
    assert bank.vault.state() == before
    bank.takes(bai2(NEXT, 50_00, SOME), difference="the bank lost a day, a letter is coming")
    assert bank.line(2_50).kind == "gap"
    at = bank.position(NEXT)
    assert (at.statement, at.unnamed_count) == (Money(97_50), 5)


def test_a_day_missing_in_between_comes_first(bank: Bank) -> None:
    days = [(DAY + timedelta(days=ahead), 10_00 * ahead, (Told(10_00, "301"),)) for ahead in range(3)]
    files = [bai2(*day) for day in days]
    bank.takes(files[0])
    with pytest.raises(DoesNotFollow):
        bank.takes(files[2])
    bank.takes(files[1])
    bank.takes(files[2])
    assert bank.position(NEXT + timedelta(days=1)).statement == Money(30_00)
    assert bank.takes(bai2_days(days)).new == 0


def test_what_was_before_the_first_statement_is_its_opening_balance(bank: Bank) -> None:
    bank.vault.sealed(80_00)
    bank.vault.later(days=9)
    bank.vault.sealed(20_00)
    bank.vault.later(days=1)
    bank.balance = 80_00
    bank.tells(Told(20_00, "301"))
    assert [(cents, reason) for cents, reason, _ in bank.matched()] == [
        (80_00, "brought-forward"), (20_00, "only-one-in-days"),
    ]  # fmt: skip
    assert bank.position().is_explained


def test_what_of_it_is_not_plain_is_named(bank: Bank) -> None:
    bank.vault.sealed(80_00)
    bank.vault.later(days=9)
    bank.balance = 70_00
    bank.tells(Told(1_00, "301"))
    at = bank.position()
    assert (at.unnamed_count, at.residual, at.is_explained) == (2, Money(-71_00), False)


def test_of_which_account_a_csv_is_must_be_said_where_there_are_several(bank: Bank) -> None:
    with pytest.raises(WhichAccount):
        bank.takes(csv([(DAY, SOME)], 0), bank_account="payroll")
    assert bank.takes(csv([(DAY, SOME)], 0), bank_account="general").new == 2
