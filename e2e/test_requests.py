"""Asking the city without a sign-in: by telephone with a photograph, by keyboard alone, and without a script."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

from e2e.conftest import Clerks, Guests
from e2e.keyboard import enters, tabs_to, types_at
from e2e.people import Person
from e2e.window import Window
from tests.portal.scene import Known

PHONE = (360, 740)
PHOTO = Path("tests/accounts/documents/telephone.heic")
ROSA = "rosa@example.com"
REQUEST = re.compile(r"REQ-\d{4}-\d{6}-\d")
MAIL_ME, SAVE, SEND = "Mail me the link", "Save and continue", "Send it to the City"


def link_in_mail(window: Window) -> str:
    """The address in the newest mail to who asks."""
    window.work()
    body = window.mails[-1].get_body(("plain",))
    assert body is not None
    return next(word for word in body.get_content().split() if re.search(r"/ask/(begin|requests)/", word))


def asks(guest: Person, account: Known, kind: str) -> None:
    """From the home page to the pages of a request, by way of the mailbox."""
    guest.finds_at_home(account)
    guest.follows("Ask for something about this account")
    guest.sees("Ask for something")
    guest.page.locator("label").filter(has_text=kind).click()
    guest.types("Your name", "Rosa Díaz")
    guest.types("E-mail", ROSA)
    guest.presses(MAIL_ME)
    guest.sees("Look into your e-mail")
    guest.opens(link_in_mail(guest.window))
    guest.sees("Go on with your request")
    guest.presses("Continue")


def number_of(guest: Person) -> str:
    (number,) = set(REQUEST.findall(guest.text))
    return str(number)


def test_asked_by_telephone_with_a_photograph_and_answered_at_a_desk(
    window: Window, guests: Guests, clerks: Clerks
) -> None:
    guest = guests("es", size=PHONE, is_mobile=True, has_touch=True)
    asks(guest, window.accounts.agua, "Pagué por otro sitio")
    guest.sees("El pago")
    guest.types("Qué sitio, aplicación o banco", "Banco del Valle")
    guest.page.get_by_label("El día en que pagó").fill((window.scene.today - timedelta(days=3)).isoformat())
    guest.types("Importe", "40")
    guest.presses(SAVE)
    guest.sees("Documents")
    guest.page.get_by_label(guest.say("Photo or PDF")).set_input_files(str(PHOTO))
    guest.presses("Add")
    guest.reads("telephone.jpg")
    guest.follows("Continue")
    guest.sees("Check your answers")
    guest.presses(SEND)
    number = number_of(guest)

    clerk = clerks("clerk", kind=Person)
    clerk.opens("/staff/cases")
    clerk.follows("I paid through another site")
    clerk.reads(number)
    clerk.reads("Rosa Díaz", "Banco del Valle", "telephone.jpg")
    clerk.presses("I take it")
    clerk.follows("Write")
    clerk.types("Words", "Hola, Rosa. Encontramos su pago.")
    clerk.presses("Send")
    clerk.reads("Encontramos su pago.")

    guest.opens(link_in_mail(window))
    guest.reads(number, "Encontramos su pago.")
    guest.types("Your message", "Muchas gracias.")
    guest.presses("Send")
    guest.reads("Muchas gracias.")


def test_by_keyboard_alone(window: Window, guests: Guests) -> None:
    guest = guests("en")

    guest.finds_at_home(window.accounts.water)
    enters(guest.page, "Ask for something about this account")
    guest.sees("Ask for something")
    tabs_to(guest.page, "Start service")
    guest.page.keyboard.press("ArrowDown")
    types_at(guest.page, "Your name", "Rosa Díaz")
    types_at(guest.page, "E-mail", ROSA)
    enters(guest.page, MAIL_ME)
    guest.opens(link_in_mail(window))
    guest.reads("Question about a bill")
    enters(guest.page, "Continue")
    types_at(guest.page, "What is wrong or not clear", "Why is it so high?")
    enters(guest.page, SAVE)
    guest.sees("Check your answers")
    enters(guest.page, SEND)
    number = number_of(guest)
    guest.opens("/ask/status")
    types_at(guest.page, "Number of the request", number)
    types_at(guest.page, "E-mail", ROSA)
    enters(guest.page, MAIL_ME)
    guest.sees("Look into your e-mail")
    guest.opens(link_in_mail(window))
    guest.reads(number, "Why is it so high?")


def test_without_a_script_it_is_asked_and_taken_back(window: Window, guests: Guests) -> None:
    guest = guests("es", size=PHONE, java_script_enabled=False, is_mobile=True, has_touch=True)
    asks(guest, window.accounts.agua, "Pregunta sobre una factura")
    guest.sees("Su pregunta")
    guest.types("Qué está mal o no está claro", "¿Por qué subió?")
    guest.presses(SAVE)
    guest.presses(SEND)
    guest.reads(number_of(guest))
    guest.follows("Withdraw this request")
    guest.presses("Withdraw this request")
    guest.reads(guest.say("Withdrawn"))
