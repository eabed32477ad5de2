"""A browser without JavaScript that checks the house rules on every page it opens, so that nobody has to remember.

``client.get("/pay", lang="es")`` opens a page; ``client.submit("See what you owe", {"ZIP code": "93706"})`` fills in
a form by its visible labels and presses a button; a redirect is followed only by ``client.follow()``.
"""

from __future__ import annotations

import functools
import io
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock
from urllib.parse import parse_qs, urlsplit

import html5lib
import psycopg
from bs4 import BeautifulSoup, NavigableString, Tag
from flask import Flask
from sqlalchemy import Engine
from werkzeug.test import TestResponse

STATEMENTS_PER_PAGE = 12
"""A page that needs more than this says so where it is opened."""
PAGE_STATUSES = frozenset({200, 400, 403, 404, 405, 409, 413, 422, 429, 500})
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_EMPTY_WORDS = {"click here", "here", "more", "read more", "link", "haga clic aquí", "aquí", "más", "enlace"}
_AMOUNT = re.compile(r"-?\$\d{1,3}(?:,\d{3})*\.\d{2}(?![\d,])")
_INTERNAL = re.compile(
    r"\bNone\b|\{\{|\}\}|\{%|%\(\w+\)s|\b[a-z]+_[a-z_]+\b|<[A-Z]\w+\.\w+|\b(?:State|Event|\w+Kind)\."
)
_DOUBLED = re.compile(r"(?<!\.)\.\.(?!\.)|[,;:][.,;:]|\(\)|\w [.,;](?:\s|$)")
"""A stop after "p.m.", or what is left of a sentence whose word is missing."""
_CHECKED: set[int] = set()
_NOT_READ = {"script", "style", "title", "head", "html", "[document]"}


@contextmanager
def statements_of(engine: Engine) -> Iterator[list[str]]:
    """Every statement that the engine runs in the block, as sent."""
    heard: list[str] = []
    really = psycopg.Cursor.execute

    def note(cursor: Any, statement: Any, *rest: Any, **named: Any) -> Any:
        where = cursor.connection.info
        if statement and (where.dbname, where.user) == (engine.url.database, engine.url.username):
            heard.append(statement.decode() if isinstance(statement, bytes) else str(statement))
        return really(cursor, statement, *rest, **named)

    with mock.patch.object(psycopg.Cursor, "execute", note):  # SQLAlchemy hears only what goes through it
        yield heard


@dataclass(frozen=True)
class Page:
    """What came back: a page that kept the rules, or a redirect with its ``location``."""

    path: str
    status: int
    headers: Any
    body: bytes
    statements: tuple[str, ...]

    @property
    def location(self) -> str:
        return str(self.headers.get("Location", ""))

    @property
    def html(self) -> str:
        return self.body.decode()

    @functools.cached_property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.html, "html.parser")

    @property
    def text(self) -> str:
        """What a person reads in the main part, spaces folded."""
        return _words(self.soup.find("main") or self.soup)

    @property
    def heading(self) -> str:
        return _words(self.soup.h1) if self.soup.h1 else ""

    @property
    def errors(self) -> list[str]:
        """The sentences of the error summary."""
        return [_words(item) for item in self.soup.select(".error-summary li")]

    @property
    def amounts(self) -> list[str]:
        """Every amount that stands by itself."""
        return [_words(found) for found in self.soup.select("main .money") if not found.find(class_="money")]

    def bare(self, *typed: str) -> str:
        """The page without its CSRF tokens and without what was typed, to compare two answers."""
        html = re.sub(r'name="csrf_token" value="[^"]*"', "", self.html)
        for value in sorted(filter(None, typed), key=len, reverse=True):
            html = html.replace(value, "…").replace(re.sub(r"[ ]", "+", value), "…")
        return html


