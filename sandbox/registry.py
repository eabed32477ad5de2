"""The table of operations: which function answers which method and path."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.errors import StripeError
from sandbox.store import Json
from sandbox.world import Call

Handler = Callable[[Call], Json]


@dataclass(frozen=True)
class Operation:
    """One operation of the API; ``supports`` names the parameters the sandbox acts on, empty for all."""

    verb: str
    path: str
    pattern: re.Pattern[str]
    handler: Handler
    supports: frozenset[str]


OPERATIONS: list[Operation] = []


def operation(verb: str, path: str, supports: str = "") -> Callable[[Handler], Handler]:
    """Registers the function for a path of the specification."""
    pattern = re.compile("^" + re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", path) + "$")

    def register(handler: Handler) -> Handler:
        OPERATIONS.append(Operation(verb, path, pattern, handler, frozenset(supports.split())))
        return handler

    return register


def match(verb: str, path: str) -> tuple[Operation, dict[str, str]]:
    """Finds the operation of a request; fixed paths win over paths with ids."""
    found = [(one, hit) for one in OPERATIONS if one.verb == verb and (hit := one.pattern.match(path))]
    if not found:
        raise StripeError(404, f"Unrecognized request URL ({verb}: {path}).", code="url_invalid", early=True)
    best, hit = min(found, key=lambda pair: pair[0].path.count("{"))
    return best, hit.groupdict()


def refuse_unsupported(operation: Operation, params: Json) -> None:
    """Says so where Stripe would act on a parameter and the sandbox would silently ignore it."""
    extra = sorted(params.keys() - operation.supports - {"expand"}) if operation.supports else []
    if extra:
        raise StripeError(
            400, f"The sandbox does not act on '{extra[0]}'.", code="sandbox_unsupported",
            param=extra[0], early=True,
        )  # fmt: skip
