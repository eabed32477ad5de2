"""Decodes Stripe's form encoding and holds the parameters against the specification."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from sandbox.errors import StripeError
from sandbox.store import Json

KEY = re.compile(r"^([^\[\]]+)((?:\[[^\[\]]*\])*)$")
PART = re.compile(r"\[([^\[\]]*)\]")
METADATA_KEYS, METADATA_KEY, METADATA_VALUE = 50, 40, 500
INTEGER = re.compile(r"^[+-]?\d{1,18}$")


def decode(pairs: Iterable[tuple[str, str]]) -> Json:
    """Turns ``a[b][0]=c`` into nested objects; lists stay objects with numbers for keys until coerced."""
    out: Json = {}
    for name, value in pairs:
        match = KEY.match(name)
        if not match:
            raise refused("parameter_unknown", f"Received unknown parameter: {name}", name)
        keys = [match[1], *PART.findall(match[2])]
        place = out
        for key in keys[:-1]:
            place = place.setdefault(key or str(len(place)), {})
            if not isinstance(place, dict):
                raise refused("parameter_invalid_hash", f"Invalid hash: {name}", name)
        place[keys[-1] or str(len(place))] = value
    return out


def refused(code: str, message: str, param: str) -> StripeError:
    """A parameter error: the operation has not started."""
    return StripeError(400, message, code=code, param=param, early=True)


def check(params: Json, schema: Json, path: str = "") -> Json:
    """Coerces an object by its schema and refuses what the specification does not name."""
    known = schema.get("properties", {})
    extra = schema.get("additionalProperties", False)
    out: Json = {}
    for key, value in params.items():
        name = f"{path}[{key}]" if path else key
        if key in known:
            out[key] = coerce(value, known[key], name)
            if key == "metadata" and isinstance(value, dict):
                _check_metadata(value, name)
        elif isinstance(extra, dict):
            out[key] = value if value == "" else coerce(value, extra, name)  # "" unsets a key
        elif extra is True:
            out[key] = value
        else:
            raise refused("parameter_unknown", f"Received unknown parameter: {name}", name)
    for key in schema.get("required", []):
        if key not in out:
            name = f"{path}[{key}]" if path else key
            raise refused("parameter_missing", f"Missing required param: {name}.", name)
    return out


def _check_metadata(metadata: Json, name: str) -> None:
    """Holds the limits of docs.stripe.com/api/metadata, which the specification does not name."""
    if len(metadata) > METADATA_KEYS:
        raise refused("parameter_invalid_hash", f"You can have at most {METADATA_KEYS} metadata keys.", name)
    for key, value in metadata.items():
        if len(key) > METADATA_KEY or len(value) > METADATA_VALUE:
            message = f"Metadata keys have at most {METADATA_KEY} characters and values {METADATA_VALUE}."
            raise refused("parameter_invalid_string_too_long", message, f"{name}[{key}]")


def coerce(value: Any, schema: Json, name: str) -> Any:
    """Gives a parameter the type that its schema asks for."""
    if "anyOf" in schema:
        return _any_of(value, schema["anyOf"], name)
    kind = schema.get("type", "string")
    if kind == "object":
        return check(_hash(value, name), schema, name)
    if kind == "array":
        return _array(value, schema, name)
    if isinstance(value, dict):
        raise refused("parameter_invalid_string", f"Invalid {kind}: {name}", name)
    if value == "" and "" not in schema.get("enum", []):
        raise refused("parameter_invalid_empty", f"You passed an empty string for '{name}'.", name)
    return _scalar(value, kind, schema, name)


def _scalar(value: str, kind: str, schema: Json, name: str) -> Any:
    if kind == "integer":
        if not INTEGER.match(value):
            raise refused("parameter_invalid_integer", f"Invalid integer: {value}", name)
        return int(value)
    if kind == "boolean":
        if value not in ("true", "false"):
            raise refused("parameter_invalid_boolean", f"Invalid boolean: {value}", name)
        return value == "true"
    if "enum" in schema and value not in schema["enum"]:
        choices = ", ".join(str(choice) for choice in schema["enum"] if choice)
        raise refused("parameter_invalid_enum", f"Invalid {name}: must be one of {choices}", name)
    if len(value) > schema.get("maxLength", len(value)):
        raise refused("parameter_invalid_string_too_long", f"Invalid string: {name} is too long.", name)
    return value


def _hash(value: Any, name: str) -> Json:
    if not isinstance(value, dict):
        raise refused("parameter_invalid_hash", f"Invalid object: {name}", name)
    return value


def _array(value: Any, schema: Json, name: str) -> list[Any]:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise refused("parameter_invalid_array", f"Invalid array: {name}", name)
    ordered = sorted(value, key=int)
    return [coerce(value[key], schema["items"], f"{name}[{key}]") for key in ordered]


def _any_of(value: Any, choices: list[Json], name: str) -> Any:
    failure: StripeError | None = None
    for choice in choices:
        try:
            return coerce(value, choice, name)
        except StripeError as error:
            failure = failure or error
    raise failure or refused("parameter_invalid_string", f"Invalid value: {name}", name)
