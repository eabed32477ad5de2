"""The window: two requests for a bill in cash, splits, holds, what is put aside, and nothing twice."""

from __future__ import annotations

import pytest

from accounts.money import Money
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.tills import LOOK, Counter, open_counter, token


@pytest.fixture
def counter(scene: Scene) -> Counter:
    return open_counter(scene)


def test_a_water_bill_in_cash_takes_four_inputs_and_two_requests(counter: Counter) -> None:
    scene, rosa = counter.scene, counter.rosa
    known = scene.open("utility", 48_15, 10_00)
    page = rosa.get("/staff/window")
    fields = [one for one in page.soup.select("main form.scan input") if one.get("type") not in ("hidden",)]
    assert [one["name"] for one in fields] == ["scan", "given"], "what is typed: the line, the cash"
    assert fields[0].has_attr("autofocus")
    requests = 0
    look = rosa.submit(
        LOOK,
        {"Scan line or number": counter.scan_line(known, 58_15), "Cash handed over": "60"},
        expect=200,
        budget=40,
    )
    requests += 1
    change = look.soup.select_one(".sale__change dd")
    assert change is not None
    assert change.text.strip() == "$1.85"
    assert "María" not in look.soup.select_one("main").text, "masked enough for a counter"  # type: ignore[union-attr]
    default = look.soup.select_one(".sale__take button")
    assert default is not None
    assert default["value"] == "take", "Enter takes it"
    assert look.soup.select_one("[autofocus]")["name"] == "given"  # type: ignore[index]
    done = rosa.submit("Take $58.15", expect=200, budget=60)
    requests += 1
    assert requests == 2
    assert scene.balance(known) == Money(0)
    number = scene.scalar("SELECT series || '-' || year || '-' || lpad(number::text, 6, '0') FROM receipts")
    assert f"Receipt {number}" in done.text
    assert "$1.85" in done.soup.select_one(".sale__change").text  # type: ignore[union-attr]
    assert done.soup.select_one("[autofocus]")["name"] == "scan", "ready for the next"  # type: ignore[index]
    tender = scene.rows("SELECT kind, amount_cents, given_cents, drawer_id FROM payment_tenders")[0]
    assert tuple(tender) == ("cash", 58_15, 60_00, counter.drawer)


def test_a_form_sent_twice_is_one_receipt(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    counter.look(known, "50")
    counter.rosa.submit("Take $48.15", expect=200, budget=60)
    action, data = counter.rosa.filled_last
    again = counter.rosa.post(action, data, expect=303, budget=40)
    assert again.location == f"/staff/receipts/{counter.scene.scalar('SELECT max(id) FROM receipts')}"
    assert counter.counts()["receipts"] == 1
    assert counter.counts()["payments"] == 1


def test_the_look_sent_again_after_it_was_taken_begins_a_sale_of_nothing(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    counter.look(known, "50")
    action, data = counter.rosa.filled_last
    counter.rosa.submit("Take $48.15", expect=200, budget=60)
    anew = counter.rosa.post(action, data, expect=200, budget=40)
    assert "Owes nothing" in anew.text
    assert counter.step("take", given="50").status == 422
    assert counter.counts()["receipts"] == 1


def test_split_tenders_meet_one_receipt_and_cash_gives_the_change(counter: Counter) -> None:
    scene, known = counter.scene, counter.scene.open("utility", 90_00)
    counter.look(known)
    check = {"kind": "check", "tender_amount": "40", "number": "1043", "bank": "Bank of the Valley", "made_out": "y"}
    assert counter.step("tender", **check).status == 303
    card = {"kind": "terminal", "tender_amount": "25", "number": "000871", "brand": "visa", "last4": "4242"}
    assert counter.step("tender", **card).status == 303
    done = counter.step("take", given="30", language="es")
    assert done.status == 200, done.errors
    assert "$5.00" in done.soup.select_one(".sale__change").text  # type: ignore[union-attr]
    rows = scene.rows("SELECT kind, amount_cents, reference, last4 FROM payment_tenders ORDER BY ordinal")
    assert [tuple(row) for row in rows] == [
        ("check", 40_00, "1043", ""), ("terminal", 25_00, "000871", "4242"), ("cash", 25_00, "", ""),
    ]  # fmt: skip
    assert scene.scalar("SELECT language FROM receipts") == "es"
    assert scene.balance(known) == Money(0)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"kind": "check", "number": "1", "bank": "B"}, "A check must be made out to the City."),
        ({"kind": "check", "number": "1", "made_out": "y"}, "Something of what was handed over is missing"),
        ({"kind": "check", "number": "", "bank": "B", "made_out": "y"}, "Enter its number."),
        ({"kind": "terminal", "number": "1", "brand": "visa", "last4": "42"}, "Four digits"),
        ({"kind": "terminal", "number": "1", "brand": "", "last4": "4242"}, "Something of what was handed over"),
        ({"kind": "money_order", "number": "4111 1111 1111 1111"}, "Do not type a card number here."),
        ({"kind": "check", "number": "1", "bank": "B", "made_out": "y", "tender_amount": "-5"}, "Enter"),
    ],
)
def test_a_tender_that_lacks_something_is_not_taken(counter: Counter, fields: dict[str, str], why: str) -> None:
    counter.look(counter.scene.open("utility", 48_15))
    before = counter.scene.scalar("SELECT content FROM sales")
    page = counter.step("tender", **fields)
    assert page.status == 422
    assert why in page.errors[0]
    assert counter.scene.scalar("SELECT content FROM sales") == before


