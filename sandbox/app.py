"""Puts the sandbox together as a Flask application."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from flask import Flask, Response

from sandbox import challenge, control, control_payments, control_webhooks, operations, pages, payout_control, spec
from sandbox.api import blueprint as api
from sandbox.clock import Clock
from sandbox.courier import Courier
from sandbox.faults import Faults
from sandbox.operations.webhook_endpoints import add_configured
from sandbox.shapes import Shapes
from sandbox.store import Store
from sandbox.world import Settings, World

CHECKER = "tests.stripe_spec"
LEVERS = (control_webhooks, control_payments, payout_control)
"""Importing them gives the control page's blueprint their routes."""


class Checker(Protocol):
    """An independent witness of the wire format."""

    def check_response(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Lists what is wrong with an answer."""

    def check_request(self, method: str, path: str, pairs: list[tuple[str, str]]) -> list[str]:
        """Lists what is wrong with a request."""


def build_world(settings: Settings) -> World:
    """Opens the store and reads the specification."""
    if len(operations.__all__) == 0:
        raise RuntimeError("No operations are registered.")
    store = Store(settings.store)
    world = World(settings, store, Clock(store), Shapes(spec.load()))
    if settings.days_ago:
        world.clock.begin(settings.days_ago)
    add_configured(world)
    return world


def create_app(world: World, courier: Courier) -> Flask:
    """The API, the hosted pages and the control page in one application."""
    app = Flask(__name__)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config["MAX_CONTENT_LENGTH"] = 1_000_000
    app.extensions["world"] = world
    app.extensions["courier"] = courier
    app.extensions["faults"] = Faults()
    if world.settings.check:
        checker: Checker = importlib.import_module(CHECKER).Oracle()
        app.extensions["checker"] = checker
    for blueprint in (api, pages.blueprint, challenge.blueprint, control.blueprint):
        app.register_blueprint(blueprint)
    app.after_request(_harden)
    return app


def _harden(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers.setdefault("Cache-Control", "no-store")
    return response
