"""From the basket to the processor's page: what is promised, at what price, and that it is promised once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from accounts.customer_accounts.rules import shown
from tests.concurrency.threads import together
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, add, find, leave, put_many
from tests.sandbox_server import pay_hosted_page

FEE_OF_225 = "$4.39"  # 1.95 percent


def session_of(scene: Scene, url: str) -> Mapping[str, Any]:
    """The processor's session behind a hosted page, with its lines."""
    (session_id,) = (part for part in url.split("/") if part.startswith("cs_"))
    client = scene.sandbox.client()
    session = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["line_items"]})
    return session.to_dict()


def attempts_of(scene: Scene) -> list[Any]:
    return scene.rows(
        "SELECT id, state, session_id, token, amount_cents, fee_cents FROM attempts ORDER BY created_at, id"
    )


def three(scene: Scene) -> list[Known]:
    return [
        scene.open("utility", 50_00, 20_00, past_due=(30_00,)),
        scene.open("license", 80_00),
        scene.open("citation", 45_00),
    ]


def test_a_bill_a_license_and_a_ticket_are_one_payment_with_a_line_each(scene: Scene) -> None:
    guest = scene.guest()
    for known in three(scene):
        basket = add(guest, known)
    assert basket.amounts == ["$100.00", "$80.00", "$45.00", FEE_OF_225, "$229.39"]
    session = session_of(scene, leave(guest, "ana@example.com"))
    lines = [(line["description"], line["amount_total"]) for line in session["line_items"]["data"]]
    assert lines == [
        ("City of Rio Claro - Water", 80_00),
        ("City of Rio Claro - Sewer", 20_00),
        ("City of Rio Claro - Business license", 80_00),
        ("City of Rio Claro - Parking citation", 45_00),
        ("Card payment service fee", 4_39),
    ]
    assert (session["amount_total"], session["customer_email"]) == (229_39, "ana@example.com")
    assert session["locale"] == "en"


