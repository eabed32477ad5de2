"""Propose an act, decide it as another person, execute it once: in the transaction that writes the decision."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.approvals import queries
from accounts.approvals.acts import Act, Acts, Deed
from accounts.approvals.models import Proposal, ProposalDecision
from accounts.approvals.recording import end_as_stale, note, write_decision, write_proposal
from accounts.approvals.rules import (
    AlreadyDecided,
    Command,
    NotTheMaker,
    ReasonMissing,
    Verdict,
    Weighed,
    World,
    WorldChanged,
    digest_of,
)
from accounts.clock import Clock
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound, SamePerson
from accounts.money import Money
from accounts.staff.rules import ActKind, Authority, NotAllowed, OverLimit, Permission

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended('proposal:' || :id, 0))")


@dataclass(frozen=True)
class Preview:
    """What an act would do if it were proposed now; ``seen`` goes back with the proposal."""

    weighed: Weighed[Any]
    seen: str
    needs_second: bool


@dataclass(frozen=True)
class Proposed:
    """It waits for a second person."""

    proposal_id: int
    effect: Money


@dataclass(frozen=True)
class Done:
    """It was executed; ``outcome`` is what the act says came of it."""

    proposal_id: int
    effect: Money
    outcome: Mapping[str, Any]


def preview(sessions: Sessions, acts: Acts, command: Command, by: Authority, today: date) -> Preview:
    """Use case that changes nothing: an act's effect in money before it is asked for; raises what proposing would."""
    act = acts[command.kind]
    by.must(act.permission)
    with reading(sessions) as session:
        world, weighed = _weigh(session, act, command, by, today=today)
    return Preview(weighed, digest_of(world), not _alone(by, command.kind, weighed))


def propose(
    sessions: Sessions,
    acts: Acts,
    command: Command,
    by: Authority,
    *,
    reason: str,
    clock: Clock,
    given: Mapping[str, object] | None = None,
    seen: str = "",
) -> Proposed | Done:
    """Use case: ask for an act. Within the person's own limit it is done at once, else it waits for another person.

    ``seen`` is the preview's: an act on another state than the person saw is refused, and so is a form sent twice.
    ``given`` is further evidence. Raises ``NotAllowed``, :class:`ReasonMissing`, :class:`WorldChanged`,
    :class:`AlreadyProposed`, ``NotFound`` for an account that is hidden from the person, and what the act refuses.
    """
    with transaction(sessions) as session:
        return put_forward(session, acts, command, by, reason=reason, clock=clock, given=given, seen=seen)


def put_forward(
    session: Session,
    acts: Acts,
    command: Command,
    by: Authority,
    *,
    reason: str,
    clock: Clock,
    given: Mapping[str, object] | None = None,
    seen: str = "",
) -> Proposed | Done:
    """Step: :func:`propose` in the caller's transaction."""
    act, today = acts[command.kind], clock.today()
    by.must(act.permission)
    words = _words(reason)
    world, weighed = _weigh(session, act, command, by, today=today, seen=seen)
    alone = _alone(by, command.kind, weighed)
    proposal = write_proposal(
        session, command, weighed, world, by=by, reason=words, clock=clock, given=given or {}, waits=not alone
    )
    if not alone:
        note(session, "act-proposed", proposal, by, reason=words, after=weighed.after)
        return Proposed(proposal.id, weighed.effect)
    deed = Deed(proposal.id, by.actor_id, None, words, clock.now(), today)
    outcome = act.execute(session, command, weighed, deed)
    write_decision(session, proposal, Verdict.ALONE, by, clock=clock, outcome=outcome)
    note(session, "act-done-alone", proposal, by, reason=words, after=weighed.after)
    return Done(proposal.id, weighed.effect, outcome)


def approve(
    sessions: Sessions, acts: Acts, proposal_id: int, by: Authority, *, clock: Clock, reason: str = ""
) -> Done:
    """Use case: agree as the second person; the act is executed in the same transaction, once.

    Raises ``NotFound``, :class:`AlreadyDecided`, :class:`~accounts.errors.SamePerson`, ``NotAllowed``, ``OverLimit``,
    what the act refuses, and :class:`WorldChanged`: then the proposal is ended as stale, and may be made anew.
    """
    with naming_refusals(sessions, proposal_id, by), transaction(sessions) as session:
        settled = approve_step(session, acts, proposal_id, by, clock=clock, reason=reason)
    if isinstance(settled, WorldChanged):
        raise settled
    return settled


