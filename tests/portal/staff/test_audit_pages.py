"""The audit as pages: filtered, in words, page by page, taken out with a reason; an auditor changes nothing."""

from __future__ import annotations

import csv
import io
import re
from datetime import timedelta
from typing import Any

import pytest

from accounts import audit
from accounts.actors.service import actor_id
from accounts.audit import exports
from accounts.database import transaction
from portal.words.audit import ACTS
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.staff.routes import STAFF_ROUTES
from tests.portal.staff.test_every_route_and_role import path_of, standing, token_of

OWN_BUSINESS = {
    "staff.sign_ins_end", "staff.sign_ins_change", "staff.kept_forms_save", "staff.kept_forms_forget",
    "staff.keys_switch", "staff.audit_export",
}  # fmt: skip
"""What anybody does for themselves, and the file of the audit, which is a line of it."""


def write(
    scene: Scene, act: str, who: str = "staff:rosa", subject: tuple[str, object] = ("", ""), **more: Any
) -> int:
    with transaction(scene.sessions) as session:
        rosa = actor_id(session, who, name=who.removeprefix("staff:").title())
        audit.record(session, act, subject=subject, actor_id=rosa, **more)
    return rosa


def rows(page: Page) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in page.soup.select("main table.audit tbody tr")
    ]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_every_act_has_words(scene: Scene, lang: str) -> None:
    auditor = staff_of(scene, "auditor", lang=lang)
    more: dict[str, Any] = {"kind": "fee", "digest": "ab_cd", "page": "accounts_show", "nested": {"a_b": [1, 2]}}
    for act in ACTS:
        write(scene, act, subject=("charge", 3), reason="because", before={"owed_cents": 5}, after={}, **more)
    write(scene, "some-new_act", subject=("new_thing", "x_y"), before="open", after=None, strange=[{"a_b": "c_d"}])
    page = auditor.get("/staff/audit", lang=lang)
    (newest, *_rest) = [row for row in rows(page) if "Rosa" in row[1]]
    assert newest[2:4] == ["Some new act", "New thing x_ y"], "a code may break after its underscore"
    assert not re.search(r"\b(act|follow-up|exception)-[a-z]+\b", page.text), "a code is not for people"
    onward: Any = page.soup.select_one('nav.pages a[rel="next"]')
    assert rows(auditor.get(str(onward["href"])))


def test_lines_are_found_by_person_act_account_and_day(scene: Scene) -> None:
    auditor, known = staff_of(scene, "auditor"), scene.open("utility", 50_00)
    rosa = write(scene, "note-added", subject=("account", known.id))
    write(
        scene,
        "account-closed",
        "staff:omar",
        subject=("account", known.id),
        before="open",
        after="closed",
        reason="moved",
    )
    write(scene, "signed-in", "staff:omar")
    found = rows(auditor.get(f"/staff/audit?person={rosa}"))
    assert [row[1:4] for row in found] == [["Rosa", "Wrote a note", known.number]]
    found = rows(auditor.get("/staff/audit?act=account-closed"))
    assert [row[1] for row in found] == ["Omar"]
    assert "moved" in found[0][4]
    assert "Status: Open → Closed" in found[0][4]
    about = rows(auditor.get(f"/staff/audit?account={known.number}"))
    assert [row[2] for row in about] == ["Closed the account", "Wrote a note"]
    today, tomorrow = scene.today, scene.today + timedelta(days=1)
    assert rows(auditor.get(f"/staff/audit?since={today}&until={today}&act=note-added"))
    assert not rows(auditor.get(f"/staff/audit?since={tomorrow}"))
    assert not rows(auditor.get(f"/staff/audit?until={today - timedelta(days=1)}"))
    page = auditor.get("/staff/audit?account=999-999-999", expect=422)
    assert page.errors == ["No account has this number."]
    assert auditor.get("/staff/audit?since=2026-99-99", expect=422).errors
    assert rows(auditor.get("/staff/audit?person=junk&act=junk&before=junk"))


def test_the_audit_of_an_account_tells_what_was_done_and_who_has_seen_it(scene: Scene) -> None:
    auditor, known = staff_of(scene, "auditor"), scene.open("utility", 50_00)
    customer = scene.scalar(f"SELECT customer_id FROM customer_accounts WHERE id = {known.id}")
    rosa = write(scene, "account-closed", subject=("account", known.id), reason="moved")
    write(scene, "customer-changed", subject=("customer", customer), before={"phone": "1"}, after={"phone": "2"})
    with transaction(scene.sessions) as session:
        audit.seen(session, known.id, rosa, "approvals_show")
    page = auditor.get(f"/staff/accounts/{known.reference}/audit")
    said = [row[1:3] for row in rows(page)]
    assert ["Rosa", "Changed a customer"] in said
    assert ["Rosa", "Closed the account"] in said
    assert ["Rosa", "Looked at the account"] in said
    assert ["Auditor", "Looked at the account"] in said, "the auditor's own look too"
    page = auditor.get(f"/staff/accounts/{known.reference}/audit?before=1&seen_before=1")
    assert rows(page) == []


