"""A mail of a city: two templates of one name, in its reader's language, as from the city's address."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.message import EmailMessage

from flask import current_app

from accounts.cities.rules import City
from portal.i18n import speaking
from portal.mail import Attachment, compose
from portal.navigation import CityView


@dataclass(frozen=True)
class Heading:
    """To whom, in which language, and about what. ``key`` is the mail's own: the same one twice is one message.

    ``sender``: the address it comes from, where it is not the city's own. ``stop``: where mail of its
    kind ends (``portal.mail``).
    """

    to: str
    language: str
    subject: str
    key: str
    sender: str = ""
    stop: str = ""


def city_mail(
    city: City, heading: Heading, template: str, words: Mapping[str, object], attachments: Sequence[Attachment] = ()
) -> EmailMessage:
    """``email/{template}.txt`` and ``.html`` with ``words``, inside of an application context.

    Straight from the environment: what surrounds a page (menus, switch of language) needs a request.
    """
    language = heading.language
    whole = {
        "city": CityView.of(city, language, seal_url=""),
        "colors": city.identity.colors,
        "language": language,
        "locale_code": language,
        "subject": heading.subject,
        **words,
    }
    with speaking(language):
        text, html = (
            current_app.jinja_env.get_template(f"email/{template}.{ending}").render(whole)
            for ending in ("txt", "html")
        )
    return compose(
        sender=_named(city.identity.mail_sender_name.in_(language), heading.sender or city.identity.mail_sender),
        to=heading.to,
        subject=heading.subject,
        text=text,
        html=html,
        message_id=heading.key,
        language=language,
        attachments=attachments,
        stop=heading.stop,
    )


def _named(name: str, address: str) -> str:
    """A name may hold a comma, at which an unquoted one would end."""
    quoted = name.replace("\\", "").replace('"', "")
    return f'"{quoted}" <{address}>'
