"""Balance transactions, fees and the daily payout (docs.stripe.com/reports/balance-transaction-types)."""

from __future__ import annotations

from sandbox import agenda, events
from sandbox.clock import DAY, midnight
from sandbox.store import Json
from sandbox.world import World

SETTLING_DAYS = 2
CATEGORIES = {"charge": "charge", "refund": "refund", "refund_failure": "refund_failure", "payout": "payout"}


def card_fee(amount: int) -> int:
    """2.9 % and 30 cents, half a cent rounded up (stripe.com/pricing)."""
    return (amount * 29 + 500) // 1000 + 30


def fee_detail(amount: int) -> Json:
    """The line that explains a processing fee."""
    return {
        "amount": amount,
        "application": None,
        "currency": "usd",
        "description": "Stripe processing fees",
        "type": "stripe_fee",
    }


def book(
    world: World, kind: str, source: Json, amount: int, *, fee: int = 0, available_on: int | None = None
) -> Json:
    """Writes a balance transaction and sees that a payout comes for it."""
    now = world.clock.now()
    ready = midnight(now, days=SETTLING_DAYS) if available_on is None else available_on
    entry = world.new(
        "balance_transaction",
        "txn_",
        object="balance_transaction",
        type=kind,
        reporting_category=CATEGORIES.get(kind, kind),
        amount=amount,
        fee=fee,
        net=amount - fee,
        fee_details=[fee_detail(fee)] if fee else [],
        currency="usd",
        source=source["id"],
        available_on=ready,
        status="available" if ready <= now else "pending",
        balance_type="payments",
        description=source.get("description"),
    )
    world.store.insert(entry, payout=None)
    if kind != "payout":
        agenda.schedule(world, max(ready, midnight(now, days=1)), "make_payout", "daily")
    return entry


def balance(world: World) -> tuple[int, int]:
    """What is available and what is pending, in cents."""
    totals = {"available": 0, "pending": 0}
    for entry in world.store.find("balance_transaction"):
        totals[entry["status"]] += entry["net"]
    return totals["available"], totals["pending"]


def members(world: World, payout_id: str | None) -> list[Json]:
    """The balance transactions that a payout settled, or with None those not paid out yet."""
    clause = " AND json_extract(private, '$.payout') IS ?"
    return world.store.find("balance_transaction", clauses=clause, values=(payout_id,), ascending=True)


@agenda.job("make_payout")
def make_payout(world: World, _: str) -> None:
    """Pays out the exact sum of all available balance transactions; a sum of nothing or less waits."""
    now = world.clock.now()
    ripe = [entry for entry in members(world, None) if entry["available_on"] <= now]
    for entry in ripe:
        world.store.save({**entry, "status": "available"})
    total = sum(entry["net"] for entry in ripe)
    if total <= 0:
        return
    payout = world.new(
        "payout",
        "po_",
        amount=total,
        arrival_date=midnight(now, days=1),
        automatic=True,
        currency="usd",
        description="STRIPE PAYOUT",
        method="standard",
        reconciliation_status="in_progress",
        source_type="card",
        status="in_transit",
        type="bank_account",
        metadata={},
    )
    entry = book(world, "payout", payout, -total, available_on=now)
    payout["balance_transaction"] = entry["id"]
    world.store.insert(payout)
    for part in [*ripe, entry]:
        world.store.note(part["id"], payout=payout["id"])
    events.emit(world, "payout.created", payout)
    agenda.schedule(world, now + DAY, "land_payout", payout["id"])


@agenda.job("land_payout")
def land_payout(world: World, payout_id: str) -> None:
    """The money is at the bank."""
    payout = world.fetch("payout", payout_id)
    payout |= {"status": "paid", "reconciliation_status": "completed"}
    payout["trace_id"] = {"status": "supported", "value": payout_id[-15:]}
    world.store.save(payout)
    events.emit(world, "payout.paid", payout)
    events.emit(world, "payout.reconciliation_completed", payout)
