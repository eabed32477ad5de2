"""What the audit says of requests, in words (see ``portal.words.audit``)."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACTS = {
    "case-message": _l("Wrote about a request"),
    "case-moved": _l("Did something to a request"),
    "case-signed-off": _l("Signed a request off"),
    "document-added": _l("Added a document to a request"),
    "document-opened": _l("Opened a document of a request"),
    "document-removed": _l("Took a document out of a request"),
    "pause-begun": _l("Paused shut-off or penalties"),
    "pause-ended": _l("Ended a pause of shut-off or penalties"),
}
PAGES = {"cases": _l("Requests")}