@dataclass
class PageClient:
    """One person's browser. ``lang`` is what it asks for; ``origin`` of the processor must be allowed by the CSP."""

    app: Flask
    engine: Engine
    processor: str
    lang: str = "en"
    address: str = "203.0.113.7"
    headers: dict[str, str] = field(default_factory=dict)
    page: Page | None = None
    filled_last: tuple[str, dict[str, str]] = field(default_factory=lambda: ("", {}))
    """Where the last form went, and with what: to send it again."""

    def __post_init__(self) -> None:
        self.browser = self.app.test_client()

    def get(
        self, path: str, *, lang: str | None = None, reads: str | None = None, expect: int = 200,
        budget: int = STATEMENTS_PER_PAGE,
    ) -> Page:  # fmt: skip
        """Open a page. ``lang`` changes the browser's language; ``reads`` is the page's where it differs."""
        self.lang = lang or self.lang
        return self._arrive(lambda: self.browser.get(path, **self._sent()), path, expect, reads, budget)

    def post(
        self, path: str, data: Mapping[str, str], *, expect: int = 200, budget: int = STATEMENTS_PER_PAGE
    ) -> Page:
        """Send what no form of the page would send."""
        return self._arrive(lambda: self.browser.post(path, data=data, **self._sent()), path, expect, None, budget)

    def submit(
        self, button: str, values: Mapping[str, str | bool] | None = None, *, expect: int | None = None,
        budget: int = STATEMENTS_PER_PAGE,
    ) -> Page:  # fmt: skip
        """Fill in the form of a button by its labels and press it. Without ``expect`` it must lead on (303)."""
        action, data = self.filled_last = self.filled(button, values or {})
        return self._arrive(
            lambda: self.browser.post(action, data=data, **self._sent()), action, expect or 303, None, budget
        )

    def filled(self, button: str, values: Mapping[str, str | bool]) -> tuple[str, dict[str, str]]:
        """Where the form of a button goes, and what it sends with these values typed."""
        assert self.page is not None, "open a page first"
        form, pressed = _form_of(self.page.soup, button)
        data = {
            str(name["name"]): _given(name)
            for name in form.select("input[name], textarea[name], select[name]")
            if _sends(name)
        }
        if pressed.get("name"):
            data[str(pressed["name"])] = str(pressed.get("value", ""))
        for label, value in values.items():
            control = _labelled(form, label)
            if control.get("type") in ("radio", "checkbox"):
                data[str(control["name"])] = str(control.get("value", "on"))
            else:
                data[str(control["name"])] = str(value)
        return str(form["action"]), data

    def follow(self, *, expect: int = 200, reads: str | None = None, budget: int = STATEMENTS_PER_PAGE) -> Page:
        """Go where the last answer led, on this site."""
        assert self.page is not None
        assert self.page.location, f"{self.page.path} leads nowhere"
        parts = urlsplit(self.page.location)
        assert parts.netloc in ("", "localhost"), f"this leads away: {self.page.location}"
        return self.get(
            parts.path + (f"?{parts.query}" if parts.query else ""), expect=expect, reads=reads, budget=budget
        )

    def land(self, url: str, *, reads: str | None = None, budget: int = 30) -> Page:
        """Come from elsewhere (the processor, a mail) and go on to where redirects on this site end."""
        parts = urlsplit(url)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        page = self._arrive(lambda: self.browser.get(path, **self._sent()), path, None, reads, budget)
        return self.land(page.location, reads=reads, budget=budget) if page.status in REDIRECTS else page

    def cookie(self, name: str) -> str | None:
        found = self.browser.get_cookie(name)
        return found.value if found else None

    def _sent(self) -> dict[str, Any]:
        headers = {"Accept-Language": self.lang, **self.headers}
        return {"headers": headers, "environ_base": {"REMOTE_ADDR": self.address}}

    def _arrive(
        self, act: Callable[[], TestResponse], path: str, expect: int | None, reads: str | None, budget: int
    ) -> Page:
        with statements_of(self.engine) as heard:
            answer = act()
        page = Page(path, answer.status_code, answer.headers, answer.get_data(), tuple(heard))
        self.page = page
        assert expect in (None, page.status), f"{path}: {page.status} {page.location} {page.heading} {page.errors}"
        assert len(heard) <= budget, f"{path} ran {len(heard)} statements:\n" + "\n".join(heard)
        check_headers(page, self.processor)
        if page.headers["Content-Type"].startswith("text/html") and page.status in PAGE_STATUSES:
            chosen = self.cookie("language")
            self._check_once(page, reads or chosen or self.lang, is_get=answer.request.method == "GET")
        return page

    @staticmethod
    def _check_once(page: Page, lang: str, *, is_get: bool) -> None:
        """A page that was checked in this run, to the letter, is not parsed again."""
        seen = (page.bare(), page.path, lang, is_get)
        if hash(seen) not in _CHECKED:
            check_page(page, lang, is_get=is_get)
            _CHECKED.add(hash(seen))


