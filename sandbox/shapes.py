"""Reads Stripe's specification: empty objects in Stripe's shape, and the parameters each operation takes."""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sandbox.store import Json

EMPTY: dict[str, Any] = {"string": "", "integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}


@dataclass
class Shapes:
    """The specification as the sandbox uses it."""

    document: Json
    _skeletons: dict[str, Json] = field(default_factory=dict)

    @cached_property
    def schemas(self) -> dict[str, Json]:
        """The object schemas by Stripe's names."""
        found: dict[str, Json] = self.document["components"]["schemas"]
        return found

    def blank(self, name: str, /, **values: Any) -> Json:
        """A new object of a schema: every required and every nullable key, then the given values."""
        if name not in self._skeletons:
            self._skeletons[name] = self._skeleton(self.schemas[name])
        return {**copy.deepcopy(self._skeletons[name]), **values}

    def _skeleton(self, schema: Json) -> Json:
        required = schema.get("required", [])
        return {
            key: None if is_nullable(part) else self._value(part)
            for key, part in schema.get("properties", {}).items()
            if key in required or is_nullable(part)
        }

    def _value(self, schema: Json) -> Any:
        if "$ref" in schema:
            return self._skeleton(self.resolve(schema))
        if "anyOf" in schema:
            return self._value(schema["anyOf"][0])
        if "enum" in schema:
            return schema["enum"][0]
        if schema.get("type") == "object" and "properties" in schema:
            return self._skeleton(schema)
        return copy.deepcopy(EMPTY[schema["type"]])

    def resolve(self, schema: Json) -> Json:
        """Follows a reference."""
        while "$ref" in schema:
            schema = self.schemas[schema["$ref"].rsplit("/", 1)[-1]]
        return schema

    def parameters(self, verb: str, path: str) -> Json:
        """The schema of what a request may carry: query for reads, form body for writes."""
        operation = self.document["paths"][path][verb.lower()]
        if verb == "POST":
            content = operation["requestBody"]["content"]["application/x-www-form-urlencoded"]
            body: Json = content["schema"]
            return body
        query = [part for part in operation.get("parameters", []) if part["in"] == "query"]
        return {
            "type": "object",
            "properties": {part["name"]: part["schema"] for part in query},
            "required": [part["name"] for part in query if part.get("required")],
            "additionalProperties": False,
        }

    def can_expand(self, kind: str, name: str) -> bool:
        """Says whether the specification lets a property of an object be expanded."""
        schema = self.schemas.get(kind, {}).get("properties", {}).get(name, {})
        return "x-expansionResources" in schema


def is_nullable(schema: Json) -> bool:
    """Says whether null is among the allowed types."""
    kinds = schema.get("type")
    if isinstance(kinds, list):
        return "null" in kinds
    return any(part.get("type") == "null" for part in schema.get("anyOf", []))
