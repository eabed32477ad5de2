"""Decide a request, and do what follows in the same transaction: at once, or once a second person agrees."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.approvals import service as approvals
from accounts.approvals.acts import Acts
from accounts.approvals.rules import Command
from accounts.approvals.service import Preview, Proposed
from accounts.cases import service as cases
from accounts.cases.lifecycle import CaseDesk, locked, terms_of
from accounts.cases.models import Case
from accounts.cases.rules import Outcome, State
from accounts.cases.service import Decided, must_be_ready, worked
from accounts.customer_accounts.access import seen_account
from accounts.customer_accounts.rules import number_key
from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.service import ask
from accounts.database import reading, transaction
from accounts.money import ZERO, Money
from accounts.refunds.queries import CreditMove, credit_moves
from accounts.refunds.service import credit_of
from accounts.requests import following, queries, rules
from accounts.requests.rules import MONEY, Asked, How
from accounts.staff.rules import Authority
from accounts.utilities.opening import close_step, open_step

_DECIDED = text("""
    SELECT k.id, p.verdict, p.reason
      FROM cases k
      JOIN LATERAL (SELECT proposal_id FROM case_decisions WHERE case_id = k.id
                     ORDER BY number DESC LIMIT 1) d ON true
      JOIN proposal_decisions p ON p.proposal_id = d.proposal_id
     WHERE k.state = 'decided' ORDER BY k.id""")
GRANTS = frozenset({Outcome.GRANTED, Outcome.PARTLY})


@dataclass(frozen=True)
class RequestDesk:
    """What deciding needs beside the case: how customers and accounts are changed, and the acts in money."""

    cases: CaseDesk
    changes: ChangeDesk
    acts: Acts


@dataclass(frozen=True)
class Settled:
    """A decision as it was written. ``proposal_id``: what follows waits for a second person."""

    case_id: int
    outcome: Outcome
    effect: Mapping[str, Any]
    proposal_id: int | None


def command_for(desk: RequestDesk, by: Authority, case_id: int, outcome: Outcome, how: How) -> Command | None:
    """The act in money that this decision would ask for; none where no cent moves.

    Raises ``NotAllowed``, ``NotFound``, and what :func:`~accounts.requests.rules.command_of` refuses.
    """
    with reading(desk.cases.sessions) as session:
        case = worked(session, by, case_id)
        return _command(session, desk, case, outcome, how)


def preview(desk: RequestDesk, by: Authority, case_id: int, outcome: Outcome, how: How) -> Preview | None:
    """Use case that changes nothing: a decision’s effect in money before it is made, with all that refuses it."""
    with reading(desk.cases.sessions) as session:
        case = worked(session, by, case_id)
        must_be_ready(session, case, by, outcome)
        command = _command(session, desk, case, outcome, how)
    if command is None:
        return None
    return approvals.preview(desk.cases.sessions, desk.acts, command, by, desk.cases.today)


def decide(
    desk: RequestDesk,
    by: Authority,
    case_id: int,
    outcome: Outcome,
    reason: str,
    *,
    seen_version: int,
    how: How | None = None,
    seen: str = "",
) -> Settled:
    """Use case: decide, with a reason for the resident; what follows is done, or proposed, in the same transaction.

    ``seen`` is the preview's: money on another state than was seen is refused. Raises ``NotAllowed``, ``NotFound``,
    ``ChangedMeanwhile``, ``NotNow``, ``SamePerson``, ``SignOffMissing``, ``SignOffRefused``, ``NothingSaid``, and
    what the services refuse that do it.
    """
    given = how or How()
    with transaction(desk.cases.sessions) as session:
        case = worked(session, by, case_id, seen_version)
        must_be_ready(session, case, by, outcome)
        decided = _followed(session, desk, case, by, outcome=outcome, reason=reason, how=given, seen=seen)
        cases.decide(session, desk.cases, case, by, decided)
        return Settled(case.id, outcome, decided.effect, decided.proposal_id)


def settle(desk: CaseDesk, actor_id: int | None) -> int:
    """Use case of the clock: cases whose act a second person has decided are done, or come back to be decided anew;
    how many. Running again does nothing."""
    with reading(desk.sessions) as session:
        found = list(session.execute(_DECIDED))
    settled = 0
    for case_id, verdict, said in found:
        with transaction(desk.sessions) as session:
            case = locked(session, case_id)
            if case.state != State.DECIDED.value:
                continue
            if verdict in {"approved", "alone"}:
                cases.finish(session, desk, case, actor_id)
            else:
                cases.send_back(session, desk, case, actor_id, said or verdict)
            settled += 1
    return settled


def _followed(
    session: Session,
    desk: RequestDesk,
    case: Case,
    by: Authority,
    *,
    outcome: Outcome,
    reason: str,
    how: How,
    seen: str,
) -> Decided:
    effect = terms_of(case).effect
    if outcome not in GRANTS or effect == "none":
        return Decided(outcome, reason)
    if effect == "hold-penalties":
        return Decided(outcome, reason, {"effect": effect}, keeps_pauses=True)
    if effect not in MONEY:
        done = _do(session, desk, by, effect, queries.asked_of(session, case), how=how)
        return Decided(outcome, reason, {"effect": effect, **done})
    command = _command(session, desk, case, outcome, how)
    if command is None:
        return Decided(outcome, reason, {"effect": effect})
    made = approvals.put_forward(
        session, desk.acts, command, by, reason=f"{case.number}: {reason.strip()}", clock=desk.cases.clock,
        given={"case": case.id, "number": case.number}, seen=seen,
    )  # fmt: skip
    facts = {"effect": effect, "act": command.kind.value, "cents": made.effect.cents, "proposal": made.proposal_id}
    waits = isinstance(made, Proposed)
    return Decided(outcome, reason, facts, proposal_id=made.proposal_id if waits else None)


def _command(session: Session, desk: RequestDesk, case: Case, outcome: Outcome, how: How) -> Command | None:
    effect = terms_of(case).effect
    if outcome not in GRANTS or effect not in MONEY:
        return None
    asked, account, credit = queries.asked_of(session, case), case.customer_account_id or 0, ZERO
    metered: list[int] = []
    if effect == "credit-leak":
        metered = queries.metered_charges(session, desk.cases.city, account, asked.bill_ids(), asked.submitted_on)
    elif effect == "refund-credit":
        credit = queries.credit(session, account)
    return rules.command_of(effect, asked, how, metered, credit)


def _do(
    session: Session, desk: RequestDesk, by: Authority, effect: str, asked: Asked, *, how: How
) -> dict[str, object]:
    """What a grant does where no money moves; customers are locked before accounts, as everywhere."""
    if effect == "open-service":
        mover = queries.holder(session, asked.account_id)[0] if asked.account_id is not None else None
        return _open(session, desk, by, asked, how, customer_id=mover)
    if effect == "close-service":
        close_step(session, desk.changes, by, following.closing_of(asked, how), final_read=how.final_read)
        return {"closed": asked.account_id, "final_on": asked.words("stop_on")}
    if effect == "move-service":
        holder, _version = queries.holder(session, asked.account_id or 0)
        opened = _open(session, desk, by, asked, how, customer_id=holder)
        close_step(session, desk.changes, by, following.closing_of(asked, how), final_read=how.final_read)
        return {"closed": asked.account_id, "final_on": asked.words("stop_on"), **opened}
    holder, version = queries.holder(session, asked.account_id or 0)
    today = desk.cases.today
    change = following.change_of(asked, how, effect, customer_id=holder, version=version, today=today)
    made = ask(session, desk.changes, by, change)
    return {"change": made.change_id, "from": change.effective_on.isoformat()}


def _open(
    session: Session, desk: RequestDesk, by: Authority, asked: Asked, how: How, *, customer_id: int | None
) -> dict[str, object]:
    """The account as the place was last served; or the one that somebody opened on its own page."""
    if how.opened_reference.strip():
        reference = number_key(how.opened_reference)
        opened_id = queries.opened_since(session, reference, asked.submitted_on)
        if opened_id is None:
            raise rules.NotTheOpenedOne(f"no account {reference} was opened for it")
        seen_account(session, by, opened_id)
        return {"opened": opened_id, "reference": reference}
    last = queries.last_service(session, following.place_of(asked))
    if last is None or not last.services:
        raise rules.OpenedByHand("no service is known at this address")
    start = following.start_of(last.services, how, last.customer_class, last.cycle, last.route)
    opening = following.opening_of(asked, how, last.premises_id, customer_id)
    opened = open_step(session, desk.changes, by, opening, start)
    return {"opened": opened.account_id, "reference": opened.reference}


@dataclass(frozen=True)
class Claimable:
    """What the city owes the holder of an account. ``owed`` goes first: while anything is, nothing is paid back."""

    credit: Money
    owed: Money
    moves: Sequence[CreditMove]


def credit_to_claim(desk: CaseDesk, account_id: int) -> Claimable:
    """The credit of an account that somebody may claim, and where it comes from: the first step of a claim shows it.

    Two statements. Raises ``NotFound``.
    """
    with reading(desk.sessions) as session:
        found = credit_of(session, account_id)
        moves = credit_moves(session, account_id, desk.city.roles.customer_credits[found.kind])
    return Claimable(found.credit, found.owed, moves)
