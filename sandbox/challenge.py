"""The bank's page: stands in for 3-D Secure (docs.stripe.com/testing#three-ds-cards)."""

from __future__ import annotations

from contextlib import suppress
from urllib.parse import urlencode

from flask import Blueprint, request
from flask import redirect as to
from werkzeug.wrappers import Response as AnyResponse

from sandbox import agenda, hosted
from sandbox.errors import StripeError
from sandbox.pages import current_courier, current_world, ended, show, success_url
from sandbox.store import Json
from sandbox.world import World

blueprint = Blueprint("challenge", __name__)


@blueprint.get("/authenticate/<intent_id>")
def ask(intent_id: str) -> AnyResponse:
    """Shows the bank's question."""
    world = current_world()
    agenda.run_due(world)
    intent = _waiting(world, intent_id)
    if intent is None:
        return _over(world, intent_id)
    session = _session(world, intent_id)
    return_url = world.store.private(intent_id).get("return_url")
    return show(
        "challenge.html",
        session["locale"] if session else None,
        leads_to=session["success_url"] if session else return_url,
        intent=intent,
        amount=intent.get("amount"),
    )


@blueprint.post("/authenticate/<intent_id>")
def answer(intent_id: str) -> AnyResponse:
    """Goes on with the payment as the person chose."""
    world = current_world()
    agenda.run_due(world)
    with current_courier().before_the_answer(), world.store.transaction():
        intent = _waiting(world, intent_id)
        if intent is None:
            return _over(world, intent_id)
        with suppress(StripeError):  # a decline is written down, and the next page says so
            hosted.answer_challenge(world, intent, passed=request.form.get("result") == "complete")
        session = _session(world, intent_id)
        now = world.store.get(intent_id) or intent
    if session is None:
        return to(_back(world, now), 303)
    if session["status"] == "complete":
        return to(success_url(session), 303)
    return to(f"/c/pay/{session['id']}?again=1", 303)


def _waiting(world: World, intent_id: str) -> Json | None:
    intent = world.store.get(intent_id)
    asks = intent is not None and intent.get("status") == "requires_action"
    return intent if asks else None


def _session(world: World, intent_id: str) -> Json | None:
    session_id = world.store.private(intent_id).get("session")
    return world.store.get(session_id, "checkout.session") if session_id else None


def _over(world: World, intent_id: str) -> AnyResponse:
    session = _session(world, intent_id)
    if session and session["status"] != "open":
        return ended(session)
    return show("ended.html", session["locale"] if session else None, status=404, state="challenge_over", link=None)


def _back(world: World, intent: Json) -> str:
    kind = intent["object"]
    query = {
        kind: intent["id"],
        f"{kind}_client_secret": intent["client_secret"],
        "redirect_status": "succeeded" if intent["status"] == "succeeded" else "failed",
    }
    target = world.store.private(intent["id"]).get("return_url") or "/"
    return f"{target}{'&' if '?' in target else '?'}{urlencode(query)}"
