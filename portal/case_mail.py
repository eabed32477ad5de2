"""What follows what happens to a request: who asked is told that there is news, and second people's word is heard.

The mail says no more than that there is news, and where: what it is about stands behind the sign-in, or behind a link
that only this mailbox has.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import procrastinate
from flask import Flask
from flask_babel import gettext
from sqlalchemy import text

from accounts.actors.service import SYSTEM, actor_id
from accounts.cases.abandoned import ENDS, clear_away
from accounts.cases.lifecycle import DECIDED, HANDED_IN, WRITTEN
from accounts.cases.queries import case, message_to_resident
from accounts.cases.rules import State
from accounts.cases.views import CaseLine
from accounts.database import reading, transaction
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import address_digest
from accounts.requests.guest_links import CALLED_BACK
from accounts.requests.guests import guest_of
from accounts.requests.service import settle
from portal.city_mail import Heading, city_mail
from portal.guest_requests import link_to_case
from portal.i18n import speaking
from portal.mail import MailRefused
from portal.messages_sent.rules import Kind, Message
from portal.messages_sent.service import sending
from portal.notices.jobs import tell_of_answer, wants_mail
from portal.notices.stopping import link_of
from portal.queue import nightly, on_fact
from portal.wiring import Wiring

_ADDRESS = text("SELECT email FROM resident_sign_ins WHERE actor_id = :actor AND email IS NOT NULL LIMIT 1")


@dataclass(frozen=True)
class _News:
    """What there is to tell of a case, and under which name it is told once."""

    line: CaseLine
    key: str
    what: str
    """``message``, ``decided``, ``ends``; of guests also ``received``, ``link`` and ``renewed``."""


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang what follows onto the queue."""

    @on_fact(queue, WRITTEN, final=(MailRefused,))
    def case_written(message_id: int) -> None:
        with app.app_context():
            tell_of_message(wired, message_id)

    @on_fact(queue, DECIDED, final=(MailRefused,))
    def case_decided(case_id: int) -> None:
        with app.app_context():
            tell_of_decision(wired, case_id)

    @on_fact(queue, HANDED_IN, final=(MailRefused,))
    def case_handed_in(case_id: int) -> None:
        with app.app_context():
            tell_of_arrival(wired, case_id)

    @on_fact(queue, CALLED_BACK, final=(MailRefused,))
    def guest_links_called_back(case_id: int, links: int) -> None:
        with app.app_context():
            tell_of_new_link(wired, case_id, links)

    @on_fact(queue, ENDS, final=(MailRefused,))
    def case_draft_ends(case_id: int, told_at: str) -> None:
        with app.app_context():
            tell_of_end(wired, case_id, told_at)

    nightly(queue, "requests.clear_away", "55 10 * * *", lambda: clear_drafts_away(wired))
    nightly(queue, "requests.settle", "1-59/2 * * * *", lambda: settle_requests(wired))


def settle_requests(wired: Wiring) -> str:
    """Requests whose act in money a second person has decided: done, or back to be decided anew."""
    with transaction(wired.sessions) as session:
        system = actor_id(session, SYSTEM)
    return f"requests: {settle(wired.case_desk(), system)} settled"


def clear_drafts_away(wired: Wiring) -> str:
    """What was begun and never handed in."""
    done = clear_away(wired.case_desk(), wired.documents())
    return f"requests not handed in: {done.told} told, {done.drafts} cleared away with {done.files} files"


def tell_of_message(wired: Wiring, message_id: int) -> None:
    """The city wrote about a request."""
    with reading(wired.sessions) as session:
        found = message_to_resident(session, message_id)
        line = case(session, found[0]) if found else None
    if line is not None:
        _tell(wired, _News(line, f"case-message-{message_id}", "message"))


def tell_of_decision(wired: Wiring, case_id: int) -> None:
    """A request is decided, and what follows is done."""
    with reading(wired.sessions) as session:
        line = case(session, case_id)
    _tell(wired, _News(line, f"case-decided-{case_id}-{line.version}", "decided"))


