"""Billing runs on their pages: made, drafted by a job, worked, reviewed, approved by another, posted by a job."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import staff_of

RUNS = "/staff/billing-runs"


def house(scene: Scene, serial: str, *, used: int, before: int = 10) -> Known:
    """A house with water by a meter, read for a year; the last month it used so much."""
    known = scene.open("utility")
    where = f"WHERE id = {known.id}"
    scene.run_as_owner(f"UPDATE customer_accounts SET opened_on = '2020-01-01' {where}")
    scene.run_as_owner(
        "INSERT INTO meters (premises_id, serial, size, unit, dials, multiplier, installed_on)"
        f" SELECT premises_id, '{serial}', '3/4', 'CCF', 5, 1, DATE '2015-01-01' FROM customer_accounts {where}"
    )
    today, value = scene.today, 0
    days = [today - timedelta(days=3 + 30 * back) for back in range(14)][::-1]
    for place, day in enumerate(days):
        value += used if place == len(days) - 1 else before
        scene.run_as_owner(
            "INSERT INTO meter_reads (meter_id, read_on, value, kind)"
            " SELECT id, CAST(:on AS date), :value, 'actual' FROM meters WHERE serial = :serial",
            on=day, value=value, serial=serial,
        )  # fmt: skip
    scene.run_as_owner(
        "INSERT INTO utility_services (customer_account_id, service, rate_code, quantity, since_on)"
        f" VALUES ({known.id}, 'water', 'water-fixed+water-usage', 1, '2020-01-01')"
    )
    return known


def sent(client: PageClient, path: str, *, expect: int = 303, **typed: str) -> Page:
    """The form of a page, filled in and sent."""
    form = client.get(path).soup.select_one("form[data-keep]")
    assert form is not None, path
    hidden = {str(one["name"]): str(one["value"]) for one in form.select('input[type="hidden"]')}
    return client.post(path, {**hidden, **typed}, expect=expect, budget=30)


def token(client: PageClient) -> str:
    field = client.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    assert field is not None
    return str(field["value"])


def made(scene: Scene, clerk: PageClient) -> str:
    page = sent(clerk, f"{RUNS}/new", cycle="", bill_date=scene.today.isoformat())
    scene.run_jobs()
    return page.location


def state(scene: Scene) -> str:
    return str(scene.rows("SELECT state FROM billing_runs ORDER BY id DESC LIMIT 1")[0][0])


@pytest.mark.parametrize("language", ["en", "es"])
def test_a_run_from_new_to_posted(scene: Scene, language: str) -> None:
    house(scene, "M-1", used=12)
    high = house(scene, "M-2", used=99)
    clerk, boss = staff_of(scene, "clerk", lang=language), staff_of(scene, "finance", lang=language)
    run = made(scene, clerk)
    page = clerk.get(run)
    assert high.number in page.html
    sent(clerk, f"{run}/bills/{high.reference}", how="accept", reason="a leak, mended")
    sent(clerk, f"{run}/review")
    assert state(scene) == "reviewed"
    assert f'{run}/approve"' not in clerk.get(run).html
    assert f'{run}/approve"' in boss.get(run).html
    sent(boss, f"{run}/approve")
    assert state(scene) == "approved"
    boss.get(run)
    scene.run_jobs()
    assert state(scene) == "posted"
    assert scene.rows("SELECT count(*) FROM bills") == [(2,)]
    assert boss.get(RUNS).status == 200
    clerk.get(f"{run}?show=posted")
    clerk.get(f"{run}/bills/{high.reference}")


def test_refusals_are_said_and_change_nothing(scene: Scene) -> None:
    high = house(scene, "M-1", used=99)
    clerk = staff_of(scene, "clerk")
    sent(clerk, f"{RUNS}/new", expect=422, cycle="", bill_date=(scene.today + timedelta(days=9)).isoformat())
    assert scene.rows("SELECT count(*) FROM billing_runs") == [(0,)]
    run = made(scene, clerk)
    work = f"{run}/bills/{high.reference}"
    for typed in ({"how": "accept"}, {"how": "reread"}, {"how": "leave_out"}, {"how": "reread", "value": "12.5"},
                  {"how": "estimate", "serial": "M-1", "value": "999999"}):  # fmt: skip
        sent(clerk, work, expect=422, **typed)
    assert scene.rows("SELECT state, version FROM billing_items") == [("held", 1)]
    sent(clerk, f"{run}/review", expect=422)
    assert state(scene) == "draft"


def test_an_own_run_is_approved_by_another_person(scene: Scene) -> None:
    house(scene, "M-1", used=12)
    boss = staff_of(scene, "supervisor")
    run = made(scene, boss)
    sent(boss, f"{run}/review")
    page = boss.get(f"{run}/approve")
    assert "Another person has to approve it." in page.text
    cents = scene.rows("SELECT sum(amount_cents) FROM billing_totals")[0][0]
    refused = boss.post(f"{run}/approve", {"csrf_token": token(boss), "seen": str(cents)}, expect=422)
    assert "Another person has to approve it." in refused.text
    assert state(scene) == "reviewed"


def test_a_reread_goes_through_the_page_and_a_run_is_canceled(scene: Scene) -> None:
    high = house(scene, "M-1", used=99)
    clerk = staff_of(scene, "clerk")
    run = made(scene, clerk)
    work = sent(clerk, f"{run}/bills/{high.reference}", how="reread", serial="M-1", value="142")
    assert work.location == run
    assert scene.rows("SELECT state, resolution, used FROM billing_items")[0][:2] == ("ready", "reread")
    clerk.post(f"{run}/state", {"csrf_token": token(clerk), "to": "nonsense"}, expect=400)
    clerk.post(f"{run}/state", {"csrf_token": token(clerk), "to": "cancel"}, expect=303)
    assert state(scene) == "canceled"
    clerk.get(run)


def test_a_bill_is_made_anew_and_a_meter_exchanged(scene: Scene) -> None:
    known = house(scene, "M-1", used=12)
    clerk, boss = staff_of(scene, "clerk"), staff_of(scene, "finance")
    run = made(scene, clerk)
    sent(clerk, f"{run}/review")
    sent(boss, f"{run}/approve")
    scene.run_jobs()
    (bill,) = scene.rows("SELECT id FROM bills")[0]
    correct = f"/staff/accounts/{known.reference}/bills/{bill}/correct"
    sent(clerk, correct, expect=422, reason="")
    begun = sent(clerk, correct, reason="read wrong")
    bills = f"/staff/accounts/{known.reference}/bills"
    assert "Billing run 2" in clerk.get(bills).text
    sent(clerk, begun.location, how="reread", serial="M-1", value="135")
    again = begun.location.rpartition("/bills/")[0]
    sent(clerk, f"{again}/review")
    sent(boss, f"{again}/approve")
    scene.run_jobs()
    assert scene.rows("SELECT count(*) FROM bills") == [(2,)]
    assert scene.rows("SELECT sum(open_cents) FROM charges WHERE bill_id = :bill", bill=bill) == [(0,)]
    assert "It was taken back. Bill" in clerk.get(bills).text
    assert clerk.get(bills).text.count("Make it anew") == 1
    swap = f"/staff/accounts/{known.reference}/meter-exchanges/new"
    typed = {"old_serial": "M-1", "old_value": "136", "serial": "N-1", "new_value": "0", "reason": "old",
             "size": "1", "unit": "CCF", "dials": "5", "multiplier": "1", "on": scene.today.isoformat()}  # fmt: skip
    sent(clerk, swap, expect=422, **{**typed, "new_value": ""})
    sent(clerk, swap, **typed)
    assert scene.rows("SELECT exchanged_on FROM meter_exchanges") == [(scene.today,)]


def test_pages_ask_the_same_number_of_statements_for_many(scene: Scene) -> None:
    house(scene, "M-1", used=99)
    clerk = staff_of(scene, "clerk")
    one = len(clerk.get(made(scene, clerk)).statements)
    for number in range(2, 9):
        house(scene, f"M-{number}", used=99)
    many = len(clerk.get(made(scene, clerk)).statements)
    assert one == many <= 12
