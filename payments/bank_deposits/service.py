"""Prepare a deposit, have another person count it again and seal it, hand it over; or give it up before it is sealed.

Preparing puts batches into the deposit and posts nothing. Sealing posts, once: from hand to the bank.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.rules import ReasonMissing
from accounts.cities.banks import BankAccount
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, NotFound, SamePerson
from accounts.ledger.rules import JournalDraft, Source
from accounts.ledger.service import open_business_day, post
from accounts.staff.rules import Authority, Permission
from payments.bank_deposits import queries
from payments.bank_deposits.models import BankDeposit, BankDepositBatch, BankDepositHandover
from payments.bank_deposits.rules import (
    BagInUse,
    BagMissing,
    BatchTaken,
    Composition,
    CountDiffers,
    Counted,
    Kind,
    NotInYourHands,
    NotPrepared,
    NotSealed,
    TookTheMoney,
    check_counted,
    check_verifier,
    composition,
    journal_lines,
)

_TAKEN = text("""SELECT batch_id FROM bank_deposit_batches
                  WHERE batch_id = ANY (:batches) AND kind = :kind AND is_live LIMIT 1""")
_FREE_THEM = update(BankDepositBatch).values(is_live=False)
_HOLDER = text("""
    SELECT h.to_kind, h.to_actor_id, h.number FROM bank_deposit_handovers h
     WHERE h.deposit_id = :id ORDER BY h.number DESC LIMIT 1""")
_LONGEST = 60


@dataclass(frozen=True)
class DepositDesk:
    """All that making deposits needs."""

    sessions: Sessions
    clock: Clock
    city: City

    def bank(self, code: str) -> BankAccount:
        """A bank account of today; raises :class:`~accounts.cities.rules.NotInTheCity`."""
        return self.city.bank_account(code, self.clock.today())

    @property
    def today(self) -> date:
        return self.clock.today()

    @property
    def denominations(self) -> tuple[int, ...]:
        """Notes and coins that are counted today, in cents."""
        return self.city.cash_policy(self.clock.today()).denominations


@dataclass(frozen=True)
class Preparation:
    """What somebody puts together. ``reference``: the number of a terminal settlement, as the bank shows it."""

    kind: Kind
    bank_account: str
    batches: tuple[int, ...]
    counted: Counted
    bag_number: str = ""
    reference: str = ""


def prepare(desk: DepositDesk, wanted: Preparation, by: Authority) -> int:
    """Use case: a deposit of whole batches, counted by one person; its id.

    Raises ``NothingToDeposit``, ``CountDiffers``, ``UnknownDenomination``, ``BagMissing``, ``BagInUse``,
    ``BatchTaken``, ``NotFound``, ``NotAllowed``.
    """
    by.must(Permission.DEPOSITS_MAKE)
    bank, is_bag = desk.bank(wanted.bank_account), wanted.kind is Kind.BAG
    bag = wanted.bag_number.strip()[:_LONGEST] if is_bag else ""
    if is_bag and not bag:
        raise BagMissing("a bag has a number")
    try:
        with transaction(desk.sessions) as session:
            made = _composed(session, wanted)
            check_counted(made, wanted.counted, desk.denominations)
            deposit = BankDeposit(
                kind=wanted.kind.value, bank_account=bank.code, ledger_account=bank.ledger_account,
                cash_cents=made.cash, checks_cents=made.checks, checks_count=made.checks_count,
                terminal_cents=made.terminal, denominations=_kept(wanted.counted), bag_number=bag,
                reference=wanted.reference.strip()[:_LONGEST], prepared_by=by.actor_id,
                prepared_at=desk.clock.now(),
            )  # fmt: skip
            session.add(deposit)
            session.flush()
            session.add_all(
                BankDepositBatch(deposit_id=deposit.id, batch_id=batch, kind=wanted.kind.value)
                for batch in sorted(set(wanted.batches))
            )
            audit.record(
                session, "deposit.prepare", subject=("bank-deposit", deposit.id), actor_id=by.actor_id,
                amount=str(made.amount), batches=len(set(wanted.batches)), bag=bag,
            )  # fmt: skip
            session.flush()
            return deposit.id
    except IntegrityError as error:
        if "bag_number" in str(error):
            raise BagInUse(f"bag {bag} is in use", bag=bag) from error
        if "deposited_once" in str(error):
            raise BatchTaken("another deposit has it", batch="") from error
        raise


def _composed(session: Session, wanted: Preparation) -> Composition:
    """Step: what the batches come to; the check list must say the same."""
    ids = sorted(set(wanted.batches))
    found = queries.batches_of(session, ids)
    if len(found) != len(ids):
        raise NotFound("one of the batches is not there")
    taken = session.execute(_TAKEN, {"batches": ids, "kind": wanted.kind.value}).scalar()
    if taken is not None:
        raise BatchTaken(f"batch {taken} is in another deposit", batch=taken)
    made = composition([one.batch for one in found], wanted.kind)
    if wanted.kind is Kind.BAG:
        _check_list(made, queries.checks_of(session, ids))
    return made


def _check_list(made: Composition, checks: Sequence[queries.CheckLine]) -> None:
    """The checks that were taken are those that were counted: a swap of cash for checks shows here."""
    off = sum(check.amount.cents for check in checks) - made.checks.cents
    if off or len(checks) != made.checks_count:
        raise CountDiffers("the check list is not what the batches hold", tender="check-list", difference_cents=off)


def verify_and_seal(desk: DepositDesk, deposit_id: int, counted: Counted, by: Authority, *, version: int = 0) -> int:
    """Use case: another person counts again, the bag is sealed, and the journal posted once; its id.

    ``version``: of the deposit that the person saw. Raises ``SamePerson`` for who prepared it, ``TookTheMoney`` for
    who took some of it in a drawer, ``CountDiffers``, ``NotPrepared``, ``Conflict``.
    """
    by.must(Permission.DEPOSITS_MAKE)
    with transaction(desk.sessions) as session:
        day = open_business_day(session, desk.clock.today())
        deposit = _locked(session, deposit_id)
        if deposit.state != "prepared":
            raise NotPrepared(f"deposit {deposit_id} is {deposit.state}", state=deposit.state)
        if version and deposit.version != version:
            raise Conflict("the deposit has changed since it was looked at")
        _check_person(session, deposit, by)
        made = _made(deposit)
        check_counted(made, counted, desk.denominations)
        journal_id = _post(session, desk, deposit, by, day)
        deposit.state, deposit.journal_id, deposit.verified_by = "sealed", journal_id, by.actor_id
        deposit.verified_at, deposit.verified_denominations = desk.clock.now(), _kept(counted)
        deposit.version += 1
        audit.record(
            session, "deposit.seal", subject=("bank-deposit", deposit_id), actor_id=by.actor_id,
            amount=str(made.amount), journal=journal_id,
        )  # fmt: skip
        return journal_id


def _check_person(session: Session, deposit: BankDeposit, by: Authority) -> None:
    cashiers = queries.deposit(session, deposit.id).cashiers
    why = check_verifier(by.actor_id, deposit.prepared_by, cashiers)
    if why == "prepared":
        raise SamePerson("whoever prepared a deposit does not verify it")
    if why:
        raise TookTheMoney("whoever took the money does not verify its deposit")


def _post(session: Session, desk: DepositDesk, deposit: BankDeposit, by: Authority, day: date) -> int:
    roles, made = desk.city.roles, _made(deposit)
    draft = JournalDraft(
        kind="bank-deposit",
        source=Source("bank_deposit", str(deposit.id), "post"),
        effective_on=day,
        actor_id=by.actor_id,
        lines=journal_lines(
            made, deposit.ledger_account, roles.cash_on_hand, roles.terminal_clearing, roles.pooled_cash_fund
        ),
        memo=f"bank deposit {deposit.id}",
    )
    return post(session, draft, business_day=day)


def give_up(desk: DepositDesk, deposit_id: int, reason: str, by: Authority) -> None:
    """Use case: a deposit that was not sealed is none; its batches are free again."""
    by.must(Permission.DEPOSITS_MAKE)
    if not reason.strip():
        raise ReasonMissing("say why")
    with transaction(desk.sessions) as session:
        deposit = _locked(session, deposit_id)
        if deposit.state != "prepared":
            raise NotPrepared(f"deposit {deposit_id} is {deposit.state}", state=deposit.state)
        deposit.state, deposit.given_up_by, deposit.given_up_reason = "given-up", by.actor_id, reason.strip()[:500]
        deposit.given_up_at, deposit.version = desk.clock.now(), deposit.version + 1
        session.execute(_FREE_THEM.where(BankDepositBatch.deposit_id == deposit_id))
        audit.record(
            session, "deposit.give-up", subject=("bank-deposit", deposit_id), actor_id=by.actor_id,
            reason=deposit.given_up_reason,
        )  # fmt: skip


@dataclass(frozen=True)
class Receiver:
    """To whom a bag goes: a colleague by id, or a courier or teller by the name they signed with."""

    kind: str
    actor_id: int | None = None
    name: str = ""
    reference: str = ""


def hand_over(desk: DepositDesk, deposit_id: int, to: Receiver, by: Authority) -> None:
    """Use case: a line of the custody log. A sealed bag begins in the hands of who sealed it.

    Raises ``NotSealed``, ``NotInYourHands``, ``SamePerson``.
    """
    by.must(Permission.DEPOSITS_MAKE)
    if to.actor_id == by.actor_id:
        raise SamePerson("a bag is handed to somebody else")
    with transaction(desk.sessions) as session:
        deposit = _locked(session, deposit_id)
        if deposit.state != "sealed" or deposit.kind != Kind.BAG.value:
            raise NotSealed(f"deposit {deposit_id} is {deposit.state}")
        last = session.execute(_HOLDER, {"id": deposit_id}).one_or_none()
        _check_hands(deposit, last.to_kind if last else "", last.to_actor_id if last else None, by)
        session.add(
            BankDepositHandover(
                deposit_id=deposit_id,
                number=last.number + 1 if last else 1,
                handed_by=by.actor_id,
                to_kind=to.kind,
                to_actor_id=to.actor_id,
                to_name=to.name.strip()[:120],
                reference=to.reference.strip()[:_LONGEST],
                at=desk.clock.now(),
            )
        )
        audit.record(
            session, "deposit.hand-over", subject=("bank-deposit", deposit_id), actor_id=by.actor_id, to=to.kind
        )


def _check_hands(deposit: BankDeposit, kind: str, actor_id: int | None, by: Authority) -> None:
    """A colleague's bag is handed on by them; what a courier has, whoever makes deposits takes down for them."""
    holder = actor_id if kind == "staff" else deposit.verified_by
    if kind == "bank" or (kind != "courier" and by.actor_id != holder):
        raise NotInYourHands(f"deposit {deposit.id} is with {kind or 'its verifier'}", holder=kind or "staff")


def _locked(session: Session, deposit_id: int) -> BankDeposit:
    found = session.scalars(select(BankDeposit).where(BankDeposit.id == deposit_id).with_for_update()).one_or_none()
    if found is None:
        raise NotFound(f"no bank deposit {deposit_id}")
    return found


def _made(deposit: BankDeposit) -> Composition:
    return Composition(deposit.cash_cents, deposit.checks_cents, deposit.checks_count, deposit.terminal_cents)


def _kept(counted: Counted) -> dict[str, int]:
    return {str(cents): count for cents, count in sorted(counted.denominations.items(), reverse=True) if count}
