"""The back office on a host of its own: each host serves its own pages, the city's surroundings, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.database import reading
from payments.receipts.queries import receipt_by_token
from portal.receipts import receipt_view
from tests.database import TestDatabase
from tests.page_client import PageClient
from tests.portal.identity.people import PASSWORD, hire
from tests.portal.resident.routes import RESIDENT_ROUTES
from tests.portal.scene import Scene, add, leave, make_scene
from tests.portal.staff.people import WINDOW, staff_of
from tests.portal.staff.routes import STAFF_ROUTES
from tests.portal.test_every_route import ROUTES
from tests.sandbox_server import Sandbox, pay_hosted_page

OFFICE, WINDOWS = "http://office.localhost", "http://localhost"
EVERYWHERE = {"static", "health.healthz", "health.readyz", "pulse.metrics"} | {
    name for name in ROUTES if name.startswith("city.")
}


@pytest.fixture
def office(scene: Scene, sandbox: Sandbox, tmp_path: Path) -> Scene:
    """The host of the back office."""
    return make_scene(scene.db, sandbox, tmp_path, surfaces=("staff",), staff_base_url=OFFICE, released=False)


@pytest.fixture
def street(scene: Scene, sandbox: Sandbox, tmp_path: Path) -> Scene:
    """The public host."""
    return make_scene(
        scene.db, sandbox, tmp_path, surfaces=("public", "resident"), staff_base_url=OFFICE, released=False
    )


def answered(scene: Scene) -> set[str]:
    return {rule.endpoint for rule in scene.app.url_map.iter_rules() if not rule.build_only}


def test_the_office_serves_the_back_office_and_nothing_of_the_street(office: Scene) -> None:
    assert answered(office) == EVERYWHERE | set(STAFF_ROUTES) | {"city.front_door"}
    guest = office.guest()
    for name, route in ROUTES.items():
        if name.startswith(("public.", "webhooks.")) and route.rule != "/":
            path = route.rule.replace("<reference>", "1000001").replace("<token>", "x")
            assert guest.browser.get(path).status_code == 404, path
            assert guest.browser.post(path).status_code in (400, 404), path
    for route in RESIDENT_ROUTES.values():
        assert guest.browser.get(route.rule.replace("<token>", "x")).status_code == 404, route.rule
    assert guest.browser.get("/demo").status_code == 404


def test_the_street_has_no_route_of_the_back_office(street: Scene) -> None:
    public = {name for name in ROUTES if name.startswith(("public.", "webhooks."))}
    assert answered(street) == EVERYWHERE | public | set(RESIDENT_ROUTES)
    assert not [rule.rule for rule in street.app.url_map.iter_rules() if rule.rule.startswith("/staff")]
    guest = street.guest()
    assert guest.get("/staff/", expect=404).heading == "We could not find that page"
    guest.get("/")
    guest.get("/pay")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_front_door_of_the_office_leads_to_work_and_home_again(office: Scene, lang: str) -> None:
    ana = hire(office, "ana", lang)
    window = office.guest(WINDOW, lang)
    assert window.get("/", expect=303).location == "/staff/"
    window.follow(expect=303)
    page = window.follow()
    assert "/city.css" in page.html
    assert 'href="/pay"' not in page.html
    labels = {
        "en": ("Sign in", "User name", "Password", "Code"),
        "es": ("Iniciar sesión", "Nombre de usuario", "Contraseña", "Código"),
    }[lang]
    window.submit(labels[0], dict(zip(labels[1:], ("ana", PASSWORD, ana.code()), strict=True)), budget=30)
    page = window.follow()
    assert page.path == "/staff/"
    assert page.soup.select_one('a.brand[href="/staff/"]')
    for path in ("/city.css", "/seal.svg", "/healthz", "/static/dist/portal.css"):
        with window.browser.get(path) as answer:
            assert answer.status_code == 200, path
    assert (
        window.get(f"/language/{'es' if lang == 'en' else 'en'}?to=/staff/keys", expect=303).location == "/staff/keys"
    )


@pytest.mark.parametrize("lang", ["en", "es"])
def test_what_goes_wrong_at_the_office_leads_back_to_the_office(office: Scene, lang: str) -> None:
    clerk = staff_of(office, "clerk", lang=lang)
    for page in (
        clerk.get("/nowhere", expect=404),
        clerk.get("/staff/nowhere", expect=404),
        clerk.get("/staff/people", expect=403),
        clerk.post("/staff/sign-out", {"csrf_token": "invented"}, expect=400),
        clerk.get("/staff/sign-out", expect=405),
    ):
        assert page.soup.select_one('main a[href="/staff/"]'), page.path
        assert not page.soup.select('a[href="/"], a[href="/pay"], a[href="/help"]'), page.path


def test_links_in_receipts_lead_to_the_street_and_those_of_staff_to_the_office(
    office: Scene, street: Scene, sandbox: Sandbox
) -> None:
    person = street.guest()
    add(person, street.open("license", 80_00))
    token = person.land(pay_hosted_page(leave(person))).path.split("/")[2].split("?")[0]
    with reading(office.sessions) as session:
        receipt = receipt_by_token(session, token)
    assert receipt is not None
    with office.app.app_context():
        view = receipt_view(receipt, office.city, "en", office.wired.settings.base_url)
    assert view.page_url == f"{WINDOWS}/receipts/{token}"
    boss = staff_of(office, "administrator")
    boss.get("/staff/people/new")
    made = boss.submit(
        "Add and make a link", {"Name": "Ana", "User name": "ana", "Why": "hired"}, expect=200, budget=20
    )
    link = made.soup.select_one("code.one-link")
    assert link is not None
    assert link.get_text().startswith(f"{OFFICE}/staff/invitations/")


@pytest.mark.parametrize(("address", "prefix"), [("http", ""), ("https", "__Host-")])
def test_cookies_of_two_hosts_are_two_and_bound_to_https_by_their_own_address(
    db: TestDatabase, sandbox: Sandbox, tmp_path: Path, address: str, prefix: str
) -> None:
    names = []
    for surfaces in (("staff",), ("public", "resident"), ("public", "resident", "staff")):
        made = make_scene(
            db, sandbox, tmp_path, surfaces=surfaces, base_url=f"{address}://localhost",
            staff_base_url=f"{address}://office.localhost", released=not names,
        )  # fmt: skip
        names.append(str(made.app.config["SESSION_COOKIE_NAME"]))
        assert made.app.config["SESSION_COOKIE_SECURE"] is (address == "https")
    assert names == [f"{prefix}ventanilla-office", f"{prefix}ventanilla", f"{prefix}ventanilla"]


def test_a_cookie_of_the_street_opens_nothing_at_the_office(office: Scene, street: Scene) -> None:
    """Both hosts sign with the same key."""
    resident = street.guest()
    resident.get("/pay")
    value = resident.cookie("ventanilla") or ""
    assert value
    thief: PageClient = office.guest()
    thief.browser.set_cookie("ventanilla-office", value)
    thief.get("/staff/", expect=303)
