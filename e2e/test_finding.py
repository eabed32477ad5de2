"""People who have the wrong proof, no number, or no proof at all."""

from __future__ import annotations

import re

from e2e.conftest import Guests
from e2e.people import SEE
from e2e.window import Window


def test_a_wrong_proof_and_an_unknown_number_look_alike(window: Window, guests: Guests) -> None:
    pages = []
    for number, proof in ((window.accounts.water.number, "WRONGCOD"), ("100-999-999", "WRONGCOD")):
        guest = guests("en")
        guest.opens("/pay")
        guest.finds(number, proof)
        guest.sees("Find what you owe")
        pages.append((guest.text, guest.page.title()))
    assert pages[0] == pages[1]
    assert pages[0][1].startswith("Error:")


def test_guessing_is_stopped_and_a_code_is_offered(window: Window, guests: Guests) -> None:
    guest = guests("es")
    guest.opens("/pay")
    for _ in range(10):
        guest.finds(window.accounts.agua.number, "WRONGCOD")
    refused = guest.text
    statuses: list[int] = []
    guest.page.on("response", lambda got: statuses.append(got.status))
    guest.finds(window.accounts.agua.number, "WRONGCOD")
    assert 429 in statuses
    assert guest.text != refused
    guest.finds(window.accounts.agua.number, window.accounts.agua.proof)  # nor does the right proof pass now
    guest.sees("Find what you owe")
    guest.follows("I do not have any of these proofs")
    guest.sees("Get a code")
    guest.presses("Send me a code")
    guest.sees("Enter your code")
    window.work()
    (mail,) = window.mails
    assert mail["Content-Language"] == "es"
    (code,) = re.findall(r"\b\d{8}\b", mail.get_body(("plain",)).get_content())
    guest.types("Code", code)
    guest.presses(SEE)
    guest.sees("What you owe")
    guest.reads(window.accounts.agua.number)


def test_finding_the_number(window: Window, guests: Guests) -> None:
    guest = guests("en")
    guest.opens("/pay")
    guest.follows("I do not have my number")
    guest.sees("Find my number")
    place = window.scene.rows("SELECT address FROM premises ORDER BY id LIMIT 1")[0].address
    guest.types("Name on the account", "María López Ruiz")
    guest.types("Street address", place)
    guest.presses("Send me my number")
    guest.sees("Look at your messages")
    window.work()
    assert window.accounts.water.number in window.mails[0].get_body(("plain",)).get_content()

    other = guests("en")
    other.opens("/find-my-number")
    other.types("Name on the account", "Nobody At All")
    other.types("Street address", "9 Nowhere Lane")
    other.presses("Send me my number")
    other.sees("Look at your messages")
    assert other.text == guest.text


def test_a_number_that_is_one_digit_off(window: Window, guests: Guests) -> None:
    guest = guests("en")
    right = window.accounts.water.reference
    wrong = right[:4] + str((int(right[4]) + 1) % 10) + right[5:]
    guest.opens("/pay")
    guest.finds(wrong, window.accounts.water.proof)
    guest.sees("What you owe")
    guest.reads("We corrected one digit", window.accounts.water.number)
