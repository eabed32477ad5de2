"""Files of the bank's lockbox: read one, see how far each is, and look at what was held."""

from __future__ import annotations

import tempfile
from pathlib import Path

from flask import redirect, render_template, url_for
from flask_babel import ngettext
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import reading
from accounts.errors import DomainError
from payments.lockboxes import queries, service
from portal.forms.mail import HeldForm, LockboxForm
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.messages import sentence
from portal.permissions import needs
from portal.staff.blueprint import may_see, staff, staff_user
from portal.staff.done import say
from portal.staff.drawers import refused_in
from portal.staff.kept_forms import kept_here
from portal.staff.lists import here, key
from portal.wiring import wiring

_UNPROCESSABLE = 422
_PAGE = 25
Answer = str | Response | tuple[str, int]


@staff.route("/lockboxes", methods=["GET", "POST"])
@needs(Permission.MAIL_LOG)
def lockboxes_list() -> Answer:
    """Files, the newest first, and the form that reads one in."""
    parts, form, before = wiring(), LockboxForm(), key("before")
    form.profile.choices = [
        (profile.code, profile.name.in_(locale_code())) for profile in parts.city().city.lockbox_profiles
    ]
    if form.validate_on_submit() and (file_id := _read(form)) is not None:
        return redirect(url_for("staff.lockboxes_show", file_id=file_id), 303)
    with reading(parts.sessions) as session:
        files = queries.files(session, before=before, most=_PAGE + 1)
    more = files[_PAGE - 1].id if len(files) > _PAGE else None
    page = render_template(
        "staff/lockboxes/list.html", form=form, files=files[:_PAGE], first_url=here() if before else "",
        next_url=here(before=more) if more else "",
    )  # fmt: skip
    return page, _UNPROCESSABLE if form.errors else 200


@staff.get("/lockboxes/<int:file_id>")
@needs(Permission.MAIL_LOG)
def lockboxes_show(file_id: int) -> str:
    """A file with its checks, and where each went."""
    after = key("after") or 0
    with reading(wiring().sessions) as session:
        file = queries.file(session, file_id)
        items = queries.items(session, file_id, **may_see(staff_user()), after=after, most=_PAGE + 1)
    more = items[_PAGE - 1].id if len(items) > _PAGE else None
    return render_template(
        "staff/lockboxes/show.html", file=file, items=items[:_PAGE], first_url=here() if after else "",
        next_url=here(after=more) if more else "",
    )  # fmt: skip


@staff.route("/lockboxes/<int:file_id>/items/<int:item_id>/post", methods=["GET", "POST"])
@needs(Permission.SUSPENSE_WORK)
def lockboxes_post_held(file_id: int, item_id: int) -> Answer:
    """An item that looks like an earlier one is another check: put it into the books."""
    parts, form = wiring(), HeldForm(kept=kept_here())
    with reading(parts.sessions) as session:
        item = queries.item(session, file_id, item_id)
    if form.validate_on_submit():
        refusal = refused_in(
            form,
            lambda: service.post_held(
                parts.lockbox_desk(), staff_user().authority, item_id, form.reason.data
            ),
        )  # fmt: skip
        if refusal is None:
            say(_("The item is in the books."))
            return redirect(url_for("staff.lockboxes_show", file_id=file_id), 303)
    page = render_template("staff/lockboxes/held.html", form=form, item=item, file_id=file_id)
    return page, _UNPROCESSABLE if form.errors else 200


def _read(form: LockboxForm) -> int | None:
    """Read what was sent, by way of a file that is gone afterwards; its id, or a refusal in the form."""
    parts, sent = wiring(), form.file.data
    with tempfile.TemporaryDirectory(prefix="lockbox-") as folder:
        path = Path(folder) / "file"
        sent.save(path)
        try:
            done = service.import_file(
                parts.lockbox_desk(), staff_user().authority, path, form.profile.data,
                name=Path(sent.filename or "").name,
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), "file", why=type(refusal).__name__)
            return None
    said = ngettext("%(num)s check was posted.", "%(num)s checks were posted.", done.posted)
    say(_("This file was read before.") + " " + said if done.was_known else said)
    return done.file.id
