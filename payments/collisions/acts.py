"""Acts that bring money of the books to an account: what would pay the same online before it is closed first."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from accounts.approvals import service as approvals
from accounts.approvals.acts import Acts
from accounts.approvals.rules import Command, WorldChanged
from accounts.approvals.service import Done, Proposed
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.collisions.rules import Whereabouts
from payments.collisions.service import Once, Taking, once
from payments.settlements.service import Desk


def propose(
    desk: Desk,
    acts: Acts,
    command: Command,
    by: Authority,
    *,
    reason: str,
    given: Mapping[str, object] | None = None,
    seen: str = "",
) -> Once[Proposed | Done]:
    """Use case: :func:`accounts.approvals.service.propose`. Nothing is closed for what waits for a second person."""
    taking = Taking(
        Whereabouts.BOOKED,
        sold=lambda _session: command.pays,
        post=lambda session, _told: approvals.put_forward(
            session, acts, command, by, reason=reason, clock=desk.clock, given=given, seen=seen
        ),
        is_over=lambda outcome: isinstance(outcome, Proposed),
        about={"kind": command.kind.value},
    )
    return once(desk, by, taking)


def approve(
    desk: Desk, acts: Acts, proposal_id: int, by: Authority, *, reason: str = ""
) -> Once[Done | WorldChanged]:
    """Use case: :func:`accounts.approvals.service.approve`, raising what that raises."""
    taking = Taking(
        Whereabouts.BOOKED,
        sold=lambda session: _pays(session, acts, proposal_id),
        post=lambda session, _told: approvals.approve_step(
            session, acts, proposal_id, by, clock=desk.clock, reason=reason
        ),
        is_over=lambda settled: isinstance(settled, WorldChanged),
        about={"proposal": proposal_id},
    )
    with approvals.naming_refusals(desk.sessions, proposal_id, by):
        done = once(desk, by, taking)
    if isinstance(done.result, WorldChanged):
        raise done.result
    return done


def _pays(session: Session, acts: Acts, proposal_id: int) -> Mapping[int, Money]:
    command = approvals.command_of(session, acts, proposal_id)
    return {} if command is None else command.pays
