"""A link that the counter sent: the screen turns when it is paid, and it is paid once, whoever opens it."""

from __future__ import annotations

import re
from datetime import timedelta

from tests.concurrency.threads import together
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import actor_of, staff_of
from tests.sandbox_server import pay_hosted_page

GO = "Go to the payment page"


def send(
    scene: Scene, known: Known, way: str = "E-mail", clerk: PageClient | None = None, amount: str = "", **more: str
) -> tuple[PageClient, int, str]:
    """A link that a clerk sent: their browser, its number, and its path for whoever has it."""
    clerk = clerk or staff_of(scene, "cashier", name="rosa")
    clerk.get(f"/staff/accounts/{known.reference}/pay-links/new")
    typed: dict[str, str | bool] = {way: True, **more}
    page = clerk.submit("Send it", {**typed, "Amount": amount} if amount else typed, budget=30)
    link = int(page.location.rpartition("/")[2])
    if way.startswith("Code"):
        shown = clerk.get(page.location)
        return clerk, link, "/l/" + re.search(r"/l/([\w-]+)", shown.text)[1]  # type: ignore[index]
    scene.run_jobs()
    body = scene.outbox.mails[-1].get_body(("plain",)).get_content()  # type: ignore[union-attr]
    return clerk, link, "/l/" + re.search(r"/l/([\w-]+)", body)[1]  # type: ignore[index]


def state(clerk: PageClient, link: int) -> str:
    found = clerk.browser.get(f"/staff/pay-links/{link}/state").get_json()
    return str(found["standing"])


def go(client: PageClient, path: str) -> Page:
    client.get(path)
    return client.submit(GO, budget=40)


def test_a_caller_pays_while_the_clerk_waits(scene: Scene) -> None:
    known = scene.open("utility", 80_00, language="es")
    clerk, link, path = send(scene, known)
    mail = scene.outbox.mails[-1]
    assert mail["To"] == "holder1@example.com"
    assert mail["Content-Language"] == "es"
    assert scene.rows("SELECT kind, channel, asked_by FROM messages_sent")[0][:3] == (
        "pay-link", "mail", actor_of(scene, clerk),
    )  # fmt: skip
    assert state(clerk, link) == "waiting"
    guest = scene.guest(lang="es")
    page = guest.get(path)
    assert "$80.00" in page.text
    for secret in ("López", "María", known.number, known.reference, "Elm"):
        assert secret not in page.html
    assert state(clerk, link) == "opened"
    to = guest.submit("Ir a la página de pago", budget=40).location
    assert state(clerk, link) == "paying"
    guest.get(pay_hosted_page(to).replace("http://localhost", ""), expect=303, budget=30)
    guest.get(guest.page.location, expect=303, budget=40)  # type: ignore[union-attr]
    assert state(clerk, link) == "paid"
    shown = clerk.get(f"/staff/pay-links/{link}")
    number = scene.rows("SELECT series || '-' || year || '-' || lpad(number::text, 6, '0') FROM receipts")[0][0]
    assert number in shown.text
    assert scene.scalar("SELECT channel FROM payments") == "web"
    assert scene.rows("SELECT actor_id, details ->> 'pay_link' FROM audit_entries WHERE act = 'pay-link-sent'") == [
        (actor_of(scene, clerk), str(link))
    ]
    assert number in scene.guest().get(path, reads="es").text
    scene.run_jobs()
    assert scene.outbox.mails[-1]["To"] == "holder1@example.com"
    assert scene.balance(known).cents == 0


def test_two_telephones_with_one_link_are_one_payment(scene: Scene) -> None:
    known = scene.open("utility", 60_00)
    clerk, link, path = send(scene, known, "Code on this screen")
    first, second = scene.guest(), scene.guest("198.51.100.9", lang="es")
    one = go(first, path).location
    second.get(path, reads="en")
    other = second.submit(GO, budget=40).location
    assert one == other
    assert scene.scalar("SELECT count(*) FROM attempts") == 1
    back = pay_hosted_page(one)
    action, data = second.filled_last
    second.post(action, data, expect=303, budget=40)
    assert scene.scalar("SELECT count(*) FROM attempts") == 1
    first.get(back.replace("http://localhost", ""), expect=303, budget=30)
    first.get(first.page.location, expect=303, budget=40)  # type: ignore[union-attr]
    assert second.get(path, reads="en").heading == "This is paid"
    late = second.browser.post(action, data=data)
    assert (late.status_code, "This is paid" in late.text) == (200, True)
    assert (scene.scalar("SELECT count(*) FROM attempts"), scene.scalar("SELECT count(*) FROM payments")) == (1, 1)
    assert state(clerk, link) == "paid"


