"""Amounts, numbers, days and hours that are kept once they were written are what Babel writes anew."""

from __future__ import annotations

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date, format_datetime, format_time
from babel.numbers import format_currency, format_decimal
from flask import Flask
from flask_babel import Babel
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.money import Money
from portal.i18n import (
    clock_text,
    long_date,
    long_datetime,
    money,
    money_text,
    month_name,
    number_text,
    short_date,
    short_datetime,
    speaking,
)

ZONE = "America/Los_Angeles"
LANGUAGES = {"en": "en_US", "es": "es_US"}
NUMBERS = st.one_of(
    st.integers(-(10**12), 10**12),
    st.decimals(-(10**9), 10**9, allow_nan=False, allow_infinity=False, places=4),
    st.sampled_from([Decimal("1"), Decimal("1.0"), Decimal("1.000"), Decimal("1E+3"), Decimal("0.0005"), 1]),
)


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    app = Flask(__name__, root_path=str(Path(tmp_path_factory.mktemp("app"))))
    Babel(app)
    return app


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(cents=st.integers(-(10**12), 10**12), number=NUMBERS)
def test_amounts_and_numbers(app: Flask, language: str, cents: int, number: Decimal | int) -> None:
    locale = LANGUAGES[language]
    dollars = format_currency(Decimal(cents).scaleb(-2), "USD", locale=locale)
    with app.app_context(), speaking(language):
        for _again in range(2):
            assert money_text(Money(cents)) == dollars
            assert money(Money(cents)) == f'<span class="money">{dollars}</span>'
            assert number_text(number) == format_decimal(number or 0, locale=locale)


@pytest.mark.parametrize("language", LANGUAGES)
@settings(deadline=None)
@given(instant=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
def test_days_and_hours(app: Flask, language: str, instant: datetime) -> None:
    locale, local = LANGUAGES[language], instant.astimezone(ZoneInfo(ZONE))
    day, hour = local.date(), format_datetime(local, "h:mm a", locale=locale)
    with app.app_context(), speaking(language):
        assert long_date(day) == format_date(day, "long", locale=locale)
        assert short_date(day) == format_date(day, "medium", locale=locale)
        assert month_name(day) == format_date(day, "MMM y", locale=locale)
        assert long_datetime(instant, ZONE) == f"{format_date(day, 'long', locale=locale)}, {hour}"
        assert short_datetime(instant, ZONE) == f"{format_date(day, 'medium', locale=locale)}, {hour}"
        assert clock_text(local.time()) == format_time(local.time(), "short", locale=locale)


def test_each_language_keeps_its_own(app: Flask) -> None:
    day = date(2026, 6, 3)
    with app.app_context():
        with speaking("en"):
            english = long_date(day), clock_text(time(21)), short_date(day)
        with speaking("es"):
            spanish = long_date(day), clock_text(time(21)), short_date(day)
    assert english == ("June 3, 2026", "9:00\u202fPM", "Jun 3, 2026")
    assert spanish == ("3 de junio de 2026", "9:00\u202fp.m.", "3 jun 2026")


@pytest.mark.parametrize("nothing", [0, Decimal(0), Decimal("-0"), Decimal("0.000")])
def test_nothing_is_never_less_than_nothing(app: Flask, nothing: Decimal | int) -> None:
    with app.app_context(), speaking("en"):
        assert number_text(nothing) == "0"
