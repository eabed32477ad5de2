"""The resident's own place: sign in, and what is theirs. Whose it is is asked once, for the whole blueprint."""

from __future__ import annotations

from portal.resident import home, mailed_links, sign_ins, surroundings
from portal.resident.blueprint import resident

__all__ = ["home", "mailed_links", "resident", "sign_ins", "surroundings"]
