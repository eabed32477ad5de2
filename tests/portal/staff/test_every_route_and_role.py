"""Every route of the back office, opened by every role, by a stranger and by somebody whose roles have ended.

Who may not is refused, it is written down, and nothing is changed. An account that is protected or restricted is not
found by those who may not see it, word for word like one that does not exist.
"""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from accounts.cities.staffing import Permission
from portal.permissions import ANYONE, STAFF, permission_of
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import SINCE, staff_of
from tests.portal.staff.routes import STAFF_ROUTES, StaffRoute
from tests.portal.test_every_route import rows_of_every_table

ROLES = ("cashier", "clerk", "supervisor", "license_officer", "finance", "auditor", "administrator")
SESSIONS = {"staff_sessions", "staff_misses", "kept_forms"}
"""What a look may change: clocks, counters, forms that were kept."""
ENDS = ("staff.sign_ins_end", "staff.sign_ins_change", "staff.my_page_end_session")
"""What ends the session that asks."""
CHANGING = {name: route for name, route in STAFF_ROUTES.items() if "POST" in route.methods and not route.is_open}


def path_of(route: StaffRoute, known: Known | None = None) -> str:
    path = route.rule.replace("<reference>", known.reference if known else "1" * 9)
    return re.sub(r"<(?:\w+:)?\w+>", "1", path)


def allowed(scene: Scene, role: str, route: StaffRoute) -> bool:
    policy = scene.city.staff_policy(scene.today)
    held = next(each.permissions for each in policy.roles if each.code == role)
    return route.is_open or route.permission is None or route.permission in held


def opened(client: PageClient, method: str, path: str) -> Page:
    if method == "GET":
        return client.get(path, expect=None, budget=40)  # type: ignore[arg-type]
    return client.post(path, {"csrf_token": token_of(client)}, expect=None, budget=40)  # type: ignore[arg-type]


def token_of(client: PageClient) -> str:
    field = client.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    assert field is not None
    return str(field["value"])


def asked_of(page: Page) -> int:
    """Statements of a page, but for the city's release, which every process reads again now and then."""
    return len([statement for statement in page.statements if not re.search("city_(releases|approvals)", statement)])


def standing(scene: Scene) -> dict[str, int]:
    return {name: rows for name, rows in rows_of_every_table(scene).items() if name not in SESSIONS}


def test_each_view_says_what_the_table_says(scene: Scene) -> None:
    for name, route in STAFF_ROUTES.items():
        said = permission_of(scene.app, name)
        assert said == (ANYONE if route.is_open else route.permission or STAFF), name


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_it_may_and_nothing_else(scene: Scene, role: str) -> None:
    known = scene.open("utility", 50_00)
    person = staff_of(scene, role)
    for name, route in STAFF_ROUTES.items():
        if name in ENDS or route.is_open:
            continue
        for method in route.methods.split():
            before = standing(scene)
            page = opened(person, method, path_of(route, known))
            if allowed(scene, role, route):
                assert page.status != 403, f"{role} may {method} {route.rule}"
            else:
                assert page.status == 403, f"{role} may not {method} {route.rule}: {page.status}"
                assert standing(scene) == before, route.rule
                refused = scene.rows("SELECT details FROM audit_entries WHERE act = 'permission-refused' ORDER BY id")
                assert refused[-1].details == {"permission": route.permission}


@pytest.mark.parametrize("who", ["stranger", "ended", "not yet"])
def test_nobody_else_opens_anything(scene: Scene, who: str) -> None:
    known = scene.open("utility", 50_00)
    if who == "stranger":
        person = scene.guest()
    elif who == "ended":
        person = staff_of(scene, "supervisor", until=SINCE + timedelta(days=1))
    else:
        person = staff_of(scene)
    token = {"csrf_token": token_of(person)} if who != "stranger" else {}
    before = standing(scene)
    for route in STAFF_ROUTES.values():
        for method in route.methods.split():
            if route.is_open or (route.permission is None and who != "stranger"):
                continue
            if method == "GET":
                page = person.get(path_of(route, known), expect=None, budget=40)  # type: ignore[arg-type]
            else:
                page = person.post(path_of(route, known), token, expect=None, budget=40)  # type: ignore[arg-type]
            refused = page.status in ((303, 400) if who == "stranger" else (403,))
            assert refused, f"{who}: {method} {route.rule}: {page.status}"
            assert page.status != 303 or page.location.startswith("/staff/sign-in?"), route.rule
            assert known.number not in page.html
    assert standing(scene) == before


@pytest.mark.parametrize(
    ("flag", "permission"),
    [("is_protected", Permission.PROTECTED_SEE), ("is_restricted", Permission.RESTRICTED_SEE)],
)
def test_a_protected_or_restricted_account_is_not_there_for_those_who_may_not_see_it(
    scene: Scene, flag: str, permission: Permission
) -> None:
    hidden = scene.open("utility", 50_00)
    scene.run_as_owner(f"UPDATE customer_accounts SET {flag} = true WHERE id = {hidden.id}")
    policy = scene.city.staff_policy(scene.today)
    for role in (role for role in policy.roles if permission not in role.permissions):
        person = staff_of(scene, role.code)
        token = token_of(person)
        before = standing(scene)
        for route in STAFF_ROUTES.values():
            if "<reference>" not in route.rule or not allowed(scene, role.code, route):
                continue
            for method in route.methods.split():
                answers = []
                for reference in (hidden.reference, "999999999"):
                    path = route.rule.replace("<reference>", reference)
                    path = re.sub(r"<(?:\w+:)?\w+>", "1", path)
                    page = (
                        person.get(path, expect=404)
                        if method == "GET"
                        else person.post(path, {"csrf_token": token}, expect=404)
                    )
                    answers.append((page.bare(reference, token), asked_of(page)))
                assert answers[0] == answers[1], f"{role.code}: {method} {route.rule}"
        assert standing(scene) == before
        assert (
            scene.scalar(
                f"SELECT count(*) FROM audit_entries WHERE act = 'account-seen' AND subject_id = '{hidden.id}'"
            )
            == 0
        )


def test_forms_without_their_token_change_nothing(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    person = staff_of(scene, *ROLES, name="everybody")
    before = standing(scene)
    for route in CHANGING.values():
        for data in ({}, {"csrf_token": "invented"}):
            person.post(path_of(route, known), data, expect=400)
    assert standing(scene) == before
