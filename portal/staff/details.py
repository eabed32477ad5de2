"""What only this kind of account has: services, meters, reads and use; license years; the citation as written."""

from __future__ import annotations

from accounts.cities.rules import City, NotInTheCity
from accounts.cities.staffing import Permission
from accounts.database import reading
from portal.account_files.kinds import kind_file
from portal.account_files.premises import at_the_premises
from portal.i18n import locale_code
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.files import details_label, file_page
from portal.staff.kind_words import citation_rows, declared_text, license_rows, read_kind
from portal.wiring import wiring


@staff.get("/accounts/<reference>/details")
@needs(Permission.ACCOUNTS_SEE)
def details_show(reference: str) -> str:
    """One page, which looks as its kind needs."""
    del reference
    parts, file = wiring(), opened_file()
    city = parts.city().city
    sees = staff_user().may(Permission.CONFIDENTIAL_SEE)
    with reading(parts.sessions) as session:
        kind = kind_file(session, file.id, file.kind, sees_confidential=sees)
        here = at_the_premises(session, file.id, **may_see(staff_user()))
    rows = []
    if kind.license:
        rows = list(license_rows(kind.license, city))
    if kind.citation:
        rows = list(citation_rows(kind.citation, city))
    return file_page(
        "staff/details/show.html",
        label=details_label(file.kind),
        kind=kind,
        rows=rows,
        here=here,
        rate_words=lambda code: rate_text(code, city),
        read_kind=read_kind,
        declared_text=declared_text,
    )


def rate_text(rate_code: str, city: City) -> str:
    """The rates of a service by name: ``water-fixed+water-usage`` names two."""
    named = []
    for part in rate_code.split("+"):
        code, _sep, choice = part.strip().partition(":")
        try:
            name = city.rate(code).name.in_(locale_code())
        except NotInTheCity:
            name = code
        named.append(f"{name} ({choice})" if choice else name)
    return ", ".join(named)
