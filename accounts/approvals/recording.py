"""Steps that write proposals and decisions down, each with its line of the audit. Only approvals use them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.models import Proposal, ProposalAccount, ProposalDecision
from accounts.approvals.rules import (
    AlreadyDecided,
    AlreadyProposed,
    Command,
    Verdict,
    Weighed,
    World,
    WorldChanged,
    changes,
    digest_of,
)
from accounts.clock import Clock
from accounts.staff.rules import Authority

_TWIN = text("""
    SELECT p.id FROM proposals p
     WHERE p.waits AND p.act = :act AND p.subject_kind = :subject_kind AND p.subject_id = :subject_id
       AND p.payload = CAST(:payload AS jsonb)
       AND NOT EXISTS (SELECT FROM proposal_decisions d WHERE d.proposal_id = p.id)
     LIMIT 1""")


def write_proposal(
    session: Session,
    command: Command,
    weighed: Weighed[Any],
    world: World,
    *,
    by: Authority,
    reason: str,
    clock: Clock,
    given: Mapping[str, object],
    waits: bool,
) -> Proposal:
    """Step: keep a proposal with the accounts that it touches; raises :class:`AlreadyProposed`."""
    payload = command.model_dump(mode="json")
    subject_kind, subject_id = weighed.subject
    if waits:
        twin = {"act": command.kind, "subject_kind": subject_kind, "subject_id": subject_id}
        known = session.scalar(_TWIN, {**twin, "payload": json.dumps(payload)})
        if known is not None:
            raise AlreadyProposed(f"proposal {known} asks for the same", proposal_id=known)
    proposal = Proposal(
        act=command.kind.value,
        subject_kind=subject_kind,
        subject_id=subject_id,
        customer_account_id=weighed.accounts[0] if weighed.accounts else None,
        payload=payload,
        evidence=weighed.evidence(world, given),
        effect_cents=weighed.effect,
        world=digest_of(world),
        waits=waits,
        reason=reason,
        proposed_by=by.actor_id,
        proposed_at=clock.now(),
    )
    session.add(proposal)
    session.flush()
    if touched := dict.fromkeys(weighed.accounts):
        rows = [{"proposal_id": proposal.id, "customer_account_id": account} for account in touched]
        session.execute(insert(ProposalAccount), rows)
    return proposal


def write_decision(
    session: Session,
    proposal: Proposal,
    verdict: Verdict,
    by: Authority,
    *,
    clock: Clock,
    reason: str = "",
    outcome: Mapping[str, object] | None = None,
) -> None:
    """Step: end a proposal, once; raises :class:`AlreadyDecided`."""
    row = {
        "proposal_id": proposal.id,
        "proposed_by": proposal.proposed_by,
        "verdict": verdict.value,
        "decided_by": by.actor_id,
        "decided_at": clock.now(),
        "reason": reason,
        "outcome": dict(outcome or {}),
    }
    try:
        session.execute(insert(ProposalDecision).values(row))
    except IntegrityError as error:
        if getattr(getattr(error.orig, "diag", None), "constraint_name", "") != "pk_proposal_decisions":
            raise
        raise AlreadyDecided(f"somebody else decided {proposal.id} at this moment") from error


def end_as_stale(session: Session, proposal: Proposal, by: Authority, clock: Clock, world: World) -> WorldChanged:
    """Step: end a proposal whose world is another one by now; the refusal that says so, to be raised after commit."""
    before: dict[str, Any] = {"effect": str(proposal.effect_cents), **proposal.evidence["world"]}  # type: ignore[dict-item]
    changed = changes(before, {"effect": str(proposal.effect_cents), **world})
    write_decision(session, proposal, Verdict.STALE, by, clock=clock, outcome={"changed": changed})
    note(session, "act-stale", proposal, by, reason="", changed=changed)
    return WorldChanged(f"proposal {proposal.id} was made when this stood otherwise", changed=changed)


def note(
    session: Session,
    act: str,
    proposal: Proposal,
    by: Authority,
    *,
    reason: str,
    after: Mapping[str, object] | None = None,
    **more: object,
) -> None:
    """Step: a line of the audit on the account (or its subject): before, after (none: unchanged), and the effect."""
    subject = (proposal.subject_kind, proposal.subject_id)
    before: Any = proposal.evidence["before"]
    audit.record(
        session,
        act,
        subject=("account", proposal.customer_account_id) if proposal.customer_account_id else subject,
        actor_id=by.actor_id,
        proposal=proposal.id,
        kind=proposal.act,
        effect_cents=proposal.effect_cents.cents,
        reason=reason,
        before=before,
        after=dict(after) if after is not None else before,
        **more,
    )