def test_the_processors_page_speaks_the_payers_language(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    guest.get("/basket", lang="es")
    button = guest.page.soup.select("main form button")[-1].get_text()  # type: ignore[union-attr]
    session = session_of(scene, guest.submit(button, budget=30).location)
    assert session["locale"] == "es-419"
    assert session["line_items"]["data"][0]["description"] == "Ciudad de Rio Claro - Agua"


@pytest.mark.parametrize(
    ("choice", "other", "paid"),
    [
        ("Everything", "", "$100.00"),
        ("Only what is past due", "", "$30.00"),
        ("Only what is not yet due", "", "$70.00"),
        ("Another amount", "12.34", "$12.34"),
        ("Another amount", "$1,250", "$1,250.00"),
    ],
)
def test_people_choose_how_much_to_pay(scene: Scene, choice: str, other: str, paid: str) -> None:
    guest = scene.guest()
    known = scene.open("utility", 50_00, 20_00, past_due=(30_00,))
    assert add(guest, known, choice, other).amounts[0] == paid
    leave(guest)
    (attempt,) = attempts_of(scene)
    assert f"${attempt.amount_cents / 100:,.2f}" == paid


@pytest.mark.parametrize(
    ("other", "sentence"),
    [
        ("", "Enter how much you want to pay."),
        ("abc", "Enter an amount in dollars and cents, like 45.67."),
        ("1.234", "Enter an amount in dollars and cents, like 45.67."),
        ("-5", "Enter an amount in dollars and cents, like 45.67."),
        ("0", "Enter how much you want to pay."),
        ("50001", "more than"),
    ],
)
def test_an_amount_that_cannot_be_paid_is_refused_in_a_sentence(scene: Scene, other: str, sentence: str) -> None:
    guest = scene.guest()
    find(guest, scene.open("utility", 50_00))
    page = guest.submit("Continue", {"Another amount": True, "Other amount": other}, expect=422)
    assert sentence in page.errors[0]
    assert scene.scalar("SELECT count(*) FROM basket_lines WHERE other_cents IS NOT NULL") == 0


def test_an_account_is_changed_and_taken_out_again(scene: Scene) -> None:
    guest = scene.guest()
    water, license_ = scene.open("utility", 50_00), scene.open("license", 80_00)
    add(guest, water)
    add(guest, license_)
    assert add(guest, water, "Another amount", "20").amounts[:2] == ["$20.00", "$80.00"]
    guest.submit(f"Remove {license_.number}")
    assert guest.follow().amounts == ["$20.00", "$1.00", "$21.00"]
    guest.submit(f"Remove {water.number}")
    assert guest.follow().heading == "Your basket is empty"


def test_an_empty_basket_promises_nothing(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    action, data = guest.filled("Go to the payment page", {})
    guest.submit("Remove")
    page = guest.post(action, data, expect=409, budget=20)
    assert page.heading == "Your basket is empty"
    assert not attempts_of(scene)


@pytest.mark.parametrize("quoted", ["", "0", "99", "-1", "9" * 30, "9" * 5000, "²", "５０"])
def test_a_forged_total_promises_nothing(scene: Scene, quoted: str) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    action, data = guest.filled("Go to the payment page", {})
    guest.post(action, {**data, "quoted": quoted}, expect=409, budget=20)
    assert not attempts_of(scene)


def test_an_amount_that_changed_meanwhile_is_shown_again_and_nothing_is_promised(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    scene.add_charge(known, 10_00, "water")
    page = guest.submit("Go to the payment page", expect=409, budget=20)
    assert page.errors[0].startswith("The amount has changed")
    assert page.amounts[0] == "$60.00"
    assert not attempts_of(scene)
    assert "checkout" in guest.submit("Go to the payment page", budget=30).location or attempts_of(scene)


@pytest.mark.parametrize("email", ["ana", "ana@", "a b@example.com", "x" * 201 + "@example.com"])
def test_an_address_that_is_none_is_refused(scene: Scene, email: str) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    page = guest.submit("Go to the payment page", {"Email": email}, expect=422)
    assert page.errors
    assert not attempts_of(scene)


def test_a_double_click_is_one_attempt_and_one_session(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    action, data = guest.filled("Go to the payment page", {})
    answers = together([lambda: _pressed(scene, guest, action, data) for _ in range(3)])
    (attempt,) = attempts_of(scene)
    led = {answer for answer in answers if "/c/pay/" in str(answer)}
    assert len(led) == 1
    assert attempt.session_id in led.pop()
    assert all("/c/pay/" in str(answer) or attempt.token in str(answer) for answer in answers)
    assert attempt.state == "open"


def _pressed(scene: Scene, guest: PageClient, action: str, data: Mapping[str, str]) -> str:
    browser = scene.app.test_client()
    browser.set_cookie("ventanilla", guest.cookie("ventanilla") or "")
    return str(browser.post(action, data=data).headers["Location"])


def test_a_second_tab_and_the_back_button_lead_to_the_same_page(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    assert leave(guest) == leave(guest)
    assert len(attempts_of(scene)) == 1


def test_a_changed_basket_closes_the_older_page(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    first = leave(guest)
    scene.clock.advance(seconds=1)
    add(guest, known, "Another amount", "20")
    second = leave(guest)
    assert first != second
    assert session_of(scene, first)["status"] == "expired"
    assert [attempt.state for attempt in attempts_of(scene)] == ["expired", "open"]
    with pytest.raises(AssertionError):
        pay_hosted_page(first)


def test_a_tab_whose_basket_changed_while_its_page_was_opening_is_not_sent_there(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    action, data = guest.filled("Go to the payment page", {})
    other = scene.guest()
    other.browser.set_cookie("ventanilla", guest.cookie("ventanilla") or "")
    opened: list[str] = []
    real = scene.wired.gateway.open_page

    def open_slowly(request: dict[str, object], key: str) -> object:
        if not opened:
            opened.append(key)
            scene.clock.advance(seconds=1)
            add(other, known, "Another amount", "20")
            opened.append(leave(other))
        return real(request, key)

    monkeypatch.setattr(scene.wired.gateway, "open_page", open_slowly)
    page = guest.post(action, data, expect=409, budget=100)
    assert page.errors[0].startswith("Something changed while you were on this page.")
    assert [attempt.state for attempt in attempts_of(scene)] == ["expired", "open"]
    assert session_of(scene, opened[1])["status"] == "open"
    first = attempts_of(scene)[0].session_id
    assert scene.sandbox.client().v1.checkout.sessions.retrieve(first).status == "expired"


def test_who_paid_in_another_tab_is_shown_that_payment_instead_of_a_second_one(scene: Scene) -> None:
    guest, known = scene.guest(), scene.open("utility", 50_00)
    add(guest, known)
    pay_hosted_page(leave(guest))
    add(guest, known, "Another amount", "20")
    guest.get("/basket")
    answer = guest.submit("Go to the payment page", budget=40)
    assert guest.land(answer.location).heading.startswith("Receipt")
    assert [attempt.state for attempt in attempts_of(scene)] == ["succeeded"]


def test_a_page_that_is_about_to_expire_is_not_offered_again(scene: Scene) -> None:
    guest = scene.guest()
    add(guest, scene.open("utility", 50_00))
    first = leave(guest)
    scene.clock.advance(minutes=56)
    assert leave(guest) != first
    assert [attempt.state for attempt in attempts_of(scene)] == ["expired", "open"]


def test_a_person_warns_the_next_that_money_is_on_its_way(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    first = scene.guest()
    add(first, known)
    leave(first)
    assert "A payment is on its way" in find(scene.guest("198.51.100.4"), known).text
    scene.clock.advance(minutes=61)
    assert "A payment is on its way" not in find(scene.guest("198.51.100.4"), known).text


def test_a_hundred_and_twenty_accounts_are_one_payment_with_a_line_per_revenue_line(scene: Scene) -> None:
    guest, url = _with_accounts(scene, 120)
    session = session_of(scene, url)
    assert [line["amount_total"] for line in session["line_items"]["data"][:4]] == [48_00, 40_00, 44_00, 180_00]
    page = guest.land(pay_hosted_page(url))
    assert page.heading.startswith("Receipt")
    assert scene.scalar("SELECT sum(open_cents) FROM charges") == 0
    assert scene.scalar("SELECT count(*) FROM payments") == 1
    assert page.html.count("New balance") == 120


def _with_accounts(scene: Scene, count: int, lang: str = "en") -> tuple[PageClient, str]:
    """A person with so many accounts, a third of each kind, on the way to pay them."""
    kinds: Sequence[tuple[str, Sequence[int]]] = (
        ("utility", (1_20, 1_00)),
        ("license", (1_10,)),
        ("citation", (4_50,)),
    )
    accounts = scene.open_many([(*kinds[place % 3], (), {}) for place in range(count)])
    guest = scene.guest(lang=lang)
    put_many(scene, guest, accounts)
    basket = guest.get("/basket")
    assert shown(accounts[-1].reference) in basket.text
    return guest, leave(guest)


def test_no_page_of_a_payment_runs_more_statements_for_more_accounts(scene: Scene) -> None:
    counts = []
    for size in (3, 120):
        guest, url = _with_accounts(scene, size)
        steps = [
            len(guest.get("/basket").statements),
            len(guest.submit("Go to the payment page", budget=40).statements),
        ]
        back = pay_hosted_page(url)
        answered = guest.browser.get(back)
        shown_page = guest.get(answered.headers["Location"], expect=303, budget=40)
        receipt = guest.follow()
        counts.append([*steps, len(shown_page.statements), len(receipt.statements)])
    assert counts[0] == counts[1]


def test_the_cookie_of_a_visit_with_many_accounts_stays_small_enough(scene: Scene) -> None:
    accounts = scene.open_many([("citation", (4_50,), (), {}) for _ in range(250)])
    guest = scene.guest()
    put_many(scene, guest, accounts)
    find(guest, scene.open("utility", 50_00))
    assert len((guest.cookie("ventanilla") or "").encode()) < 4000
