"""The levers of the control API that move webhooks."""

from __future__ import annotations

from flask import Response, jsonify
from werkzeug.wrappers import Response as AnyResponse

from sandbox import deliveries, signing
from sandbox.control import attempt, blueprint, done, given, seconds_of
from sandbox.modes import MODES, sentence
from sandbox.pages import current_courier, current_world
from sandbox.store import Json
from sandbox.world import World


@blueprint.get("/webhooks/deliveries")
def list_deliveries() -> Response:
    """All webhook requests."""
    return jsonify(deliveries.overview(current_world()))


@blueprint.get("/webhooks/modes")
def list_modes() -> Response:
    """The modes, each with its sentence."""
    return jsonify({name: sentence(name) for name in MODES})


@blueprint.post("/webhooks/mode")
def set_mode() -> AnyResponse:
    """Chooses how the next events travel."""

    def step() -> Json:
        mode = str(given().get("mode"))
        deliveries.choose_mode(current_world(), mode)
        return {"mode": mode}

    return attempt(step)


@blueprint.post("/webhooks/release")
def release() -> AnyResponse:
    """Lets the held events go."""
    return done({"released": deliveries.release(current_world())})


@blueprint.post("/webhooks/deliver")
def deliver() -> AnyResponse:
    """Sends everything that is due now and answers when it has been sent."""
    return done({"sent": current_courier().deliver_due()})


@blueprint.post("/webhooks/roll")
def roll() -> AnyResponse:
    """Gives an endpoint a new secret; the old one signs too for the time given, or for a day."""

    def step() -> Json:
        world, wanted = current_world(), given()
        endpoint = wanted.get("endpoint") or _only_endpoint(world)
        return signing.roll(world, endpoint, seconds_of(wanted, hours=24), wanted.get("secret") or None)

    return attempt(step)


def _only_endpoint(world: World) -> str:
    """The first endpoint: the one of the command line, where there is one."""
    known = world.store.find("webhook_endpoint", ascending=True, limit=1)
    if not known:
        raise ValueError("There is no endpoint yet.")
    return str(known[0]["id"])
