"""Your sign-in: screens, password, second step, address, language. Every change is told by mail and audited."""

from __future__ import annotations

from dataclasses import dataclass

import pyotp
import pytest

from tests.page_client import PageClient
from tests.portal.resident.people import PASSWORD, link_in, resident_of, signed_in
from tests.portal.scene import Scene

PAGE = "/my/your-sign-in"
NEW_PASSWORD = "nueve nubes rojas duermen"


def sent(scene: Scene) -> list[tuple[str, str]]:
    """To whom, and about what; the mail that waits is sent first."""
    scene.run_jobs()
    return [(str(mail["To"]), str(mail["Subject"])) for mail in scene.outbox.mails]


def acts(scene: Scene) -> list[str]:
    return [row.act for row in scene.rows("SELECT act FROM audit_entries ORDER BY id")]


def enter(scene: Scene, password: str, expect: int = 303, email: str = "ana@example.com") -> PageClient:
    client = scene.guest()
    client.get("/my/sign-in")
    client.submit("Sign in", {"E-mail": email, "Password": password}, expect=expect, budget=20)
    return client


@pytest.mark.parametrize("lang", ["en", "es"])
def test_the_page_opens_in_both_languages_within_its_statements(scene: Scene, lang: str) -> None:
    for _ in range(30):
        signed_in(scene.sessions, scene.clock)
    page = resident_of(scene, lang=lang).get(PAGE, budget=9)
    assert page.heading == {"en": "Your sign-in", "es": "Su acceso"}[lang]


def test_sessions_are_listed_and_ended_elsewhere_and_everywhere(scene: Scene) -> None:
    first, second, third = (resident_of(scene) for _ in range(3))
    stranger = resident_of(scene, "eve@example.com")
    page = third.get(PAGE)
    assert page.text.count("Firefox, Windows") == 3
    theirs = scene.scalar("SELECT min(id) FROM resident_sessions")
    token = {"csrf_token": str(page.soup.select_one('input[name="csrf_token"]')["value"])}  # type: ignore[index]
    end = f"{PAGE}/sessions/{theirs}/end"
    third.post(end, token, expect=303)
    first.get("/my", expect=303)
    second.get("/my")
    mine = stranger.get(PAGE).soup.select_one('input[name="csrf_token"]')
    assert mine is not None
    other = scene.scalar("SELECT id FROM resident_sessions ORDER BY id OFFSET 1 LIMIT 1")
    stranger.post(f"{PAGE}/sessions/{other}/end", {"csrf_token": str(mine["value"])}, expect=404)
    second.get("/my")
    third.get(PAGE)
    third.submit("Sign out everywhere else")
    second.get("/my", expect=303)
    third.get(PAGE)
    third.submit("Sign out everywhere")
    third.get("/my", expect=303)
    stranger.get("/my")
    assert acts(scene).count("sessions-ended") == 3


def test_a_password_is_chosen_changed_and_dropped(scene: Scene) -> None:
    client, other = resident_of(scene), resident_of(scene)
    client.get(f"{PAGE}/password")
    for weak in ("short", "aaaaaaaaaaaaa", "ana@example.com"):
        assert len(client.submit("Save the password", {"New password": weak}, expect=422).errors) == 1
    assert scene.scalar("SELECT password_hash FROM resident_sign_ins") == ""
    client.submit("Save the password", {"New password": PASSWORD})
    other.get("/my", expect=303)
    enter(scene, PASSWORD)
    client.get(f"{PAGE}/password")
    client.submit("Save the password", {"New password": NEW_PASSWORD})
    enter(scene, PASSWORD, expect=422)
    enter(scene, NEW_PASSWORD)
    client.get(PAGE)
    client.submit("Do without a password")
    enter(scene, NEW_PASSWORD, expect=422)
    assert [act for act in acts(scene) if act.startswith("password")] == [
        "password-chosen", "password-changed", "password-dropped"
    ]  # fmt: skip
    assert sent(scene) == [("ana@example.com", "Your sign-in was changed")] * 3
    assert len({str(mail["Message-ID"]) for mail in scene.outbox.mails}) == 3


def test_a_forgotten_password_is_replaced_by_a_link(scene: Scene) -> None:
    signed_in(scene.sessions, scene.clock, password=PASSWORD)
    client = scene.guest()
    client.get("/my/sign-in/link")
    client.submit("Send me the link", {"E-mail": "ana@example.com"})
    scene.run_jobs()
    client.get(link_in(scene))
    assert client.submit("Sign in and choose a new password", budget=20).location == f"{PAGE}/password"
    client.follow()
    client.submit("Save the password", {"New password": NEW_PASSWORD})
    enter(scene, NEW_PASSWORD)


def set_up(scene: Scene, client: PageClient) -> tuple[str, list[str]]:
    """An app and the recovery codes."""
    page = client.get(f"{PAGE}/app")
    secret = "".join(page.soup.select_one("main code").get_text().split())  # type: ignore[union-attr]
    wrong = client.submit("Turn on the second step", {"Code from your app": "000000"}, expect=422)
    assert "".join(wrong.soup.select_one("main code").get_text().split()) == secret  # type: ignore[union-attr]
    done = client.submit("Turn on the second step", {"Code from your app": code_of(scene, secret)}, expect=200)
    return secret, [str(code.get_text()) for code in done.soup.select(".codes code")]


