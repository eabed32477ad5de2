"""Home."""

from __future__ import annotations

from flask import render_template

from portal.forms.lookups import FindForm
from portal.permissions import anyone
from portal.public.blueprint import public


@public.get("/")
@anyone
def home() -> str:
    return render_template("public/home/show.html", find=FindForm(formdata=None))
