"""What somebody agrees to who gives up bills on paper."""

from __future__ import annotations

from datetime import datetime

from flask_babel import gettext

from accounts.cities.rules import City
from accounts.message_choices.service import ConsentText
from portal.documents.letter import Letter, letter_pdf
from portal.i18n import speaking

VERSION = "paperless-2026-11"


def paperless_words(city: City, language: str) -> ConsentText:
    """The statement of E-SIGN, 15 USC 7001(c)(1)(B) and (C): paper, its end, its scope, how, and what is needed."""
    identity = city.identity
    with speaking(language):
        name = identity.legal_name.in_(language)
        words = (
            gettext("%(city)s will send the bills of this account by e-mail and show them here, and not on paper.",
                    city=name),
            gettext("You have a right to bills on paper. You can ask for a copy of one on paper at any time, without "
                    "charge: call %(phone)s.", phone=identity.phone),
            gettext("You can go back to paper at any time, on this page or by calling %(phone)s. It holds from the "
                    "next bill on. It costs nothing and changes nothing else.", phone=identity.phone),
            gettext("This is about the bills of this account only. Notices that the law wants on paper still come by "
                    "post."),
            gettext("Keep your e-mail address up to date: change it under “Your sign-in”. If our mail comes back, "
                    "your bills come on paper again."),
            gettext("You need: a device with internet, a current web browser, a program that shows PDF files, an "
                    "e-mail address, and room to keep or print the bills. If that changes in a way that matters, we "
                    "tell you and ask you again."),
        )  # fmt: skip
    return ConsentText(VERSION, language, "\n".join(words))


def sample_paper(city: City, language: str, at: datetime) -> bytes:
    """A page in the format of bills (PDF), by which somebody shows that they can read it: 7001(c)(1)(C)(ii)."""
    with speaking(language):
        letter = Letter(
            language=language, to=[gettext("Sample")], subject=gettext("A sample of a bill without paper"), about="",
            sentences=[gettext("If you can read this page, you can read your bills in this way.")],
            columns=[gettext("For"), gettext("Due"), gettext("Amount")], rows=[], total=(gettext("To pay"), ""),
        )  # fmt: skip
        return letter_pdf(letter, city, at)
