"""The menu: the day's work in sight, the rest under names, for each role; and every page of it once."""

from __future__ import annotations

from collections import Counter

import pytest

from portal.staff.menu import FEW, GROUPS, Entry, Group, arranged
from portal.staff.surroundings import _MENU, _group_labels, _labels
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of

ROLES = ["cashier", "clerk", "supervisor", "license_officer", "finance", "auditor", "administrator"]


def entries(*names: str) -> list[Entry]:
    return [Entry(name, name, f"/{name}", "", current=False) for name in names]


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("lang", ["en", "es"])
def test_each_role_sees_at_most_seven_pages_and_three_names(scene: Scene, role: str, lang: str) -> None:
    nav = staff_of(scene, role, lang=lang).get("/staff/").soup.select_one(".staff-nav")
    assert nav is not None
    groups = nav.select("details > summary")
    in_sight = [link for link in nav.select("a") if link.find_parent("details") is None]
    assert 0 < len(in_sight) <= FEW
    assert len(groups) <= len(GROUPS)
    assert all(len(group.parent.select("a")) > 1 for group in groups), "a name for one page is one press too many"
    addresses = Counter(str(link["href"]) for link in nav.select("a"))
    assert set(addresses.values()) == {1}
    assert all(link.get("data-key") for link in nav.select("a")), "the keys lead there also while a name is closed"


def test_the_group_of_the_open_page_says_so(scene: Scene) -> None:
    nav = staff_of(scene, "clerk").get("/staff/bank-deposits").soup.select_one(".staff-nav")
    assert nav is not None
    (current,) = nav.select("summary[aria-current]")
    assert current.text == "Money"
    (link,) = nav.select('a[aria-current="page"]')
    assert link.find_parent("details") is current.parent


def test_every_page_of_the_menu_has_a_word_and_keys_of_its_own(scene: Scene) -> None:
    names = [name for name, _keys, _permission in _MENU]
    assert len({keys for _name, keys, _permission in _MENU}) == len(names) == len(set(names))
    with scene.app.test_request_context("/staff/"):
        assert set(_labels()) == set(names)
        assert set(_group_labels()) == set(GROUPS)
    grouped = [name for group in GROUPS.values() for name in group]
    assert len(grouped) == len(set(grouped))
    assert set(grouped) < set(names)


def test_few_pages_need_no_names() -> None:
    few = entries("today_show", "audit_list", "people_list", "days_list")
    assert arranged(few) == few


def test_what_is_not_daily_follows_under_its_name_and_one_page_alone_needs_none() -> None:
    daily = entries("today_show", "window_show", "drawers_mine", "approvals_list", "cases_list", "follow_ups_list")
    mail, links, notices = entries("mail_list", "pay_links_list", "notices_list")
    assert arranged([mail, *daily, notices, links]) == [*daily, Group("money", (mail, links)), notices]
