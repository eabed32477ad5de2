"""Acts of the close and of journal exports, as the audit writes them down."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

ACCOUNTING = {
    "day-closed": _l("Closed a day and wrote its packet"),
    "journals-answered": _l("Read what the accounting system answered to journals"),
    "journals-exported": _l("Exported journals to the accounting system"),
    "journals-file-taken": _l("Took the file of exported journals"),
    "journals-exported-again": _l("Wrote a copy of exported journals"),
}
