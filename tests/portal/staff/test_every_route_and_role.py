"""Every route of the back office: what its view says, forms without their token, and accounts that are hidden.

Who may open what is in ``tests.portal.test_who_may_do_what``. An account that is protected or restricted is not
found by those who may not see it, word for word like one that does not exist.
"""

from __future__ import annotations

import re

import pytest

from accounts.cities.staffing import Permission
from portal.permissions import ANYONE, STAFF, permission_of
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.routes import STAFF_ROUTES, StaffRoute
from tests.portal.test_every_route import rows_of_every_table
from tests.portal.whole_map import ROLES

SESSIONS = {"staff_sessions", "staff_misses", "kept_forms"}
"""What a look may change: clocks, counters, forms that were kept."""
CHANGING = {name: route for name, route in STAFF_ROUTES.items() if "POST" in route.methods and not route.is_open}


def path_of(route: StaffRoute, known: Known | None = None) -> str:
    path = route.rule.replace("<reference>", known.reference if known else "1" * 9)
    return re.sub(r"<(?:\w+:)?\w+>", "1", path)


def allowed(scene: Scene, role: str, route: StaffRoute) -> bool:
    policy = scene.city.staff_policy(scene.today)
    held = next(each.permissions for each in policy.roles if each.code == role)
    return route.is_open or route.permission is None or route.permission in held


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
