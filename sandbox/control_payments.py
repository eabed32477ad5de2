"""The levers of the control API that make payments go astray."""

from __future__ import annotations

from werkzeug.wrappers import Response as AnyResponse

from sandbox import strays
from sandbox.control import attempt, blueprint, given
from sandbox.pages import current_courier, current_world
from sandbox.store import Json


@blueprint.post("/orphans")
def make_orphan() -> AnyResponse:
    """Makes a paid session, or a charge alone, that nobody asked for."""

    def step() -> Json:
        orphan = strays.read_orphan(given())
        with current_courier().before_the_answer():
            return strays.orphan(current_world(), orphan)

    return attempt(step)


@blueprint.post("/alter")
def alter() -> AnyResponse:
    """Makes a payment other than it was asked for: amount, currency or metadata."""

    def step() -> Json:
        wanted = given()
        session = strays.alter(current_world(), str(wanted.get("session")), strays.read_changes(wanted))
        return {name: session[name] for name in ("id", "amount_total", "currency", "metadata")}

    return attempt(step)
