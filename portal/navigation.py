"""What every page shows around its content: the city in the reader's language, menus, the language switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Flask, request, url_for
from sqlalchemy.exc import OperationalError

from accounts.cities.queries import NoRulingCity
from accounts.cities.rules import City
from portal.config import Settings
from portal.i18n import gettext as _
from portal.i18n import locale_code
from portal.identity.residents.cookies import has_session
from portal.languages import direction, language_name, offered
from portal.per_city import PerCity
from portal.wiring import wiring

_SAFE = "!$'()*,/:;?@"
"""What ``url_for`` leaves as it is in a query."""
_MAIN_PAGES = ("public.lookups_find", "public.baskets_show", "public.help_show")
_RESIDENT = "resident"


_KINDS: dict[str, Callable[[], str]] = {
    "utility": lambda: _("Utility account"),
    "license": lambda: _("Business license"),
    "citation": lambda: _("Parking ticket"),
}


@dataclass(frozen=True)
class CityView:
    """The city as a page names it, in one language."""

    name: str
    legal_name: str
    department: str
    tagline: str
    welcome: str
    footer: str
    phone: str
    phone_href: str
    email: str
    hours: str
    address_lines: tuple[str, ...]
    seal_url: str
    seal_description: str
    time_zone: str

    @classmethod
    def of(cls, city: City, language: str, seal_url: str) -> CityView:
        identity = city.identity
        return cls(
            name=identity.name.in_(language),
            legal_name=identity.legal_name.in_(language),
            department=identity.department.in_(language),
            tagline=identity.tagline.in_(language),
            welcome=identity.welcome.in_(language),
            footer=identity.footer.in_(language),
            phone=identity.phone,
            phone_href="tel:+1" + "".join(filter(str.isdigit, identity.phone))[-10:],
            email=identity.email,
            hours=identity.hours.in_(language),
            address_lines=identity.address,
            seal_url=seal_url,
            seal_description=identity.seal_description.in_(language),
            time_zone=identity.time_zone,
        )


def init(app: Flask, settings: Settings) -> None:
    """Give every template its surroundings. Menus are functions: a part that is kept asks for them once."""

    @app.context_processor
    def surroundings() -> dict[str, Any]:
        return {
            "city": city_view(),
            "locale_code": locale_code(),
            "text_direction": direction(locale_code()),
            "language_links": _language_links(),
            "current_page": _current_page(),
            "is_signed_in": "resident" in settings.surfaces and has_session(),
            "navigation": lambda current, is_signed_in: _navigation(settings, current, is_signed_in),
            "footer_links": lambda: _footer_links(settings),
            "home_url": url_for("staff.today_show" if settings.serves_staff_only else "public.home"),
            "is_office": settings.serves_staff_only,
            "demo_mode": settings.is_demo,
            "training_mode": settings.training,
            "account_kind": account_kind,
        }


def account_kind(kind: str) -> str:
    """What a kind of account is called on pages."""
    return _KINDS[kind]()


def city_view() -> CityView | None:
    """The ruling city in the reader's language; None where it cannot be known (error pages still render)."""
    try:
        city = wiring().city().city
    except (NoRulingCity, OperationalError):
        return None
    return _view(city, locale_code())


_view = PerCity(lambda city, language: CityView.of(city, language, url_for("city.seal")))


def _language_links() -> list[dict[str, Any]]:
    here = request.full_path.rstrip("?") if request.method == "GET" else request.path
    chosen, asked = locale_code(), urlencode({"to": here}, safe=_SAFE)
    switch = url_for("city.choose_language", code=chosen)[: -len(chosen)]
    return [
        {"code": code, "label": language_name(code), "url": f"{switch}{code}?{asked}", "current": code == chosen}
        for code in offered()
    ]


def _current_page() -> str:
    """The entry of the main menu that this page belongs to."""
    endpoint = request.endpoint or ""
    return _RESIDENT if endpoint.startswith("resident.") else endpoint if endpoint in _MAIN_PAGES else ""


def _navigation(settings: Settings, current: str, is_signed_in: bool) -> list[dict[str, Any]]:
    if settings.serves_staff_only:
        return []
    entries = []
    if "public" in settings.surfaces:
        labels = (_("Pay"), _("Basket"), _("Help"))
        entries += [(endpoint, endpoint, label) for endpoint, label in zip(_MAIN_PAGES, labels, strict=True)]
    if "resident" in settings.surfaces:
        own = ("resident.home_show", _("My accounts")) if is_signed_in else ("resident.sign_ins_new", _("Sign in"))
        entries.append((_RESIDENT, *own))
    return [
        {"label": label, "url": url_for(endpoint), "current": entry == current} for entry, endpoint, label in entries
    ]


def _footer_links(settings: Settings) -> list[dict[str, str]]:
    if "public" not in settings.surfaces:
        return []
    links = [
        ("public.help_show", _("Help and ways to pay")),
        ("public.lookups_find_number", _("Find my account number")),
        ("public.privacy_show", _("Privacy and security")),
    ]
    if settings.is_demo:
        links.append(("demo.show", _("Try the demo")))
    return [{"label": label, "url": url_for(endpoint)} for endpoint, label in links]
