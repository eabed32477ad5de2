"""Customers (docs.stripe.com/api/customers)."""

from __future__ import annotations

from sandbox import events
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.store import Json
from sandbox.world import Call, merge_metadata, new_id

FIELDS = ("address", "description", "email", "name", "phone", "preferred_locales", "shipping")
SUPPORTED = " ".join((*FIELDS, "metadata"))


@operation("POST", "/v1/customers", SUPPORTED)
def create(call: Call) -> Json:
    """Adds a customer."""
    customer = call.world.new("customer", "cus_", id_length=14, metadata={}, balance=0, delinquent=False)
    customer |= {
        "invoice_prefix": new_id("").upper()[:8],
        "invoice_settings": call.world.shapes.blank("invoice_setting_customer_setting"),
        "preferred_locales": [],
        "tax_exempt": "none",
    }
    call.copied(customer, *FIELDS)
    merge_metadata(customer, call.params)
    call.world.store.insert(customer)
    events.emit(call.world, "customer.created", customer)
    return customer


@operation("GET", "/v1/customers/{customer}")
def retrieve(call: Call) -> Json:
    """Reads a customer."""
    return call.world.fetch("customer", call.ids["customer"])


@operation("POST", "/v1/customers/{customer}", SUPPORTED)
def update(call: Call) -> Json:
    """Changes the given fields and merges the metadata."""
    customer = call.world.fetch("customer", call.ids["customer"])
    before = dict(customer)
    call.copied(customer, *FIELDS)
    merge_metadata(customer, call.params)
    call.world.store.save(customer)
    changed = {name: before[name] for name in before if before[name] != customer[name]}
    events.emit(call.world, "customer.updated", customer, changed)
    return customer


@operation("GET", "/v1/customers", "created email ending_before limit starting_after")
def list_all(call: Call) -> Json:
    """Lists customers, by e-mail address where one is given."""
    where = call.given("email")
    return listing(call, "customer", "/v1/customers", where)


@operation("GET", "/v1/customers/{customer}/payment_methods", "ending_before limit starting_after type")
def list_payment_methods(call: Call) -> Json:
    """Lists the payment methods of one customer."""
    customer = call.world.fetch("customer", call.ids["customer"])
    where = {"customer": customer["id"]}
    if "type" in call.params:
        where["type"] = call.params["type"]
    return listing(call, "payment_method", f"/v1/customers/{customer['id']}/payment_methods", where)
