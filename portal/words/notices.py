"""Kinds of messages, where they are and why, in words: for people who get them and for staff."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from portal.i18n import gettext as _

NOTICE_ACTS = {
    "address-lifted": _l("Let messages go to an address again"),
    "messages-chosen": _l("Chose how to be told"),
    "paperless-begun": _l("Agreed to bills without paper"),
    "paperless-ended": _l("Asked for paper bills again"),
    "text-number-asked": _l("Asked for text messages"),
    "text-number-confirmed": _l("Confirmed a number for text messages"),
    "text-number-ended": _l("Ended text messages"),
    "texts-started": _l("Wrote by text to get text messages"),
    "texts-stopped": _l("Wrote by text to stop text messages"),
    "use-level-set": _l("Set a level of use to be told of"),
}


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
    return {"mail": _("Email"), "text": _("Text"), "both": _("Email and text"), "none": _("Do not tell me")}