def test_no_change_is_given_for_a_check(counter: Counter) -> None:
    counter.look(counter.scene.open("utility", 48_15))
    counter.step("tender", kind="check", tender_amount="60", number="7", bank="B", made_out="y")
    page = counter.step("take")
    assert page.status == 422
    assert counter.counts()["payments"] == 0


def test_what_is_missing_is_said_and_nothing_is_taken(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    counter.look(known, "40")
    page = counter.step("take", given="40")
    assert page.errors == ["$8.15 is still missing. Nothing was taken."]
    assert counter.counts()["payments"] == 0
    assert counter.step(f"given-{known.id}", **{f"amount_{known.id}": "48.15"}).status == 303
    assert counter.step("take", given="40").status == 200
    assert counter.scene.balance(known) == Money(8_15)


def test_amounts_charges_items_and_more_accounts_come_into_one_basket(counter: Counter) -> None:
    scene = counter.scene
    first, second = scene.open("utility", 30_00, past_due=(20_00,)), scene.open("license", 156_00)
    counter.look(first)
    assert counter.step(f"past-{first.id}").status == 303
    assert counter.step("add", scan=second.number).status == 303
    assert counter.step("item", item="copy", quantity="4").status == 303
    assert counter.step("item", item="park-reservation", quantity="1", price="45").status == 422, "needs a project"
    assert counter.step("item", item="park-reservation", quantity="1", price="45", project="PK-101").status == 303
    page = counter.rosa.get(f"/staff/window/sales/{counter.sale()}")
    assert "$222.00" in page.soup.select_one(".sale__sums").text  # type: ignore[union-attr]
    assert counter.step("remove-items-0").status == 303
    assert counter.step("exact").status == 200
    assert scene.balance(first) == Money(30_00)
    assert scene.balance(second) == Money(0)
    assert scene.scalar("SELECT total_cents FROM receipts") == 221_00
    assert scene.rows("SELECT code, project FROM payment_items")[0] == ("park-reservation", "PK-101")


def test_charges_that_the_customer_names_are_paid(counter: Counter) -> None:
    scene, known = counter.scene, counter.scene.open("utility", 30_00, 12_00)
    named = scene.scalar("SELECT max(id) FROM charges")
    counter.look(known)
    assert counter.step("amounts", **{f"charges_{known.id}": str(named)}).status == 303
    assert counter.step("exact").status == 200
    assert scene.scalar("SELECT open_cents FROM charges WHERE id = :id", id=named) == 0
    assert scene.balance(known) == Money(30_00)


def test_a_sale_is_put_aside_and_a_colleague_goes_on_with_it(counter: Counter) -> None:
    scene, known = counter.scene, counter.scene.open("utility", 48_15)
    counter.look(known, "20")
    assert counter.step("park", note="blue coat").status == 303
    assert "blue coat" in counter.rosa.get("/staff/window").text
    counter.window.open(counter.window.tomas, "T2")
    tomas = staff_of(scene, "cashier", name="tomas")
    tomas.get(f"/staff/window/sales/{counter.sale()}", expect=404)
    assert "blue coat" in tomas.get("/staff/window").text
    to = tomas.submit("Go on with it blue coat", budget=40).location
    page = tomas.get(to)
    assert "$28.15" in page.text
    counter.press("take", client=tomas, given="48.15")
    assert scene.balance(known) == Money(0)
    counter.rosa.get(to, expect=404)
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'sale-taken-over'") == 1


def test_another_screen_was_quicker(counter: Counter) -> None:
    counter.look(counter.scene.open("utility", 48_15))
    stale = str(counter.scene.scalar("SELECT version FROM sales"))
    counter.step("item", item="copy", quantity="4")
    page = counter.press("take", version=stale, given="100")
    assert page.errors == ["This sale was changed on another screen. Look at it again. Nothing was taken."]
    assert counter.counts()["payments"] == 0


def test_a_bill_that_was_paid_since_the_page_was_shown_is_not_taken_again(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    beside = staff_of(counter.scene, "cashier", name="rosa")
    counter.look(known, "50")
    counter.look(known, "50", client=beside)
    beside.submit("Take $48.15", expect=200, budget=60)
    page = counter.rosa.submit("Take $48.15", expect=422, budget=60)
    assert page.errors == [
        "Somebody has paid since this page was shown: less is owed now. Look at the amounts again. Nothing was taken."
    ]
    assert counter.counts()["payments"] == 1
    assert "Owes nothing. What is paid becomes credit." in page.text
    counter.rosa.submit("Take $48.15", expect=200, budget=60)
    assert counter.counts()["payments"] == 2, "knowingly it is taken, as credit"


def test_two_screens_at_one_drawer_take_both(counter: Counter) -> None:
    scene = counter.scene
    one, two = scene.open("utility", 48_15), scene.open("utility", 30_00)
    beside = staff_of(scene, "cashier", name="rosa")
    counter.look(one, "50")
    counter.look(two, "30", client=beside)
    beside.submit("Take $30.00", expect=200, budget=60)
    counter.rosa.submit("Take $48.15", expect=200, budget=60)
    assert scene.balance(one) == scene.balance(two) == Money(0)
    rows = scene.rows("SELECT DISTINCT drawer_id FROM payment_tenders")
    assert [row.drawer_id for row in rows] == [counter.drawer]


def test_without_a_drawer_nothing_is_taken(scene: Scene) -> None:
    scene.open("utility", 48_15)
    ana = staff_of(scene, "cashier", name="ana")
    page = ana.get("/staff/window")
    assert "You have no drawer" in page.text
    assert not page.soup.select("form.scan")
    ana.post("/staff/window", {"csrf_token": token(ana), "scan": "x", "form_key": "k"}, budget=40)
    assert scene.scalar("SELECT count(*) FROM sales") == 0


def test_a_scan_line_with_a_wrong_digit_finds_nobody(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    line = counter.scan_line(known, 48_15)
    counter.rosa.get("/staff/window")
    wrong = line[:-1] + str((int(line[-1]) + 1) % 10)
    page = counter.rosa.submit(LOOK, {"Scan line or number": wrong}, expect=422, budget=30)
    assert "Scan it again" in page.errors[0]
    assert counter.scene.scalar("SELECT count(*) FROM sales") == 0


def test_a_hidden_account_is_not_found_at_the_window(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    counter.scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {known.id}")
    counter.rosa.get("/staff/window")
    line = counter.scan_line(known, 48_15)
    for typed in (line, known.number):
        page = counter.rosa.submit(LOOK, {"Scan line or number": typed}, expect=422, budget=30)
        assert page.errors == ["No account fits. Type it another way, or look for the name."]
    assert counter.scene.scalar("SELECT count(*) FROM sales") == 0


def test_a_sale_is_given_up_and_nothing_was_taken(counter: Counter) -> None:
    counter.look(counter.scene.open("utility", 48_15), "50")
    assert counter.step("drop").status == 303
    assert counter.scene.scalar("SELECT state FROM sales") == "dropped"
    assert counter.press("take", given="50").location == "/staff/window"
    assert counter.counts()["payments"] == 0


def test_items_alone_are_sold_and_their_receipt_is_found_by_its_number(counter: Counter) -> None:
    scene, rosa = counter.scene, counter.rosa
    rosa.get("/staff/window")
    rosa.submit("Sell an item without an account", budget=40)
    assert counter.step("take").errors == ["There is nothing in this sale yet."]
    assert counter.step("item", item="copy", quantity="8").status == 303
    done = counter.step("take", given="5")
    assert "$3.00" in done.soup.select_one(".sale__change").text  # type: ignore[union-attr]
    assert scene.scalar("SELECT total_cents FROM receipts") == 2_00
    number = scene.scalar("SELECT series || '-' || year || '-' || lpad(number::text, 6, '0') FROM receipts")
    found = rosa.get(f"/staff/search?q={number}", expect=303)
    assert found.location == f"/staff/receipts/{scene.scalar('SELECT id FROM receipts')}"
    counter.window.desk.prove()


def test_several_that_fit_are_shown_masked_and_picked(counter: Counter) -> None:
    scene = counter.scene
    one, two = (scene.open("utility", cents, name="Guadalupe Villaseñor") for cents in (30_00, 40_00))
    counter.rosa.get("/staff/window")
    page = counter.rosa.submit(LOOK, {"Scan line or number": "villaseñor"}, expect=200, budget=40)
    main = page.soup.select_one("main")
    assert main is not None
    assert one.number in main.text
    assert two.number in main.text
    assert "Guadalupe" not in main.text
    key = page.soup.select_one('input[name="form_key"]')
    assert key is not None
    data = {"csrf_token": token(counter.rosa), "form_key": str(key["value"]), "scan": "villaseñor", "given": "40",
            "pick": str(two.id)}  # fmt: skip
    look = counter.rosa.post("/staff/window", data, budget=40)
    assert two.number in look.text
    assert one.number not in look.text
