"""An attempt as its pages and its settlement see it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts.money import Money
from payments.attempts.models import Attempt, AttemptLine, Payment
from payments.attempts.rules import LIVE, LiveAttempt, Promise, Quote, QuotedLine, State
from payments.baskets.models import Basket
from payments.receipts.models import Receipt


@dataclass(frozen=True)
class AttemptPage:
    """What the pages of an attempt show. ``receipt_token`` is there once money is in the books."""

    attempt_id: str
    token: str
    state: State
    total: Money
    language: str
    session_url: str | None
    expires_at: datetime
    created_at: datetime
    receipt_token: str | None
    basket_digest: bytes | None


def attempt_page(session: Session, token: str) -> AttemptPage | None:
    """One statement; None for a link that we never gave."""
    row = session.execute(
        select(Attempt, Receipt.token, Basket.token_sha256)
        .outerjoin(Payment, Payment.attempt_id == Attempt.id)
        .outerjoin(Receipt, Receipt.payment_id == Payment.id)
        .outerjoin(Basket, Basket.id == Attempt.basket_id)
        .where(Attempt.token == token)
    ).one_or_none()
    if row is None:
        return None
    attempt, receipt_token, basket_digest = row
    return AttemptPage(
        attempt_id=attempt.id,
        token=attempt.token,
        state=attempt.state,
        total=attempt.amount_cents + attempt.fee_cents,
        language=attempt.language,
        session_url=attempt.session_url,
        expires_at=attempt.expires_at,
        created_at=attempt.created_at,
        receipt_token=receipt_token,
        basket_digest=basket_digest,
    )


def live_attempts(session: Session, basket_id: int) -> list[LiveAttempt]:
    """Attempts of a basket that are not over, newest first."""
    attempts = session.scalars(
        select(Attempt)
        .where(Attempt.basket_id == basket_id, Attempt.state.in_(LIVE))
        .order_by(Attempt.created_at.desc())
    ).all()
    return [_live(attempt, quoted_lines(session, attempt.id)) for attempt in attempts]


def quoted_lines(session: Session, attempt_id: str) -> tuple[QuotedLine, ...]:
    """The lines of an attempt as promised."""
    rows = session.scalars(select(AttemptLine).where(AttemptLine.attempt_id == attempt_id).order_by(AttemptLine.id))
    return tuple(
        QuotedLine(
            line.customer_account_id,
            line.amount_cents,
            line.choice,
            tuple((quote["charge"], quote["version"], quote["open"]) for quote in line.quoted),
            tuple(line.targets),
        )
        for line in rows
    )


def promise(session: Session, attempt_id: str, environment: str, *, livemode: bool) -> Promise | None:
    """What the processor must confirm before this attempt is paid."""
    row = session.execute(
        select(Attempt.amount_cents, Attempt.fee_cents, Attempt.currency).where(Attempt.id == attempt_id)
    ).one_or_none()
    if row is None:
        return None
    return Promise(attempt_id, row.amount_cents + row.fee_cents, row.currency, environment, livemode)


def _live(attempt: Attempt, lines: tuple[QuotedLine, ...]) -> LiveAttempt:
    quote = Quote(lines, attempt.fee_cents, attempt.language, attempt.email)
    return LiveAttempt(attempt.id, attempt.token, attempt.state, attempt.session_id, attempt.expires_at, quote)
