"""What the processor says of payouts and of the movements (Stripe: balance transactions) that they are made of.

Amounts are signed cents as the processor gives them: a payout to the bank is positive, and so is a charge.
Source: docs.stripe.com/api/payouts/object and docs.stripe.com/api/balance_transactions/object.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from accounts.money import Money


@dataclass(frozen=True)
class PayoutTruth:
    """A payout as it is now. ``trace_id`` is the bank's own number for it, once the bank has told it."""

    id: str
    amount: Money
    currency: str
    status: str
    automatic: bool
    reconciliation_status: str
    created_at: datetime
    arrival_on: date
    trace_id: str = ""
    statement_descriptor: str = ""
    failure_code: str = ""


@dataclass(frozen=True)
class MovementTruth:
    """One movement of the processor's balance: ``net`` is what it adds to the balance, ``amount`` less ``fee``."""

    id: str
    type: str
    amount: Money
    fee: Money
    net: Money
    currency: str
    created_at: datetime
    available_on: date
    reporting_category: str = ""
    source_id: str = ""
    charge_id: str = ""
    payment_intent_id: str = ""


def payout_of(fields: Mapping[str, Any]) -> PayoutTruth:
    """Read Stripe's payout. Its dates are midnights of UTC that mean a calendar day."""
    return PayoutTruth(
        id=str(fields["id"]),
        amount=Money(int(fields["amount"])),
        currency=str(fields["currency"]),
        status=str(fields["status"]),
        automatic=bool(fields["automatic"]),
        reconciliation_status=str(fields["reconciliation_status"]),
        created_at=_instant(fields["created"]),
        arrival_on=_instant(fields["arrival_date"]).date(),
        trace_id=str((fields.get("trace_id") or {}).get("value") or ""),
        statement_descriptor=str(fields.get("statement_descriptor") or ""),
        failure_code=str(fields.get("failure_code") or ""),
    )


def movement_of(fields: Mapping[str, Any]) -> MovementTruth:
    """Read Stripe's balance transaction, best with its source expanded: only the source names the payment intent."""
    source = fields.get("source")
    known: Mapping[str, Any] = source if isinstance(source, Mapping) else {"id": source}
    is_charge = known.get("object") == "charge" or str(known.get("id") or "").startswith("ch_")
    return MovementTruth(
        id=str(fields["id"]),
        type=str(fields["type"]),
        amount=Money(int(fields["amount"])),
        fee=Money(int(fields["fee"])),
        net=Money(int(fields["net"])),
        currency=str(fields["currency"]),
        created_at=_instant(fields["created"]),
        available_on=_instant(fields["available_on"]).date(),
        reporting_category=str(fields.get("reporting_category") or ""),
        source_id=str(known.get("id") or ""),
        charge_id=str(known["id"]) if is_charge else _id(known.get("charge")),
        payment_intent_id=_id(known.get("payment_intent")),
    )


def _id(value: object) -> str:
    """An id, or the id of an object that was expanded."""
    return str(value.get("id") or "") if isinstance(value, Mapping) else str(value or "")


def _instant(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
