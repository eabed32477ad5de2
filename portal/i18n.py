"""Which language a page is in, and how money and dates are written in it.

Which languages there are is the city's to say (``portal.languages``); formats are those of the United States in each.
"""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, format_decimal
from babel.support import NullTranslations
from flask import Flask, g, request
from flask_babel import Babel, Domain, force_locale, get_domain, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup, escape

from accounts.money import Money
from portal.config import CHECKOUT
from portal.languages import SOURCE, code_of, locale_of, offered
from portal.shared_parts import SharedParts

COOKIE = "language"
babel = Babel()
_MOST_KEPT = 5_000
_NOTHING = object()


class Catalogs(Domain):
    """flask-babel's own writes down the locale's name for each string that it looks up; this one knows languages."""

    def __init__(self) -> None:
        super().__init__()
        self._by_language: dict[str, NullTranslations] = {}
        self._markup: dict[tuple[str, str], Markup] = {}

    def get_translations(self) -> NullTranslations:
        locale = _locale()
        if locale is None:
            return super().get_translations()
        code = code_of(locale)
        found = self._by_language.get(code)
        if found is None:
            found = self._by_language[code] = super().get_translations()
        return found

    def markup(self, words: str) -> Markup:
        """Words of a template into which nothing is put: the same each time, so kept once they were looked up."""
        key = (locale_code(), words)
        found = self._markup.get(key)
        if found is None:
            if len(self._markup) >= _MOST_KEPT:
                self._markup.clear()
            made = Markup(self.get_translations().gettext(words) % {})  # noqa: S704 - the words are ours
            found = self._markup[key] = made
        return found


def init(app: Flask) -> None:
    """Locale of each request, filters for templates."""
    folders = [CHECKOUT / "translations", app.extensions["ventanilla"].settings.city_folder / "translations"]
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = ";".join(map(str, folders))
    babel.init_app(app, default_locale=str(locale_of(SOURCE)), locale_selector=lambda: locale_of(language()))  # type: ignore[arg-type,return-value]
    babel.domain_instance = catalogs = Catalogs()
    _speak(app, catalogs)
    app.jinja_env.add_extension(SharedParts)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(
        cents=Money,
        money=money,
        money_text=money_text,
        long_date=long_date,
        short_date=short_date,
        day_in=day_in,
        long_datetime=long_datetime,
        short_time=short_datetime,
        number=number_text,
    )


def _speak(app: Flask, catalogs: Catalogs) -> None:
    """Jinja's functions for words, as ``newstyle`` says, without its way through three of them for each word."""

    @pass_eval_context
    def gettext(here: EvalContext, words: str, **given: Any) -> str:
        if here.autoescape and not given:
            return catalogs.markup(words)
        return _filled(here, catalogs.get_translations().gettext(words), given)

    @pass_eval_context
    def ngettext(here: EvalContext, one: str, many: str, num: int, **given: Any) -> str:
        return _filled(here, catalogs.get_translations().ngettext(one, many, num), {"num": num, **given})

    @pass_eval_context
    def pgettext(here: EvalContext, context: str, words: str, **given: Any) -> str:
        found = str(catalogs.get_translations().pgettext(context, words))
        return _filled(here, found, {"context": context, **given})

    i18n: Any = app.jinja_env  # the extension gives it this method, and the compiler what it needs to know
    i18n.install_gettext_callables(gettext=gettext, ngettext=ngettext, pgettext=pgettext, newstyle=True)
    app.jinja_env.globals.update(_=gettext, gettext=gettext, ngettext=ngettext, pgettext=pgettext)


def _filled(here: EvalContext, words: str, given: dict[str, Any]) -> str:
    """Words are always a format, so that a percent sign is written as two; what is put in is escaped."""
    if not here.autoescape:
        return words % given
    return Markup(words) % given  # noqa: S704 - the words are ours


def gettext(words: str, **given: Any) -> str:
    """flask-babel's, for pages that say much: the same words, without asking for each in what context we are."""
    domain = getattr(_known(), "babel_domain", None) or get_domain()
    found = str(domain.get_translations().gettext(words))
    return found % given if given else found


def _locale() -> Locale | None:
    """The reader's locale as flask-babel found it."""
    known = _known()
    found: Locale | None = getattr(known, "babel_locale", None)
    return found if found or known is None else get_locale()


