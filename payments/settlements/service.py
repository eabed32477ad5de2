"""Ask the processor for the truth with no transaction open, then post it once, under lock.

Whoever comes first (return page, webhook, sweeper) posts; everyone else finds it done. A difference between what
was promised and what was paid is never dropped: it opens a line in the exceptions queue.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import kill_points
from accounts.clock import Clock
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.exceptions.service import open_exception
from accounts.ledger.rules import Source
from accounts.money import total
from payments.attempts import service as attempts
from payments.attempts.queries import promise
from payments.attempts.rules import Event, Promise, State, kind_of_mismatch, next_state, read_truth
from payments.gateway.base import Gateway, HostedPage, IntentFact, Truth
from payments.posting import service as posting
from payments.posting.rules import Received, Tender, Terms

_POSTED_BEFORE = frozenset({"pk_source_effects", "uq_payments_attempt_id"})
"""Constraints that say: this money is in the books already."""


@dataclass(frozen=True)
class Desk:
    """All that settling needs besides the attempt."""

    sessions: Sessions
    gateway: Gateway
    clock: Clock
    terms: Terms
    environment: str
    livemode: bool
    series: tuple[str, ...]


def settle(desk: Desk, attempt_id: str, session_id: str = "") -> State:
    """Use case: bring an attempt to what the processor says it is; returns where it stands now.

    ``session_id`` is the processor's hint for an attempt that never heard which page it got; it is taken only if
    that session is the attempt's own. Raises :class:`~accounts.errors.NotFound` for an attempt that is not ours and
    :class:`~payments.gateway.base.GatewayError` if the processor cannot be heard: nothing was changed.
    """
    with reading(desk.sessions) as session:
        attempt = attempts.promised(session, attempt_id)
        state, known = attempt.state, attempt.session_id
        promised = promise(session, attempt_id, desk.environment, livemode=desk.livemode)
    if state is State.SUCCEEDED or promised is None or not (known or session_id):
        return state
    truth = desk.gateway.truth(known or session_id)
    kill_points.reached("K6")
    if known is None:
        if truth.attempt_id != attempt_id:
            return state
        note_found_page(desk, attempt_id, HostedPage(truth.session_id, truth.url or ""))
    return record_truth(desk, promised, truth)


def note_found_page(desk: Desk, attempt_id: str, page: HostedPage) -> State:
    """Use case: the page of an attempt whose answer was lost, as the processor knows it."""
    now = desk.clock.now()
    with transaction(desk.sessions) as session:
        return attempts.note_page(session, attempt_id, page.session_id, page.url, now)


def record_truth(desk: Desk, promised: Promise, truth: Truth) -> State:
    """Use case: write down what the processor said of an attempt, posting the money if it moved."""
    event, mismatches = read_truth(promised, truth)
    if event is Event.PAID:
        state = _post_paid(desk, promised.attempt_id, truth)
        kill_points.reached("K8")
        return state
    with transaction(desk.sessions) as session:
        if event is None:
            return attempts.promised(session, promised.attempt_id).state
        evidence = _evidence(truth)
        if event is Event.MISMATCH:
            open_exception(
                session,
                kind_of_mismatch(mismatches),
                truth.payment_intent_id or truth.session_id,
                {
                    **evidence,
                    "attempt": promised.attempt_id,
                    "promised_cents": promised.total.cents,
                    "differs": list(mismatches),
                },
                "Compare with the processor, then post it where it belongs or refund it.",
            )
        return attempts.move(session, promised.attempt_id, event, evidence)


def name_unowned(desk: Desk, intent: IntentFact) -> str:
    """Use case: money that the processor took and no attempt of ours stands for: never dropped, kept for a person.

    Returns the kind of the line: ``orphan`` names an attempt that we do not have, ``no-owner`` names none.
    """
    kind = "orphan" if intent.attempt_id else "no-owner"
    with transaction(desk.sessions) as session:
        open_exception(
            session,
            kind,
            intent.payment_intent_id,
            {
                "payment_intent": intent.payment_intent_id,
                "amount_cents": intent.amount.cents,
                "currency": intent.currency,
                "livemode": intent.livemode,
                "environment": intent.environment,
                "attempt": intent.attempt_id,
                "paid_at": intent.created_at.isoformat(),
            },
            "Find out at the processor who paid and for what, then post or refund it.",
        )
    return kind


def _post_paid(desk: Desk, attempt_id: str, truth: Truth) -> State:
    try:
        with transaction(desk.sessions) as session:
            state = _post(session, desk, attempt_id, truth)
            kill_points.reached("K7")
            return state
    except IntegrityError as error:
        # The unique (source, effect) is the last line of defense: somebody else posted this payment.
        diagnostics = getattr(error.orig, "diag", None)
        if getattr(diagnostics, "constraint_name", None) not in _POSTED_BEFORE:
            raise
        with reading(desk.sessions) as session:
            state = attempts.promised(session, attempt_id).state
        if state is not State.SUCCEEDED:
            raise
        return state


def _post(session: Session, desk: Desk, attempt_id: str, truth: Truth) -> State:
    locked = posting.lock_attempt(session, attempt_id, desk.clock.today())
    if locked is None or locked.attempt is None:
        raise NotFound(f"no attempt {attempt_id}")
    if locked.business_day is None:
        return State.SUCCEEDED
    attempt = locked.attempt
    old = State(attempt["state"])
    new, forced = next_state(old, Event.PAID)
    paid_at = truth.paid_at or desk.clock.now()
    posted = posting.write(
        session,
        _received(locked, attempt, truth, paid_at, min(desk.clock.day_of(paid_at), locked.business_day)),
        desk.terms,
        business_day=locked.business_day,
        source=Source("payment_intent", truth.payment_intent_id or truth.session_id, "settle"),
        actor_id=attempt["actor_id"],
        channel=attempt["channel"],
        language=attempt["language"],
        series=desk.series,
        attempt=(attempt_id, posting.AttemptEvidence(Event.PAID.value, old.value, forced, _evidence(truth))),
    )
    if forced:
        _name_late_money(session, attempt_id, old, truth, posted.receipt_number)
    _name_surprises(session, locked, attempt_id, posted.receipt_number)
    return new


def _received(
    locked: posting.Locked, attempt: Mapping[str, Any], truth: Truth, paid_at: datetime, effective_on: date
) -> Received:
    return Received(
        accounts=locked.accounts,
        fee=posting.fee_of(attempt["fee_terms"], attempt["fee_cents"]),
        tender=Tender("card", truth.brand, truth.last4, truth.payment_intent_id or ""),
        order=posting.order_of(attempt["policy"]),
        paid_at=paid_at,
        effective_on=effective_on,
    )


def _name_late_money(session: Session, attempt_id: str, old: State, truth: Truth, receipt: str) -> None:
    """Paid although we had told that it was over: posted like any money, and named (rule 6)."""
    open_exception(
        session,
        "paid-after-expiry",
        attempt_id,
        {**_evidence(truth), "receipt": receipt, "was": old.value},
        "The payment is posted. See whether the person paid a second time meanwhile, and refund what is too much.",
    )


def _name_surprises(session: Session, locked: posting.Locked, attempt_id: str, receipt: str) -> None:
    """Money for charges that were paid meanwhile is kept as credit and named, never refused (rule 6)."""
    for part in locked.accounts:
        still_open = total(charge.open for charge in part.charges)
        if still_open < part.amount <= part.quoted:
            open_exception(
                session,
                "second-payment",
                f"{attempt_id}:{part.customer_account_id}",
                {"receipt": receipt, "paid_cents": part.amount.cents, "was_open_cents": still_open.cents},
                "The rest stands as credit on the account: apply it to the next bill or refund it.",
                customer_account_id=part.customer_account_id,
            )


def _evidence(truth: Truth) -> dict[str, object]:
    return {
        "session": truth.session_id,
        "session_status": truth.status.value,
        "payment_intent": truth.payment_intent_id,
        "intent_status": truth.intent_status,
        "amount_cents": truth.amount.cents,
        "currency": truth.currency,
        "livemode": truth.livemode,
        "environment": truth.environment,
        "attempt": truth.attempt_id,
    }
