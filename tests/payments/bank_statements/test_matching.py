"""From the bank's files to what is ours: what is plain is matched, the rest is a person's."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.approvals.rules import ReasonMissing
from accounts.database import reading, transaction
from accounts.errors import DomainError
from accounts.money import ZERO, Money
from accounts.staff.rules import NotAllowed
from payments.bank_statements import lists
from payments.bank_statements.rules import (
    CountedIt,
    DoesNotTie,
    MatchedBefore,
    NotBooked,
    NotMatched,
    SignedOff,
    Unexplained,
    WrongCategory,
)
from payments.bank_statements.service import book, match, match_by_hand, name, sign_off, undo
from tests.factories.bank_files import Told
from tests.payments.bank_statements.conftest import BANK, Bank


def test_a_deposit_is_met_by_its_amount_in_its_days(bank: Bank) -> None:
    deposit = bank.vault.sealed(125_37, [40_00])
    assert bank.position().deposits_in_transit == Money(165_37)
    assert bank.position().is_explained
    bank.vault.later(days=1)
    told = bank.tells(Told(165_37, "301", text="Deposit"))
    assert (told.new, told.matched) == (1, 1)
    assert bank.matched() == [(165_37, "only-one-in-days", [f"deposit {deposit}"])]
    at = bank.position()
    assert (at.ledger, at.statement, at.deposits_in_transit, at.residual) == (
        Money(165_37), Money(165_37), ZERO, ZERO,
    )  # fmt: skip
    assert at.is_explained
    before = bank.position(bank.day(-1))
    assert (before.statement, before.deposits_in_transit, before.residual) == (ZERO, Money(165_37), ZERO)


def test_the_number_of_the_bag_tells_two_of_one_amount_apart(bank: Bank) -> None:
    first, second = bank.vault.sealed(50_00, bag="B-0001"), bank.vault.sealed(50_00, bag="B-0002")
    bank.vault.later(days=1)
    bank.tells(Told(50_00, "301", customer_reference="B0002"), Told(50_00, "301", text="DEPOSIT BAG B-0001"))
    assert bank.matched() == [
        (50_00, "same-number", [f"deposit {second}"]), (50_00, "same-number", [f"deposit {first}"]),
    ]  # fmt: skip


def test_two_of_one_amount_without_a_number_are_never_guessed(bank: Bank) -> None:
    both = [bank.vault.sealed(50_00), bank.vault.sealed(50_00)]
    bank.vault.later(days=1)
    assert bank.tells(Told(50_00, "301"), Told(50_00, "301")).matched == 0
    ids = [row[0] for row in bank.vault.desk.rows("SELECT id FROM bank_lines ORDER BY id")]
    assert len(ids) == 2
    with reading(bank.vault.sessions) as session:
        found = lists.candidates(session, lists.line(session, ids[0]))
    assert [(one.subject, one.same_amount) for one in found] == [(str(id_), True) for id_ in both]
    match_by_hand(bank.desk, ids[0], [("deposit", str(both[1]))], "slip of the bank", bank.vault.finance)
    assert match(bank.desk, BANK) == 1  # the other one is plain now
    assert bank.position().is_explained


def test_two_deposits_in_one_line(bank: Bank) -> None:
    first, second = bank.vault.sealed(50_00), bank.vault.sealed(30_00)
    bank.vault.sealed(70_00)
    bank.vault.later(days=1)
    bank.tells(Told(80_00, "301"))
    assert bank.matched() == [(80_00, "together", [f"deposit {first}", f"deposit {second}"])]


def test_several_ways_to_sum_up_are_left_to_a_person(bank: Bank) -> None:
    for cents in (50_00, 30_00, 60_00, 20_00):
        bank.vault.sealed(cents)
    bank.vault.later(days=1)
    assert bank.tells(Told(80_00, "301")).matched == 0


def test_a_settlement_less_the_fee_books_the_fee(bank: Bank) -> None:
    settled = bank.vault.settled(100_00, "S-771")
    bank.vault.later(days=1)
    assert bank.tells(Told(97_40, "165", text="CARD SETTLEMENT")).matched == 1
    line = bank.line(97_40)
    assert bank.matched() == [(97_40, "less-fee", [f"booked {line.id}", f"terminal {settled}"])]
    balances = bank.vault.desk.balances()
    assert (balances["990-1010"], balances["100-5100"], balances["100-1000"]) == (
        97_40,
        2_60,
        -2_60 + 100_00 - 100_00,
    )
    assert bank.position().is_explained


def test_a_fee_above_the_policy_is_no_fee(bank: Bank) -> None:
    bank.vault.settled(100_00)
    bank.vault.later(days=1)
    assert bank.tells(Told(95_99, "165")).matched == 0
    assert bank.position().unnamed_count == 1


def test_too_late_or_of_another_kind_is_not_plain(bank: Bank) -> None:
    bank.vault.sealed(50_00)
    bank.vault.settled(70_00)
    bank.vault.later(days=1)
    assert bank.tells(Told(50_00, "142"), Told(70_00, "301")).matched == 0
    bank.vault.later(days=5)
    assert bank.tells(Told(50_00, "301")).matched == 0


def test_a_fee_of_the_bank_is_booked_and_interest_too(bank: Bank) -> None:
    bank.tells(Told(-12_00, "698", text="MONTHLY FEE"), Told(3_45, "354", text="INTEREST"))
    assert bank.position().residual == Money(8_55)
    book(bank.desk, bank.line(-12_00).id, "bank-fee", "November", bank.vault.finance)
    book(bank.desk, bank.line(3_45).id, "interest", "", bank.vault.finance)
    balances = bank.vault.desk.balances()
    assert (balances["990-1010"], balances["100-5110"], balances["100-4700"]) == (-8_55, 12_00, -3_45)
    assert bank.position().is_explained
    with pytest.raises(MatchedBefore):
        book(bank.desk, bank.line(3_45).id, "interest", "", bank.vault.finance)


def test_what_was_booked_by_mistake_is_reversed(bank: Bank) -> None:
    bank.tells(Told(-12_00, "698"))
    line = bank.line(-12_00).id
    book(bank.desk, line, "bank-fee", "", bank.vault.finance)
    undo(bank.desk, line, "it was a returned item", bank.vault.finance)
    assert bank.vault.desk.balances() == {}
    with pytest.raises(NotMatched):
        undo(bank.desk, line, "again", bank.vault.finance)
    name(bank.desk, line, "returned-item", "", bank.vault.finance)
    at = bank.position()
    assert (at.named, at.residual, at.is_explained) == ((("returned-item", Money(-12_00)),), ZERO, True)
    name(bank.desk, line, "", "", bank.vault.finance)
    assert not bank.position().is_explained
    book(bank.desk, line, "bank-fee", "it was one after all", bank.vault.finance)
    assert bank.position().is_explained
    with reading(bank.vault.sessions) as session:
        assert [past.undone_for for past in lists.history(session, line)] == ["it was a returned item", ""]


def test_a_difference_by_hand_is_booked_by_its_name(bank: Bank) -> None:
    deposit = bank.vault.sealed(100_00)
    bank.vault.later(days=1)
    bank.tells(Told(98_00, "301"))
    line = bank.line(98_00).id
    before = bank.vault.state()
    with pytest.raises(DoesNotTie) as said:
        match_by_hand(bank.desk, line, [("deposit", str(deposit))], "short", bank.vault.finance)
    assert said.value.facts == {"difference_cents": -2_00}
    assert bank.vault.state() == before
    match_by_hand(bank.desk, line, [("deposit", str(deposit))], "bag fee", bank.vault.finance, category="bank-fee")
    assert bank.vault.desk.balances()["100-5110"] == 2_00
    assert bank.position().is_explained


def test_what_is_refused_changes_nothing(bank: Bank) -> None:
    deposit = str(bank.vault.sealed(60_00))
    bank.vault.later(days=1)
    bank.tells(Told(50_00, "301"), Told(-5_00, "698"))
    line, fee = bank.line(50_00).id, bank.line(-5_00).id
    people, before = bank.vault, bank.vault.state()
    refused: list[tuple[type[DomainError], object]] = [
        (CountedIt, lambda: match_by_hand(bank.desk, line, [("deposit", deposit)], "mine", _both(bank, "maker"))),
        (CountedIt, lambda: match_by_hand(bank.desk, line, [("deposit", deposit)], "mine", _both(bank, "checker"))),
        (NotAllowed, lambda: match_by_hand(bank.desk, line, [("deposit", deposit)], "it is", people.checker)),
        (ReasonMissing, lambda: match_by_hand(bank.desk, line, [("deposit", deposit)], " ", people.finance)),
        (DoesNotTie, lambda: match_by_hand(bank.desk, line, [], "nothing", people.finance)),
        (MatchedBefore, lambda: match_by_hand(bank.desk, line, [("deposit", "999")], "no", people.finance)),
        (WrongCategory, lambda: book(bank.desk, fee, "interest", "", people.finance)),
        (WrongCategory, lambda: name(bank.desk, fee, "no-such", "", people.finance)),
        (WrongCategory, lambda: name(bank.desk, fee, "", "", people.finance)),
        (NotBooked, lambda: book(bank.desk, fee, "returned-item", "", people.finance)),
        (NotAllowed, lambda: book(bank.desk, fee, "bank-fee", "", people.maker)),
        (NotMatched, lambda: undo(bank.desk, fee, "no", people.finance)),
    ]
    for refusal, act in refused:
        with pytest.raises(refusal):
            act()  # type: ignore[operator]
    assert bank.vault.state() == before


def _both(bank: Bank, who: str):  # type: ignore[no-untyped-def]
    """Somebody of the vault who has the finance officer's role as well."""
    from dataclasses import replace  # noqa: PLC0415

    person = getattr(bank.vault, who)
    return replace(person, permissions=person.permissions | bank.vault.finance.permissions)


