"""A code, or a number, to the contact on file and nowhere else."""

from __future__ import annotations

import re

import pytest

from portal.mail import MailDelayed, MailRefused
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene


def ask(scene: Scene, client: PageClient, number: str) -> Page:
    client.get("/pay/code")
    client.submit("Send me a code", {"Account, license": number})
    return client.follow()


def enter(client: PageClient, number: str, code: str, *, expect: int = 303) -> Page:
    client.get("/pay/code/enter")
    return client.submit("See what you owe", {"Account, license": number, "Code": code}, expect=expect)


def code_in(scene: Scene, place: int = -1) -> str:
    """The code of a mail that was sent."""
    body = scene.outbox.mails[place].get_body(("plain",))
    assert body is not None
    found = re.search(r"^\d{8}$", body.get_content(), re.MULTILINE)
    assert found, body.get_content()
    return found.group()


def coded(scene: Scene, client: PageClient, **changes: str) -> tuple[Known, str]:
    known = scene.open("utility", 50_00, **changes)
    ask(scene, client, known.number)
    assert scene.run_jobs() == ["lookup_requested"]
    return known, code_in(scene)


def test_a_code_goes_to_the_contact_on_file_and_opens_the_account_once(scene: Scene) -> None:
    guest = scene.guest()
    known, code = coded(scene, guest, email="maria@example.com")
    assert [mail["To"] for mail in scene.outbox.mails] == ["maria@example.com"]
    enter(guest, known.number, code)
    assert known.number in guest.follow().text
    page = enter(scene.guest("198.51.100.7"), known.number, code, expect=422)
    assert page.errors[0].startswith("We could not find a match.")


def test_the_mail_is_in_the_language_of_the_contact_not_of_who_asked(scene: Scene) -> None:
    coded(scene, scene.guest(lang="en"), language="es")
    mail = scene.outbox.mails[0]
    assert (mail["Subject"], mail["Content-Language"]) == ("Su código", "es")


def test_a_code_is_good_for_fifteen_minutes(scene: Scene) -> None:
    guest = scene.guest()
    known, code = coded(scene, guest)
    scene.clock.advance(minutes=15)
    enter(guest, known.number, code, expect=422)


def test_a_code_is_good_for_five_tries(scene: Scene) -> None:
    guest = scene.guest()
    known, code = coded(scene, guest)
    wrong = f"{(int(code) + 1) % 10**8:08d}"
    for _ in range(5):
        scene.clock.advance(seconds=1)
        enter(guest, known.number, wrong, expect=422)
    enter(guest, known.number, code, expect=422)


def test_a_code_opens_no_other_account(scene: Scene) -> None:
    guest = scene.guest()
    _, code = coded(scene, guest)
    other = scene.open("utility", 60_00)
    enter(guest, other.number, code, expect=422)


def test_a_newer_code_ends_the_older_one(scene: Scene) -> None:
    guest = scene.guest()
    known, first = coded(scene, guest)
    ask(scene, guest, known.number)
    scene.run_jobs()
    enter(guest, known.number, first, expect=422)
    enter(guest, known.number, code_in(scene))


def test_a_code_opens_what_guessing_has_closed(scene: Scene) -> None:
    guest = scene.guest()
    known, code = coded(scene, guest)
    for _ in range(4):
        scene.clock.advance(seconds=1)
        enter(guest, known.number, "00000000", expect=422)
    with scene.db.owner.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO lookup_misses (client_digest, target_digest, is_new_client, missed_at)"
            " SELECT client_digest, target_digest, true, missed_at + n * interval '1 ms'"
            " FROM lookup_misses, generate_series(1, 20) n"
        )
    enter(guest, known.number, code)


@pytest.mark.parametrize("changes", [{"is_protected": True}, {"email": "", "phone": ""}, {"status": "closed"}])
def test_nothing_is_sent_for_an_account_that_must_not_be_named(scene: Scene, changes: dict[str, object]) -> None:
    known = scene.open("utility", 50_00, **changes)
    ask(scene, scene.guest(), known.number)
    scene.run_jobs()
    assert not scene.outbox.mails
    assert not scene.outbox.texts


def test_a_telephone_gets_a_text_message(scene: Scene) -> None:
    known = scene.open("utility", 50_00, email="", phone="559-555-0123", language="es")
    guest = scene.guest()
    ask(scene, guest, known.number)
    scene.run_jobs()
    ((to, body),) = scene.outbox.texts
    assert to == "559-555-0123"
    enter(guest, known.number, re.search(r"\d{8}", body).group())  # type: ignore[union-attr]


def test_a_slip_of_a_digit_sends_no_code_to_a_neighbor(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    ask(scene, scene.guest(), known.reference[:8] + str((int(known.reference[8]) + 1) % 10))
    scene.run_jobs()
    assert not scene.outbox.mails


def test_mail_that_is_delayed_leaves_when_the_job_runs_again(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    guest = scene.guest()
    ask(scene, guest, known.number)
    scene.outbox.fails.append(MailDelayed("the server is away"))
    with pytest.raises(MailDelayed):
        scene.run_jobs()
    scene.run_jobs()
    enter(guest, known.number, code_in(scene))


def test_a_contact_that_refuses_mail_ends_the_wish(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    ask(scene, scene.guest(), known.number)
    scene.outbox.fails.append(MailRefused("no such mailbox"))
    assert scene.run_jobs() == ["lookup_requested"]


def test_what_was_typed_is_forgotten_when_it_is_answered(scene: Scene) -> None:
    coded(scene, scene.guest())
    (row,) = scene.rows("SELECT number_key, name_key, address_key, answered_at FROM lookup_requests")
    assert row[:3] == ("", "", "")
    assert row.answered_at is not None


def test_a_client_asks_six_times_an_hour_at_most(scene: Scene) -> None:
    guest = scene.guest()
    for place in range(6):
        ask(scene, guest, f"100-999-99{place}")
    guest.get("/pay/code")
    page = guest.submit("Send me a code", {"Account, license": "100-999-998"}, expect=429)
    assert "too many tries" in page.errors[0]
    guest.get("/find-my-number")
    guest.submit("Send me my number", {"Name on": "Ana", "Street": "1 Elm"}, expect=429)
    scene.clock.advance(hours=1, seconds=1)
    ask(scene, guest, "100-999-998")


@pytest.mark.parametrize(
    ("name", "address"),
    [("Maria Lopez", "1481 Elm St."), ("LÓPEZ RUIZ, MARÍA", "1481 ELM STREET"), ("ruiz", "1481 elm street")],
)
def test_find_my_number_sends_it_to_the_contact_on_file(scene: Scene, name: str, address: str) -> None:
    known = scene.open("utility", 50_00, email="maria@example.com")
    guest = scene.guest()
    guest.get("/find-my-number")
    guest.submit("Send me my number", {"Name on the account": name, "Street address": address})
    page = guest.follow()
    assert "maria" not in page.html
    assert known.number not in page.html
    assert scene.run_jobs() == ["lookup_requested"]
    (mail,) = scene.outbox.mails
    assert mail["To"] == "maria@example.com"
    assert known.number in mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("name", "address"),
    [("Juan Pérez", "1481 Elm Street"), ("María López", "1482 Elm Street"), ("Mar", "1481 Elm St")],
)
def test_find_my_number_sends_nothing_where_name_and_address_do_not_fit(
    scene: Scene, name: str, address: str
) -> None:
    scene.open("utility", 50_00)
    guest = scene.guest()
    guest.get("/find-my-number")
    guest.submit("Send me my number", {"Name on the account": name, "Street address": address})
    scene.run_jobs()
    assert not scene.outbox.mails
