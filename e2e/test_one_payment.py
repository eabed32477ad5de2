"""A water bill, a license and a ticket in one payment, from home to the receipt, in either language."""

from __future__ import annotations

import io
from email.message import EmailMessage
from pathlib import Path

import pytest
from pypdf import PdfReader

from e2e.conftest import Guests
from e2e.people import Person
from e2e.window import Window


@pytest.mark.parametrize("language", ["en", "es"])
def test_three_accounts_in_one_payment(window: Window, guests: Guests, tmp_path: Path, language: str) -> None:
    guest = guests(language)
    accounts = window.accounts.of(language)
    guest.fills_basket(*accounts)
    guest.leaves_to_pay("ana@example.com")
    guest.pays_with("4242 4242 4242 4242")
    number = guest.has_receipt()
    guest.reads(*(account.number for account in accounts))

    window.work()
    (mail,) = window.mails
    assert mail["To"] == "ana@example.com"
    assert mail["Content-Language"] == language
    assert number in mail["Subject"]
    assert guest.say("Receipt %(number)s", number=number).split()[0] in mail["Subject"]
    _is_the_receipt(_attached(mail), number, language)
    _is_the_receipt(_saved(guest), number, language)

    guest.follows("Show them that this receipt is genuine")
    guest.sees("This receipt is genuine")
    stranger = guests("en" if language == "es" else "es")
    stranger.language = language  # a receipt is in the payer's language until its reader chooses another
    stranger.opens(guest.page.url)
    stranger.sees("This receipt is genuine")
    assert all(window.scene.balance(account).cents == 0 for account in accounts)
    assert window.count("receipts") == 1
    assert "$" in window.hledger(tmp_path)


def _attached(mail: EmailMessage) -> bytes:
    (pdf,) = mail.iter_attachments()
    assert pdf.get_content_type() == "application/pdf"
    content: bytes = pdf.get_content()
    return content


def _saved(guest: Person) -> bytes:
    link = guest.page.get_by_role("link", name=guest.say("Save as PDF"))
    answer = guest.page.context.request.get(f"{guest.window.url}{link.get_attribute('href')}")
    assert answer.headers["content-type"] == "application/pdf"
    return answer.body()


def _is_the_receipt(pdf: bytes, number: str, language: str) -> None:
    read = PdfReader(io.BytesIO(pdf))
    assert number in "".join(page.extract_text() for page in read.pages)
    assert str(read.trailer["/Root"]["/Lang"]).startswith(language)
