"""Cookies, headers, sessions and the pages of failure."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from itsdangerous import URLSafeTimedSerializer

from payments.gateway.base import HostedPage
from portal import create_app
from tests.database import TestDatabase
from tests.page_client import PageClient
from tests.portal.scene import Scene, add, find, make_scene
from tests.sandbox_server import Sandbox

HTTPS = "https://pay.example.gov"


def test_over_https_cookies_are_bound_to_the_host_and_the_browser_stays_there(
    db: TestDatabase, sandbox: Sandbox, tmp_path: Path
) -> None:
    scene = make_scene(db, sandbox, tmp_path, base_url=HTTPS)
    answer = scene.app.test_client().get("/pay", base_url=HTTPS)
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-ventanilla=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    assert "max-age=63072000" in answer.headers["Strict-Transport-Security"]


def test_the_policy_names_the_processor_where_forms_may_lead(scene: Scene) -> None:
    policy = scene.guest().get("/pay").headers["Content-Security-Policy"]
    (actions,) = (part for part in policy.split("; ") if part.startswith("form-action"))
    assert actions.split() == ["form-action", "'self'", "https://checkout.stripe.com", scene.sandbox.url]


@pytest.mark.parametrize("url", ["https://evil.example/c/pay/x", "//evil.example", "javascript:alert(1)", "http://"])
def test_nobody_is_sent_to_a_page_that_is_not_the_processors(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    monkeypatch.setattr(scene.wired.gateway, "open_page", lambda *asked: HostedPage("cs_test_evil", url))
    answer = guest.submit("Go to the payment page", expect=502, budget=30)
    assert url not in answer.html


def test_a_visit_cannot_be_forged(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    for secret in ("", "guess", scene.wired.settings.proof_key):
        forged = URLSafeTimedSerializer(secret, salt="cookie-session").dumps({"proven": {known.reference: known.id}})
        guest = scene.guest()
        guest.browser.set_cookie("ventanilla", str(forged))
        guest.get(f"/accounts/{known.reference}", expect=404)


def test_a_visit_goes_on_when_the_secret_key_is_changed(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    guest = scene.guest()
    find(guest, known)
    old = scene.wired.settings
    newer = replace(old, secret_key="another key, also long enough to count", secret_key_fallbacks=(old.secret_key,))
    after = PageClient(create_app(newer, replace(scene.wired, settings=newer)), scene.db.app, scene.sandbox.url)
    after.browser.set_cookie("ventanilla", guest.cookie("ventanilla") or "")
    assert after.get(f"/accounts/{known.reference}").heading == "What you owe"


def test_the_id_of_a_request_is_kept_if_it_looks_like_one(scene: Scene) -> None:
    said = scene.guest(**{"X-Request-Id": "abcdef-0123456789"}).get("/help").headers["X-Request-Id"]
    assert said == "abcdef-0123456789"
    for odd in ("x", "<script>", "a" * 65, "with spaces in it"):
        assert scene.guest(**{"X-Request-Id": odd}).get("/help").headers["X-Request-Id"] != odd


@pytest.mark.parametrize("lang", ["en", "es"])
@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("get", "/nowhere", 404), ("post", "/help", 405), ("post", "/pay", 400), ("get", "/basket/1/remove", 405)],
)
def test_a_page_of_failure_keeps_the_house_rules(
    scene: Scene, method: str, path: str, status: int, lang: str
) -> None:
    guest = scene.guest(lang=lang)
    page = guest.get(path, expect=status) if method == "get" else guest.post(path, {}, expect=status)
    assert page.soup.select_one('main a[href="/"]') is not None


def test_a_failure_of_ours_tells_a_code_and_no_more(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> str:
        raise RuntimeError("secret: 4242 4242 4242 4242")

    monkeypatch.setitem(scene.app.view_functions, "public.help_show", _marked(fail))
    page = scene.guest().get("/help", expect=500)
    assert page.headers["X-Request-Id"] in page.text
    assert "RuntimeError" not in page.html
    assert "4242" not in page.html


def _marked(view: object) -> object:
    view.permission = "anyone"  # type: ignore[attr-defined]
    return view


def test_a_form_of_more_than_a_quarter_megabyte_is_refused(scene: Scene) -> None:
    guest = scene.guest()
    guest.get("/pay")
    action, data = guest.filled("See what you owe", {"Account, license": "1" * 300_000})
    guest.post(action, data, expect=413)


def test_before_any_release_rules_a_page_says_so_politely(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> None:
    scene = make_scene(db, sandbox, tmp_path, released=False)
    answer = scene.app.test_client().get("/pay")
    assert answer.status_code == 409
    assert "Traceback" not in answer.text


def test_a_card_number_in_an_address_is_left_behind(scene: Scene) -> None:
    for path in ("/pay", "/pay/code", "/pay/code/enter"):
        page = scene.guest().land(f"{path}?number=4242+4242+4242+4242")
        assert page.path == path
        assert "4242" not in page.html
