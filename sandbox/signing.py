"""Signs webhook requests, with two secrets while one is being replaced (docs.stripe.com/webhooks#roll-endpoint-secrets)."""  # noqa: E501

from __future__ import annotations

import hashlib
import hmac
import time

from sandbox.store import Json
from sandbox.world import World, new_id

STALE_SECONDS = 600


def header(body: bytes, secrets: list[str], stamp: int) -> str:
    """The ``Stripe-Signature`` header: a time, and a ``v1`` for every secret in force, newest first."""
    signed = f"{stamp}.".encode() + body
    digests = (hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest() for secret in secrets)
    return ",".join([f"t={stamp}", *(f"v1={digest}" for digest in digests)])


def signature(body: bytes, secret: str) -> str:
    """The header of a request that is signed now with one secret."""
    return header(body, [secret], int(time.time()))


def sealed(body: bytes, secrets: list[str], manner: str = "") -> tuple[bytes, str]:
    """Body and header as they go out, by real time as receivers check it; two manners spoil one of them."""
    stamp = int(time.time()) - (STALE_SECONDS if manner == "stale" else 0)
    return (tampered(body) if manner == "tampered" else body), header(body, secrets, stamp)


def tampered(body: bytes) -> bytes:
    """The same event under another id: it would be taken for a new one if it were believed."""
    return body.replace(b'"evt_', b'"evt_forged', 1)


def in_force(world: World, endpoint_id: str) -> list[str]:
    """The secrets an endpoint's requests are signed with now, newest first."""
    facts = world.store.private(endpoint_id)
    old = [secret for secret, until in facts.get("rolled", []) if until > world.clock.now()]
    return [facts["secret"], *old]


def roll(world: World, endpoint_id: str, overlap: int, secret: str | None = None) -> Json:
    """Gives an endpoint a new secret; the old one signs too until the overlap, in seconds, is over."""
    if overlap < 0:
        raise ValueError("An overlap is not negative.")
    with world.store.transaction():
        world.fetch("webhook_endpoint", endpoint_id)
        facts = world.store.private(endpoint_id)
        until = world.clock.now() + overlap
        fresh = secret or new_id("whsec_", 32)
        rolled = [[facts["secret"], until], *facts.get("rolled", [])]
        world.store.note(endpoint_id, secret=fresh, rolled=rolled)
    return {"endpoint": endpoint_id, "secret": fresh, "old_until": until}
