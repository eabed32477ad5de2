"""Payment methods made from test cards, and who owns them."""

from __future__ import annotations

from typing import Any

from sandbox import cards, events
from sandbox.cards import TestCard
from sandbox.errors import StripeError, invalid, missing
from sandbox.store import Json
from sandbox.world import World

TOKEN_EXPIRY_YEARS = 3


def create(world: World, card: TestCard, *, exp: tuple[int, int], billing: Json | None = None) -> Json:
    """A new card payment method; what the card does is remembered by its name in the table."""
    month, year = exp
    method = world.new("payment_method", "pm_", type="card", metadata={}, allow_redisplay="unspecified")
    method["billing_details"] = world.shapes.blank("billing_details", **(billing or {}))
    method["card"] = world.shapes.blank(
        "payment_method_card",
        brand=card.brand,
        display_brand=card.brand,
        last4=card.last4,
        exp_month=month,
        exp_year=year,
        funding=card.funding,
        fingerprint=card.fingerprint,
        country="US",
        checks={"address_line1_check": None, "address_postal_code_check": "pass", "cvc_check": "pass"},
        networks={"available": [card.brand], "preferred": None},
        three_d_secure_usage={"supported": True},
    )
    return world.store.insert(method, card=card.name, set_up=False)


def from_token(world: World, name: str, billing: Json | None = None) -> Json:
    """A payment method from one of Stripe's ready-made test cards."""
    year = int(world.clock.now() / 31_556_952) + 1970 + TOKEN_EXPIRY_YEARS
    return create(world, cards.BY_NAME[name], exp=(12, year), billing=billing)


def resolve(world: World, identifier: str, *, param: str = "payment_method") -> Json:
    """Finds a payment method by its id or by the name of a ready-made test card."""
    if identifier in cards.TOKENS:
        return from_token(world, cards.TOKENS[identifier])
    method = world.store.get(identifier, "payment_method")
    if method is None:
        raise missing("PaymentMethod", identifier, param=param, status=400)
    return method


def card_of(world: World, method: Json) -> TestCard:
    """What the card behind a payment method does."""
    return cards.BY_NAME[world.store.private(method["id"])["card"]]


def attach(world: World, method: Json, customer_id: str) -> Json:
    """Gives a payment method to a customer; the published decline cards refuse, save one."""
    world.fetch("customer", customer_id, param="customer", status=400)
    if method["customer"] not in (None, customer_id):
        raise invalid("The payment method you provided has already been attached to a customer.")
    card = card_of(world, method)
    if not card.attachable and card.decline:
        raise declined(card.decline)
    if method["customer"] is None:
        method["customer"] = customer_id
        world.store.save(method)
        events.emit(world, "payment_method.attached", method)
    return method


def declined(reason: str, **fields: Any) -> StripeError:
    """The 402 of a declined card; what happened before it stays."""
    return StripeError(
        402,
        cards.DECLINE_MESSAGES[reason],
        kind="card_error",
        keep=True,
        code=cards.decline_code(reason),
        decline_code=reason,
        **fields,
    )