def tell_of_arrival(wired: Wiring, case_id: int) -> None:
    """A guest's request came in: its number, and the link to it."""
    with reading(wired.sessions) as session:
        line = case(session, case_id)
    _tell(wired, _News(line, f"case-received-{case_id}", "received"))


def tell_of_link(wired: Wiring, line: CaseLine, key: str) -> None:
    """A guest wants a new link to their request."""
    _tell(wired, _News(line, key, "link"))


def tell_of_new_link(wired: Wiring, case_id: int, links: int) -> None:
    """The links of a guest were called back, and a new one goes to the address that asked."""
    with reading(wired.sessions) as session:
        line = case(session, case_id)
    if line.links == links:
        _tell(wired, _News(line, f"case-links-{case_id}-{links}", "renewed"))


def tell_of_end(wired: Wiring, case_id: int, told_at: str) -> None:
    """A resident's draft will be cleared away, unless they went on with it meanwhile."""
    with reading(wired.sessions) as session:
        line = case(session, case_id)
    if line.state is State.DRAFT and line.kept_at < datetime.fromisoformat(told_at):
        _tell(wired, _News(line, f"case-ends-{case_id}-{told_at}", "ends"))


def _stop(wired: Wiring, line: CaseLine, to: str) -> str:
    """Where mail of this kind is stopped; nowhere for a guest, who gets it for this request alone."""
    if line.asked_by is None:
        return ""
    digest = address_digest(wired.proof_key, "mail", to)
    return link_of(wired, Kind.REQUEST_ANSWERED, Person(actor_id=line.asked_by), digest)


def _tell(wired: Wiring, news: _News) -> None:
    line = news.line
    to = line.guest.get("email", "")
    if line.asked_by is not None:
        with reading(wired.sessions) as session:
            to = session.scalar(_ADDRESS, {"actor": line.asked_by}) or ""
    if not to:
        return
    if line.asked_by is not None:
        tell_of_answer(wired, f"{line.id}/{news.key}", line.asked_by, line.customer_account_id, to)
        if not wants_mail(wired, line.asked_by, Kind.REQUEST_ANSWERED):
            return
    city, language, stop = wired.city().city, line.language, _stop(wired, line, to)
    with speaking(language):
        subject, said = _words(news)
    words = {
        "said": said,
        "address": _address(wired, line),
        "again_address": "" if line.asked_by else f"{wired.settings.base_url}/ask/status",
        "stop_url": stop,
    }
    mail = city_mail(city, Heading(to, language, subject, news.key, stop=stop), "requests/news", words)
    accounts = (line.customer_account_id,) if line.customer_account_id is not None else ()
    message = Message(
        "mail", Kind.REQUEST_ANSWERED, to, language, line.number, accounts=accounts, key=news.key,
        reader=line.asked_by,
    )  # fmt: skip
    sending(wired.sessions, wired.proof_key, message, lambda: wired.mailer.send(mail), now=wired.clock.now())


def _words(news: _News) -> tuple[str, str]:
    """Subject and sentence, in the language that is spoken."""
    number = news.line.number
    if news.what == "decided":
        return gettext("Your request is decided"), gettext(
            "There is a decision on your request %(number)s.", number=number
        )
    if news.what == "received":
        return gettext("We have your request"), gettext(
            "Your request %(number)s came in. Keep the number. Here you see where it stands, and can write to us.",
            number=number,
        )
    if news.what == "ends":
        return gettext("Your request is not sent yet"), gettext(
            "You began a request and have not sent it. In a week we delete what you wrote and your documents. If you"
            " still need it, open it and go on."
        )
    if news.what == "renewed":
        return gettext("A new link to your request"), gettext(
            "The links that we mailed you before do not open your request any more. This one does. Do not pass it on."
        )
    if news.what == "link":
        return gettext("The link to your request"), gettext(
            "Here you see where your request %(number)s stands.", number=number
        )
    return gettext("The City wrote to you"), gettext(
        "There is a message about your request %(number)s.", number=number
    )


def _address(wired: Wiring, line: CaseLine) -> str:
    """Behind the sign-in; a guest's own link, where they have none."""
    if line.asked_by is not None:
        return f"{wired.settings.base_url}/my/requests/{line.id}"
    return link_to_case(wired, guest_of(line))
