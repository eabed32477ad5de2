"""The control page and its API under ``/_sim``, for people and tests on the same machine only."""

from __future__ import annotations

import ipaddress
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, Response, abort, jsonify, make_response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox import agenda, control_page
from sandbox.control_page import orders
from sandbox.errors import StripeError
from sandbox.pages import current_world
from sandbox.store import Json
from sandbox.world import World

blueprint = Blueprint("control", __name__, url_prefix="/_sim")
UNITS = {"seconds": 1, "minutes": 60, "hours": 3_600, "days": 86_400}


@blueprint.before_request
def guard() -> None:
    """Lets in only this machine, and no form from another site."""
    if not ipaddress.ip_address(request.remote_addr or "0.0.0.0").is_loopback:  # noqa: S104 - not a binding
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "none") not in ("none", "same-origin"):
        abort(403)


def given() -> Json:
    """What was sent, as JSON or as a form."""
    data: Any = request.get_json(silent=True) if request.is_json else request.form.to_dict()
    return data if isinstance(data, dict) else {}


def done(said: Json) -> AnyResponse:
    """Answers a program with what was done, and leads a person back to the page."""
    if _is_program():
        return jsonify(said)
    return redirect("/_sim/", 303)


def attempt(step: Callable[[], Json]) -> AnyResponse:
    """Takes a step, or says with 400 why not: to a program in JSON, to a person on the page."""
    try:
        return done(step())
    except (ValueError, KeyError, StripeError) as error:
        if _is_program():
            return make_response(jsonify(error=str(error)), 400)
        return control_page.render(str(error), 400)


def _is_program() -> bool:
    return request.is_json or request.accept_mimetypes.best == "application/json"


def seconds_of(wanted: Json, *, hours: int = 0) -> int:
    """A time given in days, hours, minutes and seconds; these hours where none of them is given."""
    parts = [int(wanted[unit]) * size for unit, size in UNITS.items() if wanted.get(unit) not in (None, "")]
    return sum(parts) if parts else hours * UNITS["hours"]


def clock_facts(world: World) -> Json:
    """What the clock says."""
    now = world.clock.now()
    return {
        "now": now,
        "offset": world.clock.offset,
        "iso": datetime.fromtimestamp(now, UTC).isoformat(),
    }


def charges_by_attempt(world: World) -> dict[str, int]:
    """Counts successful charges by their metadata's attempt_id: more than one is a double charge."""
    paid = world.store.find("charge", {"status": "succeeded"})
    return dict(Counter(charge["metadata"].get("attempt_id", "") for charge in paid))


@blueprint.get("/")
def page() -> Response:
    """The control page."""
    return control_page.render()


@blueprint.get("/health")
def health() -> Response:
    """Says that the sandbox is up."""
    return jsonify(ok=True)


@blueprint.get("/clock")
def read_clock() -> Response:
    """The clock."""
    return jsonify(clock_facts(current_world()))


@blueprint.post("/clock/advance")
def advance() -> AnyResponse:
    """Moves the clock and lets everything happen that falls due."""
    world = current_world()

    def step() -> Json:
        world.clock.advance(seconds_of(given()))
        return {"ran": agenda.run_due(world), **clock_facts(world)}

    return attempt(step)


@blueprint.get("/violations")
def violations() -> Response:
    """What the specification found wrong so far."""
    return jsonify(current_world().violations)


@blueprint.get("/charges")
def charges() -> Response:
    """Successful charges by attempt."""
    return jsonify(charges_by_attempt(current_world()))


@blueprint.route("/faults", methods=["GET", "DELETE"])
def list_faults() -> Response:
    """The faults still to come; DELETE forgets them."""
    if request.method == "DELETE":
        orders().clear()
    return jsonify(orders().waiting())


@blueprint.post("/faults/clear")
def clear_faults() -> AnyResponse:
    """Forgets the faults still to come."""
    forgotten = len(orders().waiting())
    orders().clear()
    return done({"forgotten": forgotten})


@blueprint.post("/faults")
def order_fault() -> AnyResponse:
    """Orders a fault for the next API calls."""

    def step() -> Json:
        fault = orders().order(given())
        return {"kind": fault.kind, "count": fault.count, "match": fault.match}

    return attempt(step)
