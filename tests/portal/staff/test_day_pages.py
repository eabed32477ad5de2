"""Days and journal exports as finance sees them: what is off, the close, the packet, batches and answers."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from pypdf import PdfReader
from sqlalchemy import text

from accounts.database import transaction
from payments.sweeps.models import SweepRun
from portal.words.closings import DIFFERENCES, OBSTACLES
from tests.factories.till_days import TillDays
from tests.page_client import PageClient
from tests.payments.closings.days import FullDay, full_day
from tests.portal.scene import Scene
from tests.portal.staff.files import desk_of
from tests.portal.staff.people import staff_of
from tests.portal.staff.tills import token

ROOT = Path(__file__).parents[3]


@pytest.fixture
def made(scene: Scene) -> FullDay:
    """Yesterday, at the window; it is not closed."""
    window = TillDays(desk_of(scene))
    done = full_day(window)
    window.next_day()
    with transaction(scene.sessions) as session:
        now = scene.clock.now()
        session.add(SweepRun(kind="frequent", started_at=now, finished_at=now, clean=True))
    return done


def counts(scene: Scene) -> list[int]:
    tables = ("closing_packets", "day_seals", "journal_batches", "exported_journals", "journal_answers")
    return [int(scene.scalar(f"SELECT count(*) FROM {name}")) for name in tables]


def close_by_page(client: PageClient, made: FullDay) -> None:
    client.get(f"/staff/days/{made.day}/close")
    client.submit("Close the day", expect=303, budget=80)


def test_a_day_is_looked_at_and_closed(scene: Scene, made: FullDay) -> None:
    olga = staff_of(scene, "finance", name="olga")
    page = olga.get("/staff/days")
    assert "Open" in page.text
    page = olga.get(f"/staff/days/{made.day}")
    assert "Nothing is off. This day can be closed." in page.text
    assert "Drawers and vault" in page.text
    assert "$110.03" in page.text
    close_by_page(olga, made)
    page = olga.follow()
    assert "Closed through" in page.text
    assert "Taken, by tender" in page.text
    assert "Drawers and their counts" in page.text
    assert counts(scene)[:2] == [1, 1]
    assert scene.scalar("SELECT content::json ->> 'closed_by' FROM closing_packets") == "staff:olga"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_packet_in_three_forms(scene: Scene, made: FullDay, lang: str) -> None:
    close_by_page(staff_of(scene, "finance", name="olga"), made)
    vera = staff_of(scene, "supervisor", name="vera", lang=lang)
    vera.get(f"/staff/days/{made.day}")
    whole = vera.get(f"/staff/days/{made.day}/packet/json")
    assert json.loads(whole.body)["day"] == made.day.isoformat()
    paper = PdfReader(io.BytesIO(vera.get(f"/staff/days/{made.day}/packet/pdf").body))
    said = " ".join(page.extract_text() for page in paper.pages)
    assert ("Taken, by tender" if lang == "en" else "Cobrado, por forma de pago") in said
    assert "$68.00" in said
    assert paper.trailer["/Root"]["/MarkInfo"]["/Marked"]
    table = vera.get(f"/staff/days/{made.day}/packet/csv").body.decode("utf-8-sig")
    assert "$68.00" in table
    vera.get(f"/staff/days/{made.day}/packet/exe", expect=404)
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'exported'") == 3


def test_a_packet_that_was_changed_is_not_handed_out(scene: Scene, made: FullDay) -> None:
    olga = staff_of(scene, "finance", name="olga")
    close_by_page(olga, made)
    with scene.db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(
            text("ALTER TABLE closing_packets DROP CONSTRAINT ck_closing_packets_content_has_its_hash")
        )
        connection.execute(text("UPDATE closing_packets SET content = replace(content, '6800', '6801')"))
    try:
        page = olga.get(f"/staff/days/{made.day}/packet/pdf", expect=409)
        assert "%PDF" not in page.html
    finally:
        with scene.db.owner.begin() as connection:
            connection.execute(text("SET LOCAL session_replication_role = replica"))
            connection.execute(text("DELETE FROM closing_packets"))
            connection.execute(
                text(
                    "ALTER TABLE closing_packets ADD CONSTRAINT ck_closing_packets_content_has_its_hash"
                    " CHECK (encode(sha256(convert_to(content, 'UTF8')), 'hex') = sha256)"
                )
            )


def test_what_keeps_a_day_open_is_named_with_a_way_to_it(scene: Scene, made: FullDay) -> None:
    with scene.db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE payment_tenders SET amount_cents = amount_cents + 1 WHERE kind = 'check'"))
    olga = staff_of(scene, "finance", name="olga")
    page = olga.get(f"/staff/days/{made.day}")
    assert "What keeps this day open" in page.text
    assert "Window 1 (rosa)" in page.text
    before = counts(scene)
    assert "Do nothing" not in olga.get(f"/staff/days/{made.day}/close").text
    page = olga.post(f"/staff/days/{made.day}/close", {"csrf_token": token(olga)}, expect=422, budget=80)
    assert "stays open" in page.text
    assert counts(scene) == before


def test_today_is_not_closed(scene: Scene) -> None:
    window = TillDays(desk_of(scene))
    made = full_day(window)
    olga = staff_of(scene, "finance", name="olga")
    page = olga.get(f"/staff/days/{made.day}")
    assert "The day is not over." in page.text
    assert "Close the day" not in page.text
    page = olga.post(f"/staff/days/{made.day}/close", {"csrf_token": token(olga)}, expect=422, budget=60)
    assert "stays open" in page.text
    assert counts(scene)[:2] == [0, 0]
    olga.get("/staff/days/2026-02-30", expect=404)
    olga.get("/staff/days/1999-01-01", expect=404)


def test_only_finance_closes(scene: Scene, made: FullDay) -> None:
    vera = staff_of(scene, "supervisor", name="vera")
    page = vera.get(f"/staff/days/{made.day}")
    assert "Close the day" not in page.text
    vera.get(f"/staff/days/{made.day}/close", expect=403)
    vera.post(f"/staff/days/{made.day}/close", {"csrf_token": token(vera)}, expect=403, budget=60)
    assert counts(scene) == [0, 0, 0, 0, 0]


def test_journals_go_out_and_are_answered(scene: Scene, made: FullDay) -> None:
    olga = staff_of(scene, "finance", name="olga")
    close_by_page(olga, made)
    olga.get("/staff/journal-exports")
    olga.submit("Make the batch", {"Layout": "delimited"}, expect=303, budget=60)
    page = olga.follow()
    assert "Totals by fund" in page.text
    sent = {"csrf_token": token(olga)}
    first = olga.post("/staff/journal-exports/1/file", sent, expect=200, budget=40)
    again = olga.post("/staff/journal-exports/1/file", sent, expect=200, budget=40)
    assert first.body == again.body
    assert 'filename="journal-000001-delimited.txt"' in first.headers["Content-Disposition"]
    assert 'filename="journal-000001-delimited-COPY.txt"' in again.headers["Content-Disposition"]
    before = counts(scene)
    olga.get("/staff/journal-exports/acknowledge")
    bad = {**sent, "file": (io.BytesIO(b"\xff\xfe\x00"), "answer.csv")}
    olga.post("/staff/journal-exports/acknowledge", bad, expect=422, budget=40)
    assert counts(scene) == before
    good = {**sent, "file": (io.BytesIO(b"1,rejected,,period 05 is closed"), "answer.csv")}
    olga.post("/staff/journal-exports/acknowledge", good, expect=303, budget=40)
    assert "Rejected: 1." in olga.follow().text
    page = olga.get("/staff/journal-exports/1")
    assert "period 05 is closed" in page.text
    olga.get("/staff/journal-exports/9", expect=404)


def test_what_is_wrong_with_an_export_is_said(scene: Scene, made: FullDay) -> None:
    olga = staff_of(scene, "finance", name="olga")
    before = counts(scene)
    page = olga.post(
        "/staff/journal-exports", {"csrf_token": token(olga), "layout": "neutral"}, expect=422, budget=40
    )
    assert "Every journal of the closed days was exported before." in page.text
    assert counts(scene) == before
    staff_of(scene, "supervisor", name="vera").get("/staff/journal-exports", expect=403)


def test_every_obstacle_and_difference_has_words() -> None:
    code = (ROOT / "payments" / "closings" / "rules.py").read_text()
    for known in OBSTACLES:
        assert f'"{known}"' in code
    named = {"not-yet-stated", "booked-later", "suspense", "processor-suspense", "no-drawer", "deposits-in-transit"}
    assert named <= set(DIFFERENCES)
