"""Balance transactions, fees and the daily payout (docs.stripe.com/reports/balance-transaction-types)."""

from __future__ import annotations

from sandbox import agenda, events
from sandbox.clock import DAY, midnight
from sandbox.store import Json
from sandbox.world import World

SETTLING_DAYS = 2
CATEGORIES = {
    "adjustment": "other_adjustment",
    "payment": "charge",
    "payout_failure": "payout_reversal",
    "stripe_fee": "fee",
}
"""Types whose reporting category has another name (docs.stripe.com/reports/reporting-categories)."""
DEBITS_BANK = "payouts_debit_bank"
"""Switch: may a payout take from the bank what the balance lacks?"""
FAILURES = {
    "account_closed": "The bank account has been closed.",
    "could_not_process": "The bank could not process this payout.",
    "no_account": "The bank account details on file are probably incorrect.",
}


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
    world: World, kind: str, source: Json | None, amount: int, *, fee: int = 0, available_on: int | None = None
) -> Json:
    """Writes a balance transaction and sees that a payout comes for it."""
    source = source or {"id": None}
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
    """Pays out the exact sum of all available balance transactions; a sum of nothing waits, and one of less, too."""
    ripe = _ripe(world)
    total = sum(entry["net"] for entry in ripe)
    if total > 0 or (total < 0 and world.store.setting(DEBITS_BANK, "no") == "yes"):
        _pay_out(world, ripe, total, automatic=True)


def pay_out_by_hand(world: World) -> Json:
    """A payout that somebody asks for: the processor does not list what it is made of."""
    ripe = _ripe(world)
    if not ripe:
        raise ValueError("Nothing is available.")
    return _pay_out(world, ripe, sum(entry["net"] for entry in ripe), automatic=False)


def _ripe(world: World) -> list[Json]:
    now = world.clock.now()
    ripe = [entry for entry in members(world, None) if entry["available_on"] <= now]
    for entry in ripe:
        world.store.save({**entry, "status": "available"})
    return ripe


def _pay_out(world: World, ripe: list[Json], total: int, *, automatic: bool) -> Json:
    now = world.clock.now()
    payout = world.new(
        "payout",
        "po_",
        amount=total,
        arrival_date=midnight(now, days=1),
        automatic=automatic,
        currency="usd",
        description="STRIPE PAYOUT",
        method="standard",
        reconciliation_status="in_progress" if automatic else "not_applicable",
        source_type="card",
        status="in_transit",
        type="bank_account",
        metadata={},
    )
    entry = book(world, "payout", payout, -total, available_on=now)
    payout["balance_transaction"] = entry["id"]
    world.store.insert(payout)
    for part in ripe:
        world.store.note(part["id"], payout=payout["id"] if automatic else f"unlisted {payout['id']}")
    world.store.note(entry["id"], payout=payout["id"])
    events.emit(world, "payout.created", payout)
    agenda.schedule(world, now + DAY, "land_payout", payout["id"])
    return payout


@agenda.job("land_payout")
def land_payout(world: World, payout_id: str) -> None:
    """The money is at the bank."""
    payout = world.fetch("payout", payout_id)
    if payout["status"] == "failed":
        return
    payout["status"] = "paid"
    payout["trace_id"] = {"status": "supported", "value": payout_id[-15:]}
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
    world.store.save(payout)
    events.emit(world, "payout.paid", payout)
    if payout["automatic"]:
        events.emit(world, "payout.reconciliation_completed", payout)


def fail_payout(world: World, payout_id: str, code: str) -> Json:
    """The bank sends the money back, maybe days after it was paid (docs.stripe.com/payouts#payout-failures)."""
    payout = world.fetch("payout", payout_id)
    if payout["status"] not in ("paid", "in_transit", "pending"):
        raise ValueError(f"The payout is {payout['status']}.")
    before = {name: payout[name] for name in ("status", "failure_code", "failure_message")}
    entry = book(world, "payout_failure", payout, payout["amount"], available_on=world.clock.now())
    payout |= {"status": "failed", "failure_code": code, "failure_message": FAILURES[code]}
    payout["failure_balance_transaction"] = entry["id"]
    if payout["automatic"]:
        payout["reconciliation_status"] = "completed"
    world.store.save(payout)
    events.emit(world, "payout.failed", payout, before)
    return payout
