"""What was taken is what is deposited: by one, checked by another, posted once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.approvals.rules import ReasonMissing
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from payments.bank_deposits import queries
from payments.bank_deposits.rules import (
    BagInUse,
    BagMissing,
    BatchTaken,
    CountDiffers,
    Counted,
    Kind,
    NothingToDeposit,
    NotInYourHands,
    NotPrepared,
    NotSealed,
    TookTheMoney,
    UnknownDenomination,
)
from payments.bank_deposits.service import Preparation, Receiver, give_up, hand_over, prepare, verify_and_seal
from payments.reports.board import board
from tests.factories.vault import Vault, counted_of


def test_a_bag_goes_from_the_vault_to_the_bank_once(vault: Vault) -> None:
    batch = vault.worked(125_37, [40_00, 60_00], 30_00)
    deposit = vault.prepared(batch, cash=125_37, checks=[40_00, 60_00], bag="B-1")
    assert vault.desk.balances()["990-1015"] == 225_37
    verify_and_seal(vault.deposits, deposit, counted_of(125_37, [40_00, 60_00]), vault.checker)
    after = vault.desk.balances()
    assert (after["990-1010"], after.get("990-1015"), after["990-1030"]) == (225_37, None, 30_00)
    with reading(vault.sessions) as session:
        found = queries.deposit(session, deposit)
        waits = queries.waiting_batches(session)
    assert (found.line.state, found.line.preparer, found.line.verifier) == ("sealed", "staff:marta", "staff:vera")
    assert [(check.number, check.amount) for check in found.checks] == [
        ("1001", Money(40_00)), ("1002", Money(60_00)),
    ]  # fmt: skip
    assert [(one.has_bag, one.has_terminal) for one in waits] == [(False, True)]
    vault.settled_of(batch, 30_00)
    assert vault.desk.balances()["990-1010"] == 255_37


REFUSED = [
    ({"cash": 125_36}, CountDiffers, {"tender": "cash", "difference_cents": -1}),
    ({"checks": [40_00, 60_01]}, CountDiffers, {"tender": "checks", "difference_cents": 1}),
    ({"checks": [100_00]}, CountDiffers, {"tender": "number-of-checks", "difference_cents": -1}),
    ({"cash": 165_37, "checks": [60_00]}, CountDiffers, {"tender": "cash", "difference_cents": 40_00}),
]


@pytest.mark.parametrize(("counted", "refusal", "facts"), REFUSED)
def test_what_does_not_tie_is_refused_and_named(
    vault: Vault, counted: dict[str, object], refusal: type[DomainError], facts: dict[str, object]
) -> None:
    batch = vault.worked(125_37, [40_00, 60_00])
    right = {"cash": 125_37, "checks": [40_00, 60_00]}
    before = vault.state()
    with pytest.raises(refusal) as said:
        vault.prepared(batch, **{**right, **counted})  # type: ignore[arg-type]
    assert said.value.facts == facts
    assert vault.state() == before
    deposit = vault.prepared(batch, **right)  # type: ignore[arg-type]
    before = vault.state()
    with pytest.raises(refusal):
        verify_and_seal(vault.deposits, deposit, counted_of(**{**right, **counted}), vault.checker)  # type: ignore[arg-type]
    assert vault.state() == before


def test_who_prepared_or_took_the_money_does_not_verify(vault: Vault) -> None:
    deposit = vault.prepared(vault.worked(10_00, by=vault.checker), cash=10_00)
    before = vault.state()
    with pytest.raises(SamePerson):
        verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.maker)
    with pytest.raises(TookTheMoney):
        verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.checker)
    with pytest.raises(NotAllowed):
        verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.cashier)
    with pytest.raises(NotAllowed):
        verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.finance)
    assert vault.state() == before
    for person in (vault.maker, vault.checker):  # past the service, the database says the same
        with (
            pytest.raises(DBAPIError, match=r"counted_by_two|what its verifier took"),
            transaction(vault.sessions) as session,
        ):
            session.execute(
                text("UPDATE bank_deposits SET verified_by = :person, verified_at = now() WHERE id = :id"),
                {"person": person.actor_id, "id": deposit},
            )
    assert vault.state() == before


def test_a_batch_is_in_one_deposit_until_that_is_given_up(vault: Vault) -> None:
    batch = vault.worked(10_00)
    deposit = vault.prepared(batch, cash=10_00, bag="B-7")
    before = vault.state()
    with pytest.raises(BatchTaken):
        vault.prepared(batch, cash=10_00)
    with pytest.raises(ReasonMissing):
        give_up(vault.deposits, deposit, " ", vault.maker)
    other = vault.worked(5_00)
    with pytest.raises(BagInUse):
        vault.prepared(other, cash=5_00, bag="B-7")
    assert {**vault.state(), "journals": 0} != {**before, "journals": 1}
    give_up(vault.deposits, deposit, "the bag tore", vault.checker)
    with pytest.raises(NotPrepared):
        verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.checker)
    again = vault.prepared(batch, other, cash=15_00, bag="B-7")
    verify_and_seal(vault.deposits, again, counted_of(15_00), vault.checker)
    with pytest.raises(NotPrepared):
        give_up(vault.deposits, again, "too late", vault.maker)
    assert vault.desk.balances()["990-1010"] == 15_00


def test_what_is_no_deposit(vault: Vault) -> None:
    batch = vault.worked(terminal=20_00)
    before = vault.state()

    def preparing(kind: Kind, counted: Counted, batches: tuple[int, ...] = (batch,), bag: str = "B-1") -> None:
        prepare(vault.deposits, Preparation(kind, "general", batches, counted, bag), vault.maker)

    for refusal, act in (
        (NothingToDeposit, lambda: preparing(Kind.BAG, counted_of())),
        (NothingToDeposit, lambda: preparing(Kind.TERMINAL, Counted({}), ())),
        (BagMissing, lambda: preparing(Kind.BAG, counted_of(), bag=" ")),
        (NotFound, lambda: preparing(Kind.TERMINAL, Counted({}), (batch, 10**6))),
        (UnknownDenomination, lambda: preparing(Kind.TERMINAL, Counted({300: 1}, terminal=Money(20_00)))),
        (CountDiffers, lambda: preparing(Kind.TERMINAL, Counted({}, terminal=Money(19_99)))),
    ):
        with pytest.raises(refusal):
            act()
    assert vault.state() == before


def test_a_check_that_was_swapped_for_cash_shows_in_the_check_list(vault: Vault) -> None:
    drawer = vault.opened()
    vault.take(drawer, ("cash", 50_00))
    vault.take(drawer, ("check", 20_00, "77"))
    batch = vault.counted(drawer, 30_00, [20_00, 20_00])  # the sum ties, the tenders do not
    before = vault.state()
    with pytest.raises(CountDiffers) as said:
        vault.prepared(batch, cash=30_00, checks=[20_00, 20_00])
    assert said.value.facts == {"tender": "check-list", "difference_cents": -20_00}
    assert vault.state() == before


def test_the_custody_log_follows_the_bag(vault: Vault) -> None:
    deposit = vault.prepared(vault.worked(10_00), cash=10_00)
    with pytest.raises(NotSealed):
        hand_over(vault.deposits, deposit, Receiver("bank", name="teller"), vault.checker)
    verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.checker)
    with pytest.raises(NotInYourHands):
        hand_over(vault.deposits, deposit, Receiver("bank", name="teller"), vault.maker)
    with pytest.raises(SamePerson):
        hand_over(vault.deposits, deposit, Receiver("staff", vault.checker.actor_id), vault.checker)
    hand_over(vault.deposits, deposit, Receiver("staff", vault.maker.actor_id), vault.checker)
    with pytest.raises(NotInYourHands):
        hand_over(vault.deposits, deposit, Receiver("courier", name="Ana"), vault.checker)
    hand_over(vault.deposits, deposit, Receiver("courier", name="Ana Ruiz", reference="W-12"), vault.maker)
    hand_over(vault.deposits, deposit, Receiver("bank", name="First Bank, Main"), vault.checker)
    with pytest.raises(NotInYourHands):
        hand_over(vault.deposits, deposit, Receiver("courier", name="Ana"), vault.checker)
    with reading(vault.sessions) as session:
        log = queries.deposit(session, deposit).handovers
    assert [(one.giver, one.to_kind, one.receiver) for one in log] == [
        ("staff:vera", "staff", "staff:marta"), ("staff:marta", "courier", "Ana Ruiz"),
        ("staff:vera", "bank", "First Bank, Main"),
    ]  # fmt: skip


def test_money_that_waits_too_long_is_named(vault: Vault) -> None:
    vault.worked(10_00)
    vault.later(hours=23)
    drawer = vault.opened()
    vault.take(drawer, ("cash", 500_00))
    vault.dropped(drawer, 300_00)
    vault.later(hours=2)
    hours = vault.desk.ruling.city.cash_policy(vault.desk.today).deposit_within_hours
    with reading(vault.sessions) as session:
        waits = queries.waiting(session, vault.desk.clock.now(), hours)
        old = queries.waiting(session, vault.desk.clock.now() - timedelta(hours=2), hours)
    assert (waits.bags, waits.bag, waits.late) == (2, Money(310_00), 1)
    assert old.late == 0


def test_a_bag_that_nobody_carries_away_is_named_too(vault: Vault) -> None:
    """Neither counting money into a bag nor sealing it takes it to the bank."""

    def late() -> tuple[int, int, int, int]:
        """On the page of deposits; and on the board: in the vault, in a sealed bag that is here, on its way."""
        now, day = vault.desk.clock.now(), vault.desk.today
        with reading(vault.sessions) as session:
            seen = board(session, vault.desk.ruling.city, vault.maker.actor_id, day, now)
            return queries.waiting(session, now, 24).late, seen.vault.count, seen.sealed.count, seen.transit.count

    batch = vault.worked(10_00)
    came = vault.desk.clock.now()
    vault.later(hours=25)
    assert late() == (1, 1, 0, 0)
    deposit = vault.prepared(batch, cash=10_00)
    assert late() == (1, 1, 0, 0)
    verify_and_seal(vault.deposits, deposit, counted_of(10_00), vault.checker)
    assert late() == (1, 0, 1, 0)
    hand_over(vault.deposits, deposit, Receiver("staff", vault.maker.actor_id), vault.checker)
    assert late() == (1, 0, 1, 0)
    with reading(vault.sessions) as session:
        here = board(
            session, vault.desk.ruling.city, vault.maker.actor_id, vault.desk.today, vault.desk.clock.now()
        ).sealed
    assert (here.amount, here.oldest) == (Money(10_00), came), "as old as its money is in the vault"
    hand_over(vault.deposits, deposit, Receiver("courier", name="Ana Ruiz"), vault.maker)
    assert late() == (0, 0, 0, 1)