def code_of(scene: Scene, secret: str, steps: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(scene.clock.now().timestamp()) + 30 * steps)


@dataclass
class Half:
    """Ana, whose sign-in asks for a second step."""

    secret: str
    codes: list[str]


@pytest.fixture
def half(scene: Scene) -> Half:
    client = resident_of(scene, password=PASSWORD)
    made = Half(*set_up(scene, client))
    scene.clock.advance(minutes=1)
    return made


def test_the_second_step_is_asked_for_after_a_password(scene: Scene, half: Half) -> None:
    client = enter(scene, PASSWORD)
    assert client.page is not None
    assert client.page.location == "/my/sign-in/code"
    client.get("/my", expect=303)
    client.get("/my/sign-in/code")
    assert client.submit("Go on", {"Code": "123 456"}, expect=422).errors == [
        "That code did not fit. Check it, or wait for the next one that your app shows."
    ]
    code = code_of(scene, half.secret)
    client.submit("Go on", {"Code": code}, budget=20)
    client.follow()
    again = enter(scene, PASSWORD)
    again.follow()
    again.submit("Go on", {"Code": code}, expect=422)
    again.submit("Go on", {"Code": half.codes[0].lower()}, budget=20)
    once_more = enter(scene, PASSWORD)
    once_more.follow()
    once_more.submit("Go on", {"Code": half.codes[0]}, expect=422)
    assert acts(scene).count("recovery-code-used") == 1
    assert sent(scene) == [("ana@example.com", "Your sign-in was changed")]


def test_a_mailed_link_does_not_skip_the_second_step(scene: Scene, half: Half) -> None:
    client = scene.guest()
    client.get("/my/sign-in/link")
    client.submit("Send me the link", {"E-mail": "ana@example.com"})
    scene.run_jobs()
    client.get(link_in(scene))
    assert client.submit("Sign in", budget=20).location == "/my/sign-in/code"
    client.get("/my", expect=303)
    client.follow()
    client.get("/my/sign-in/code")
    client.submit("Go on", {"Code": half.codes[1]}, budget=20)
    assert client.follow().heading == "My accounts"
    assert scene.scalar("SELECT method FROM resident_sessions ORDER BY id DESC LIMIT 1") == "link"


def test_guesses_at_the_second_step_are_counted_and_time_runs_out(scene: Scene, half: Half) -> None:
    client = enter(scene, PASSWORD)
    client.follow()
    for _ in range(10):
        client.submit("Go on", {"Code": "000000"}, expect=422)
    client.submit("Go on", {"Code": half.codes[0]}, expect=429)
    scene.clock.advance(minutes=16)
    assert client.submit("Go on", {"Code": half.codes[0]}).location == "/my/sign-in"
    client.get("/my", expect=303)
    assert scene.scalar("SELECT count(*) FROM resident_recovery_codes WHERE used_at IS NOT NULL") == 0


def test_the_second_step_is_renewed_and_turned_off(scene: Scene, half: Half) -> None:
    client = enter(scene, PASSWORD)
    client.follow()
    client.submit("Go on", {"Code": half.codes[0]}, budget=20)
    client.get(PAGE)
    page = client.submit("New recovery codes", expect=200)
    assert len(page.soup.select(".codes code")) == 10
    client.get(PAGE)
    client.submit("Turn off the second step")
    assert scene.rows("SELECT totp_secret, asks_second FROM resident_sign_ins") == [(None, False)]
    assert scene.scalar("SELECT count(*) FROM resident_recovery_codes") == 0
    assert enter(scene, PASSWORD).page.location == "/my"  # type: ignore[union-attr]


def test_a_secret_of_somebody_else_sets_nothing_up(scene: Scene) -> None:
    ana, eve = resident_of(scene), resident_of(scene, "eve@example.com")
    page = eve.get(f"{PAGE}/app")
    sealed = str(page.soup.select_one('input[name="sealed"]')["value"])  # type: ignore[index]
    secret = "".join(page.soup.select_one("main code").get_text().split())  # type: ignore[union-attr]
    token = str(ana.get(f"{PAGE}/app").soup.select_one('main input[name="csrf_token"]')["value"])  # type: ignore[index]
    for given in (sealed, "invented"):
        ana.post(f"{PAGE}/app", {"csrf_token": token, "sealed": given, "code": code_of(scene, secret)}, expect=303)
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins WHERE asks_second") == 0


def ask_for(scene: Scene, client: PageClient, email: str) -> None:
    client.get(f"{PAGE}/e-mail")
    client.submit("Send the links", {"E-mail": email}, budget=20)
    client.follow()
    scene.run_jobs()


def links(scene: Scene) -> dict[str, str]:
    """The newest link to each address."""
    return {str(mail["To"]): link_in(scene, number) for number, mail in enumerate(scene.outbox.mails)
            if "/my/links/" in str(mail)}  # fmt: skip


