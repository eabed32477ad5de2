"""Where requests stand, what happened to them and how they were decided, in words."""

from __future__ import annotations

from datetime import date, timedelta

from flask_babel import lazy_gettext as _l

from accounts.cases.rules import Event, Outcome, State
from accounts.cases.views import CaseLine
from accounts.cities.desk import choice
from accounts.cities.requests import RequestKind
from accounts.cities.rules import City
from portal.i18n import gettext as _
from portal.i18n import locale_code, long_date

STATES = {
    State.DRAFT: _l("Not sent yet"),
    State.SUBMITTED: _l("Received"),
    State.IN_REVIEW: _l("Being looked at"),
    State.WAITING: _l("Waiting for you"),
    State.DECIDED: _l("Decided, being carried out"),
    State.DONE: _l("Done"),
    State.WITHDRAWN: _l("Withdrawn"),
}
"""For residents."""
STAFF_STATES = {**STATES, State.SUBMITTED: _l("New"), State.WAITING: _l("Waiting for the resident"),
                State.DECIDED: _l("Waiting for a second person")}  # fmt: skip
LOOKS = {
    State.DRAFT: "pending", State.SUBMITTED: "due", State.IN_REVIEW: "due", State.WAITING: "overdue",
    State.DECIDED: "pending", State.DONE: "paid", State.WITHDRAWN: "closed",
}  # fmt: skip
"""State → the look of its mark."""
STAFF_LOOKS = LOOKS | {State.WAITING: "pending"}
"""The same for those who work here: what waits for the resident asks nothing of them."""
EVENTS = {
    Event.SUBMIT: _l("Sent in"),
    Event.DISCARD: _l("Thrown away"),
    Event.TAKE_UP: _l("Taken on"),
    Event.ASK: _l("The City asked something"),
    Event.ANSWER: _l("Answered"),
    Event.GO_ON: _l("Went on without an answer"),
    Event.DECIDE: _l("Decided"),
    Event.FINISH: _l("Done"),
    Event.SEND_BACK: _l("Back to be decided anew"),
    Event.WITHDRAW: _l("Withdrawn"),
}
OUTCOMES = {
    Outcome.GRANTED: _l("Granted"),
    Outcome.PARTLY: _l("Granted in part"),
    Outcome.DENIED: _l("Denied"),
    Outcome.ANSWERED: _l("Answered"),
}


def kind_of(city: City, line: CaseLine) -> RequestKind | None:
    """The kind of a case as it was asked, or as it is today; none of a draft whose kind the city has no more."""
    known = line.kind_as_asked()
    return known or next((kind for kind in city.request_kinds if kind.code == line.kind), None)


def kind_name(city: City, line: CaseLine) -> str:
    kind = kind_of(city, line)
    return kind.name.in_(locale_code()) if kind else line.kind


def division_name(city: City, line: CaseLine) -> str:
    """Who has it, for the resident: the division, never a person."""
    for policy in reversed(city.desk_policies):
        if found := choice(policy.divisions, line.division):
            return found.name.in_(locale_code())
    return _("The City")


def stands_still(kind: RequestKind, sent_on: date) -> list[str]:
    """What an open request stops on its account, from the day it is sent, as who asks reads it."""
    said = []
    for pause in kind.pauses:
        if pause.stops == "shut-off":
            said.append(_("The account is not shut off while this is open."))
        elif pause.most_days is None:
            said.append(_("No late penalty is added while this is open."))
        else:
            last = sent_on + timedelta(days=pause.most_days - 1)
            said.append(
                _("No late penalty is added through %(day)s, unless this is decided before.", day=long_date(last))
            )
    return said
