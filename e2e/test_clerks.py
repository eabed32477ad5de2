"""A clerk’s day with both hands on the keyboard: sign in, find a file by a slip, write, forgive, correct."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from e2e.clerks import ASK, LOOK
from e2e.conftest import Clerks, Guests
from e2e.window import Window
from tests.portal.identity.people import hire
from tests.portal.staff.test_act_pages import penalty

LANGUAGES = ("en", "es")
NOTE = "Dog in the yard. Ring first."


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_clerk_signs_in_finds_a_file_by_a_misspelled_name_and_writes_a_note(
    window: Window, clerks: Clerks, language: str
) -> None:
    assert window.scene is not None
    window.scene.open("utility", 50_00, name="Guadalupe Villaseñor")
    clerk = clerks(language=language)
    clerk.opens("/staff/")
    clerk.signs_in(hire(window.scene, "ana", language, ("clerk",)))
    clerk.sees("Today")
    clerk.strikes("?")
    dialog = clerk.page.get_by_role("dialog", name=clerk.say("Keys on this page"))
    expect(dialog).to_contain_text(clerk.say("Go to the search box"))
    clerk.strikes("Escape")
    expect(dialog).to_be_hidden()
    clerk.searches("guadalupe vilasenor")
    clerk.strikes("ArrowDown")
    clerk.jumps("Enter")
    expect(clerk.heading).to_have_text("Guadalupe Villaseñor")
    clerk.jumps("2")
    clerk.sees("New note")
    clerk.types("Note", NOTE)
    clerk.strikes("Escape")
    clerk.holds("Note", NOTE)
    clerk.strikes("5")  # a key again, now that no field has the focus; there is no such act here
    clerk.ticks("Pin it to the top of the account")
    clerk.presses("Add the note")
    expect(clerk.heading).to_have_text("Guadalupe Villaseñor")
    clerk.reads(NOTE, "Ana Torres")
    clerk.jumps("v n")
    clerk.reads(NOTE)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_small_penalty_is_forgiven_at_once(window: Window, clerks: Clerks, language: str) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    account = window.accounts.of(language)[0]
    penalty(window.scene, account, 10_00)
    owed = window.scene.balance(account)
    clerk = clerks("clerk", name="ana", language=language)
    clerk.opens("/staff/")
    clerk.opens_file(account)
    clerk.jumps("5")
    clerk.sees("Forgive a fee or a penalty")
    clerk.picks("The city’s reason", {"en": "The bill came late", "es": "La factura llegó tarde"}[language])
    clerk.types("Why", "She showed us the envelope.")
    clerk.presses(LOOK)
    clerk.reads(clerk.say("What it comes to"), "$10.00")
    assert window.scene.balance(account) == owed, "so far it was only looked at"
    clerk.presses("Forgive it")
    assert (owed - window.scene.balance(account)).cents == 10_00
    clerk.reads(f"${window.scene.balance(account)}")
    clerk.jumps("v t")
    clerk.reads("Ana", "She showed us the envelope.")


@pytest.mark.parametrize(("language", "other"), [("en", "es"), ("es", "en")])
def test_a_correction_is_asked_for_approved_and_names_both_people(
    window: Window, clerks: Clerks, language: str, other: str
) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    account = window.accounts.water
    owed = window.scene.balance(account)
    clerk, chief = (
        clerks("clerk", name="ana", language=language),
        clerks("supervisor", name="samira", language=other),
    )
    clerk.opens("/staff/")
    clerk.opens_file(account)
    clerk.jumps("6")
    clerk.sees("Correct a charge")
    clerk.types("What for", "4 CCF too many")
    clerk.types("Quantity", "4")
    clerk.types("Rate in dollars", "-2.50")
    clerk.types("Why", "The meter was read wrong.")
    clerk.presses(LOOK)
    clerk.reads(clerk.say("A second person decides"), "$10.00")
    clerk.presses(ASK)
    assert window.scene.balance(account) == owed, "so far it is only asked for"
    chief.opens("/staff/")
    chief.jumps("g a")
    chief.sees("Approvals")
    chief.jumps("1")
    chief.reads("The meter was read wrong.", "Ana", "$10.00", account.number)
    chief.jumps("1")
    chief.presses("Approve and do it")
    chief.reads("Samira")
    assert (owed - window.scene.balance(account)).cents == 10_00
    clerk.opens_file(account)
    clerk.reads(f"${window.scene.balance(account)}")
    clerk.jumps("v t")
    clerk.reads("Ana", "Samira", "The meter was read wrong.")


def test_a_card_payment_for_the_neighbor_is_moved_by_two_people(
    window: Window, clerks: Clerks, guests: Guests
) -> None:
    assert window.scene is not None
    assert window.accounts is not None
    wrong, right = window.accounts.water, window.accounts.agua
    paid, owed = window.scene.balance(wrong), window.scene.balance(right)
    guest = guests("en")
    guest.fills_basket(wrong)
    guest.leaves_to_pay()
    guest.pays_with()
    guest.has_receipt()
    clerk = clerks("clerk", name="ana")
    clerk.opens("/staff/")
    clerk.opens_file(wrong)
    clerk.jumps("7")
    clerk.types("To the account with this number", right.number)
    clerk.types("How much of it", str(owed))
    clerk.types("Why", "He typed his neighbor’s number.")
    clerk.presses(LOOK)
    clerk.presses(ASK)
    chief = clerks("finance", name="felix", language="es")
    chief.opens("/staff/approvals")
    chief.jumps("1")
    chief.reads(wrong.number, right.number)
    chief.jumps("1")
    chief.presses("Approve and do it")
    assert (window.scene.balance(wrong), window.scene.balance(right)) == (owed, paid - paid)
    chief.opens_file(right)
    chief.jumps("v p")
    chief.reads(f"${owed}")


def test_people_take_turns_at_a_window_by_password_alone(window: Window, clerks: Clerks) -> None:
    assert window.scene is not None
    ana, ben = hire(window.scene, "ana", roles=("clerk",)), hire(window.scene, "ben", roles=("cashier",))
    clerk = clerks()
    clerk.opens("/staff/keys")
    clerk.signs_in(ana)
    clerk.sees("Keys")
    clerk.jumps("g u")
    clerk.signs_in(ben)
    clerk.sees("Keys")
    clerk.jumps("g u")
    clerk.signs_in(ana, code=False)
    clerk.sees("Keys")
    assert window.count("staff_sessions WHERE ended_at IS NULL") == 1


@pytest.mark.parametrize("language", LANGUAGES)
def test_keys_of_one_letter_are_switched_off_and_on_again(window: Window, clerks: Clerks, language: str) -> None:
    clerk = clerks("clerk", language=language)
    clerk.opens("/staff/")
    clerk.strikes("?")
    clerk.follows("All keys, and how to switch them off")
    clerk.sees("Keys")
    clerk.presses("Switch these keys off")
    clerk.strikes("g", "a", "/", "?")
    clerk.sees("Keys")
    assert clerk.page.evaluate("document.activeElement.id") != "staff-search"
    expect(clerk.page.get_by_role("dialog")).to_be_hidden()
    clerk.presses("Switch these keys on")
    clerk.jumps("g a")
    clerk.sees("Approvals")
