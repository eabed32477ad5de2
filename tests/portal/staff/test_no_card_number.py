"""A card number typed into any field of the back office is refused with help, and is nowhere afterwards."""

from __future__ import annotations

import re

from bs4 import Tag
from sqlalchemy import text

from portal.card_numbers import contains_pan
from tests.page_client import PageClient
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.routes import STAFF_ROUTES
from tests.portal.staff.test_every_route_and_role import ROLES, path_of

CARD = "4242 4242 4242 4242"
DIGITS = "4242424242424242"
_WRITTEN = "input:not([type=hidden]):not([type=radio]):not([type=checkbox]):not([type=submit]), textarea"
_PASSES = {"password"}
"""What is never shown, kept or compared but by its hash."""


def test_no_field_takes_a_card_number(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    person = staff_of(scene, *ROLES, name="everybody")
    tried = 0
    for name, route in STAFF_ROUTES.items():
        if "GET" not in route.methods or route.is_open:
            continue
        page = person.get(path_of(route, known), expect=None, budget=40)  # type: ignore[arg-type]
        if page.status != 200:
            continue
        for form in page.soup.select("form"):
            for field in form.select(_WRITTEN):
                if field.get("name") and str(field.get("type", "text")) not in _PASSES:
                    _type(person, form, field, name)
                    tried += 1
    assert tried > 10, "no fields were found"
    assert _rows_with_the_number(scene) == []


def _type(person: PageClient, form: Tag, field: Tag, name: str) -> None:
    data = {
        str(each["name"]): str(each.get("value", ""))
        for each in form.select("input[name]")
        if each.get("type") not in ("radio", "checkbox") or "checked" in each.attrs
    }
    for select in form.select("select[name]"):
        option = select.select_one("option[selected]") or select.select_one("option")
        data[str(select["name"])] = str(option.get("value", "")) if option else ""
    if pressed := form.select_one("button[name]"):
        data[str(pressed["name"])] = str(pressed.get("value", ""))
    data[str(field["name"])] = CARD
    where = str(form["action"])
    if form.get("method", "get").lower() == "get":
        answer = person.browser.get(where, query_string=data, environ_base={"REMOTE_ADDR": person.address})
        assert answer.status_code in (303, 400, 422), f"{name}: {field.get('name')} was searched for"
    else:
        answer = person.browser.post(where, data=data, environ_base={"REMOTE_ADDR": person.address})
        assert answer.status_code in (204, 400, 422), f"{name}: {field.get('name')}: {answer.status_code}"
    assert not contains_pan(re.sub(r"<[^>]*>", " ", answer.get_data(as_text=True))), f"{name} shows it again"
    assert CARD not in answer.get_data(as_text=True)


def _rows_with_the_number(scene: Scene) -> list[str]:
    """Tables that hold it anywhere, in any writing that is still digits."""
    found = []
    with scene.db.owner.connect() as connection:
        names = connection.scalars(text("SELECT relname FROM pg_stat_user_tables WHERE schemaname = 'public'")).all()
        for name in names:
            count = connection.scalar(
                text(
                    f'SELECT count(*) FROM "{name}" AS r'
                    " WHERE regexp_replace(to_jsonb(r)::text, '[ .-]', '', 'g') LIKE :digits"
                ),
                {"digits": f"%{DIGITS}%"},
            )
            if count:
                found.append(str(name))
    return found
