"""The posting step as the house does it: the truth is fetched already; lock, compute, write, commit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from accounts.cities.queries import ruling
from accounts.database import Sessions, engine_for, reading, sessions_for, transaction
from accounts.ledger.rules import Source
from payments.attempts.rules import Event
from payments.posting import service as posting
from payments.posting.rules import Received, Tender, Terms
from payments.posting.service import AttemptEvidence
from payments.terms import terms_of

EVIDENCE = {"session_status": "complete", "intent_status": "succeeded", "currency": "usd", "environment": "test"}


@dataclass(frozen=True)
class Till:
    """What posting needs besides the attempt."""

    sessions: Sessions
    terms: Terms
    series: tuple[str, ...]
    today: date


def till(app_url: str, today: date, connections: int) -> Till:
    """A till on a database, with so many connections."""
    sessions = sessions_for(engine_for(app_url, pool_size=connections, application="ventanilla-bench-posting"))
    with reading(sessions) as session:
        city = ruling(session).city
    return Till(sessions, terms_of(city), tuple(city.web_series()), today)


def settle(at: Till, attempt_id: str) -> posting.Posted:
    """Post one attempt, as ``payments.settlements`` does once it has heard the processor."""
    intent = f"pi_{attempt_id[3:]}"
    with transaction(at.sessions) as session:
        locked = posting.lock_attempt(session, attempt_id, at.today)
        if locked is None or locked.attempt is None or locked.business_day is None:
            raise LookupError(f"{attempt_id} is not there or was posted before")
        attempt = locked.attempt
        received = Received(
            accounts=locked.accounts,
            fee=posting.fee_of(attempt["fee_terms"], attempt["fee_cents"]),
            tender=Tender("card", "visa", "4242", intent),
            order=posting.order_of(attempt["policy"]),
            paid_at=datetime.now(UTC),
            effective_on=at.today,
        )
        return posting.write(
            session,
            received,
            at.terms,
            business_day=locked.business_day,
            source=Source("payment_intent", intent, "settle"),
            actor_id=attempt["actor_id"],
            channel=attempt["channel"],
            language=attempt["language"],
            series=at.series,
            attempt=(
                attempt_id,
                AttemptEvidence(Event.PAID.value, attempt["state"], forced=False, details=EVIDENCE),
            ),
        )
