"""One request to ``/v1``: who asks, is it a repeat, is it well formed, do it, answer."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Request, Response, current_app, request

from sandbox import agenda, events, faults, forms, idempotency, lists, registry
from sandbox.courier import Courier
from sandbox.errors import StripeError
from sandbox.faults import Fault
from sandbox.idempotency import Key, Remembered
from sandbox.registry import Operation
from sandbox.spec import API_VERSION
from sandbox.store import Json
from sandbox.world import Call, World, new_id

blueprint = Blueprint("api", __name__)
TEST_KEYS = ("sk_test_", "rk_test_")


@dataclass(frozen=True)
class Answer:
    """What goes back, and whether it was said before."""

    status: int
    body: str
    original: str | None = None


@blueprint.route("/v1/<path:_>", methods=["GET", "POST", "DELETE"])
def v1(_: str) -> Response:
    """Answers every API call."""
    world: World = current_app.extensions["world"]
    request_id = new_id("req_", 14)
    fault: Fault | None = current_app.extensions["faults"].take(f"{request.method} {request.path}")
    if fault and fault.kind == "before":
        faults.reset(request.environ)
        return Response(status=500)
    try:
        answer = _answer(world, request_id, fault)
    except StripeError as error:
        answer = Answer(error.status, dump(error.envelope))
    _check(world, answer)
    return _send(answer, request_id, fault)


def dump(body: Json) -> str:
    """JSON as Stripe prints it."""
    return json.dumps(body, indent=2)


def _answer(world: World, request_id: str, fault: Fault | None) -> Answer:
    account = _account(request)
    _check_version(request)
    agenda.run_due(world)
    operation, ids = registry.match(request.method, request.path)
    source = request.form if request.method == "POST" else request.args
    raw = forms.decode(source.items(multi=True))
    given = request.headers.get("Idempotency-Key") if request.method == "POST" else None
    if given is None:
        call = _call(world, operation, ids, raw)
        faults.refuse_first(fault)
        return _do(operation, call, request_id, None, fault)
    key = idempotency.key_of(account, given, request.method, request.path, raw)
    with idempotency.held(world, key):
        if known := idempotency.recall(world, key):
            return Answer(known.status, known.body, known.request_id)
        call = _call(world, operation, ids, raw)
        faults.refuse_first(fault)
        return _do(operation, call, request_id, key, fault)


def _call(world: World, operation: Operation, ids: dict[str, str], raw: Json) -> Call:
    params = forms.check(raw, world.shapes.parameters(operation.verb, operation.path))
    registry.refuse_unsupported(operation, params)
    return Call(world, params, ids)


def _courier() -> Courier:
    courier: Courier = current_app.extensions["courier"]
    return courier


class _Undo(Exception):
    """Carries a refusal out of a transaction that must leave nothing behind."""


def _do(operation: Operation, call: Call, request_id: str, key: Key | None, fault: Fault | None) -> Answer:
    token = events.CAUSE.set({"id": request_id, "idempotency_key": key.key if key else None})
    try:
        with _courier().before_the_answer(), call.world.store.transaction():
            status, body = _perform(operation, call)
            if fault and fault.kind == "500_after":
                status, body = faults.server_error()
            if key:
                idempotency.remember(call.world, key, Remembered(status, body, request_id))
    except _Undo as undo:
        status, body = _refusal(call.world, undo.__cause__, key, request_id)
    finally:
        events.CAUSE.reset(token)
    if fault and fault.kind == "slow":
        faults.wait(fault)
    return Answer(status, body)


def _perform(operation: Operation, call: Call) -> tuple[int, str]:
    try:
        result = operation.handler(call)
        return 200, dump(lists.expand(call.world, result, call.params.get("expand", [])))
    except StripeError as error:
        if not error.keep:
            raise _Undo from error
        return error.status, dump(error.envelope)


def _refusal(world: World, error: Any, key: Key | None, request_id: str) -> tuple[int, str]:
    status, body = error.status, dump(error.envelope)
    if key and not error.early:
        with world.store.transaction():
            idempotency.remember(world, key, Remembered(status, body, request_id))
    return status, body


def _account(asked: Request) -> str:
    credentials = asked.authorization
    key = credentials and (credentials.token or credentials.username)
    if not key:
        raise StripeError(401, "You did not provide an API key.", early=True)
    if not key.startswith(TEST_KEYS):
        raise StripeError(401, "Invalid API Key provided: the sandbox takes test keys only.", early=True)
    return key


def _check_version(asked: Request) -> None:
    wanted = asked.headers.get("Stripe-Version", API_VERSION)
    if wanted != API_VERSION:
        raise StripeError(400, f"The sandbox speaks {API_VERSION} only, not {wanted}.", early=True)


def _check(world: World, answer: Answer) -> None:
    checker = current_app.extensions.get("checker")
    if checker is None or answer.status == 500:
        return
    said = json.loads(answer.body)
    sent = (request.form if request.method == "POST" else request.args).items(multi=True)
    found = checker.check_response(request.method, request.path, answer.status, said)
    if answer.status < 400:
        found += checker.check_request(request.method, request.path, list(sent))
    line = f"{request.method} {request.path}"
    world.violations.extend({"request": line, "problem": problem} for problem in found)


def _send(answer: Answer, request_id: str, fault: Fault | None) -> Response:
    body = answer.body.encode()
    response = Response(body, status=answer.status, content_type="application/json")
    response.headers["Request-Id"] = request_id
    response.headers["Stripe-Version"] = API_VERSION
    given = request.headers.get("Idempotency-Key")
    if given and request.method == "POST":
        response.headers["Idempotency-Key"] = given
    if answer.status == 500:
        response.headers["Stripe-Should-Retry"] = "false"
    if answer.original:
        response.headers["Original-Request"] = answer.original
        response.headers["Idempotent-Replayed"] = "true"
    return _spoil(response, body, fault) if fault else response


def _spoil(response: Response, body: bytes, fault: Fault) -> Response:
    if fault.kind == "after":
        faults.reset(request.environ)
    elif fault.kind == "cut":
        response.response = faults.broken_off(body, request.environ)
        response.headers["Content-Length"] = str(len(body))
    elif fault.kind == "empty_200":
        return Response(b"", status=200, content_type="application/json")
    return response
