"""Second factors: time-based one-time codes (RFC 6238) and recovery codes. Pure."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime

import pyotp

from accounts.customer_accounts.rules import keyed_digest

STEP_SECONDS = 30
DRIFT_STEPS = 1
"""A code of the step before or after passes: telephones are not on time."""
RECOVERY_CODES = 10
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Without what is mistaken for something else."""


def new_totp_secret() -> str:
    """A new shared secret, 160 bits, in Base32 as authenticator apps take it."""
    return pyotp.random_base32()


def provisioning_uri(secret: str, username: str, city: str) -> str:
    """What the QR code of an authenticator app says."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=city)


def step_of(secret: str, code: str, now: datetime, newest_used: int) -> int | None:
    """The time step whose code this is, if it is near and was not used; None otherwise."""
    digits = re.sub(r"\s", "", code)
    current = int(now.timestamp()) // STEP_SECONDS
    totp = pyotp.TOTP(secret)
    fitting = [
        step
        for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1)
        if hmac.compare_digest(totp.generate_otp(step).encode(), digits.encode(errors="replace"))
        and step > newest_used
    ]
    return fitting[0] if fitting else None


def new_recovery_codes() -> list[str]:
    """Ten codes of fifty bits, written in two groups of five."""
    drawn = ("".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(RECOVERY_CODES))
    return [f"{code[:5]}-{code[5:]}" for code in drawn]


def recovery_key(typed: str) -> str:
    """A recovery code as compared: capitals and digits only."""
    return re.sub(r"[^A-Z0-9]", "", typed.upper())


def recovery_digest(secret: bytes, sign_in_id: int, typed: str, whose: str = "staff") -> bytes:
    """How a recovery code is kept and compared."""
    what = f"{whose} recovery {sign_in_id}\x1f{recovery_key(typed)}"
    return keyed_digest(secret, what.encode(errors="surrogatepass"))
