"""The window itself: web pages, sign-in, mail, documents, jobs and the wiring of all that is below."""

from __future__ import annotations

from flask import Blueprint, Flask

from accounts import kill_points
from portal import city_pages, demo_pages, errors, health, i18n, navigation, permissions, refusals, security, webhooks
from portal.config import CHECKOUT, Settings
from portal.forms import fields
from portal.public import public
from portal.pulse import metrics
from portal.resident import resident
from portal.security import SignedSessions
from portal.shared_parts import PortalEnvironment
from portal.staff import staff
from portal.staff.blueprint import logins
from portal.wiring import Wiring, wire

MOST_BODY_BYTES = 256 * 1024


class Portal(Flask):
    """Flask, with our environment of templates: the first extension that asks for one would make Flask's own."""

    jinja_environment = PortalEnvironment
    session_interface = SignedSessions()


def create_app(settings: Settings, wired: Wiring | None = None) -> Flask:
    """The web application, in the order in which a request meets its parts."""
    app = Portal(
        "portal",
        static_folder=str(CHECKOUT / "static"),
        template_folder=str(CHECKOUT / "templates"),
    )
    app.extensions["ventanilla"] = parts = wired or wire(settings)
    kill_points.arm(settings.kill_at)
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SECRET_KEY_FALLBACKS=list(settings.secret_key_fallbacks),
        MAX_CONTENT_LENGTH=MOST_BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=MOST_BODY_BYTES,
        DEBUG=settings.debug,
    )
    security.init(app, settings)
    i18n.init(app)
    fields.init(app)
    permissions.init(app)
    errors.init(app)
    refusals.init(app)
    navigation.init(app, settings)
    app.register_blueprint(
        health.blueprint(parts.engine, lambda: "" if parts.gateway.is_reachable() else "no answer")
    )
    app.register_blueprint(metrics.blueprint)
    city_pages.register(app, settings)
    _serve(app, settings)
    return app


def _serve(app: Flask, settings: Settings) -> None:
    """The surfaces of this process, and nothing of the others."""
    if "public" in settings.surfaces:
        security.csrf.exempt(webhooks.blueprint)  # the processor signs instead
        app.register_blueprint(webhooks.blueprint)
        app.register_blueprint(public)
        security.csrf.exempt(app.view_functions["public.mail_links_stop"])  # its link is signed (RFC 8058)
        if settings.is_demo:
            demo_pages.register(app)
    else:
        _know_addresses(app, public)
    if "resident" in settings.surfaces:
        app.register_blueprint(resident)
    else:
        _know_addresses(app, resident)
    if "staff" in settings.surfaces:
        logins.init_app(app)
        app.register_blueprint(staff)


def _know_addresses(app: Flask, blueprint: Blueprint) -> None:
    """Receipts and mails name pages that another process serves: their addresses are built here, never answered."""
    elsewhere = Flask("elsewhere", static_folder=None)
    elsewhere.register_blueprint(blueprint)
    for rule in list(elsewhere.url_map.iter_rules()):
        known = rule.empty()
        known.build_only = True
        app.url_map.add(known)
