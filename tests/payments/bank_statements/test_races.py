"""Two people at once: one file is one file, one deposit is sealed and matched once."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from payments.bank_deposits import service as deposits
from payments.bank_deposits.rules import NotPrepared
from payments.bank_deposits.service import verify_and_seal
from payments.bank_statements import service
from payments.bank_statements.rules import MatchedBefore
from payments.bank_statements.service import match, match_by_hand
from tests.concurrency.threads import together
from tests.factories import DAY
from tests.factories.bank_files import Told, bai2
from tests.factories.vault import counted_of
from tests.payments.bank_statements.conftest import BANK, Bank

SOME = (Told(50_00, "301"), Told(50_00, "301"), Told(7_00, "142"))


def test_two_who_seal_at_once_post_once(bank: Bank) -> None:
    vault = bank.vault
    deposit = vault.prepared(vault.worked(10_00), cash=10_00)
    outcomes = together(
        [lambda who=who: verify_and_seal(vault.deposits, deposit, counted_of(10_00), who)
         for who in (vault.checker, vault.reviewer)]  # type: ignore[misc]
    )  # fmt: skip
    assert sorted(isinstance(outcome, NotPrepared) for outcome in outcomes) == [False, True]
    assert vault.desk.balances()[BANK] == 10_00


def test_without_the_lock_only_the_constraint_stops_the_second(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both come as far as the journal."""
    vault, gate, lines = bank.vault, threading.Barrier(2), deposits.journal_lines
    deposit = vault.prepared(vault.worked(10_00), cash=10_00)

    def both_here(*given: Any) -> Any:
        gate.wait(timeout=20)
        return lines(*given)

    monkeypatch.setattr(deposits, "_locked", lambda session, id_: session.get_one(deposits.BankDeposit, id_))
    monkeypatch.setattr(deposits, "journal_lines", both_here)
    outcomes = together(
        [lambda who=who: verify_and_seal(vault.deposits, deposit, counted_of(10_00), who)
         for who in (vault.checker, vault.reviewer)]  # type: ignore[misc]
    )  # fmt: skip
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert isinstance(refused, DBAPIError)
    assert "pk_source_effects" in str(refused)
    assert vault.desk.balances()[BANK] == 10_00


def test_one_file_at_once_is_kept_once(bank: Bank) -> None:
    content = bai2(DAY, 0, SOME)
    outcomes = together([lambda: bank.takes(content)] * 3)
    assert sorted(outcome.was_known for outcome in outcomes) == [False, True, True]  # type: ignore[union-attr]
    assert len(bank.lines()) == 3


def test_two_files_of_one_day_at_once_keep_each_line_once(bank: Bank) -> None:
    files = [bai2(DAY, 0, SOME), bai2(DAY, 0, SOME[::-1])]
    outcomes = together([lambda content=content: bank.takes(content) for content in files])  # type: ignore[misc]
    assert sorted(outcome.new for outcome in outcomes) == [0, 3]  # type: ignore[union-attr]
    assert sorted(cents for cents, *_ in bank.lines()) == [7_00, 50_00, 50_00]


def test_without_turns_the_key_of_lines_stops_the_second(bank: Bank, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: both find the line new."""
    gate, kept = threading.Barrier(2), service.importing.what_is_new

    def both_here(*given: Any) -> Any:
        found = kept(*given)
        gate.wait(timeout=20)
        return found

    monkeypatch.setattr(service, "_TAKE_TURNS", text("SELECT :name"))
    monkeypatch.setattr(service.importing, "what_is_new", both_here)
    outcomes = together(
        [lambda content=content: bank.takes(content) for content in (bai2(DAY, 0, SOME), bai2(DAY, 0, SOME[::-1]))]  # type: ignore[misc]
    )
    (refused,) = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert "uq_bank_lines" in str(refused)
    assert len(bank.lines()) == 3


def test_a_line_is_matched_once_by_whoever_is_first(bank: Bank) -> None:
    vault = bank.vault
    first, second = str(vault.sealed(50_00)), str(vault.sealed(50_00))
    vault.later(days=1)
    bank.takes(bai2(bank.today, 0, [Told(50_00, "301")]))
    line = bank.line(50_00).id
    outcomes = together(
        [
            lambda: match_by_hand(bank.desk, line, [("deposit", first)], "slip", vault.finance),
            lambda: match_by_hand(bank.desk, line, [("deposit", second)], "slip", vault.finance),
            lambda: match(bank.desk, BANK),
        ]
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, Exception)]
    assert [type(one) for one in refused] == [MatchedBefore]
    assert len(bank.matched()) == 1