def test_two_who_go_on_at_one_moment_share_one_page(scene: Scene) -> None:
    known = scene.open("utility", 60_00)
    _clerk, _link, path = send(scene, known, "Code on this screen")
    guests = [scene.guest(f"198.51.100.{number}") for number in range(3)]
    forms = []
    for guest in guests:
        guest.get(path)
        forms.append(guest.filled(GO, {}))

    def press(number: int) -> str:
        guest, (action, data) = guests[number], forms[number]
        answer = guest.browser.post(action, data=data, headers={"Accept-Language": "en"})
        return str(answer.headers.get("Location", answer.status_code))

    found = together([lambda number=number: press(number) for number in range(3)])  # type: ignore[misc]
    pages = {str(one) for one in found if str(one).startswith(scene.sandbox.url)}
    assert len(pages) == 1, found
    live = scene.scalar("SELECT count(*) FROM attempts WHERE state IN ('open', 'sending')")
    assert live == 1, found


def test_a_canceled_link_closes_its_page_at_the_processor(scene: Scene) -> None:
    known = scene.open("utility", 60_00)
    clerk, link, path = send(scene, known, "Code on this screen")
    guest = scene.guest()
    go(guest, path)
    clerk.get(f"/staff/pay-links/{link}", budget=30)
    clerk.submit("Cancel the link", budget=40)
    assert state(clerk, link) == "canceled"
    assert scene.scalar("SELECT state FROM attempts") == "expired"
    assert guest.get(path).heading == "This link was canceled"
    action, data = guest.filled_last
    guest.post(action, data, expect=200, budget=40)
    assert scene.scalar("SELECT count(*) FROM attempts") == 1
    assert clerk.get(f"/staff/pay-links/{link}").soup.select_one("form button.usa-button--secondary") is None


def test_a_link_is_over_after_its_minutes(scene: Scene) -> None:
    known = scene.open("utility", 60_00)
    clerk, link, path = send(scene, known, "Code on this screen")
    guest = scene.guest()
    guest.get(path)
    action, data = guest.filled(GO, {})
    policy = scene.city.pay_link_policy(scene.today)
    scene.clock.advance(minutes=policy.minutes)
    guest.post(action, data, expect=200, budget=40)
    assert guest.get(path).heading == "The time of this link is over"
    assert scene.scalar("SELECT count(*) FROM attempts") == 0
    assert scene.scalar("SELECT count(*) FROM baskets") == 0
    assert scene.scalar("SELECT count(*) FROM pay_links") == 1
    clerk = staff_of(scene, "cashier", name="rosa")
    assert state(clerk, link) == "over"


def test_money_on_its_way_is_named_before_the_link_is_paid(scene: Scene) -> None:
    known = scene.open("utility", 60_00)
    _clerk, _link, path = send(scene, known, "Code on this screen")
    guest = scene.guest()
    guest.get(path)
    action, data = guest.filled(GO, {})
    scene.run_as_owner(
        "INSERT INTO pending_payments (customer_account_id, owner_kind, owner_id, amount_cents, expires_at)"
        " VALUES (:id, 'attempt', 'pa_other', 500, :until)", id=known.id, until=scene.clock.now() + timedelta(hours=1)
    )  # fmt: skip
    page = guest.post(action, data, expect=409, budget=40)
    assert "A payment is on its way" in page.text
    assert scene.scalar("SELECT count(*) FROM attempts") == 0
    guest.submit(GO, budget=40)
    assert scene.scalar("SELECT count(*) FROM attempts") == 1
    scene.run_as_owner("DELETE FROM pending_payments WHERE owner_id = 'pa_other'")


def test_what_nobody_sent_is_not_found_and_what_cannot_be_asked_changes_nothing(scene: Scene) -> None:
    known, other = scene.open("utility", 60_00), scene.open("utility", 10_00)
    scene.run_as_owner("UPDATE customer_accounts SET is_restricted = true WHERE id = :id", id=other.id)
    scene.guest().get("/l/abcdefgh", expect=404)
    clerk = staff_of(scene, "cashier", name="rosa")
    path = f"/staff/accounts/{known.reference}/pay-links/new"
    for typed, told in (
        ({"Amount": ""}, "Enter an amount for one account at least."),
        ({"Account": other.number}, "There is no account with this number."),
        ({"Account": "999-999"}, "There is no account with this number."),
        ({"Amount": "0.10"}, "That is less than the smallest payment we can take here. Check the amount."),
        ({"E-mail": True, "E-mail address": ""}, "Enter the address."),
        ({"E-mail": True, "E-mail address": "4242 4242 4242 4242"}, "Do not type a card number here."),
    ):
        clerk.get(path)
        page = clerk.submit("Send it", typed, expect=422, budget=30)
        assert page.errors[0].startswith(told), page.errors
    assert scene.scalar("SELECT count(*) FROM pay_links") == 0
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'pay-link-sent'") == 0


def test_the_same_form_sent_twice_is_one_link(scene: Scene) -> None:
    known = scene.open("utility", 60_00)
    clerk, link, _path = send(scene, known, "Code on this screen", amount="25.00")
    action, data = clerk.filled_last
    again = clerk.post(action, data, expect=303, budget=30)
    assert again.location.endswith(f"/{link}")
    assert scene.rows("SELECT amount_cents FROM pay_link_lines") == [(25_00,)]
    assert clerk.get("/staff/pay-links").amounts == ["$25.00"]
    assert scene.scalar("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'pay_link_sent'") == 0
