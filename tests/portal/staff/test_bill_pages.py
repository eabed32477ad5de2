"""Bills with their lines, and the story of one charge, to the cent."""

from __future__ import annotations

import pytest

from accounts.database import transaction
from accounts.licenses.models import LicenseTerm
from accounts.licenses.service import Declared, assess_renewals, declare
from accounts.money import Money
from tests.portal.scene import Scene
from tests.portal.staff.files import path, pay_at_counter, raise_many
from tests.portal.staff.people import staff_of


def test_bills_are_paged_newest_first(scene: Scene) -> None:
    known = scene.open("utility")
    raise_many(scene, known, 15)
    clerk = staff_of(scene, "clerk")
    page = clerk.get(path(known, "/bills"))
    assert "Water 0" in page.text
    assert "Water 14" not in page.text
    older = page.soup.select_one('a[rel="next"]')
    assert older is not None
    page = clerk.get(str(older["href"]))
    assert "Water 14" in page.text
    assert "Water 0" not in page.text
    for key in ("x", "2026-01-01", "2026-13-01_1", "2026-01-01_x"):
        clerk.get(path(known, f"/bills?before={key}"), expect=404)


def test_a_charge_tells_where_it_comes_from_and_what_became_of_it(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    pay_at_counter(scene, known, 20_00)
    charge = scene.scalar("SELECT id FROM charges")
    page = staff_of(scene, "clerk").get(path(known, f"/charges/{charge}"))
    assert page.heading == "Why $50.00"
    assert "We did not work this out." in page.text
    table = page.soup.select("table")[-1].get_text(" ")
    assert "-$20.00" in table
    assert "$30.00" in table


def test_a_charge_of_another_account_is_not_there(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 60_00)
    clerk = staff_of(scene, "clerk")
    mine, theirs = (row.id for row in scene.rows("SELECT id FROM charges ORDER BY id"))
    clerk.get(path(known, f"/charges/{mine}"))
    answers = [clerk.get(path(known, f"/charges/{id_}"), expect=404) for id_ in (theirs, 999_999)]
    assert answers[0].bare(f"/charges/{theirs}") == answers[1].bare("/charges/999999")
    clerk.get(path(other, f"/charges/{theirs}"))


@pytest.mark.parametrize(("role", "sees"), [("clerk", False), ("license_officer", True)])
def test_what_a_business_declared_is_hidden_from_those_who_may_not_see_it(
    scene: Scene, role: str, *, sees: bool
) -> None:
    known = scene.open("license", 0)
    with transaction(scene.sessions) as session:
        term = LicenseTerm(
            customer_account_id=known.id,
            starts_on=scene.today.replace(day=1),
            expires_on=scene.today.replace(year=scene.today.year + 1),
        )
        session.add(term)
        session.flush()
        declare(session, [Declared(term.id, Money(700_000_00))])
    assess_renewals(scene.sessions, scene.wired.city(), scene.today, 1)
    charge = scene.scalar("SELECT min(id) FROM charges WHERE working -> 'inputs' -> 'facts' ? 'base'")
    assert charge, "the license was assessed by what was declared"
    # Not by the client that checks how money is written: a step is named "Gross receipts above $500,000" by the city.
    html = staff_of(scene, role).browser.get(path(known, f"/charges/{charge}")).text
    assert ("$700,000.00" in html) == sees
    assert ("200,000" in html) == sees, "nor what is left above the first half million"
    assert ("Your roles do not show it." in html) != sees
    assert "Worked out again just now: the same, to the cent" in html
