"""Checkout Sessions with a hosted page (docs.stripe.com/api/checkout/sessions)."""

from __future__ import annotations

import re

from sandbox import agenda, setups
from sandbox.clock import DAY
from sandbox.errors import invalid
from sandbox.hosted import expire as expire_session
from sandbox.intents import check_descriptor, check_money
from sandbox.lists import computed, envelope, listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, World, merge_metadata, new_id

SHORTEST = 30 * 60
MOST_ITEMS = 100
WEB_ADDRESS = re.compile(r"^https?://[A-Za-z0-9.\-\[\]:]+(/|\?|$)")
PLAIN = ("cancel_url", "client_reference_id", "customer", "customer_email", "locale", "submit_type", "success_url")
SUPPORTED = (
    "currency custom_text customer_creation expires_at line_items metadata mode payment_intent_data"
    " payment_method_types setup_intent_data ui_mode " + " ".join(PLAIN)
)
INTENT_DATA = {"description", "metadata", "receipt_email", "setup_future_usage", "statement_descriptor_suffix"}


@operation("POST", "/v1/checkout/sessions", SUPPORTED)
def create(call: Call) -> Json:
    """Opens a session and says where its page is."""
    mode = call.params.get("mode")
    _check(call, mode)
    session = _blank(call)
    facts = {"items": [], "intent_data": call.params.get("payment_intent_data", {})}
    if mode == "payment":
        facts["items"] = [_item(call.world, item) for item in call.params["line_items"]]
        total = sum(item["amount_total"] for item in facts["items"])
        check_money(total, "usd")
        session |= {"amount_subtotal": total, "amount_total": total, "currency": "usd"}
        session["total_details"] = {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0}
    else:
        given = {**call.params.get("setup_intent_data", {}), "customer": call.params.get("customer")}
        session["setup_intent"] = setups.draft(call.world, given, session=session["id"])["id"]
    call.world.store.insert(session, **facts)
    agenda.schedule(call.world, session["expires_at"], "expire_session", session["id"])
    return session


def _check(call: Call, mode: str | None) -> None:
    params = call.params
    if mode not in ("payment", "setup"):
        raise _unsupported("The sandbox has the modes payment and setup.", "mode")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise _unsupported("The sandbox has the hosted page only.", "ui_mode")
    if params.get("payment_method_types", ["card"]) != ["card"]:
        raise _unsupported("The sandbox takes cards only.", "payment_method_types")
    for name, required in (("success_url", True), ("line_items", mode == "payment")):
        if required and not params.get(name):
            raise invalid(f"Missing required param: {name}.", code="parameter_missing", param=name)
    wrong = {"payment": ["setup_intent_data"], "setup": ["line_items", "payment_intent_data"]}[mode]
    for name in wrong:
        if name in params:
            raise invalid(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    _check_addresses(params)
    _check_customer(call)
    _check_intent_data(params.get("payment_intent_data", {}))


def _check_addresses(params: Json) -> None:
    for name in ("success_url", "cancel_url"):
        if name in params and not WEB_ADDRESS.match(params[name]):
            raise invalid("Not a valid URL", code="url_invalid", param=name)


def _check_intent_data(given: Json) -> None:
    if extra := sorted(given.keys() - INTENT_DATA):
        raise _unsupported(f"The sandbox does not act on '{extra[0]}'.", f"payment_intent_data[{extra[0]}]")
    check_descriptor(given.get("statement_descriptor_suffix"))


def _unsupported(message: str, param: str) -> Exception:
    return invalid(message, code="sandbox_unsupported", param=param)


def _check_customer(call: Call) -> None:
    if "customer" in call.params and "customer_email" in call.params:
        raise invalid("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in call.params:
        call.world.fetch("customer", call.params["customer"], param="customer", status=400)


def _expires_at(call: Call) -> int:
    now = call.world.clock.now()
    chosen: int = call.params.get("expires_at", now + DAY)
    if chosen < now + SHORTEST:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            param="expires_at",
        )
    if chosen > now + DAY:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )
    return chosen


