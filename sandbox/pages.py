"""The hosted payment page: plain HTML, no script, English and Spanish."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from sandbox import agenda, card_form, hosted, words
from sandbox.courier import Courier
from sandbox.errors import StripeError
from sandbox.store import Json
from sandbox.world import World

blueprint = Blueprint("pages", __name__)
SHOWN_CARDS = (
    ("4242 4242 4242 4242", "card_visa"),
    ("5555 5555 5555 4444", "card_visa"),
    ("4000 0000 0000 0002", "card_generic"),
    ("4000 0000 0000 9995", "card_funds"),
    ("4000 0000 0000 0069", "card_expired"),
    ("4000 0000 0000 0127", "card_cvc"),
    ("4000 0027 6000 3184", "card_3ds"),
    ("4000 0084 0000 1629", "card_3ds_decline"),
    ("4000 0000 0000 0341", "card_attach"),
)


def current_world() -> World:
    """The world of the running application."""
    world: World = current_app.extensions["world"]
    return world


def current_courier() -> Courier:
    """The thread that sends the running application's webhooks."""
    courier: Courier = current_app.extensions["courier"]
    return courier


def show(
    template: str, locale: str | None, *, status: int = 200, leads_to: str | None = None, **values: Any
) -> Response:
    """Renders a page in its language, with a policy that lets its form lead where it must."""
    lang = words.language(locale, request.accept_languages.best_match(words.LANGUAGES))
    page = render_template(
        template,
        lang=lang,
        say=words.speaker(lang),
        dollars=words.dollars,
        merchant=current_world().settings.merchant,
        **values,
    )
    response = make_response(page, status)
    targets = f"'self' {origin(leads_to)}".strip() if leads_to else "'self'"
    response.headers["Content-Security-Policy"] = (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none';"
        f" form-action {targets}"
    )
    response.headers["Vary"] = "Accept-Language"
    return response


def origin(url: str) -> str:
    """Scheme and host of an address."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def success_url(session: Json) -> str:
    """Where the person goes after paying."""
    target: str = session["success_url"]
    return target.replace("{CHECKOUT_SESSION_ID}", session["id"])


@blueprint.get("/c/pay/<session_id>")
def pay(session_id: str) -> AnyResponse:
    """Shows the form, or says that the session has ended."""
    world = current_world()
    agenda.run_due(world)
    session = world.store.get(session_id, "checkout.session")
    if session is None or session["status"] != "open":
        return ended(session)
    problem = _last_problem(world, session) if "again" in request.args else None
    return _form(world, session, {"number": problem} if problem else {})


@blueprint.post("/c/pay/<session_id>")
def submit(session_id: str) -> AnyResponse:
    """Tries the card; the first tab to pay wins and the second is told so."""
    world = current_world()
    agenda.run_due(world)
    with current_courier().before_the_answer(), world.store.transaction():
        session = world.store.get(session_id, "checkout.session")
        if session is None or session["status"] != "open":
            return ended(session)
        typed = card_form.read(request.form, world.clock.now())
        if isinstance(typed, dict):
            return _form(world, session, typed)
        try:
            intent = hosted.submit(world, session, typed)
        except StripeError as error:
            phrase = words.decline_phrase(error.fields.get("decline_code"))
            return _form(world, session, {"number": phrase})
    if intent["status"] == "requires_action":
        return redirect(f"/authenticate/{intent['id']}", 303)
    return redirect(success_url(session), 303)


def ended(session: Json | None) -> Response:
    """The page of a session that is complete, expired or was never there."""
    if session is None:
        return show("ended.html", None, status=404, state="unknown", link=None)
    link = success_url(session) if session["status"] == "complete" else session["cancel_url"]
    return show("ended.html", session["locale"], state=session["status"], session=session, link=link)


def _last_problem(world: World, session: Json) -> str | None:
    if session["mode"] == "setup":
        error = world.fetch("setup_intent", session["setup_intent"])["last_setup_error"]
    elif session["payment_intent"]:
        error = world.fetch("payment_intent", session["payment_intent"])["last_payment_error"]
    else:
        error = None
    return words.decline_phrase(error.get("decline_code") or error["code"]) if error else None


def _form(world: World, session: Json, problems: dict[str, str]) -> Response:
    facts = world.store.private(session["id"])
    return show(
        "pay.html",
        session["locale"],
        status=422 if request.method == "POST" else 200,
        leads_to=session["success_url"],
        session=session,
        items=facts["items"],
        keeps_card=bool(facts["intent_data"].get("setup_future_usage")),
        problems=problems,
        typed={name: request.form.get(name, "") for name in ("name", "zip")},
        test_cards=SHOWN_CARDS,
    )
