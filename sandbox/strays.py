"""Payments as they should not be: one that nobody asked for, and one that is other than what was asked."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass

from sandbox import cards, charging, hosted, intents, methods, money
from sandbox.operations import checkout_sessions
from sandbox.store import Json
from sandbox.world import Call, World, merge_metadata

CURRENCY_LETTERS = 3


@dataclass(frozen=True)
class Orphan:
    """What an unasked payment looks like; ``session`` false makes a payment intent without a page."""

    amount: int = 12_345
    metadata: dict[str, str] | None = None
    session: bool = True


def orphan(world: World, wanted: Orphan) -> Json:
    """Makes a paid session or charge; without metadata it gets ours, with an ``attempt_id`` nobody knows."""
    with world.store.transaction():
        metadata = _ours(world) if wanted.metadata is None else wanted.metadata
        session = _page(world, wanted.amount, metadata) if wanted.session else None
        intent = _paid_page(world, session) if session else _paid(world, wanted.amount, metadata)
    return {
        "session": session["id"] if session else None,
        "payment_intent": intent["id"],
        "charge": intent["latest_charge"],
        "metadata": metadata,
    }


def _ours(world: World) -> dict[str, str]:
    found = world.store.find("checkout.session")
    known: dict[str, str] = next((one["metadata"] for one in found if one["metadata"]), {})
    return {**known, "attempt_id": f"01{secrets.token_hex(12).upper()}"}


def _page(world: World, amount: int, metadata: dict[str, str]) -> Json:
    price = {"currency": "usd", "unit_amount": amount, "product_data": {"name": "Nobody's bill"}}
    params: Json = {
        "mode": "payment",
        "success_url": f"{world.settings.public_url}/",
        "line_items": [{"quantity": 1, "price_data": price}],
        "metadata": metadata,
        "payment_intent_data": {"metadata": metadata},
    }
    if "attempt_id" in metadata:
        params["client_reference_id"] = metadata["attempt_id"]
    return checkout_sessions.create(Call(world, params))


def _paid_page(world: World, session: Json) -> Json:
    return hosted.submit(world, session, hosted.Typed(cards.BY_NAME["visa"], (12, 2034), "Nobody", "92101"))


def _paid(world: World, amount: int, metadata: dict[str, str]) -> Json:
    intent = intents.draft(world, amount, {"metadata": metadata})
    return charging.confirm(world, intent, methods.from_token(world, "visa"))


def alter(world: World, session_id: str, changes: Json) -> Json:
    """Changes amount, currency or metadata of a session and of what was or will be paid on it; tells no event."""
    extra = changes.keys() - {"amount", "currency", "metadata"}
    if extra or not changes:
        raise ValueError("Only amount (cents), currency and metadata can be altered.")
    if len(changes.get("currency", "usd")) != CURRENCY_LETTERS:
        raise ValueError("A currency has three letters.")
    with world.store.transaction():
        session = world.fetch("checkout.session", session_id, param="session")
        _change(session, changes, ("amount_total", "amount_subtotal"))
        world.store.save(session)
        facts = world.store.private(session_id)["intent_data"]
        merge_metadata(facts, changes)
        world.store.note(session_id, intent_data=facts)
        if session["payment_intent"]:
            _alter_payment(world, world.fetch("payment_intent", session["payment_intent"]), changes)
    return session


def _alter_payment(world: World, intent: Json, changes: Json) -> None:
    paid = intent["status"] == "succeeded"
    _change(intent, changes, ("amount", "amount_received") if paid else ("amount",))
    world.store.save(intent)
    if not paid:
        return
    charge = world.fetch("charge", intent["latest_charge"])
    _change(charge, changes, ("amount", "amount_captured"))
    world.store.save(charge)
    if "amount" in changes:
        fee = money.card_fee(changes["amount"])
        entry = world.fetch("balance_transaction", charge["balance_transaction"])
        entry |= {"amount": changes["amount"], "fee": fee, "net": changes["amount"] - fee}
        entry["fee_details"] = [money.fee_detail(fee)]
        world.store.save(entry)


def _change(target: Json, changes: Json, amounts: tuple[str, ...]) -> None:
    if "amount" in changes:
        target |= dict.fromkeys(amounts, changes["amount"])
    if "currency" in changes:
        target["currency"] = changes["currency"]
    merge_metadata(target, changes)


def read_orphan(given: Json) -> Orphan:
    """An orphan as a form or JSON orders it: ``bare``, or with metadata, or with ours."""
    metadata = {} if given.get("kind") == "bare" else read_metadata(given)
    wants_session = str(given.get("session", True)).lower() in ("true", "on", "1")
    return Orphan(int(given.get("amount") or Orphan.amount), metadata, wants_session)


def read_changes(given: Json) -> Json:
    """The changes that a form or JSON orders: what is left empty stays as it is."""
    changes: Json = {}
    if given.get("amount") not in (None, ""):
        changes["amount"] = int(given["amount"])
    if given.get("currency"):
        changes["currency"] = str(given["currency"]).lower()
    metadata = read_metadata(given)
    return changes if metadata is None else {**changes, "metadata": metadata}


def read_metadata(given: Json) -> dict[str, str] | None:
    """Metadata as an object, or as the JSON text of one; None where there is none."""
    metadata = given.get("metadata")
    if isinstance(metadata, str):
        metadata = json.loads(metadata) if metadata.strip() else None
    if metadata is None:
        return None
    if not isinstance(metadata, dict):
        raise ValueError("Metadata is an object of names and texts.")  # noqa: TRY004 - answered as 400
    return {str(name): str(value) for name, value in metadata.items()}
