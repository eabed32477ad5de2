"""Utility services by name, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterable

from accounts.utilities.queries import ServiceDetails
from portal.i18n import gettext as _


def service_name(service: str) -> str:
    """``storm`` → Storm drain."""
    return {
        "water": _("Water"),
        "sewer": _("Sewer"),
        "refuse": _("Refuse"),
        "storm": _("Storm drain"),
    }.get(service, service)


def service_names(services: Iterable[ServiceDetails]) -> str:
    """Each once, in their order: ``Water, Sewer``."""
    return ", ".join(dict.fromkeys(service_name(one.service) for one in services))