def _blank(call: Call) -> Json:
    world, params = call.world, call.params
    session = world.new("checkout.session", "cs_test_", id_length=58, mode=params["mode"], metadata={})
    session |= {
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "adaptive_pricing": {"enabled": False},
        "billing_address_collection": "auto",
        "custom_text": _custom_text(params),
        "customer_creation": params.get("customer_creation", "if_required"),
        "expires_at": _expires_at(call),
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "payment_status": "unpaid" if params["mode"] == "payment" else "no_payment_required",
        "phone_number_collection": {"enabled": False},
        "status": "open",
        "ui_mode": "hosted_page",
        "url": f"{world.settings.public_url}/c/pay/{session['id']}",
    }
    call.copied(session, *PLAIN)
    merge_metadata(session, params)
    return session


def _custom_text(params: Json) -> Json:
    places = ("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")
    given = params.get("custom_text", {})
    return {place: given.get(place) or None for place in places}


def _item(world: World, item: Json) -> Json:
    data: Json = item.get("price_data", {})
    if "unit_amount" not in data or "product_data" not in data:
        raise _unsupported("The sandbox takes price_data with product_data and unit_amount.", "line_items")
    check = {"currency": data["currency"].lower(), "quantity": item.get("quantity")}
    if check["currency"] != "usd" or not check["quantity"] or data["unit_amount"] < 0:
        raise invalid("Each line item needs usd, a quantity and an amount.", param="line_items")
    amount = data["unit_amount"] * item["quantity"]
    return world.shapes.blank(
        "item",
        id=new_id("li_"),
        amount_subtotal=amount,
        amount_total=amount,
        currency="usd",
        description=data["product_data"]["name"],
        quantity=item["quantity"],
        price=_price(world, data),
        metadata=item.get("metadata", {}),
    )


def _price(world: World, data: Json) -> Json:
    return world.new(
        "price",
        "price_",
        active=False,
        currency="usd",
        metadata={},
        product=new_id("prod_", 14),
        tax_behavior="unspecified",
        unit_amount=data["unit_amount"],
        unit_amount_decimal=str(data["unit_amount"]),
    )


@operation("GET", "/v1/checkout/sessions/{session}")
def retrieve(call: Call) -> Json:
    """Reads a session."""
    return call.world.fetch("checkout.session", call.ids["session"], param="session")


@operation(
    "GET", "/v1/checkout/sessions", "created customer ending_before limit payment_intent starting_after status"
)
def list_all(call: Call) -> Json:
    """Lists sessions."""
    where = call.given("customer", "payment_intent", "status")
    return listing(call, "checkout.session", "/v1/checkout/sessions", where)


@operation("POST", "/v1/checkout/sessions/{session}/expire")
def expire(call: Call) -> Json:
    """Closes an open session; a complete or expired one is refused."""
    session = call.world.fetch("checkout.session", call.ids["session"], param="session")
    if session["status"] != "open":
        raise invalid(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a'
            f" status of `{session['status']}`."
        )
    return expire_session(call.world, session)


@operation("GET", "/v1/checkout/sessions/{session}/line_items", "ending_before limit starting_after")
def list_line_items(call: Call) -> Json:
    """Lists what a session is for."""
    session = call.world.fetch("checkout.session", call.ids["session"], param="session")
    return _page(call.world, session, call.params.get("limit", 10))


@computed("checkout.session", "line_items")
def items(world: World, session: Json) -> Json:
    """The line items of a session, when they are asked for."""
    return _page(world, session, MOST_ITEMS)


def _page(world: World, session: Json, limit: int) -> Json:
    kept = world.store.private(session["id"])["items"]
    url = f"/v1/checkout/sessions/{session['id']}/line_items"
    return envelope(url, kept[:limit], has_more=len(kept) > limit)
