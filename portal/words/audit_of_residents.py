"""What the audit says of residents and the accounts they see, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask_babel import lazy_gettext as _l

from portal.words.links import RIGHTS, STANDINGS

ACTS = {
    "account-linked": _l("Added an account to an online sign-in"),
    "account-not-theirs": _l("Asked for an account that is not theirs"),
    "account-unlinked": _l("Took an account off an online sign-in"),
    "share-offered": _l("Invited somebody to see an account online"),
    "share-withdrawn": _l("Took an invitation to an account back"),
}
_PROOFS = {"proof": _l("Their own proof"), "invitation": _l("Invitation")}
VALUES: Mapping[str, Callable[[str], object]] = {
    "proven_by": lambda code: _PROOFS.get(code, code),
    "rights": lambda code: RIGHTS.get(code, code),  # type: ignore[call-overload]
    "standing": lambda code: STANDINGS.get(code, code),  # type: ignore[call-overload]
}
"""Codes in these lines by the names of their values."""
