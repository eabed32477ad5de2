"""The independent witness: holds requests and answers against Stripe's own OpenAPI document.

It shares no code with the sandbox. It reads the built file only and leaves the judgement to jsonschema.
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

BUILT = Path(__file__).resolve().parent.parent / ".build" / "stripe-spec.json"
BASE = "urn:stripe"
FORM = "application/x-www-form-urlencoded"


class Oracle:
    """Judges exchanges with the processor; every answer is a list of problems, empty when all is well."""

    def __init__(self, path: Path = BUILT) -> None:
        self.document: dict[str, Any] = json.loads(path.read_text())
        resource = DRAFT202012.create_resource(self.document)
        self._registry = Registry().with_resource(BASE, resource)
        self._validators: dict[str, Draft202012Validator] = {}

    @cached_property
    def _patterns(self) -> list[tuple[str, re.Pattern[str]]]:
        paths = sorted(self.document["paths"], key=lambda path: path.count("{"))
        return [(path, re.compile("^" + re.sub(r"\{\w+\}", "[^/]+", path) + "$")) for path in paths]

    def template(self, path: str) -> str | None:
        """The path of the document that a request's path is one of."""
        return next((name for name, pattern in self._patterns if pattern.match(path)), None)

    def check_response(self, method: str, path: str, status: int, body: Any) -> list[str]:
        """Lists what is wrong with an answer, and with the objects inside events."""
        template = self.template(path)
        if template is None:
            return [] if status == 404 else [f"{path} is not in the specification"]
        if method.lower() not in self.document["paths"][template]:
            return [] if status >= 400 else [f"{method} {path} is not in the specification"]
        code = "200" if status < 400 else "default"
        pointer = _pointer(
            "paths", template, method.lower(), "responses", code, "content", "application/json", "schema"
        )
        return self._problems(pointer, body) + self._inside_events(body)

    def check_request(self, method: str, path: str, pairs: list[tuple[str, str]]) -> list[str]:
        """Lists what is wrong with the parameters of a request."""
        template = self.template(path)
        if template is None:
            return [f"{path} is not in the specification"]
        operation = self.document["paths"][template][method.lower()]
        tree = _tree(pairs)
        if method == "POST":
            schema = operation["requestBody"]["content"][FORM]["schema"]
            pointer = _pointer("paths", template, "post", "requestBody", "content", FORM, "schema")
            return self._problems(pointer, self._typed(tree, schema))
        return self._query_problems(template, operation, tree)

    def check_object(self, kind: str, body: Any) -> list[str]:
        """Lists what is wrong with one object, say the one inside a webhook."""
        return self._problems(_pointer("components", "schemas", kind), body)

    def _query_problems(self, template: str, operation: dict[str, Any], tree: dict[str, Any]) -> list[str]:
        places = {part["name"]: place for place, part in enumerate(operation.get("parameters", []))}
        problems = [f"{name} is not a parameter of {template}" for name in tree if name not in places]
        for name in tree.keys() & places.keys():
            schema = operation["parameters"][places[name]]["schema"]
            pointer = _pointer("paths", template, "get", "parameters", str(places[name]), "schema")
            problems += self._problems(pointer, self._typed(tree[name], schema))
        return problems

    def _inside_events(self, body: Any) -> list[str]:
        if not isinstance(body, dict):
            return []
        events = [body] if body.get("object") == "event" else body.get("data", [])
        if not isinstance(events, list):
            return []
        found: list[str] = []
        for event in events:
            if isinstance(event, dict) and event.get("object") == "event":
                inner = event["data"]["object"]
                found += self.check_object(inner["object"], inner)
        return found

    def _problems(self, pointer: str, instance: Any) -> list[str]:
        if pointer not in self._validators:
            schema = {"$ref": f"{BASE}#{pointer}"}
            self._validators[pointer] = Draft202012Validator(_at_base(schema), registry=self._registry)
        errors = self._validators[pointer].iter_errors(instance)
        return [f"{error.json_path}: {_short(error.message)}" for error in errors]

    def _typed(self, value: Any, schema: dict[str, Any]) -> Any:
        """Gives form text the type the schema asks for, where it can be read as such."""
        while "$ref" in schema:
            schema = self.document["components"]["schemas"][schema["$ref"].rsplit("/", 1)[-1]]
        if "anyOf" in schema:
            readings = [self._typed(value, choice) for choice in schema["anyOf"]]
            return next((one for one in readings if one != value), value)
        kind = schema.get("type")
        if kind == "object" and isinstance(value, dict):
            known, other = schema.get("properties", {}), schema.get("additionalProperties")
            fallback = other if isinstance(other, dict) else {}
            return {key: self._typed(part, known.get(key, fallback)) for key, part in value.items()}
        if kind == "array" and isinstance(value, dict):
            return [self._typed(value[key], schema["items"]) for key in sorted(value, key=int)]
        if kind == "integer" and isinstance(value, str) and re.fullmatch(r"-?\d+", value):
            return int(value)
        if kind == "boolean" and value in ("true", "false"):
            return value == "true"
        return value


def _at_base(schema: dict[str, Any]) -> dict[str, Any]:
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}


def _pointer(*steps: str) -> str:
    escaped = (step.replace("~", "~0").replace("/", "~1").replace("{", "%7B").replace("}", "%7D") for step in steps)
    return "".join(f"/{step}" for step in escaped)


def _short(message: str) -> str:
    return message if len(message) < 300 else f"{message[:140]} ... {message[-140:]}"


def _tree(pairs: list[tuple[str, str]]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name, value in pairs:
        first, *rest = re.findall(r"[^\[\]]+|(?<=\[)(?=\])", name)
        place = out
        for key, following in zip([first, *rest], rest, strict=False):
            place = place.setdefault(key or str(len(place)), {})
            assert following is not None
        last = rest[-1] if rest else first
        place[last or str(len(place))] = value
    return out
