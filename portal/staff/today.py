"""The first page after signing in: what waits for this person."""

from __future__ import annotations

from flask import render_template

from portal.permissions import any_staff
from portal.staff.blueprint import staff, staff_user


@staff.get("/")
@any_staff
def today_show() -> str:
    return render_template("staff/today/show.html", user=staff_user())
