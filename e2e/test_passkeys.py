"""Passkeys with Chromium's own virtual authenticator: added, used to sign in, as the second step, and refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import CDPSession, expect

from e2e.conftest import Guests
from e2e.people import Person
from e2e.window import Window
from tests.portal.resident.people import PASSWORD, signed_in
from tests.portal.scene import Scene

PAGE = "/my/your-sign-in"
EMAIL = "ana@example.com"


@dataclass
class Device:
    """A telephone that keeps passkeys and asks for a fingerprint."""

    session: CDPSession
    id: str

    def finger(self, *, fits: bool) -> None:
        self.session.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": fits})

    def keys(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.session.send("WebAuthn.getCredentials", {"authenticatorId": self.id})[
            "credentials"
        ]
        return found

    def copies_into(self, other: Device) -> None:
        """A thief has copied what is in the telephone."""
        for key in self.keys():
            other.session.send("WebAuthn.addCredential", {"authenticatorId": other.id, "credential": key})


def device_of(person: Person) -> Device:
    session = person.page.context.new_cdp_session(person.page)
    session.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    made = session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    return Device(session, str(made["authenticatorId"]))


def scene_of(window: Window) -> Scene:
    assert window.scene is not None
    return window.scene


def is_signed_in(person: Person, window: Window, password: str = "", language: str = "en") -> None:
    scene = scene_of(window)
    email = EMAIL if language == "en" else f"{language}.{EMAIL}"
    began = signed_in(scene.sessions, scene.clock, email, lang=language, password=password)
    cookie = {"name": "ventanilla-my", "value": began.token, "url": window.url, "httpOnly": True, "sameSite": "Lax"}
    person.page.context.add_cookies([cookie])  # type: ignore[list-item]


def adds_passkey(person: Person, name: str) -> None:
    person.opens(PAGE)
    person.follows("Add a passkey")
    person.types("A name for it", name)
    person.presses("Add a passkey")
    person.sees("Your sign-in")
    person.reads(name, person.say("The passkey is added. You can sign in with it from now on."))


def signs_out(person: Person) -> None:
    with person.page.expect_navigation():
        person.page.locator(".sign-out button").click()
    person.sees("You are signed out")


def test_a_passkey_is_added_signs_in_and_is_removed(window: Window, guests: Guests) -> None:
    for language in ("en", "es"):
        person = guests(language, size=(360, 740))
        device = device_of(person)
        is_signed_in(person, window, language=language)
        adds_passkey(person, "Mi teléfono")
        assert len(device.keys()) == 1
        signs_out(person)
        person.opens("/my/sign-in")
        person.presses("Use a passkey")
        person.sees("My accounts")
        assert scene_of(window).scalar("SELECT method FROM resident_sessions ORDER BY id DESC LIMIT 1") == "passkey"
        person.opens(PAGE)
        person.presses("Remove", "Mi teléfono")
        signs_out(person)
        person.opens("/my/sign-in")
        person.presses("Use a passkey")
        person.sees("You are not signed in")


def test_a_passkey_is_the_second_step_after_a_password(window: Window, guests: Guests) -> None:
    person = guests()
    device_of(person)
    is_signed_in(person, window, PASSWORD)
    adds_passkey(person, "My phone")
    person.presses("Use my passkey")
    person.sees("Your recovery codes")
    person.follows("I have written them down")
    signs_out(person)
    person.opens("/my/sign-in")
    person.types("E-mail", EMAIL)
    person.page.get_by_label("Password").fill(PASSWORD)
    person.presses("Sign in")
    person.sees("Your code")
    person.presses("Use a passkey")
    person.sees("My accounts")
    person.opens(PAGE)
    person.presses("Remove", "My phone")
    assert scene_of(window).rows("SELECT asks_second FROM resident_sign_ins") == [(False,)], "nothing is left for it"


def test_who_is_not_known_to_the_device_gets_nowhere_and_is_told_so(window: Window, guests: Guests) -> None:
    person = guests()
    device = device_of(person)
    is_signed_in(person, window)
    adds_passkey(person, "My phone")
    signs_out(person)
    device.finger(fits=False)
    person.opens("/my/sign-in")
    person.button("Use a passkey").click()
    expect(person.page.locator("[data-passkey-said]")).to_have_text(
        person.say("That did not work. Try again, or sign in another way.")
    )
    assert scene_of(window).scalar("SELECT count(*) FROM resident_sessions WHERE method = 'passkey'") == 0


def test_a_copied_passkey_is_found_out_by_its_counter(window: Window, guests: Guests) -> None:
    person, thief = guests(), guests()
    device, stolen = device_of(person), device_of(thief)
    is_signed_in(person, window)
    adds_passkey(person, "My phone")
    device.copies_into(stolen)
    signs_out(person)
    for _ in range(2):
        person.opens("/my/sign-in")
        person.presses("Use a passkey")
        person.sees("My accounts")
        signs_out(person)
    thief.opens("/my/sign-in")
    thief.presses("Use a passkey")
    thief.sees("You are not signed in")


@pytest.mark.parametrize("language", ["en", "es"])
def test_without_a_script_the_page_says_so_and_the_other_ways_work(
    window: Window, guests: Guests, language: str
) -> None:
    scene = scene_of(window)
    signed_in(scene.sessions, scene.clock, EMAIL, lang=language, password=PASSWORD)
    person = guests(language, java_script_enabled=False)
    person.opens("/my/sign-in")
    person.reads(
        person.say("Passkeys need JavaScript, and it is off in this browser. The other ways work without it.")
    )
    expect(person.button("Use a passkey")).to_be_hidden()
    person.types("E-mail", EMAIL)
    person.page.get_by_label(person.say("Password")).fill(PASSWORD)
    person.presses("Sign in")
    person.sees("My accounts")
