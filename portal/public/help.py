"""Help that is a real page: phone, hours, how to pay, what to bring; and what happens with personal data."""

from __future__ import annotations

from flask import render_template

from portal.permissions import anyone
from portal.public.blueprint import public
from portal.wiring import wiring


@public.get("/help")
@anyone
def help_show() -> str:
    parts = wiring()
    fee = parts.city().city.service_fee("card", "web", parts.clock.today())
    return render_template("public/help/show.html", fee_rule=fee)


@public.get("/privacy")
@anyone
def privacy_show() -> str:
    return render_template("public/help/privacy.html")
