"""Acts of residents at their sign-ins, as the audit writes them down."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

RESIDENT_ACTS = {
    "email-change-asked": _l("Asked to sign in with another e-mail address"),
    "email-change-stopped": _l("Stopped a change of e-mail address"),
    "email-changed": _l("Changed their e-mail address"),
    "email-changed-away": _l("Left their former e-mail address"),
    "identity-removed": _l("Removed a provider to sign in with"),
    "language-chosen": _l("Chose a language"),
    "lost-mailbox-approved": _l("Agreed to another e-mail address for who lost a mailbox"),
    "lost-mailbox-asked": _l("Asked for another e-mail address for who lost a mailbox"),
    "lost-mailbox-refused": _l("Did not agree to another e-mail address for who lost a mailbox"),
    "passkey-added": _l("Added a passkey"),
    "passkey-removed": _l("Removed a passkey"),
    "passkey-renamed": _l("Renamed a passkey"),
    "password-changed": _l("Changed their password"),
    "password-chosen": _l("Chose a password"),
    "password-dropped": _l("Did away with their password"),
    "resident-registered": _l("Made a sign-in of their own"),
    "second-step-off": _l("Turned off the second step of their sign-in"),
    "second-step-on": _l("Turned on a second step of their sign-in"),
    "sign-in-link-asked": _l("Asked for a link to sign in with"),
    "sign-in-link-refused": _l("Asked for too many links to sign in with"),
}