def approve_step(
    session: Session, acts: Acts, proposal_id: int, by: Authority, *, clock: Clock, reason: str = ""
) -> Done | WorldChanged:
    """Step: :func:`approve` in the caller's transaction. A world that changed is returned: commit, then raise it."""
    proposal = _to_decide(session, proposal_id, by)
    act: Act[Any, Any] = acts[ActKind(proposal.act)]
    command, today = act.command.model_validate(proposal.payload), clock.today()
    world = act.world(session, command, today)
    if digest_of(world) != proposal.world:
        return end_as_stale(session, proposal, by, clock, world)
    weighed = act.weigh(session, command, today)
    by.must_decide(command.kind, weighed.effect)
    if weighed.effect != proposal.effect_cents:
        return end_as_stale(session, proposal, by, clock, {**world, "effect": str(weighed.effect)})
    deed = Deed(proposal.id, proposal.proposed_by, by.actor_id, proposal.reason, clock.now(), today)
    outcome = act.execute(session, command, weighed, deed)
    kill_points.reached("approvals.executed")
    write_decision(session, proposal, Verdict.APPROVED, by, clock=clock, reason=reason.strip(), outcome=outcome)
    note(session, "act-approved", proposal, by, reason=reason.strip(), after=weighed.after)
    return Done(proposal.id, weighed.effect, outcome)


def command_of(session: Session, acts: Acts, proposal_id: int) -> Command | None:
    """What a proposal asks for; none where there is no such proposal."""
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        return None
    command: Command = acts[ActKind(proposal.act)].command.model_validate(proposal.payload)
    return command


def reject(sessions: Sessions, proposal_id: int, by: Authority, *, clock: Clock, reason: str) -> None:
    """Use case: refuse as the second person, with words for its maker. Raises as :func:`approve` does."""
    words = _words(reason)
    with naming_refusals(sessions, proposal_id, by), transaction(sessions) as session:
        proposal = _to_decide(session, proposal_id, by)
        write_decision(session, proposal, Verdict.REJECTED, by, clock=clock, reason=words)
        note(session, "act-rejected", proposal, by, reason=words)


def withdraw(sessions: Sessions, proposal_id: int, by: Authority, *, clock: Clock, reason: str = "") -> None:
    """Use case: its maker takes it back. Raises ``NotFound``, :class:`AlreadyDecided`, :class:`NotTheMaker`."""
    with transaction(sessions) as session:
        proposal = _waiting(session, proposal_id)
        if proposal.proposed_by != by.actor_id:
            raise NotTheMaker(f"{by.handle} did not propose {proposal_id}")
        write_decision(session, proposal, Verdict.WITHDRAWN, by, clock=clock, reason=reason.strip())
        note(session, "act-withdrawn", proposal, by, reason=reason.strip())


def _weigh(
    session: Session, act: Act[Any, Any], command: Command, by: Authority, *, today: date, seen: str = ""
) -> tuple[World, Weighed[Any]]:
    """The world under lock, and what the act would do to it; an account that is hidden from a person is not there."""
    world = act.world(session, command, today)
    if seen and seen != digest_of(world):
        raise WorldChanged("something changed since the person looked")
    weighed = act.weigh(session, command, today)
    if not queries.may_see_accounts(session, weighed.accounts, by):
        raise NotFound(f"no such account for {by.handle}")
    return world, weighed


def _alone(by: Authority, kind: ActKind, weighed: Weighed[Any]) -> bool:
    return not weighed.asks_second and by.may_alone(kind, weighed.effect)


def _words(reason: str) -> str:
    words = reason.strip()
    if not words:
        raise ReasonMissing("say why")
    return words


def _waiting(session: Session, proposal_id: int) -> Proposal:
    """A proposal that nobody has decided, and nobody else is deciding."""
    session.execute(_ONE_AT_A_TIME, {"id": str(proposal_id)})
    proposal = session.get(Proposal, proposal_id)
    if proposal is None:
        raise NotFound(f"no proposal {proposal_id}")
    verdict = session.scalar(select(ProposalDecision.verdict).where(ProposalDecision.proposal_id == proposal_id))
    if verdict is not None:
        raise AlreadyDecided(f"proposal {proposal_id} was {verdict}", verdict=verdict)
    return proposal


def _to_decide(session: Session, proposal_id: int, by: Authority) -> Proposal:
    """A waiting proposal that this person may decide."""
    proposal = _waiting(session, proposal_id)
    if not queries.may_see(session, proposal_id, by):
        raise NotFound(f"no proposal {proposal_id} that {by.handle} may see")
    if proposal.proposed_by == by.actor_id:
        raise SamePerson(f"{by.handle} proposed {proposal_id}; someone else decides it")
    by.must(Permission.APPROVALS_DECIDE)
    by.must_decide(ActKind(proposal.act), proposal.effect_cents)
    return proposal


@contextmanager
def naming_refusals(sessions: Sessions, proposal_id: int, by: Authority) -> Iterator[None]:
    """Who tried to decide what is not theirs to decide is written down; nothing else of the try remains."""
    try:
        yield
    except (SamePerson, NotAllowed, OverLimit) as refusal:
        with transaction(sessions) as session:
            audit.record(
                session,
                "decision-refused",
                subject=("proposal", proposal_id),
                actor_id=by.actor_id,
                refusal=type(refusal).__name__,
            )
        raise
