"""Every route of the resident's place: what its view says, opened by a resident, and by one whose time is up.

Who may open what is in ``tests.portal.test_who_may_do_what``.
"""

from __future__ import annotations

import re

import pytest

from portal.permissions import ANYONE, RESIDENT, RESIDENT_AGAIN, permission_of
from tests.page_client import Page, PageClient, check_headers
from tests.portal.resident.people import resident_of
from tests.portal.resident.routes import RESIDENT_ROUTES, ResidentRoute
from tests.portal.scene import Scene
from tests.portal.test_every_route import rows_of_every_table

CLOSED = {name: route for name, route in RESIDENT_ROUTES.items() if not route.is_open}
COUNTERS = {"resident_sessions", "resident_misses", "staff_sessions"}


def path_of(route: ResidentRoute) -> str:
    return re.sub(r"<(?:\w+:)?\w+>", "1", route.rule)


def opened(client: PageClient, method: str, path: str) -> Page:
    if method == "GET":
        return client.get(path, expect=None, budget=40)  # type: ignore[arg-type]
    return client.post(path, {"csrf_token": token_of(client)}, expect=None, budget=40)  # type: ignore[arg-type]


def token_of(client: PageClient) -> str:
    field = client.get("/pay").soup.select_one('main input[name="csrf_token"]')
    assert field is not None
    return str(field["value"])


def standing(scene: Scene) -> dict[str, int]:
    return {name: rows for name, rows in rows_of_every_table(scene).items() if name not in COUNTERS}


def test_the_route_map_is_the_table(scene: Scene) -> None:
    meant = {name: (route.rule, route.methods) for name, route in RESIDENT_ROUTES.items()}
    found = {
        rule.endpoint: (rule.rule, " ".join(sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE"})))
        for rule in scene.app.url_map.iter_rules()
        if rule.endpoint.startswith("resident.")
    }
    assert found == meant


def test_each_view_says_what_the_table_says(scene: Scene) -> None:
    for name, route in RESIDENT_ROUTES.items():
        closed = f"{RESIDENT} {route.right}" if route.right else RESIDENT
        meant = ANYONE if route.is_open else RESIDENT_AGAIN if route.needs_proof else closed
        assert permission_of(scene.app, name) == meant, name


@pytest.mark.parametrize("who", ["session over", "session ended", "invented token"])
def test_a_session_that_is_none_opens_nothing(scene: Scene, who: str) -> None:
    person = resident_of(scene)
    if who == "session over":
        scene.clock.advance(hours=13)
    elif who == "session ended":
        scene.run_as_owner("UPDATE resident_sessions SET ended_at = now()")
    elif who == "invented token":
        person.browser.set_cookie("ventanilla-my", "x" * 43)
    token = {"csrf_token": token_of(person)}
    before = standing(scene)
    for route in CLOSED.values():
        for method in route.methods.split():
            if method == "GET":
                page = person.get(path_of(route), expect=303)
            else:
                page = person.post(path_of(route), token, expect=303)
            assert page.location.startswith("/my/sign-in?"), route.rule
    assert standing(scene) == before


def test_a_resident_opens_everything_and_nothing_is_cached(scene: Scene) -> None:
    for route in RESIDENT_ROUTES.values():
        person = resident_of(scene)
        for method in route.methods.split():
            page = opened(person, method, path_of(route))
            assert page.status < 500, route.rule
            assert not page.location.startswith("/my/sign-in?"), route.rule
            check_headers(page, scene.sandbox.url)


def test_what_changes_a_sign_in_asks_who_is_there_once_more(scene: Scene) -> None:
    person = resident_of(scene)
    scene.clock.advance(minutes=16)
    token = {"csrf_token": token_of(person)}
    before = standing(scene)
    for route in CLOSED.values():
        for method in route.methods.split():
            if not route.needs_proof:
                continue
            path = path_of(route)
            page = person.get(path, expect=303) if method == "GET" else person.post(path, token, expect=303)
            assert "again=1" in page.location, f"{method} {route.rule}"
    assert standing(scene) == before


def test_a_form_without_its_token_changes_nothing(scene: Scene) -> None:
    person = resident_of(scene)
    before = standing(scene)
    for route in RESIDENT_ROUTES.values():
        if "POST" in route.methods:
            page = person.post(path_of(route), {"email": "ana@example.com", "password": "x"}, expect=400)
            assert page.heading == "This page was open for too long", route.rule
    assert standing(scene) == before
