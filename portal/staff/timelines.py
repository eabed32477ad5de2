"""Everything that ever happened on an account, newest first."""

from __future__ import annotations

from datetime import datetime

from flask import abort, request

from accounts.cities.staffing import Permission
from accounts.database import reading
from portal.account_files.timeline import SHOWS, Key, timeline_of
from portal.i18n import gettext as _
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.files import file_page, page_url
from portal.staff.timeline_words import told
from portal.wiring import wiring

_NOT_FOUND = 404
_LOOKS = "looks"


@staff.get("/accounts/<reference>/timeline")
@needs(Permission.ACCOUNTS_SEE)
def timelines_show(reference: str) -> str:
    """All of it, or only money, talk or changes; who looked is for those who read the audit."""
    del reference
    parts, file, user = wiring(), opened_file(), staff_user()
    offered = [name for name in SHOWS if name != _LOOKS or user.may(Permission.AUDIT_READ)]
    chosen = request.args.get("show", "")
    if chosen and chosen not in offered:
        abort(_NOT_FOUND)
    shown = [chosen] if chosen else [name for name in offered if name != _LOOKS]
    with reading(parts.sessions) as session:
        page = timeline_of(session, file.id, shown, before=_before(), **may_see(user))
    key, labels = page.next_before, _labels()
    return file_page(
        "staff/timelines/show.html",
        events=[told(event, file.reference) for event in page.events],
        chosen=chosen,
        choices=[{"label": labels[name], "url": page_url(show=name or None), "current": name == chosen}
                 for name in ("", *offered)],
        older=page_url(show=chosen or None, before=f"{key.at.isoformat()}_{key.place}_{key.id}") if key else "",
        first_url=page_url(show=chosen or None) if "before" in request.args else "",
    )  # fmt: skip


def _labels() -> dict[str, str]:
    return {
        "": _("Everything"),
        "money": _("Money"),
        "talk": _("Notes, contacts, messages"),
        "changes": _("Changes and decisions"),
        "looks": _("Who looked"),
    }


def _before() -> Key | None:
    given = request.args.get("before", "")
    if not given:
        return None
    try:
        at, place, id_ = given.split("_")
        return Key(datetime.fromisoformat(at), int(place), int(id_))
    except ValueError:
        abort(_NOT_FOUND)
