"""Money and dates as people in the United States write them, in either language; and which language a thing is in."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask
from flask_babel import force_locale

from accounts.lookups.asking import Contact
from accounts.money import Money
from portal import i18n, jobs
from portal.config import Settings
from portal.i18n import day_in, locale_name, long_date, long_datetime, money, money_text, safe_path, short_date
from portal.receipts import receipt_mail
from tests.database import TestDatabase
from tests.payments.receipts import samples
from tests.portal.scene import shipped_city
from tests.portal.test_pseudo_locale import BASE_URL, Town, _town

DAY = date(2026, 6, 3)
EVENING = datetime(2026, 6, 4, 4, 5, tzinfo=UTC)
"""Still June 3 at city hall: 9:05 p.m."""


@pytest.fixture
def town(db: TestDatabase, tmp_path: Path) -> Town:
    return _town(db, shipped_city(), tmp_path)


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (123_450, "$1,234.50"),
        (0, "$0.00"),
        (5, "$0.05"),
        (99_999, "$999.99"),
        (100_000_000, "$1,000,000.00"),
        (-2_50, "-$2.50"),
    ],
)
def test_money_is_written_as_in_the_united_states(language: str, cents: int, words: str) -> None:
    with _speaking(language):
        assert money_text(Money(cents)) == words
        assert money(Money(cents)) == f'<span class="money">{words}</span>'


@pytest.mark.parametrize(
    ("language", "long", "short", "moment"),
    [
        ("en", "June 3, 2026", "Jun 3, 2026", "June 3, 2026, 9:05 PM"),
        ("es", "3 de junio de 2026", "3 jun 2026", "3 de junio de 2026, 9:05 p.m."),
    ],
)
def test_dates_are_written_in_the_language(language: str, long: str, short: str, moment: str) -> None:
    with _speaking(language):
        assert long_date(DAY) == long
        assert short_date(DAY) == short
        assert " ".join(long_datetime(EVENING).split()) == moment


def test_an_instant_has_its_day_at_city_hall_and_no_other() -> None:
    evening = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)  # 5:30 p.m. of the day before, where the city is
    with _speaking("en"):
        assert short_date(day_in(evening, "America/Los_Angeles")) == "Nov 22, 2026"
        for write in (long_date, short_date):
            with pytest.raises(TypeError, match="which time zone"):
                write(evening)


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_page_says_which_language_it_is_in(town: Town, language: str) -> None:
    by_browser = town.app.test_client()
    for path in ("/", "/pay", "/help", "/basket", "/nowhere"):
        answer = by_browser.get(path, headers={"Accept-Language": f"{language}-US,{language};q=0.9,fr;q=0.5"})
        assert f'<html lang="{language}">' in answer.text, path


def test_a_choice_of_language_wins_and_keeps_ones_place(town: Town) -> None:
    browser = town.app.test_client()
    answer = browser.get("/language/es?to=/help%3Fx%3D1", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.location) == (303, "/help?x=1")
    assert '<html lang="es">' in browser.get("/help", headers={"Accept-Language": "en"}).text
    assert browser.get("/language/fr").status_code == 404


@pytest.mark.parametrize(
    "path", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "pay", ""]
)
def test_a_switch_of_language_leads_nowhere_else(path: str) -> None:
    assert safe_path(path) == "/"


@pytest.mark.parametrize(
    ("language", "amount", "day", "subject"),
    [
        ("en", "Amount paid: $", "November 17, 2026", "Receipt W1-2026-000123 from City of Río Claro"),
        (
            "es",
            "Importe pagado: $",
            "17 de noviembre de 2026",
            "Recibo de pago W1-2026-000123, Ciudad de Río Claro",
        ),
    ],
)
def test_a_receipt_by_mail_is_in_the_payers_language(
    town: Town, language: str, amount: str, day: str, subject: str
) -> None:
    with town.app.app_context():
        mail = receipt_mail(samples.page(language=language), town.city, BASE_URL)
    plain, rich = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None
    assert rich is not None
    assert mail["Content-Language"] == language
    assert mail["Subject"] == subject
    assert amount in plain.get_content()
    assert day in plain.get_content()
    assert f'<html lang="{language}">' in rich.get_content()


@pytest.mark.parametrize(("language", "subject"), [("en", "Your code"), ("es", "Su código")])
def test_a_code_by_mail_is_in_the_language_of_the_account(town: Town, language: str, subject: str) -> None:
    contact = Contact(1, "utility", "U0000000017", "ana@example.com", "", language)
    with town.app.app_context(), force_locale(locale_name(language)):
        jobs._tell(town.wired, contact, "12345678", 1)
    (mail,) = town.outbox.mails
    rich = mail.get_body(("html",))
    assert rich is not None
    assert (mail["Content-Language"], mail["Subject"]) == (language, subject)
    assert f'<html lang="{language}">' in rich.get_content()


@contextmanager
def _speaking(language: str) -> Iterator[None]:
    """The words of a language without a page, as mail and paper have them."""
    app = Flask("formats")
    city = SimpleNamespace(city=shipped_city())
    app.extensions["ventanilla"] = SimpleNamespace(settings=Settings(), city=lambda: city)
    i18n.init(app)
    with app.app_context(), force_locale(locale_name(language)):
        yield
