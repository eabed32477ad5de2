"""What the audit says of residents and the accounts they see, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTS = {
    "account-linked": _l("Added an account to an online sign-in"),
    "account-not-theirs": _l("Asked for an account that is not theirs"),
    "account-unlinked": _l("Took an account off an online sign-in"),
    "share-offered": _l("Invited somebody to see an account online"),
    "share-withdrawn": _l("Took an invitation to an account back"),
}
