"""The first page of a resident who is signed in."""

from __future__ import annotations

from flask import render_template

from portal.permissions import any_resident
from portal.resident.blueprint import resident


@resident.get("")
@any_resident
def home_show() -> str:
    return render_template("resident/home/show.html")
