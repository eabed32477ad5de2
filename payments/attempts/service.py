"""Steps on one attempt under lock: create, move, and post what the processor says was paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from accounts.customer_accounts.models import PendingPayment
from accounts.errors import NotFound
from accounts.money import total
from accounts.outbox import announce
from payments.attempts.models import Attempt, AttemptEvent, AttemptLine
from payments.attempts.rules import FIRST_CHECK, LIVE, Event, Quote, QuotedLine, State, next_check, next_state

PENDING_OWNER = "attempt"
NOT_PAID = "payment_not_paid"
"""The fact that a payment failed after its payer had left the page."""
_LEFT = frozenset({State.OPEN, State.PROCESSING})


@dataclass(frozen=True)
class NewAttempt:
    """All that is frozen when a person leaves for the processor's page."""

    attempt_id: str
    token: str
    basket_id: int
    actor_id: int
    quote: Quote
    fee_terms: Mapping[str, object]
    policy: Mapping[str, object]
    city_release_id: int
    request: Mapping[str, object]
    now: datetime
    expires_at: datetime
    told: Sequence[Mapping[str, object]] = ()


def create(session: Session, new: NewAttempt) -> None:
    """Step: store the intent, with its lines and a pending payment on each account."""
    session.add(
        Attempt(
            id=new.attempt_id,
            token=new.token,
            basket_id=new.basket_id,
            actor_id=new.actor_id,
            language=new.quote.language,
            email=new.quote.email,
            amount_cents=total(line.amount for line in new.quote.lines),
            fee_cents=new.quote.fee,
            fee_terms=dict(new.fee_terms),
            city_release_id=new.city_release_id,
            policy=dict(new.policy),
            state=State.SENDING,
            idempotency_key=f"co:{new.attempt_id}",
            request=dict(new.request),
            created_at=new.now,
            sent_at=new.now,
            expires_at=new.expires_at,
            next_check_at=new.now + FIRST_CHECK,
            told=list(new.told),
        )
    )
    session.flush()
    session.execute(insert(AttemptLine), [_line(new.attempt_id, line) for line in new.quote.lines])
    session.execute(
        insert(PendingPayment),
        [
            {
                "customer_account_id": line.customer_account_id,
                "owner_kind": PENDING_OWNER,
                "owner_id": new.attempt_id,
                "amount_cents": line.amount,
                "expires_at": new.expires_at,
            }
            for line in new.quote.lines
        ],
    )


def move(session: Session, attempt_id: str, event: Event, evidence: Mapping[str, object]) -> State:
    """Step: apply an event under the row's lock and note it; the new state. Ignored news leaves no trace.

    Money is never posted here: :func:`payments.settlements.service.settle` does that.
    """
    attempt = session.scalar(select(Attempt).where(Attempt.id == attempt_id).with_for_update())
    if attempt is None:
        raise NotFound(f"no attempt {attempt_id}")
    old = attempt.state
    new, forced = next_state(old, event)
    if new is old:
        return old
    attempt.state = new
    session.add(
        AttemptEvent(
            attempt_id=attempt_id,
            event=event.value,
            old_state=old.value,
            new_state=new.value,
            forced=forced,
            evidence=dict(evidence),
        )
    )
    if new is State.FAILED and old in _LEFT:
        announce(session, NOT_PAID, attempt_id=attempt_id)
    if new not in LIVE:
        session.execute(
            delete(PendingPayment).where(
                PendingPayment.owner_kind == PENDING_OWNER, PendingPayment.owner_id == attempt_id
            )
        )
    return new


def note_page(session: Session, attempt_id: str, session_id: str, url: str, now: datetime) -> State:
    """Step: the hosted page is there; a repeat with the same page changes nothing."""
    state = move(session, attempt_id, Event.PAGE_OPENED, {"session": session_id})
    attempt = session.get_one(Attempt, attempt_id)
    attempt.session_id, attempt.session_url = session_id, url or None
    _plan_check(attempt, now)
    return state


def note_asked(session: Session, attempt_id: str, now: datetime) -> None:
    """Step: the processor was asked about a live attempt; plan the next time."""
    _plan_check(promised(session, attempt_id), now)


def _plan_check(attempt: Attempt, now: datetime) -> None:
    attempt.asked_at = now
    attempt.next_check_at = next_check(attempt.state, attempt.created_at, attempt.expires_at, now)


def promised(session: Session, attempt_id: str) -> Attempt:
    """Step: the attempt's row as frozen, unlocked."""
    attempt = session.get(Attempt, attempt_id)
    if attempt is None:
        raise NotFound(f"no attempt {attempt_id}")
    return attempt


def _line(attempt_id: str, line: QuotedLine) -> dict[str, object]:
    return {
        "attempt_id": attempt_id,
        "customer_account_id": line.customer_account_id,
        "amount_cents": line.amount,
        "choice": line.choice,
        "quoted": [{"charge": charge, "version": version, "open": cents} for charge, version, cents in line.quoted],
        "targets": list(line.targets),
    }
