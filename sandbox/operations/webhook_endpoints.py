"""Webhook endpoints (docs.stripe.com/api/webhook_endpoints)."""

from __future__ import annotations

from sandbox.errors import invalid
from sandbox.lists import listing
from sandbox.registry import operation
from sandbox.spec import API_VERSION
from sandbox.store import Json
from sandbox.world import Call, World, merge_metadata, new_id


def add(world: World, url: str, enabled_events: list[str], *, secret: str | None = None) -> Json:
    """Registers an endpoint with its signing secret."""
    endpoint = world.new("webhook_endpoint", "we_", url=url, status="enabled", metadata={})
    endpoint |= {"enabled_events": enabled_events, "api_version": API_VERSION}
    return world.store.insert(endpoint, secret=secret or new_id("whsec_", 32))


def add_configured(world: World) -> None:
    """Registers the endpoint of the command line, or gives the one that is there its secret."""
    settings = world.settings
    if not settings.webhook_url:
        return
    with world.store.transaction():
        known = world.store.find("webhook_endpoint", {"url": settings.webhook_url})
        if not known:
            add(world, settings.webhook_url, ["*"], secret=settings.webhook_secret)
        elif settings.webhook_secret:
            world.store.note(known[0]["id"], secret=settings.webhook_secret, rolled=[])


@operation("POST", "/v1/webhook_endpoints", "url enabled_events description metadata api_version")
def create(call: Call) -> Json:
    """Registers an endpoint; only this answer shows the secret."""
    if call.params.get("api_version", API_VERSION) != API_VERSION:
        raise invalid("The sandbox speaks one version only.", code="sandbox_unsupported", param="api_version")
    endpoint = add(call.world, call.params["url"], call.params["enabled_events"])
    call.copied(endpoint, "description")
    merge_metadata(endpoint, call.params)
    call.world.store.save(endpoint)
    return {**endpoint, "secret": call.world.store.private(endpoint["id"])["secret"]}


@operation("GET", "/v1/webhook_endpoints/{webhook_endpoint}")
def retrieve(call: Call) -> Json:
    """Reads an endpoint."""
    return call.world.fetch("webhook_endpoint", call.ids["webhook_endpoint"])


@operation("POST", "/v1/webhook_endpoints/{webhook_endpoint}", "description disabled enabled_events metadata url")
def update(call: Call) -> Json:
    """Changes an endpoint, or switches it off and on."""
    endpoint = call.world.fetch("webhook_endpoint", call.ids["webhook_endpoint"])
    call.copied(endpoint, "description", "enabled_events", "url")
    if "disabled" in call.params:
        endpoint["status"] = "disabled" if call.params["disabled"] else "enabled"
    merge_metadata(endpoint, call.params)
    return call.world.store.save(endpoint)


@operation("DELETE", "/v1/webhook_endpoints/{webhook_endpoint}")
def delete(call: Call) -> Json:
    """Forgets an endpoint."""
    endpoint = call.world.fetch("webhook_endpoint", call.ids["webhook_endpoint"])
    call.world.store.delete(endpoint["id"])
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


@operation("GET", "/v1/webhook_endpoints", "ending_before limit starting_after")
def list_all(call: Call) -> Json:
    """Lists endpoints."""
    return listing(call, "webhook_endpoint", "/v1/webhook_endpoints")
