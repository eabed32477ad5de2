"""Payments, posted by the posting step itself: at the counter, or as an attempt promised and then paid."""

from __future__ import annotations

import itertools
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.charges.queries import open_charges
from accounts.charges.rules import AllocationOrder
from accounts.cities.models import CityRelease
from accounts.ledger.rules import Source
from accounts.money import Money
from payments.attempts import service as attempts
from payments.attempts.rules import Event, Quote, QuotedLine
from payments.baskets.models import Basket
from payments.posting import service as posting
from payments.posting.rules import Fee, Received, Tender
from payments.posting.service import AttemptEvidence, Posted
from tests.factories.books import DAY, ORDER, TERMS, make_chart

NOON = datetime(2026, 11, 17, 20, 0, tzinfo=UTC)
_serial = itertools.count(1)


def pay(
    session: Session,
    amounts: Mapping[int, Money],
    *,
    fee: Fee | None = None,
    tender: str = "cash",
    source_id: str | None = None,
    targets: Mapping[int, Sequence[int]] | None = None,
    series: Sequence[str] = ("T1",),
    on: date = DAY,
    order: AllocationOrder = ORDER,
) -> Posted:
    """Post a payment without an attempt: ``amounts`` by account id."""
    make_chart(session)
    doer = actor_id(session, "staff:cashier")
    locked = posting.lock_accounts(session, amounts, on)
    assert locked.business_day is not None
    parts = tuple(
        replace(part, targets=tuple((targets or {}).get(part.customer_account_id, ()))) for part in locked.accounts
    )
    return posting.write(
        session,
        Received(parts, fee or Fee(), Tender(tender, reference="ref"), order, NOON, on),
        TERMS,
        business_day=locked.business_day,
        source=Source("test-payment", source_id or f"{next(_serial)}-{secrets.token_hex(4)}", "settle"),
        actor_id=doer,
        channel="counter",
        language="en",
        series=series,
    )


def promise(
    session: Session,
    amounts: Mapping[int, Money],
    *,
    fee: Fee | None = None,
    targets: Mapping[int, Sequence[int]] | None = None,
    now: datetime = NOON,
) -> str:
    """An attempt that waits for its outcome (state ``sending``), with what is open now as quoted; its id."""
    fee = fee or Fee()
    basket = Basket(token_sha256=secrets.token_bytes(32))
    session.add(basket)
    session.flush()
    quoted = open_charges(session, list(amounts))
    lines = tuple(
        QuotedLine(
            account,
            amount,
            "other",
            tuple((c.id, c.version, c.open.cents) for c in quoted if c.customer_account_id == account),
            tuple((targets or {}).get(account, ())),
        )
        for account, amount in amounts.items()
    )
    attempt_id = f"pa_{secrets.token_hex(13)}"
    attempts.create(
        session,
        attempts.NewAttempt(
            attempt_id=attempt_id,
            token=secrets.token_urlsafe(16),
            basket_id=basket.id,
            actor_id=actor_id(session, "system"),
            quote=Quote(lines, fee.amount, "en", ""),
            fee_terms={"version": "fee-1", "fund": fee.fund, "code": fee.code, "name": dict(fee.name)},
            policy={"version": ORDER.version, "ranks": [list(rank) for rank in ORDER.ranks]},
            city_release_id=session.scalars(select(func.max(CityRelease.id))).one(),
            request={},
            now=now,
            expires_at=now + timedelta(hours=1),
        ),
    )
    return attempt_id


def pay_attempt(
    session: Session,
    attempt_id: str,
    *,
    series: Sequence[str] = ("W1", "W2"),
    intent: str | None = None,
    chart: bool = True,
) -> Posted:
    """The processor has taken the money of an attempt: post it, as settling does."""
    if chart:
        make_chart(session)
    locked = posting.lock_attempt(session, attempt_id, DAY)
    assert locked is not None
    assert locked.attempt is not None
    assert locked.business_day is not None, "this attempt was posted before"
    attempt, intent = locked.attempt, f"pi_{attempt_id[3:]}" if intent is None else intent
    return posting.write(
        session,
        Received(
            locked.accounts,
            posting.fee_of(attempt["fee_terms"], attempt["fee_cents"]),
            Tender("card", "visa", "4242", intent),
            posting.order_of(attempt["policy"]),
            NOON,
            DAY,
        ),
        TERMS,
        business_day=locked.business_day,
        source=Source("payment_intent", intent or attempt_id, "settle"),
        actor_id=attempt["actor_id"],
        channel=attempt["channel"],
        language=attempt["language"],
        series=series,
        attempt=(attempt_id, AttemptEvidence(Event.PAID.value, attempt["state"], forced=False, details={})),
    )
