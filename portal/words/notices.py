"""Kinds of messages, where they are and why, in words: for people who get them and for staff."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time
from typing import Any

from flask_babel import lazy_gettext as _l

from portal.i18n import clock_text
from portal.i18n import gettext as _
from portal.languages import language_name
from portal.words.values import Compared

NOTICE_ACTS = {
    "address-lifted": _l("Let messages go to an address again"),
    "mail-resumed-by-link": _l("Let mail come again, by the link in it"),
    "mail-stopped-by-link": _l("Stopped mail of a kind, by the link in it"),
    "messages-chosen": _l("Chose how to be told"),
    "messages-chosen-at-counter": _l("Changed how somebody is told, as they asked"),
    "paperless-asked-at-counter": _l("Wrote down that bills without paper are asked for"),
    "paperless-ended-at-counter": _l("Let bills come on paper again, as they asked"),
    "text-number-asked-at-counter": _l("Sent a code to a number for texts, as they asked"),
    "texts-ended-at-counter": _l("Ended text messages, as they asked"),
    "paperless-begun": _l("Agreed to bills without paper"),
    "paperless-ended": _l("Asked for paper bills again"),
    "text-number-asked": _l("Asked for text messages"),
    "text-number-confirmed": _l("Confirmed a number for text messages"),
    "text-number-ended": _l("Ended text messages"),
    "texts-started": _l("Wrote by text to get text messages"),
    "texts-stopped": _l("Wrote by text to stop text messages"),
    "use-level-set": _l("Set a level of use to be told of"),
}

CHOSEN_ACTS = frozenset({"mail-resumed-by-link", "mail-stopped-by-link", "messages-chosen-at-counter"})
"""Acts whose lines say the choices before and after."""


def notice_kinds() -> dict[str, str]:
    """What people are told of itself, by code, in the order in which pages show them."""
    return {
        "bill-ready": _("A bill is ready"),
        "due-soon": _("A bill is due soon"),
        "past-due": _("A bill is past due"),
        "payment-received": _("A payment was received"),
        "payment-failed": _("A payment did not go through"),
        "request-answered": _("A request was answered"),
        "high-use": _("Use is high"),
        "account-linked": _("Somebody was given access to an account"),
        "account-unlinked": _("Somebody's access to an account ended"),
    }


def message_states() -> dict[str, str]:
    """Where a message is."""
    return {
        "queued": _("Waiting"),
        "sending": _("Leaving now"),
        "delayed": _("Not yet; we try again"),
        "sent": _("Sent"),
        "delivered": _("Delivered"),
        "failed": _("Refused by the other side"),
        "bounced": _("Came back"),
        "dropped": _("Not sent"),
        "put-off": _("Put off to the morning"),
        "printed": _("Printed"),
    }


def message_reasons() -> dict[str, str]:
    """Why a message is where it is, in our own words."""
    return {
        "paid": _("Nothing was open any more."),
        "on-its-way": _("A payment was on its way."),
        "not-wanted": _("Its reader does not want it."),
        "stopped": _("The number asked for no texts."),
        "unreachable": _("Messages to this address came back before."),
        "twice": _("The same message went to this address."),
        "over": _("What it was about was over."),
        "quiet": _("It would have rung in quiet hours."),
        "unknown": _("It is not known whether it left."),
        "too-late": _("It could not leave in time."),
    }


def address_events() -> dict[str, str]:
    """What happened to an address."""
    return {
        "bounced": _("A message came back"),
        "refused": _("A message was refused for good"),
        "stopped": _("Its owner texted to stop"),
        "started": _("Its owner texted to start"),
        "lifted": _("Tried again"),
    }


def ways() -> dict[str, str]:
    """How somebody is told."""
    return {"mail": _("E-mail"), "text": _("Text"), "both": _("E-mail and text"), "none": _("Do not tell me")}


def request_ways() -> dict[str, str]:
    """How somebody asked the counter."""
    return {"in-person": _("In person"), "phone": _("By phone")}


def request_way(code: str) -> str:
    """How somebody asked the counter; what is no code of ours stays."""
    return request_ways().get(code, code)


def chosen_rows(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Compared]:
    """What differs between two sets of choices (``accounts.message_choices.counter.said_of``), row by row."""
    old, new, named = before.get("ways") or {}, after.get("ways") or {}, ways()
    rows = [
        Compared(name, named.get(old.get(kind, ""), ""), named.get(new.get(kind, ""), ""))
        for kind, name in notice_kinds().items()
        if old.get(kind) != new.get(kind)
    ]
    language = [language_name(side["language"]) if side.get("language") else "" for side in (before, after)]
    if language[0] != language[1]:
        rows.append(Compared(_("Language of messages"), *language))
    quiet = [quiet_words(side.get("quiet_from"), side.get("quiet_until")) for side in (before, after)]
    if quiet[0] != quiet[1]:
        rows.append(Compared(_("Quiet hours"), *quiet))
    return rows


def quiet_words(begins: Any, ends: Any) -> str:
    """``9:00 PM to 8:00 AM``; those of the city where nobody chose others."""
    if not isinstance(begins, int) or not isinstance(ends, int):
        return _("as the City has them")
    first, last = (clock_text(time(*divmod(minute, 60))) for minute in (begins, ends))
    return _("%(first)s to %(last)s", first=first, last=last)
