"""Findings and declared interests as pages."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.database import transaction
from accounts.money import Money
from payments.findings import service
from payments.findings.rules import Found, Rule, Severity, judge
from portal.words.findings import FACTS, LINKS, NAMES, QUESTIONS, RELATIONS, WORK
from tests.payments.findings.test_rules import seeded, setting
from tests.portal.scene import Scene
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.staff.test_every_route_and_role import standing


def keep(scene: Scene, *found: Found) -> list[int]:
    with transaction(scene.sessions) as session:
        service.keep(session, list(found), "Regulation 4-13", scene.clock.now())
    return [row.id for row in scene.rows("SELECT id FROM findings ORDER BY id")]


def swap(number: int, *subjects: int, account: int | None = None) -> Found:
    return Found(
        Rule.SWAP, f"count {number}", Severity.HIGH, subjects, date(2026, 11, 16),
        {"cash_short_cents": 60_00, "checks_over_cents": 60_00}, Money(60_00), account,
    )  # fmt: skip


def found_by(rule: Rule) -> Found:
    (one,) = [one for one in judge(seeded()[rule], setting()) if one.rule is rule]
    return Found(one.rule, one.about, one.severity, (), one.on, one.facts, one.amount)


@pytest.mark.parametrize("lang", ["en", "es"])
def test_each_finding_says_what_was_seen(scene: Scene, lang: str) -> None:
    assert set(NAMES) == set(QUESTIONS) == set(Rule)
    chief = staff_of(scene, "supervisor", lang=lang)
    found = [found_by(rule) for rule in Rule]
    assert {name for one in found for name in one.facts} <= set(FACTS)
    ids = keep(scene, *found)
    page = chief.get("/staff/findings", lang=lang)
    assert len(page.soup.select("main table tbody tr")) == len(Rule)
    states = [row.get_text() for row in page.soup.select("main table tbody tr td:nth-of-type(1)")]
    assert states == sorted(
        states, key=lambda said: ["High", "Alta", "Medium", "Media", "Low", "Baja"].index(said.strip())
    )
    for finding_id in ids:
        chief.get(f"/staff/findings/{finding_id}", lang=lang)
    assert set(WORK)
    assert set(LINKS)


def test_a_finding_is_explained_by_a_second_person(scene: Scene) -> None:
    chief, known = staff_of(scene, "supervisor"), scene.open("utility", 50_00)
    other = staff_of(scene, "finance", name="noemi")
    mine, about_chief = keep(
        scene, swap(1, actor_of(scene, other), account=known.id), swap(2, actor_of(scene, chief))
    )
    page = chief.get("/staff/findings")
    assert len(page.soup.select("main table tbody tr")) == 1, "nobody reads of themselves"
    chief.get(f"/staff/findings/{about_chief}", expect=404)
    other.get(f"/staff/findings/{mine}", expect=404)
    before = standing(scene)
    other.get("/staff/findings")
    token = other.page.soup.select_one('input[name="csrf_token"]')  # type: ignore[union-attr]
    sent = {"csrf_token": str(token["value"]), "act": "explain", "reason": "mine"}  # type: ignore[index]
    other.post(f"/staff/findings/{mine}/work", sent, expect=404)
    assert scene.scalar("SELECT count(*) FROM finding_outcomes") == 0
    page = chief.get(f"/staff/findings/{mine}")
    assert "$60.00" in page.text
    assert known.number in page.text
    chief.submit("It is explained", {"What you found out": " "}, expect=422)
    chief.submit("Refer it", {"What you found out": "a check has no receipt"}, expect=422)
    assert {**standing(scene), "audit_entries": 0} == {**before, "audit_entries": 0}
    chief.submit(
        "Refer it", {"What you found out": "a check has no receipt", "Referred to": "City Auditor"}, expect=303
    )
    assert "City Auditor" in chief.get(f"/staff/findings/{mine}").text
    chief.submit("It is explained", {"What you found out": "the bank found it"}, expect=303)
    assert chief.get("/staff/findings").soup.select("main table") == []
    assert "the bank found it" in chief.get(f"/staff/findings/{mine}").text
    chief.get("/staff/findings?which=explained")
    acts = [row.act for row in scene.rows("SELECT act FROM audit_entries WHERE act LIKE 'finding-%' ORDER BY id")]
    assert acts == ["finding-referred", "finding-explained"]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_auditor_sees_a_finding_and_changes_nothing(scene: Scene, lang: str) -> None:
    """``duties.md`` §9: who looks after others decides nothing with them."""
    auditor = staff_of(scene, "auditor", lang=lang)
    (one,) = keep(scene, swap(1, actor_of(scene, staff_of(scene, "cashier", name="rosa"))))
    before = standing(scene)
    assert auditor.get("/staff/findings").soup.select("main form[method=post]") == []
    page = auditor.get(f"/staff/findings/{one}")
    assert "$60.00" in page.text
    assert page.soup.select("main form") == []
    token = str(auditor.get("/staff/keys").soup.select_one('input[name="csrf_token"]')["value"])  # type: ignore[index]
    auditor.get(f"/staff/findings/{one}/work", expect=403)
    sent = {"csrf_token": token, "act": "explain", "reason": "all is well"}
    for path in (f"/staff/findings/{one}/work", "/staff/findings/look"):
        auditor.post(path, sent, expect=403)
    auditor.post(f"/staff/findings/{one}", sent, expect=405)
    assert standing(scene) == before


def test_findings_of_hidden_accounts_and_many(scene: Scene) -> None:
    chief, known = staff_of(scene, "supervisor"), scene.open("utility", 50_00)
    keep(scene, swap(1, account=known.id))
    few = len(chief.get("/staff/findings").statements)
    keep(scene, *(swap(number) for number in range(2, 70)))
    page = chief.get("/staff/findings")
    assert len(page.statements) <= few
    assert len(page.soup.select("main table tbody tr")) == 50
    scene.run_as_owner("UPDATE customer_accounts SET is_protected = true WHERE id = :id", id=known.id)
    assert "69" in chief.get("/staff/findings").soup.select_one(".tabs__count").get_text()  # type: ignore[union-attr]


def test_the_rules_are_asked_at_once(scene: Scene) -> None:
    chief = staff_of(scene, "supervisor")
    scene.run_as_owner("INSERT INTO receipt_series (series, year, last_number) VALUES ('C1', 2026, 1)")
    chief.get("/staff/findings")
    chief.submit("Ask the rules now", expect=303, budget=40)
    assert "C1" in chief.get("/staff/findings").text
    assert scene.scalar("SELECT details->>'new' FROM audit_entries WHERE act = 'findings-looked-for'") == "1"
    scene.run_as_owner("DELETE FROM receipt_series")


@pytest.mark.parametrize("lang", ["en", "es"])
def test_an_administrator_writes_down_what_others_declare(scene: Scene, lang: str) -> None:
    admin, known = staff_of(scene, "administrator", lang=lang), scene.open("utility", 50_00)
    staff_of(scene, "cashier", name="rosa")
    page = admin.get("/staff/people/rosa/interests", lang=lang)
    number, relation, button = (
        ("Account number", "How they are near", "Write it down")
        if lang == "en"
        else ("Número de cuenta", "Qué relación tiene", "Anotarlo")
    )
    admin.submit(button, {number: "999-999-999", relation: "relative"}, expect=422)
    assert scene.scalar("SELECT count(*) FROM declared_interests") == 0
    admin.submit(button, {number: known.number, relation: "relative"}, expect=303)
    page = admin.get("/staff/people/rosa/interests", lang=lang)
    assert "María López Ruiz" in page.text
    assert set(RELATIONS) == {"self", "household", "relative", "business"}
    page = admin.get("/staff/people/administrator/interests", lang=lang)
    assert not page.soup.select('main form input[name="number"]'), "nobody writes down their own"
    admin.get("/staff/people/nobody-here/interests", expect=404)
    row = scene.rows("SELECT id FROM declared_interests")[0]
    admin.get("/staff/people/rosa/interests", lang=lang)
    admin.submit("End it" if lang == "en" else "Terminarlo", expect=303)
    assert scene.scalar("SELECT ended_at IS NOT NULL FROM declared_interests WHERE id = :id", id=row.id)
    assert scene.today - timedelta(days=1) < scene.today
