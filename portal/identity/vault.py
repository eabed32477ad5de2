"""Secrets at rest: encrypted with a key that is made from the application's own (Fernet: AES-128-CBC with HMAC).

When ``SECRET_KEY`` changes, what was encrypted under the former one opens as long as it stands in
``SECRET_KEY_FALLBACKS``.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

SECOND_FACTORS = "second factors"
RESIDENT_FACTORS = "second factors of residents"
ADDRESSES = "addresses that are not proved yet"
KEPT_FORMS = "kept forms"
"""Purposes: what was encrypted for one does not open for the other."""


class Unreadable(Exception):
    """Encrypted under a key that is known no more."""


class Vault:
    """Encrypts for one purpose; what was made for another does not open."""

    def __init__(self, keys: Sequence[str], purpose: str) -> None:
        self._fernet = MultiFernet([_fernet(key, purpose) for key in keys])

    def lock(self, plain: bytes) -> bytes:
        """``plain``, encrypted under the newest key."""
        return self._fernet.encrypt(plain)

    def open(self, locked: bytes) -> bytes:
        """What was locked; raises :class:`Unreadable`."""
        try:
            return self._fernet.decrypt(locked)
        except InvalidToken as error:
            raise Unreadable("encrypted under another key") from error

    def lock_fields(self, fields: Mapping[str, Sequence[str]]) -> bytes:
        """A form's fields, encrypted."""
        return self.lock(json.dumps({name: list(values) for name, values in fields.items()}).encode())

    def open_fields(self, locked: bytes) -> dict[str, list[str]]:
        """A form's fields; raises :class:`Unreadable`."""
        found: dict[str, list[str]] = json.loads(self.open(locked))
        return found


def _fernet(key: str, purpose: str) -> Fernet:
    derived = HKDF(SHA256(), length=32, salt=None, info=f"ventanilla {purpose}".encode()).derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))
