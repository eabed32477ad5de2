"""Everybody before every route of the whole map: only the right ones see or do anything.

Whoever is refused has changed nothing, to the last byte of the database, and is written down where they are known.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text
from werkzeug import Response

from tests.page_client import PageClient
from tests.portal.ana import ANA, Ana, arrive, settle_in
from tests.portal.resident.people import resident_of
from tests.portal.resident.routes import ResidentRoute
from tests.portal.scene import Scene
from tests.portal.staff.routes import StaffRoute
from tests.portal.whole_map import PEOPLE, WHOLE_MAP, Answer, meant

REFUSED = {403: Answer.FORBIDDEN, 404: Answer.NOT_FOUND}
MISSING = {
    "resident.requests_letter",  # a letter comes with the decision
    "resident.identities_begin",  # no provider is configured
    "resident.identities_return",
    "resident.identities_add",
    "public.requests_letter",  # nor is there one with a guest's
    "public.baskets_remove",  # nothing is in the basket
}
"""What is not there even for who may open it."""
COUNTED = {"audit_entries", "webhook_counts"}
"""What is written of those who are refused."""
LAST = (
    "public.requests_withdraw",
    "public.requests_new_link",
    "resident.requests_withdraw",
    "resident.shares_end",
    "resident.account_links_end",
    "resident.your_sign_in_end_all",
    "resident.sign_ins_end",
    "staff.my_page_end_session",
    "staff.sign_ins_change",
    "staff.sign_ins_end",
)
"""What ends the sign-in, or takes away what other routes are about: in this order, and last."""


def in_order(method: str) -> Iterator[str]:
    """The routes that know this method."""
    names = [name for name, route in WHOLE_MAP.items() if method in route.methods.split()]
    yield from sorted(names, key=lambda name: LAST.index(name) if name in LAST else -1)


def asked(person: PageClient, method: str, path: str, typed: dict[str, str]) -> Response:
    data = typed if method == "POST" else None
    where = {"REMOTE_ADDR": person.address}
    with person.browser.open(path, method=method, data=data, environ_base=where) as answer:
        answer.get_data()
        return answer


def typed_by(person: PageClient, ana: Ana) -> dict[str, str]:
    """What comes with every form: a token that holds, the house, and a name for what is to have one."""
    field = person.get("/pay").soup.select_one('input[name="csrf_token"]')
    assert field is not None
    return {"csrf_token": str(field["value"]), "reference": ana.house.reference, "name": "Mine"}


def said(name: str, answer: Response) -> Answer:
    """What an answer means."""
    here = str(answer.headers.get("Location", ""))
    if answer.status_code == 303 and here.startswith(("/my/sign-in?", "/staff/sign-in?")):
        return Answer.SIGN_IN
    if WHOLE_MAP[name].rule.startswith("/webhooks") and answer.status_code in (400, 403):
        return Answer.NOT_SIGNED
    return REFUSED.get(answer.status_code, Answer.OPENS)


def digest_of_everything(scene: Scene) -> dict[str, str]:
    """What every table holds, but for those in which refusals are written down."""
    with scene.db.owner.connect() as connection:
        names = [name for name in connection.scalars(text(scene.db.any_rows)) if name not in COUNTED]
        each = "SELECT '{0}', md5(string_agg(md5(t::text), '' ORDER BY md5(t::text))) FROM {0} t"
        told = connection.execute(text(" UNION ALL ".join(each.format(name) for name in names)))
        return {str(name): str(digest) for name, digest in told}


def refusals(scene: Scene) -> list[tuple[str, str]]:
    rows = scene.rows(
        "SELECT act, coalesce(details->>'permission', details->>'right') AS what FROM audit_entries"
        " WHERE act IN ('permission-refused', 'account-not-theirs') ORDER BY id"
    )
    return [(row.act, row.what) for row in rows]


def to_be_written_down(name: str, wanted: Answer, rights: frozenset[str]) -> list[tuple[str, str]]:
    route = WHOLE_MAP[name]
    if isinstance(route, StaffRoute) and wanted is Answer.FORBIDDEN:
        return [("permission-refused", str(route.permission))]
    if isinstance(route, ResidentRoute) and wanted is Answer.NOT_FOUND and route.right and route.right not in rights:
        return [("account-not-theirs", route.right)]
    return []


@pytest.mark.parametrize("who", PEOPLE)
def test_only_the_right_ones_see_or_do_anything(scene: Scene, who: str) -> None:
    ana, person = settle_in(scene), PEOPLE[who]
    browser = arrive(scene, ana, who, person)
    held = person.permissions(scene.city, scene)
    answers = {name: meant(person, name, held) for name in WHOLE_MAP}
    refuse_what_is_not_theirs(scene, ana, browser, answers, person.rights)
    open_what_is_theirs(scene, ana, browser, answers, is_ana=person.is_ana)


def refuse_what_is_not_theirs(
    scene: Scene, ana: Ana, browser: PageClient, answers: dict[str, Answer], rights: frozenset[str]
) -> None:
    typed, before, wanted = typed_by(browser, ana), digest_of_everything(scene), []
    for method in ("GET", "POST"):
        for name in in_order(method):
            if answers[name] is Answer.OPENS:
                continue
            answer = asked(browser, method, ana.path(name), typed)
            got = said(name, answer)
            assert got is answers[name], f"{method} {name} {got}, {answer.status_code}"
            assert ana.house.number not in answer.text, name
            wanted += to_be_written_down(name, answers[name], rights)
    assert digest_of_everything(scene) == before
    assert refusals(scene) == wanted


def open_what_is_theirs(
    scene: Scene, ana: Ana, browser: PageClient, answers: dict[str, Answer], *, is_ana: bool
) -> None:
    typed = typed_by(browser, ana)
    for method in ("GET", "POST"):
        for name in in_order(method):
            if answers[name] is not Answer.OPENS:
                continue
            if is_ana and name in LAST:
                browser = resident_of(scene, ANA)
                typed = typed_by(browser, ana)
            answer = asked(browser, method, ana.path(name), typed)
            got = said(name, answer)
            missing = got is Answer.NOT_FOUND and (name in MISSING or name.startswith("staff."))
            assert got is Answer.OPENS or missing, f"{method} {name} {got}, {answer.status_code}"
            assert answer.status_code < 500 or name == "health.readyz", name