@pytest.mark.parametrize("flag", ["is_protected", "is_restricted"])
def test_of_hidden_accounts_an_auditor_sees_all_and_an_administrator_only_that(scene: Scene, flag: str) -> None:
    known, auditor, admin = scene.open("utility", 50_00), staff_of(scene, "auditor"), staff_of(scene, "administrator")
    scene.run_as_owner(f"UPDATE customer_accounts SET {flag} = true WHERE id = {known.id}")
    write(scene, "customer-changed", subject=("account", known.id), before={"address": "12 Elm"}, reason="fled")
    page = admin.get("/staff/audit?act=customer-changed")
    assert [row[1:4] for row in rows(page)] == [["Rosa", "Changed a customer", "A protected or restricted account"]]
    assert not re.search(f"12 Elm|fled|{known.number}|{known.reference}", page.html)
    admin.get(f"/staff/audit?account={known.number}", expect=422)
    admin.get(f"/staff/accounts/{known.reference}/audit", expect=404)
    page = auditor.get("/staff/audit?act=customer-changed")
    assert known.number in page.text
    assert "12 Elm" in page.text
    taken = take_out(admin, "?act=customer-changed")
    assert [(row["name"], row["account"], row["before"], row["reason"]) for row in taken] == [("Rosa", "", "", "")]
    taken = take_out(auditor, "?act=customer-changed")
    assert [(row["account"], row["reason"]) for row in taken] == [(known.reference, "fled")]


def take_out(person: PageClient, asked: str) -> list[dict[str, str]]:
    person.get(f"/staff/audit/export{asked}")
    page = person.submit("Take it out", {"Why it is taken out": "the yearly audit"}, expect=200, budget=20)
    assert page.headers["Content-Type"].startswith("text/csv")
    assert re.fullmatch(r'attachment; filename="audit-\d{4}-\d\d-\d\d\.csv"', page.headers["Content-Disposition"])
    return list(csv.DictReader(io.StringIO(page.body.decode("utf-8-sig"))))


def test_a_file_has_every_line_a_reason_and_no_formula(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "AT_ONCE", 7)
    auditor = staff_of(scene, "auditor")
    for number in range(20):
        rosa = write(scene, "note-added", reason="=HYPERLINK(1)" if number == 3 else "+1")
    before = standing(scene)
    auditor.get(f"/staff/audit/export?person={rosa}")
    page = auditor.submit("Take it out", {"Why it is taken out": " "}, expect=422)
    assert page.errors == ["Say why it is taken out and for whom."]
    assert {**standing(scene), "audit_entries": 0} == {**before, "audit_entries": 0}
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'exported'") == 0
    taken = take_out(auditor, f"?person={rosa}")
    assert len(taken) == 20
    assert {row["reason"] for row in taken} == {"'=HYPERLINK(1)", "'+1"}
    assert {row["act_in_words"] for row in taken} == {"Wrote a note"}
    (line,) = scene.rows("SELECT actor_id, details FROM audit_entries WHERE act = 'exported'")
    assert line.actor_id == actor_of(scene, auditor)
    assert line.details == {
        "what": "audit", "rows": 20, "reason": "the yearly audit", "filters": {"person": str(rosa)},
    }  # fmt: skip


def test_the_overview_names_what_an_auditor_looks_for(scene: Scene) -> None:
    auditor, known = staff_of(scene, "auditor"), scene.open("utility", 50_00)
    rosa = write(scene, "signed-in")
    with transaction(scene.sessions) as session:
        audit.seen(session, known.id, rosa, "accounts_show")
        audit.searched(session, rosa, "my neighbor", 0)
    scene.run_as_owner("UPDATE staff_grants SET granted_at = now()")
    page = auditor.get("/staff/audit/overview")
    for said in ("my neighbor", "Rosa", "Auditor", "Looks that led to nothing"):
        assert said in page.text
    page = auditor.get(f"/staff/audit/looks?person={rosa}")
    assert known.number in page.text
    assert "my neighbor" in auditor.get("/staff/audit/searches").text
    assert "Every look led to something." in auditor.get("/staff/audit/looks?person=999999").text
    admin = staff_of(scene, "administrator")
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {known.id}")
    page = admin.get("/staff/audit/looks")
    assert known.number not in page.html
    assert "A protected or restricted account" in page.text


def test_an_auditor_changes_nothing(scene: Scene) -> None:
    auditor, known = staff_of(scene, "auditor"), scene.open("utility", 50_00)
    token = token_of(auditor)
    for name, route in STAFF_ROUTES.items():
        if "POST" not in route.methods or route.is_open or name in OWN_BUSINESS or route.permission is None:
            continue
        before = standing(scene)
        page = auditor.post(path_of(route, known), {"csrf_token": token}, expect=None, budget=40)  # type: ignore[arg-type]
        after = standing(scene)
        changed = {table for table in before if before[table] != after[table]} - {"audit_entries"}
        assert page.status in {403, 404, 422}, f"{name}: {page.status}"
        assert changed == set(), f"{name}: {changed}"


def test_a_long_audit_takes_as_many_statements_as_a_short_one(scene: Scene) -> None:
    auditor = staff_of(scene, "auditor")
    few = len(auditor.get("/staff/audit").statements)
    known: list[Known] = scene.open_many([("utility", (50_00,), (), {}) for _ in range(3)])
    for number in range(60):
        write(scene, "note-added", subject=("account", known[number % 3].id))
    page = auditor.get("/staff/audit")
    assert len(rows(page)) == 50
    assert len(page.statements) <= few
