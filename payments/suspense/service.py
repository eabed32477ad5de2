"""The act of identifying money in suspense, clues and rules. Nothing is ever applied by itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.acts import Deed
from accounts.approvals.rules import Note, ReasonMissing, Weighed, World
from accounts.clock import Clock
from accounts.customer_accounts.access import seen_account
from accounts.database import Sessions, transaction
from accounts.errors import NotFound
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line
from accounts.money import ZERO, Money
from accounts.staff.rules import ActKind, Authority, Permission
from payments.moves import queries as moves
from payments.moves.rules import MOVED, Holding, MovedPayment, in_lines, into, out_lines, out_of, shown
from payments.moves.service import lay
from payments.posting.rules import AccountOutcome
from payments.posting.service import lock_accounts
from payments.suspense import queries
from payments.suspense.models import Identification, MatchingRule, MatchingRuleEnd, SuspenseClue
from payments.suspense.rules import (
    AlreadyTakenBack,
    Clue,
    Identify,
    MoreThanInSuspense,
    NothingToKnowItBy,
    NotInSuspense,
    RuleWithdrawn,
    SuspenseTerms,
    payer_key,
)


def note_clue(session: Session, payment_id: int, clue: Clue) -> None:
    """Step: keep what a check said of who wrote it, beside its payment."""
    row = SuspenseClue(payment_id=payment_id, payer=clue.payer, memo=clue.memo, fingerprint=clue.fingerprint)
    session.add(row)


@dataclass(frozen=True)
class _Plan:
    payment: MovedPayment
    number: int
    outcome: AccountOutcome | None
    """Of the account that the money reaches, or leaves again; none for the sender."""
    business_day: date
    lines: tuple[Line, ...]


class Identifying:
    """Money in suspense is somebody's: out of suspense, dated as it was paid. The receipt stays as issued."""

    kind = ActKind.IDENTIFICATION
    permission = Permission.SUSPENSE_WORK
    command = Identify

    def __init__(self, terms: SuspenseTerms) -> None:
        self._terms = terms

    def world(self, session: Session, command: Identify, today: date) -> World:
        """What of the payment is in suspense, and what the account it goes to, or comes from, has of it."""
        self._lock(session, command, today)
        there = queries.standing(session, command.payment_id, self._terms.suspense)
        world = {f"in suspense of payment {command.payment_id}": str(there)}
        if command.account_id is not None:
            standing = moves.balances(session, [command.account_id])[command.account_id]
            world[f"{standing.reference} is"] = standing.status
        if command.undoes_id is not None and command.account_id is not None:
            holding = self._holding(session, command.payment_id, command.account_id)
            world["on charges"] = ", ".join(f"{p.charge.id} v{p.charge.version} {p.amount}" for p in holding.placed)
            world["credit"] = str(holding.account_credit)
        return world

    def weigh(self, session: Session, command: Identify, today: date) -> Weighed[_Plan]:
        """Raises ``NotInSuspense``, ``MoreThanInSuspense``, ``AlreadyTakenBack``, ``CreditSpent``, ``NotFound``."""
        payment, amount = moves.payment(session, command.payment_id), Money(command.amount_cents)
        there = queries.standing(session, payment.id, self._terms.suspense)
        before = queries.history(session, payment.id)
        if command.undoes_id is None:
            if there <= ZERO:
                raise NotInSuspense(f"nothing of payment {payment.id} is in suspense")
            if amount > there:
                raise MoreThanInSuspense(f"{there} is in suspense", there=there)
        elif not any(_is_undone_by(one, command) for one in before):
            raise AlreadyTakenBack(f"identification {command.undoes_id} cannot be taken back")
        if command.remember:
            _rule_of(session, payment.id)
        plan = self._plan(session, command, payment, len(before) + 1, today)
        return self._weighed(session, command, plan, there, today)

    def execute(self, session: Session, command: Identify, weighed: Weighed[_Plan], deed: Deed) -> dict[str, object]:
        """Ids of the identification and of its journal."""
        plan, undoes = weighed.plan, command.undoes_id is not None
        kind = "identification" if command.outcome == "account" else "return-to-sender"
        draft = JournalDraft(
            f"{kind}-back" if undoes else kind, deed.source(kind), plan.payment.effective_on, deed.actor_id,
            plan.lines, deed.reason,
        )  # fmt: skip
        journal = ledger.post(session, draft, business_day=plan.business_day)
        if plan.outcome is not None:
            self._lay(session, journal, plan.outcome, is_out=undoes)
        row = Identification(
            payment_id=command.payment_id, number=plan.number, outcome=command.outcome,
            customer_account_id=command.account_id, amount_cents=Money(command.amount_cents),
            undoes_id=command.undoes_id, journal_id=journal, proposal_id=deed.proposal_id, at=deed.now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        outcome: dict[str, object] = {"identification_id": row.id, "journal_id": journal}
        if command.remember and command.account_id is not None:
            rule = _rule_of(session, command.payment_id)
            rule.customer_account_id, rule.made_by = command.account_id, deed.maker_id
            rule.made_at, rule.reason = deed.now, deed.reason
            session.add(rule)
            session.flush()
            outcome["rule_id"] = rule.id
        return outcome

    def _lay(self, session: Session, journal: int, outcome: AccountOutcome, *, is_out: bool) -> None:
        sign = -1 if is_out else 1
        shares: list[Mapping[str, object]] = [
            {
                "journal": journal,
                "charge": share.charge.id,
                "cents": sign * share.amount.cents,
                "policy": MOVED if is_out else share.policy,
            }
            for share in outcome.allocated.shares
        ]
        credit = {
            "account": outcome.paid.customer_account_id,
            "cents": sign * outcome.allocated.credit.cents,
        }
        lay(session, shares, [credit])

    def _lock(self, session: Session, command: Identify, today: date) -> None:
        """The payment, then as everywhere: business day, account, the charges that its money is on."""
        moves.payment(session, command.payment_id)
        moves.lock_payment(session, command.payment_id)
        if command.account_id is None:
            ledger.open_business_day(session, today)
        else:
            lock_accounts(session, {command.account_id: ZERO}, today)
            if command.undoes_id is not None:
                holding = self._holding(session, command.payment_id, command.account_id)
                moves.lock_charges(session, [placed.charge.id for placed in holding.placed])

    def _holding(self, session: Session, payment_id: int, account_id: int) -> Holding:
        found = {one.account_id: one for one in moves.holdings(session, payment_id)}
        return found.get(account_id) or moves.no_holding(session, account_id)

    def _plan(self, session: Session, command: Identify, payment: MovedPayment, number: int, today: date) -> _Plan:
        amount, terms = Money(command.amount_cents), self._terms
        if command.account_id is None:
            sign = -1 if command.undoes_id is not None else 1
            lines: tuple[Line, ...] = (
                Line(terms.suspense, terms.pooled_fund, amount * sign),
                Line(terms.refunds_payable, terms.pooled_fund, amount * -sign),
            )
            return _Plan(payment, number, None, ledger.open_business_day(session, today), lines)
        locked = lock_accounts(session, {command.account_id: amount}, today)
        if command.undoes_id is not None:
            outcome = out_of(self._holding(session, payment.id, command.account_id), amount, terms.moving)
            lines = out_lines(outcome, payment, terms.moving)
        else:
            outcome = into(locked.accounts[0], payment, terms.moving)
            lines = in_lines(outcome, payment, terms.moving)
        return _Plan(payment, number, outcome, locked.business_day or today, lines)

    def _weighed(self, session: Session, command: Identify, plan: _Plan, there: Money, today: date) -> Weighed[_Plan]:
        """The effect is negative where the money goes back into suspense."""
        sign = -1 if command.undoes_id is not None else 1
        amount = Money(command.amount_cents)
        before: dict[str, object] = {"receipt": plan.payment.receipt_number, "suspense_cents": there.cents}
        after: dict[str, object] = {**before, "suspense_cents": (there - amount * sign).cents}
        accounts: tuple[int, ...] = ()
        if command.account_id is not None and plan.outcome is not None:
            accounts = (command.account_id,)
            now = moves.balances(session, accounts)[command.account_id]
            credit = plan.outcome.allocated.credit
            before["accounts"] = [
                {"reference": now.reference, "owed_cents": now.owed.cents, "credit_cents": now.credit.cents}
            ]
            after["accounts"] = [
                {
                    "reference": now.reference,
                    "owed_cents": (now.owed - (amount - credit) * sign).cents,
                    "credit_cents": (now.credit + credit * sign).cents,
                    "charges": list(shown(plan.outcome)),
                }
            ]
        return Weighed(
            plan=plan,
            subject=("payment", str(command.payment_id)),
            effect=amount * sign,
            accounts=accounts,
            before=before,
            after=after,
            notes=self._notes(session, command, plan, today),
        )

    def _notes(self, session: Session, command: Identify, plan: _Plan, today: date) -> tuple[Note, ...]:
        """Charges that open again past due; penalties that the money would have met before they were raised."""
        if command.account_id is None or plan.outcome is None:
            return ()
        if command.undoes_id is not None:
            return tuple(
                Note("reopens-past-due", facts)
                for share, facts in zip(plan.outcome.allocated.shares, shown(plan.outcome), strict=True)
                if share.charge.due_on < today
            )
        late = moves.penalties_since(session, command.account_id, plan.payment.effective_on)
        coming = moves.on_their_way(session, [command.account_id])
        return (
            *(Note("penalty-to-look-at", facts) for facts in late),
            *(Note("payment-on-its-way", facts) for facts in coming),
        )


def remember(
    sessions: Sessions, by: Authority, payment_id: int, account_id: int, *, reason: str, clock: Clock
) -> int:
    """Use case: checks like this one belong to this account; the rule's id. It suggests, and applies nothing.

    Raises ``NotAllowed``, ``NotFound``, ``ReasonMissing``, :class:`NothingToKnowItBy`.
    """
    by.must(Permission.SUSPENSE_WORK)
    if not reason.strip():
        raise ReasonMissing("say why")
    with transaction(sessions) as session:
        seen_account(session, by, account_id)
        rule = _rule_of(session, payment_id)
        rule.customer_account_id, rule.made_by = account_id, by.actor_id
        rule.made_at, rule.reason = clock.now(), reason.strip()
        session.add(rule)
        session.flush()
        audit.record(
            session, "matching-rule-made", subject=("account", account_id), actor_id=by.actor_id, rule=rule.id,
            reason=rule.reason,
        )  # fmt: skip
        return rule.id


def withdraw(sessions: Sessions, by: Authority, rule_id: int, *, reason: str, clock: Clock) -> None:
    """Use case: from now on this rule suggests nothing. Raises ``NotAllowed``, ``NotFound``, ``ReasonMissing``,
    :class:`RuleWithdrawn`."""
    by.must(Permission.SUSPENSE_WORK)
    if not reason.strip():
        raise ReasonMissing("say why")
    with transaction(sessions) as session:
        rule = session.get(MatchingRule, rule_id)
        if rule is None:
            raise NotFound(f"no rule {rule_id}")
        seen_account(session, by, rule.customer_account_id)
        values = {
            "rule_id": rule_id, "ended_by": by.actor_id, "ended_at": clock.now(), "reason": reason.strip(),
        }  # fmt: skip
        ended = insert(MatchingRuleEnd).values(values).on_conflict_do_nothing().returning(MatchingRuleEnd.rule_id)
        if session.scalar(ended) is None:
            raise RuleWithdrawn(f"rule {rule_id} was withdrawn")
        audit.record(
            session, "matching-rule-withdrawn", subject=("account", rule.customer_account_id), actor_id=by.actor_id,
            rule=rule_id, reason=reason.strip(),
        )  # fmt: skip


def _rule_of(session: Session, payment_id: int) -> MatchingRule:
    """A rule by the bank account that the payment's check is drawn on, else by the payer's name."""
    clue = session.scalar(select(SuspenseClue).where(SuspenseClue.payment_id == payment_id))
    if clue is None or not (clue.fingerprint or payer_key(clue.payer)):
        raise NothingToKnowItBy(f"payment {payment_id} has no clue")
    key = "" if clue.fingerprint else payer_key(clue.payer)
    return MatchingRule(fingerprint=clue.fingerprint, payer_key=key, payer=clue.payer)


def _is_undone_by(one: queries.IdentificationView, command: Identify) -> bool:
    """Is this the identification that the command takes back, whole?"""
    return one.can_be_undone and (one.id, one.outcome, one.account_id, one.amount.cents) == (
        command.undoes_id, command.outcome, command.account_id, command.amount_cents,
    )  # fmt: skip