def test_who_counted_the_deposit_neither_matches_nor_signs_off(bank: Bank) -> None:
    deposit = bank.vault.sealed(50_00)
    bank.vault.later(days=1)
    told = bank.tells(Told(50_00, "301"), Told(-2_00, "698"))
    (statement,) = told.statements
    with pytest.raises(Unexplained) as said:
        sign_off(bank.desk, statement, bank.vault.finance)
    assert said.value.facts == {"lines": 1}
    book(bank.desk, bank.line(-2_00).id, "bank-fee", "", bank.vault.finance)
    before = bank.vault.state()
    for who in ("maker", "checker"):
        with pytest.raises(CountedIt):
            sign_off(bank.desk, statement, _both(bank, who))
        with pytest.raises(CountedIt):
            undo(bank.desk, bank.line(50_00).id, "mine", _both(bank, who))
        with pytest.raises(DBAPIError, match="signer counted"), transaction(bank.vault.sessions) as session:
            session.execute(
                text("INSERT INTO bank_sign_offs (statement_id, signed_by) VALUES (:statement, :who)"),
                {"statement": statement, "who": getattr(bank.vault, who).actor_id},
            )
    assert bank.vault.state() == before
    sign_off(bank.desk, statement, bank.vault.finance)
    for act in (
        lambda: sign_off(bank.desk, statement, bank.vault.finance),
        lambda: undo(bank.desk, bank.line(50_00).id, "late", bank.vault.finance),
        lambda: name(bank.desk, bank.line(50_00).id, "unknown", "", bank.vault.finance),
    ):
        with pytest.raises(SignedOff):
            act()
    assert deposit
