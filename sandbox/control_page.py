"""What the control page shows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Response, current_app, make_response, render_template

from sandbox import deliveries, faults, signing, words
from sandbox.faults import Faults
from sandbox.modes import MODES, sentence
from sandbox.pages import current_world
from sandbox.store import Json
from sandbox.world import World

LATEST = 20
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none';"
    " frame-ancestors 'none'"
)


def orders() -> Faults:
    """The faults still to come."""
    found: Faults = current_app.extensions["faults"]
    return found


def moment(stamp: float) -> str:
    """A moment as people read it, in UTC."""
    return f"{datetime.fromtimestamp(int(stamp), UTC):%Y-%m-%d %H:%M:%S} UTC"


def lead(offset: int) -> str:
    """How far the clock runs ahead, in days, hours and minutes."""
    minutes = offset // 60
    return f"{minutes // 1440} d {minutes // 60 % 24} h {minutes % 60} min"


def endpoints(world: World) -> list[Json]:
    """The webhook endpoints, and how many secrets sign for each."""
    known = world.store.find("webhook_endpoint", ascending=True)
    return [{**one, "secrets": len(signing.in_force(world, one["id"]))} for one in known]


def sessions(world: World) -> list[Json]:
    """The latest sessions."""
    return world.store.find("checkout.session", limit=LATEST)


def render(problem: str | None = None, status: int = 200) -> Response:
    """The page, and why the last step was refused, where it was."""
    world = current_world()
    values: dict[str, Any] = {
        "problem": problem,
        "now": moment(world.clock.now()),
        "lead": lead(world.clock.offset),
        "mode": deliveries.chosen_mode(world),
        "modes": {name: sentence(name) for name in MODES},
        "endpoints": endpoints(world),
        "kinds": faults.KINDS,
        "faults": orders().waiting(),
        "sessions": sessions(world),
        "deliveries": deliveries.overview(world)[:LATEST],
        "violations": world.violations,
    }
    response = make_response(render_template("control.html", moment=moment, dollars=words.dollars, **values), status)
    response.headers["Content-Security-Policy"] = POLICY
    return response