def test_an_address_changes_when_both_mailboxes_say_yes(scene: Scene) -> None:
    client = resident_of(scene, password=PASSWORD)
    ask_for(scene, client, "Ana@New.example")
    assert "waits for a yes" in client.get(PAGE).text
    at = links(scene)
    mailbox = scene.guest("192.0.2.9")
    mailbox.get(at["ana@new.example"])
    assert mailbox.submit("Yes, that was me", expect=200).heading == "One more link to open"
    assert scene.scalar("SELECT email FROM resident_sign_ins") == "ana@example.com"
    mailbox.get(at["ana@new.example"], expect=404)
    mailbox.get(at["ana@example.com"])
    assert mailbox.submit("Yes, that was me", expect=200, budget=20).heading == "Your address is changed"
    assert scene.scalar("SELECT email FROM resident_sign_ins") == "ana@new.example"
    client.get("/my", expect=303)
    enter(scene, PASSWORD, expect=422)
    enter(scene, PASSWORD, email="ana@new.example")
    assert sent(scene)[-2:] == [
        ("ana@new.example", "Your sign-in was changed"), ("ana@example.com", "Your sign-in was changed")
    ]  # fmt: skip


@pytest.mark.parametrize("who", ["old", "new", "oneself", "newer wish"])
def test_anybody_concerned_stops_a_change(scene: Scene, who: str) -> None:
    client = resident_of(scene)
    ask_for(scene, client, "ana@new.example")
    at, mailbox = links(scene), scene.guest("192.0.2.9")
    if who == "oneself":
        client.get(PAGE)
        client.submit("Keep the address that I have")
    elif who == "newer wish":
        ask_for(scene, client, "ana@newer.example")
    else:
        mailbox.get(at["ana@example.com" if who == "old" else "ana@new.example"])
        assert mailbox.submit("No, stop the change", expect=200).heading == "The change is stopped"
    for path in at.values():
        mailbox.get(path, expect=404)
    assert scene.scalar("SELECT email FROM resident_sign_ins") == "ana@example.com"


def test_an_address_that_has_a_sign_in_is_never_taken_and_only_its_mailbox_hears_so(scene: Scene) -> None:
    signed_in(scene.sessions, scene.clock, "bea@example.com")
    client = resident_of(scene)
    pages = []
    for email in ("bea@example.com", "free@example.com"):
        client.get(f"{PAGE}/e-mail")
        answer = client.submit("Send the links", {"E-mail": email}, budget=20)
        asked = [said for said in answer.statements if "city_" not in said and "resident_email_changes" not in said]
        pages.append((answer.bare(email), answer.location, len(asked), client.follow().bare(email)))
        if email.startswith("bea"):
            scene.run_jobs()
            told = scene.outbox.mails[-1]
            assert told["To"] == "bea@example.com"
            assert "has a sign-in of its own" in " ".join(str(told.get_body(("plain",)).get_content()).split())  # type: ignore[union-attr]
            assert "/my/links/" not in str(told)
    assert [page[:2] for page in pages] == [pages[0][:2]] * 2
    ask_for(scene, client, "late@example.com")
    at, mailbox = links(scene), scene.guest("192.0.2.9")
    signed_in(scene.sessions, scene.clock, "late@example.com")
    mailbox.get(at["ana@example.com"])
    mailbox.submit("Yes, that was me", expect=200)
    mailbox.get(at["late@example.com"])
    page = mailbox.submit("Yes, that was me", expect=422)
    assert page.errors == ["This address has a sign-in of its own. It cannot be used for another one."]
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins WHERE email = 'ana@example.com'") == 1


def test_one_cannot_change_to_the_address_that_one_has(scene: Scene) -> None:
    client = resident_of(scene)
    client.get(f"{PAGE}/e-mail")
    page = client.submit("Send the links", {"E-mail": "ANA@example.com"}, expect=422)
    assert page.errors == ["That is the address that you have already."]
    assert scene.facts() == []


def test_links_of_a_change_sign_nobody_in(scene: Scene) -> None:
    client = resident_of(scene)
    ask_for(scene, client, "ana@new.example")
    mailbox = scene.guest("192.0.2.9")
    page = mailbox.get(links(scene)["ana@new.example"])
    token = str(page.soup.select_one('main input[name="csrf_token"]')["value"])  # type: ignore[index]
    mailbox.post(page.path, {"csrf_token": token, "password": PASSWORD}, expect=200)
    assert mailbox.cookie("ventanilla-my") is None
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins") == 1


def test_the_language_of_messages_is_chosen(scene: Scene) -> None:
    client = resident_of(scene)
    client.get(PAGE)
    client.submit("Save", {"Español": True})
    assert client.follow(reads="es").heading == "Su acceso"
    client.get(f"{PAGE}/password", reads="es")
    client.submit("Guardar la contraseña", {"Contraseña nueva": PASSWORD})
    scene.run_jobs()
    assert scene.outbox.mails[-1]["Content-Language"] == "es"