def check_headers(page: Page, processor: str) -> None:
    """What every answer about anybody carries."""
    policy = dict(part.strip().partition(" ")[::2] for part in page.headers["Content-Security-Policy"].split(";"))
    assert "unsafe" not in str(policy), policy
    assert policy["default-src"] == "'none'"
    if "sandbox" in policy:  # a file that somebody sent in: saved, never shown
        assert page.headers["Content-Disposition"].startswith("attachment")
        assert (page.headers["Cache-Control"], page.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
        return
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert processor in policy["form-action"].split(), "the browser would not leave for the payment page"
    assert (policy["frame-ancestors"], policy["base-uri"]) == ("'none'", "'none'")
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert page.headers["X-Request-Id"]
    for cookie in page.headers.getlist("Set-Cookie"):
        assert re.search(r";\s*HttpOnly(;|$)", cookie), cookie
        assert re.search(r";\s*SameSite=(Lax|Strict)(;|$)", cookie), cookie
        assert len(cookie.encode()) < 4093, "browsers drop a cookie of this size"


def check_page(page: Page, lang: str, *, is_get: bool) -> None:
    """Every rule that holds for a page, whatever is on it."""
    html5lib.HTMLParser(strict=True).parse(io.BytesIO(page.body), transport_encoding="utf-8")
    soup = page.soup
    _check_heading(soup)
    assert soup.html is not None
    assert soup.html["lang"] == lang, f"{page.path} is in {soup.html['lang']}, not {lang}"
    ids = [str(tag["id"]) for tag in soup.select("[id]")]
    assert len(ids) == len(set(ids)), f"an id twice: {sorted(i for i in ids if ids.count(i) > 1)}"
    _check_references(soup, set(ids))
    _check_forms(soup)
    _check_keys(soup)
    _check_nothing_inline(soup)
    _check_words(soup)
    _check_language_switch(soup, page.path, is_get=is_get)


def _check_heading(soup: BeautifulSoup) -> None:
    headings, title = [_words(found) for found in soup.select("h1")], _words(soup.title)
    assert len(headings) == 1, f"one h1, not {headings}"
    assert title.startswith((headings[0], f"Error: {headings[0]}")), (title, headings[0])
    if soup.select(".error-summary"):
        assert title.startswith("Error: "), f"a page with errors says so in its title: {title}"


def _check_references(soup: BeautifulSoup, ids: set[str]) -> None:
    for link in soup.select('a[href^="#"]'):
        assert str(link["href"])[1:] in ids, f"{link} leads to nothing"
    for name in ("aria-describedby", "aria-labelledby"):
        for tag in soup.select(f"[{name}]"):
            assert set(str(tag[name]).split()) <= ids, f"{tag} names what is not there"
    for control in soup.select("input, select, textarea"):
        if control.get("type") not in ("hidden", "submit"):
            assert control.get("id"), f"no id: {control}"
            labels = soup.select(f'label[for="{control["id"]}"]')
            assert len(labels) == 1, f"one label: {control}"
            assert _words(labels[0]), f"an empty label: {control}"


def _check_forms(soup: BeautifulSoup) -> None:
    for form in soup.select("form"):
        assert str(form.get("action", "")).startswith("/"), f"no action: {form}"
        tokens = form.select('input[name="csrf_token"]')
        if form.get("method", "get").lower() == "post":
            assert len(tokens) == 1, f"no CSRF token: {form['action']}"
            assert tokens[0]["value"]
        else:
            assert not tokens, f"a token would be seen in the address: {form['action']}"


def _check_keys(soup: BeautifulSoup) -> None:
    """A key does one thing. ``accesskey`` is the browser's and the screen reader's: a page leaves it alone."""
    keys = [str(tag["data-key"]) for tag in soup.select("[data-key]")]
    assert len(keys) == len(set(keys)), f"a key twice: {sorted(key for key in keys if keys.count(key) > 1)}"
    assert not soup.select("[accesskey]"), "a key that may be the browser's own"


def _check_nothing_inline(soup: BeautifulSoup) -> None:
    for tag in soup.select("*"):
        handlers = [name for name in tag.attrs if name == "style" or name.startswith("on")]
        assert not handlers, f"inline {handlers}: {tag}"
    assert not soup.select("style"), "an inline style sheet"
    for script in soup.select("script"):
        assert str(script.get("src", "")).startswith("/"), f"a script from elsewhere: {script}"
    for link in soup.select("link[href], img[src]"):
        assert str(link.get("href") or link.get("src")).startswith("/"), f"from elsewhere: {link}"
    for image in soup.select("img"):
        assert "alt" in image.attrs, f"no alt: {image}"
    for link in soup.select("a"):
        assert _words(link), f"a link without words: {link}"
        assert _words(link).lower() not in _EMPTY_WORDS, f"words that say nothing: {link}"
        assert not str(link.get("href", "")).lower().startswith("javascript:"), link


def _check_words(soup: BeautifulSoup) -> None:
    """Nothing internal is shown; an amount is well formed, and went through the money filter if it stands alone."""
    for node in soup.find_all(string=True):
        text = " ".join(node.split())
        if type(node) is not NavigableString or not text or node.parent is None or node.parent.name in _NOT_READ:
            continue
        assert not _INTERNAL.search(_without_addresses(text)), f"not for people: {text!r}"
        assert not _DOUBLED.search(text), f"punctuation of a sentence with a hole: {text!r}"
        for sign in re.finditer(r"-?\$\s?\d", text):
            assert _AMOUNT.match(text, sign.start()), f"not how money is written: {text!r}"
        if _AMOUNT.fullmatch(text):
            assert node.find_parent(class_="money"), f"an amount that bypassed the money filter: {text!r}"


def _check_language_switch(soup: BeautifulSoup, path: str, *, is_get: bool) -> None:
    links = {str(link["lang"]): str(link["href"]) for link in soup.select(".languages a[lang]")}
    assert set(links) == {"en", "es"}, "no switch of language"
    for link in links.values():
        (to,) = parse_qs(urlsplit(link).query)["to"]
        assert to == (path if is_get else urlsplit(path).path), f"the switch loses the place: {link}"


def _form_of(soup: BeautifulSoup, button: str) -> tuple[Tag, Tag]:
    found = [each for each in soup.select("form button") if button in (_words(each), _words(each, heard=False))]
    assert len(found) == 1, f"{len(found)} buttons {button!r} among {[_words(b) for b in soup.select('form button')]}"
    form = found[0].find_parent("form")
    assert form is not None
    return form, found[0]


def _labelled(form: Tag, label: str) -> Tag:
    for tag in form.select("label"):
        if _words(tag).startswith(label):
            (control,) = form.select(f'[id="{tag["for"]}"]')
            return control
    raise AssertionError(f"no field {label!r} among {[_words(tag) for tag in form.select('label')]}")


def _sends(control: Tag) -> bool:
    return control.get("type") not in ("radio", "checkbox") or "checked" in control.attrs


def _given(control: Tag) -> str:
    if control.name == "textarea":
        return control.get_text()
    if control.name == "select":
        option = control.select_one("option[selected]") or control.select_one("option")
        return str(option.get("value", "")) if option else ""
    return str(control.get("value", ""))


def _words(tag: Tag | None, *, heard: bool = True) -> str:
    if tag is None:
        return ""
    pieces = [
        text
        for text in tag.find_all(string=True)
        if type(text) is NavigableString and (heard or text.find_parent(class_="sr-only") is None)
    ]
    return " ".join("".join(pieces).split())


def _without_addresses(text: str) -> str:
    """Mail and web addresses may hold underscores."""
    return re.sub(r"\S+@\S+|https?://\S+", "", text)
