"""What the city's files list, by the names that the city gave it."""

from __future__ import annotations

from accounts.cities.rules import City
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.wiring import wiring


def till_name(code: str, city: City | None = None) -> str:
    """The till as the city calls it; mail is counted in drawers of its own; the code of one that is gone."""
    tills = (city or wiring().city().city).tills
    here = next((till.name.in_(locale_code()) for till in tills if till.code == code), "")
    return here or (_("Mail") if code.startswith("MAIL-") else code)


def fund_name(code: str, city: City) -> str:
    """A fund's code and name: ``510 Water``; the code of one that is not there any more."""
    fund = city.funds.get(code)
    return f"{code} {fund.name.in_(locale_code())}" if fund else code
