"""The specification as it is cut down, and the witness that reads it."""

from __future__ import annotations

import pytest

from sandbox import spec
from sandbox.registry import OPERATIONS
from sandbox.spec import denull
from tests.sandbox.sessions import open_session
from tests.sandbox_server import Sandbox
from tests.stripe_spec import Oracle


def test_nullable_is_rewritten() -> None:
    assert denull({"type": "string", "nullable": True, "enum": ["a"]}) == {
        "type": ["string", "null"],
        "enum": ["a", None],
    }
    assert denull({"$ref": "#/x", "nullable": True}) == {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}
    assert denull({"anyOf": [{"$ref": "#/x"}], "nullable": True}) == {"anyOf": [{"$ref": "#/x"}, {"type": "null"}]}


def test_every_operation_is_in_the_specification(sandbox: Sandbox) -> None:
    paths = sandbox.server.world.shapes.document["paths"]
    assert OPERATIONS
    for operation in OPERATIONS:
        assert operation.verb.lower() in paths[operation.path]
        known = sandbox.server.world.shapes.parameters(operation.verb, operation.path)["properties"]
        assert operation.supports <= known.keys() if operation.verb != "DELETE" else True


def test_building_twice_does_nothing() -> None:
    before = spec.ensure().stat().st_mtime_ns
    assert spec.ensure().stat().st_mtime_ns == before


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"amount_total": "12"}, "amount_total"),
        ({"status": "paid"}, "status"),
        ({"created": None}, "created"),
    ],
)
def test_witness_sees_a_wrong_object(sandbox: Sandbox, change: dict[str, object], problem: str) -> None:
    session = open_session(sandbox).to_dict()
    path = f"/v1/checkout/sessions/{session['id']}"
    oracle = Oracle()
    assert oracle.check_response("GET", path, 200, session) == []
    assert problem in oracle.check_response("GET", path, 200, session | change)[0]
    event = {"object": "event", "data": {"object": session | change}}
    assert any(problem in one for one in oracle.check_response("GET", "/v1/events/evt_1", 200, event))


def test_witness_sees_a_wrong_request() -> None:
    oracle = Oracle()
    good = [("amount", "1250"), ("currency", "usd"), ("metadata[a]", "1"), ("expand[0]", "customer")]
    assert oracle.check_request("POST", "/v1/payment_intents", good) == []
    assert oracle.check_request("POST", "/v1/payment_intents", [("amount", "12.5"), ("currency", "usd")])
    assert oracle.check_request("POST", "/v1/payment_intents", [*good, ("amonut", "1")])
    assert oracle.check_request("GET", "/v1/payouts", [("limit", "ten")])
    assert oracle.check_request("GET", "/v1/payouts", [("limt", "10")])
