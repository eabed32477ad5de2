"""A processor that pays out what a test wants it to, and desks that read from it."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy.orm import Session

from accounts.clock import FixedClock
from accounts.database import Sessions, forbid_open_transaction
from accounts.money import Money, total
from payments.gateway.base import Refused
from payments.gateway.payouts import MovementTruth, PayoutTruth
from payments.payouts.rules import Terms
from payments.payouts.service import PayoutDesk
from payments.posting.rules import Fee
from tests.factories.books import POOL, TERMS
from tests.factories.paid import NOON, pay_attempt, promise

PAYOUT_TERMS = Terms(
    bank="900-1010",
    clearing="900-1030",
    suspense="900-2190",
    fees="100-5200",
    fees_fund="100",
    pooled_fund=POOL,
    due_to_funds=TERMS.due_to_funds,
    claims=TERMS.claims,
)
_serial = itertools.count(1)


def pay_by_card(session: Session, amounts: dict[int, Money], *, fee: Fee | None = None, intent: str = "") -> str:
    """A card payment in the books; the id of its payment intent."""
    intent = intent or f"pi_{next(_serial):06d}"
    pay_attempt(session, promise(session, amounts, fee=fee), intent=intent)
    return intent


@dataclass
class Processor:
    """What a gateway says of payouts. Amounts in cents, newest first, as the real one lists them."""

    now: datetime = NOON + timedelta(days=2)
    said: dict[str, PayoutTruth] = field(default_factory=dict)
    moved: dict[str, MovementTruth] = field(default_factory=dict)
    parts: dict[str, list[str]] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)

    def charge(self, intent: str, cents: int, fee: int = 0, kind: str = "charge") -> MovementTruth:
        """A payer's money."""
        return self.move(kind, cents, fee, source=f"ch_{intent[3:]}", intent=intent)

    def move(self, kind: str, cents: int, fee: int = 0, *, source: str = "", intent: str = "") -> MovementTruth:
        """A movement of any type."""
        made = MovementTruth(
            id=f"txn_{next(_serial):06d}",
            type=kind,
            amount=Money(cents),
            fee=Money(fee),
            net=Money(cents - fee),
            currency="usd",
            created_at=NOON,
            available_on=date(2026, 11, 19),
            source_id=source,
            charge_id=source if intent else "",
            payment_intent_id=intent,
        )
        self.moved[made.id] = made
        return made

    def pay_out(self, *movements: MovementTruth, off: int = 0, **changes: object) -> str:
        """An automatic, reconciled payout that was paid: the sum of its movements, and ``off`` cents more."""
        amount = total(movement.net for movement in movements) + Money(off)
        made = PayoutTruth(
            id=f"po_{next(_serial):06d}",
            amount=amount,
            currency="usd",
            status="paid",
            automatic=True,
            reconciliation_status="completed",
            created_at=self.now,
            arrival_on=date(2026, 11, 20),
            trace_id="0210000211",
            statement_descriptor="CITY CARDS",
        )
        self.said[made.id] = replace(made, **changes)  # type: ignore[arg-type]
        own = self.move("payout", -amount.cents, source=made.id)
        self.parts[made.id] = [*(movement.id for movement in movements), own.id]
        return made.id

    def tell(self, payout_id: str, **changes: object) -> None:
        """A payout is now otherwise."""
        self.said[payout_id] = replace(self.said[payout_id], **changes)  # type: ignore[arg-type]

    def fail(self, payout_id: str, status: str = "failed") -> MovementTruth:
        """A payout comes back; the movement that brings its money into a later one."""
        self.tell(payout_id, status=status, failure_code="account_closed")
        kind = "payout_failure" if status == "failed" else "payout_cancel"
        return self.move(kind, self.said[payout_id].amount.cents, source=payout_id)

    def payout(self, payout_id: str) -> PayoutTruth:
        self._ask("payout")
        if payout_id not in self.said:
            raise Refused("no such payout", code="resource_missing")
        return self.said[payout_id]

    def payouts(self, since: datetime) -> Iterator[PayoutTruth]:
        self._ask("payouts")
        yield from [said for said in list(self.said.values())[::-1] if said.created_at >= since]

    def movements(self, since: datetime) -> Iterator[MovementTruth]:
        self._ask("movements")
        yield from [moved for moved in list(self.moved.values())[::-1] if moved.created_at >= since]

    def movements_of(self, payout_id: str) -> Iterator[MovementTruth]:
        self._ask("movements_of")
        for movement_id in self.parts[payout_id][::-1]:
            forbid_open_transaction()
            yield self.moved[movement_id]

    def _ask(self, what: str) -> None:
        forbid_open_transaction()
        self.asked[what] += 1


def desk_of(sessions: Sessions, processor: object, clock: FixedClock | None = None) -> PayoutDesk:
    """A desk in the small chart; without a clock it is five days after the day of the other factories."""
    clock = clock or FixedClock(datetime(2026, 11, 22, 18, 0, tzinfo=UTC))
    return PayoutDesk(sessions, processor, clock, PAYOUT_TERMS)  # type: ignore[arg-type]
