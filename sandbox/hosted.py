"""What the hosted page does to a session: try a card, authenticate, complete, expire."""

from __future__ import annotations

from dataclasses import dataclass

from sandbox import agenda, charging, events, intents, methods, setups
from sandbox.cards import TestCard
from sandbox.store import Json
from sandbox.world import World


@dataclass(frozen=True)
class Typed:
    """What the person typed, once the number has been exchanged for a row of the table."""

    card: TestCard
    exp: tuple[int, int]
    name: str
    postal_code: str

    def billing(self, world: World, email: str | None) -> Json:
        """Billing details in Stripe's shape."""
        address = world.shapes.blank("address", postal_code=self.postal_code, country="US")
        return {"name": self.name, "email": email, "address": address, "phone": None}


def submit(world: World, session: Json, typed: Typed) -> Json:
    """Tries a card; gives back the intent, and raises on a decline, which leaves the session open."""
    billing = typed.billing(world, email_of(world, session))
    method = methods.create(world, typed.card, exp=typed.exp, billing=billing)
    if session["mode"] == "setup":
        intent = world.fetch("setup_intent", session["setup_intent"])
        intent = setups.keep(world, intent, method)
    else:
        intent = charging.confirm(world, _intent(world, session), method)
    if intent["status"] == "succeeded":
        complete(world, session, intent)
    return intent


def _intent(world: World, session: Json) -> Json:
    if session["payment_intent"]:
        return world.fetch("payment_intent", session["payment_intent"])
    given = {**world.store.private(session["id"])["intent_data"], "customer": session["customer"]}
    return_url = session["url"]
    intent = intents.draft(world, session["amount_total"], given, session=session["id"], return_url=return_url)
    if session["currency"] != intent["currency"]:  # altered on the control page
        intent["currency"] = session["currency"]
        world.store.save(intent)
    session["payment_intent"] = intent["id"]
    world.store.save(session)
    return intent


def answer_challenge(world: World, intent: Json, *, passed: bool) -> Json:
    """Goes on after the bank's check: takes the money or keeps the card, or asks for another card."""
    is_payment = intent["object"] == "payment_intent"
    if not passed:
        failed = charging.authentication_failed if is_payment else setups.authentication_failed
        failed(world, intent)
        return intent
    method = world.fetch("payment_method", intent["payment_method"])
    go_on = charging.confirm if is_payment else setups.keep
    intent = go_on(world, intent, method, authenticated=True)
    session_id = world.store.private(intent["id"]).get("session")
    if session_id:
        complete(world, world.fetch("checkout.session", session_id), intent)
    return intent


def complete(world: World, session: Json, intent: Json) -> None:
    """Ends a session well."""
    method = world.fetch("payment_method", intent["payment_method"])
    billing = method["billing_details"]
    session |= {"status": "complete", "url": None}
    if session["mode"] == "payment":
        session["payment_status"] = "paid"
    session["customer_details"] = world.shapes.blank(
        "payment_pages_checkout_session_customer_details",
        address=billing["address"],
        email=billing["email"],
        name=billing["name"],
        tax_exempt="none",
        tax_ids=[],
    )
    world.store.save(session)
    events.emit(world, "checkout.session.completed", session)


def expire(world: World, session: Json) -> Json:
    """Ends an open session without payment, and with it the intent it may have made."""
    session |= {"status": "expired", "url": None}
    world.store.save(session)
    if session["payment_intent"]:
        intent = world.fetch("payment_intent", session["payment_intent"])
        intents.canceled(world, intent, "expired")
    events.emit(world, "checkout.session.expired", session)
    return session


@agenda.job("expire_session")
def expire_when_due(world: World, session_id: str) -> None:
    """Expires a session that nobody finished in time."""
    session = world.fetch("checkout.session", session_id)
    if session["status"] == "open":
        expire(world, session)


def email_of(world: World, session: Json) -> str | None:
    """The e-mail address the session came with, or its customer's."""
    if session["customer"]:
        found: str | None = world.fetch("customer", session["customer"])["email"]
        return found
    given: str | None = session["customer_email"]
    return given
