"""Fields of a customer's record by name, and what is wrong with one."""

from __future__ import annotations

from portal.i18n import gettext as _
from portal.languages import language_name


def contact_label(field: str) -> str:
    """``mailing_address`` → Mailing address."""
    labels = {
        "name": _("Name"),
        "last_name": _("Last name"),
        "mailing_address": _("Mailing address"),
        "phone": _("Phone"),
        "email": _("E-mail"),
        "language": _("Language of letters"),
    }
    return labels.get(field, field)


def contact_value(field: str, value: str) -> str:
    """A value as it is read; blank stays blank."""
    return language_name(value) if field == "language" else value


def contact_problem(field: str) -> str:
    """What to do about a value that no customer can have (``BadContact``)."""
    problems = {
        "name": _("Enter the name."),
        "phone": _("Enter the phone number with its area code, like 209 555 0142."),
        "email": _("Enter an e-mail address, like ana@example.com."),
        "mailing_address": _("Enter the address."),
        "language": _("Choose one from the list."),
    }
    return problems.get(field) or _("Check what you typed.")
