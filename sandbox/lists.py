"""Lists with cursors, time ranges and expansion, as every Stripe list has them (docs.stripe.com/api/pagination)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sandbox.errors import invalid
from sandbox.store import Json
from sandbox.world import Call, World

COMPARISONS = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}
KINDS = {
    "pi_": "payment_intent",
    "ch_": "charge",
    "cus_": "customer",
    "pm_": "payment_method",
    "txn_": "balance_transaction",
    "re_": "refund",
    "cs_": "checkout.session",
    "seti_": "setup_intent",
    "po_": "payout",
    "du_": "dispute",
}
DEPTH = 4

Computed = Callable[[World, Json], Json]
COMPUTED: dict[tuple[str, str], Computed] = {}


def computed(kind: str, name: str) -> Callable[[Computed], Computed]:
    """Registers a property that is there only when it is asked for with ``expand``."""

    def register(function: Computed) -> Computed:
        COMPUTED[(kind, name)] = function
        return function

    return register


def envelope(url: str, data: list[Json], *, has_more: bool = False) -> Json:
    """Stripe's list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def listing(
    call: Call,
    kind: str,
    url: str,
    where: dict[str, Any] | None = None,
    *,
    extra: tuple[str, tuple[Any, ...]] = ("", ()),
) -> Json:
    """One page of objects, newest first; ``extra`` adds a condition in SQL with its values."""
    limit = call.params.get("limit", 10)
    if not 1 <= limit <= 100:
        raise invalid("This value must be between 1 and 100.", code="parameter_invalid_integer", param="limit")
    backwards = "ending_before" in call.params
    clauses, values = _window(call, kind)
    found = call.world.store.find(
        kind,
        where,
        clauses=clauses + extra[0],
        values=values + extra[1],
        limit=limit + 1,
        ascending=backwards,
    )
    page = found[:limit]
    return envelope(url, page[::-1] if backwards else page, has_more=len(found) > limit)


def _window(call: Call, kind: str) -> tuple[str, tuple[Any, ...]]:
    clauses, values = "", []
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if name in call.params:
            call.world.fetch(kind, call.params[name], param=name, status=400)
            clauses += f" AND seq {sign} ?"
            values.append(call.world.store.sequence(call.params[name]))
    created = call.params.get("created", {})
    bounds = created if isinstance(created, dict) else {"gte": created, "lte": created}
    for name, bound in bounds.items():
        clauses += f" AND created {COMPARISONS[name]} ?"
        values.append(bound)
    return clauses, tuple(values)


def expand(world: World, body: Json, paths: list[str]) -> Json:
    """Replaces ids by their objects along each dotted path, four levels deep at most."""
    for path in paths:
        steps = path.split(".")
        if len(steps) > DEPTH:
            raise invalid(f"You cannot expand more than {DEPTH} levels of a property.", param="expand")
        _expand(world, body, steps, path)
    return body


def _expand(world: World, body: Json, steps: list[str], path: str) -> None:
    name, rest = steps[0], steps[1:]
    if body.get("object") in ("list", "search_result") and name == "data":
        for item in body["data"]:
            _expand(world, item, rest, path) if rest else None
        return
    kind = body.get("object", "")
    if (kind, name) in COMPUTED:
        body[name] = COMPUTED[(kind, name)](world, body)
    elif isinstance(body.get(name), str) and world.shapes.can_expand(kind, name):
        body[name] = _look_up(world, body[name])
    elif not isinstance(body.get(name), dict) and not world.shapes.can_expand(kind, name):
        raise invalid(f"This property cannot be expanded ({path}).", param="expand")
    if rest and isinstance(body.get(name), dict):
        _expand(world, body[name], rest, path)


def _look_up(world: World, identifier: str) -> Json | str:
    kind = next((kind for prefix, kind in KINDS.items() if identifier.startswith(prefix)), None)
    return (world.store.get(identifier, kind) if kind else None) or identifier
