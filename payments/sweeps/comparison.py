"""The processor's money beside ours, both ways, one day of the processor's at a time.

Each payment intent that took money must be a payment in the books or a line in the exceptions queue (``orphan``,
``no-owner``, or what its attempt's settling named). Each card payment in the books must be one that the processor
knows (else ``posted-unpaid``). Memory holds two days of identifiers, whatever the length of the look-back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

from accounts.database import reading, transaction
from accounts.errors import NotFound
from accounts.exceptions.service import open_exception
from payments.gateway.base import IntentFact, Refused
from payments.settlements.service import Desk, name_unowned, settle
from payments.sweeps.queries import CardPayment, card_payments, owners

WINDOW = timedelta(days=1)
_LONGEST_PAYING = timedelta(days=1)
"""A payment intent may be a day older than the charge that its payment is dated by (a page lives for a day)."""
_BATCH = 100


def compare(desk: Desk, since: datetime, until: datetime, found: Counter[str]) -> None:
    """Use case: everything from ``since`` until just before ``until``; what it does is counted in ``found``."""
    start, before = since - _LONGEST_PAYING, frozenset[str]()
    while start < until:
        end = min(start + WINDOW, until)
        day = _of_the_processor(desk, start, end, found)
        if start >= since:
            _of_the_books(desk, start, end, before | day, found)
        start, before = end, day


def _of_the_processor(desk: Desk, since: datetime, until: datetime, found: Counter[str]) -> frozenset[str]:
    seen: set[str] = set()
    batch: list[IntentFact] = []
    for intent in desk.gateway.intents(since, until):
        if not intent.paid:
            continue
        if intent.livemode is not desk.livemode or intent.environment not in ("", desk.environment):
            found["foreign"] += 1
            continue
        seen.add(intent.payment_intent_id)
        batch.append(intent)
        if len(batch) == _BATCH:
            _match(desk, batch, found)
            batch.clear()
    _match(desk, batch, found)
    return frozenset(seen)


def _match(desk: Desk, intents: Sequence[IntentFact], found: Counter[str]) -> None:
    if not intents:
        return
    with reading(desk.sessions) as session:
        known = owners(session, [intent.payment_intent_id for intent in intents])
    for intent in intents:
        found["paid_at_the_processor"] += 1
        if intent.payment_intent_id not in known:
            _adopt(desk, intent, found)


def _adopt(desk: Desk, intent: IntentFact, found: Counter[str]) -> None:
    """Paid there, not posted here: settle its attempt; what is nobody's goes to the exceptions queue."""
    found["not_posted"] += 1
    if intent.attempt_id:
        try:
            session_id = desk.gateway.page_of(intent.payment_intent_id) or ""
            settle(desk, intent.attempt_id, session_id)
        except NotFound:
            pass
        with reading(desk.sessions) as session:
            if owners(session, [intent.payment_intent_id]):
                found["settled"] += 1
                return
    found[name_unowned(desk, intent)] += 1


def _of_the_books(desk: Desk, since: datetime, until: datetime, seen: frozenset[str], found: Counter[str]) -> None:
    with reading(desk.sessions) as session:
        missing = [one for one in card_payments(session, since, until) if one.payment_intent_id not in seen]
    for payment in missing:
        if not _is_paid(desk, payment):
            found["posted_unpaid"] += 1
            _name_unpaid(desk, payment)


def _is_paid(desk: Desk, payment: CardPayment) -> bool:
    """Ask for the one payment by its name before anybody is alarmed."""
    try:
        return desk.gateway.intent(payment.payment_intent_id).paid
    except Refused:
        return False


def _name_unpaid(desk: Desk, payment: CardPayment) -> None:
    with transaction(desk.sessions) as session:
        open_exception(
            session,
            "posted-unpaid",
            payment.payment_intent_id or str(payment.payment_id),
            {
                "payment": payment.payment_id,
                "payment_intent": payment.payment_intent_id,
                "amount_cents": payment.total.cents,
                "paid_at": payment.paid_at.isoformat(),
            },
            "The books have a payment that the processor does not know. Stop and find out before it is deposited.",
        )