def _known() -> Any:
    """What flask-babel remembers in this context; None outside of any."""
    try:
        here = g._get_current_object()  # noqa: SLF001 - Werkzeug's own way not to ask anew for each attribute
    except RuntimeError:
        return None
    return here.get("_flask_babel", _NOTHING)


def language() -> str:
    """The reader's language: their choice, else that of what they opened, else their browser's, else the city's."""
    languages = offered()
    chosen = request.cookies.get(COOKIE)
    if chosen in languages:
        return chosen
    opened = g.get("language_of_page")
    if opened in languages:
        return str(opened)
    return request.accept_languages.best_match(languages) or languages[0]


def speaking(language: str) -> AbstractContextManager[None]:
    """Words and formats of ``language``, whatever the language of the request, and without one."""
    return force_locale(locale_name(language))


def locale_code() -> str:
    """``en``, ``es`` or another of the city's, also outside a request under ``force_locale``."""
    locale = _locale()
    return code_of(locale) if locale else SOURCE


def locale_name(code: str) -> str:
    """The Babel locale of a language: ``es`` → ``es_US``."""
    return str(locale_of(code))


def money_text(amount: Money) -> str:
    """``$1,234.50``; a credit is written with a minus sign."""
    return _dollars(amount, locale_code())


def money(amount: Money) -> Markup:
    """An amount as markup, so that a test can see that every amount came this way."""
    return _marked_dollars(amount, locale_code())


def number_text(number: Decimal | int) -> str:
    """``1,234.5``, as the reader's language writes it; at most three places, and nothing is written ``0``."""
    return _number(number or 0, locale_code())


def clock_text(at: time) -> str:
    """``9:00 PM``, as the reader's language writes an hour."""
    return _hour(at.replace(second=0, microsecond=0), "short", locale_code())


def long_date(day: date) -> str:
    """``June 3, 2026``, ``3 de junio de 2026``."""
    return _day(day, "long", locale_code())


def short_date(day: date) -> str:
    """``Jun 3, 2026``, ``3 jun 2026``."""
    return _day(day, "medium", locale_code())


def month_name(day: date) -> str:
    """``Jun 2026``, ``jun 2026``."""
    return _day(day, "MMM y", locale_code())


def day_in(instant: datetime, time_zone: str) -> date:
    """The day that an instant falls on at city hall: five in the afternoon is tomorrow already in UTC."""
    return instant.astimezone(ZoneInfo(time_zone)).date()


def long_datetime(instant: datetime, time_zone: str = "America/Los_Angeles") -> str:
    """Day in words and time of day, in the city's time zone."""
    return _moment(instant, time_zone, "long")


def short_datetime(instant: datetime, time_zone: str) -> str:
    """``Nov 22, 2026, 1:40 AM``: day and time in the city's time zone, for a narrow column."""
    return _moment(instant, time_zone, "medium")


def _moment(instant: datetime, time_zone: str, length: str) -> str:
    local, code = instant.astimezone(ZoneInfo(time_zone)), locale_code()
    return f"{_day(local.date(), length, code)}, {_hour(time(local.hour, local.minute), 'h:mm a', code)}"


# Babel works a pattern out anew for each amount, which took as long as a statement: what was written before is kept.


@lru_cache(maxsize=8192)
def _dollars(amount: Money, code: str) -> str:
    return str(format_currency(amount.dollars, "USD", locale=locale_of(code)))


@lru_cache(maxsize=8192)
def _marked_dollars(amount: Money, code: str) -> Markup:
    return Markup(f'<span class="money">{escape(_dollars(amount, code))}</span>')  # noqa: S704 - escaped here


@lru_cache(maxsize=8192)
def _number(number: Decimal | int, code: str) -> str:
    return str(format_decimal(number, locale=locale_of(code)))


@lru_cache(maxsize=4096)
def _day(day: date, length: str, code: str) -> str:
    if isinstance(day, datetime):
        raise TypeError("an instant has no day of its own: say day_in() of which time zone")
    return str(format_date(day, length, locale=locale_of(code)))


@lru_cache(maxsize=4096)
def _hour(at: time, length: str, code: str) -> str:
    return str(format_time(at, length, locale=locale_of(code)))


def safe_path(path: str) -> str:
    """A path on this site, or the home page: a switch of language never sends anybody elsewhere."""
    parts = urlsplit(path)
    if parts.scheme or parts.netloc or not path.startswith("/") or path.startswith(("//", "/\\")):
        return "/"
    return path
