"""Events of the timeline in words: a title, what it was about, and where there is more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from flask import url_for
from markupsafe import Markup

from accounts.cities.staffing import ActKind
from accounts.customer_changes.rules import Handling
from accounts.money import Money
from payments.attempts.rules import State
from payments.receipts.rules import ReceiptTender, number_text
from portal.account_files.timeline import Happened
from portal.documents.receipt import channel_words, tender_words
from portal.i18n import gettext as _
from portal.i18n import long_date, money
from portal.staff.conversations import desk_words
from portal.staff.file_words import channel_text, correction_text, message_kind_text, said, sent_outcome_text
from portal.words.acts import VERDICTS, act_name
from portal.words.audit import act_words, changes_of, details_of, reason_words
from portal.words.audit_of_pages import page_name
from portal.words.exceptions import kind_name
from portal.words.names import name_of
from portal.words.values import Compared, compared

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Words:
    """What an event says. ``amount`` is what it came to on this account."""

    title: str
    details: tuple[str | Markup | None, ...] = ()
    amount: Money | None = None
    url: str = ""
    """Where there is more."""
    links: tuple[tuple[str, str], ...] = ()
    """(Words, address) of what belongs to it."""


@dataclass(frozen=True)
class Told:
    """An event as a page shows it."""

    at: datetime
    day: date | None
    actor: str
    words: Words


def told(event: Happened, reference: str) -> Told:
    """One event in the reader's language."""
    words = _KINDS[event.kind](_Teller(reference), event.facts)
    details = tuple(part for part in words.details if part not in (None, ""))
    return Told(event.at, event.day, event.actor, replace(words, details=details))


def _cents(given: Facts) -> Money:
    return Money(int(given["cents"] or 0))


def _second(given: Facts) -> str:
    return _("Second person: %(name)s", name=given["approved_by"])


def _effect(given: Facts) -> Markup | str:
    amount = _cents(given)
    return Markup("{}").format(money(amount)) if amount else ""


def _day(written: str) -> str:
    return long_date(datetime.fromisoformat(written).date())


@dataclass(frozen=True)
class _Teller:
    """Says each kind of event of the account of this reference."""

    reference: str

    def charged(self, given: Facts) -> Words:
        lines = [(said(words), url_for("staff.charges_show", reference=self.reference, charge_id=id_))
                 for id_, words, _amount in given["lines"]]  # fmt: skip
        title = _("Bill %(number)s", number=given["bill"]) if given["bill"] else _("Charged")
        if given["is_penalty"]:
            title = _("Late penalty")
        due = _("Due %(date)s", date=_day(given["due_on"]))
        return Words(title, (due,), _cents(given), links=tuple(lines))

    def paid(self, given: Facts) -> Words:
        number = number_text(given["series"], given["year"], given["number"])
        how = f"{tender_words(ReceiptTender(*given['tender']))}, {channel_words(given['channel'])}"
        url = url_for("staff.receipts_show", reference=self.reference, receipt_id=given["receipt"])
        return Words(_("Payment"), (how,), -_cents(given), links=((_("Receipt %(number)s", number=number), url),))

    def taken_back(self, given: Facts) -> Words:
        number = number_text(given["series"], given["year"], given["number"])
        url = url_for("staff.receipts_show", reference=self.reference, receipt_id=given["receipt"])
        link = (_("Receipt %(number)s", number=number), url)
        return Words(_("Payment reversed"), (given["memo"],), _cents(given), links=(link,))

    def adjusted(self, given: Facts) -> Words:
        title = _("Adjustment taken back") if given["undoes"] else _("Adjustment")
        url = url_for("staff.charges_show", reference=self.reference, charge_id=given["charge"])
        why, line = correction_text(given["reason"]), (said(given["description"]), url)
        return Words(title, (why,), _cents(given), links=(line,))

    def booked(self, given: Facts) -> Words:
        known = {"opening": _("Balance brought forward"), "move": _("Payment moved"),
                 "returned-payment": _("Payment sent back by the bank"), "void": _("Payment taken back")}  # fmt: skip
        return Words(
            known.get(given["kind"].removesuffix("-out").removesuffix("-in"), _("Booked")),
            (given["memo"],),
            _cents(given),
        )

    def tried(self, given: Facts) -> Words:
        states = {
            State.SENDING.value: _("Began to pay online"),
            State.OPEN.value: _("Began to pay online; the payment page is still open"),
            State.PROCESSING.value: _("Paid online; the bank has not confirmed it yet"),
            State.FAILED.value: _("Tried to pay online; it did not go through"),
            State.EXPIRED.value: _("Began to pay online and did not finish"),
            State.CANCELED.value: _("Began to pay online and canceled"),
        }
        return Words(states.get(given["state"], _("Began to pay online; we are still asking what became of it")),
                     (Markup("{}").format(money(_cents(given))),))  # fmt: skip

    def note(self, given: Facts) -> Words:
        return Words(_("Note"), (given["text"],), url=url_for("staff.conversations_list", reference=self.reference))

    def contact(self, given: Facts) -> Words:
        way = _("They reached us") if given["direction"] == "in" else _("We reached them")
        how = desk_words("channels", given["channel"])
        said_ = [
            f"{desk_words('topics', given['topic'])}: {desk_words('outcomes', given['outcome'])}",
            _("Known by: %(how)s", how=desk_words("verifications", given["verified_by"])),
            _("Spoke with %(name)s", name=given["spoke_with"]) if given["spoke_with"] else "",
            given["text"],
        ]
        return Words(f"{way}: {how}", tuple(said_), url=url_for("staff.conversations_list", reference=self.reference))

    def follow_up(self, given: Facts) -> Words:
        titles = {"call-back": _("To be called back"), "hand-off": _("Handed to another division"),
                  "escalation": _("Handed to a senior")}  # fmt: skip
        whose = given["person"] or desk_words("divisions", given["division"])
        due = _("By %(date)s", date=_day(given["due_on"]))
        return Words(titles[given["kind"]], (f"{due}, {whose}" if whose else due, given["text"]))

    def follow_up_ended(self, given: Facts) -> Words:
        title = _("Followed up") if given["how"] == "done" else _("Follow-up handed on")
        return Words(title, (given["text"],))

    def message(self, given: Facts) -> Words:
        title = f"{channel_text(given['channel'])}: {message_kind_text(given['kind'])}"
        about = f"{given['to']}, {sent_outcome_text(given['outcome'])}"
        return Words(title, (given["about"], about), url=url_for("staff.messages_list", reference=self.reference))

    def change_asked(self, given: Facts) -> Words:
        names = ", ".join(name_of(name) for name in given["fields"])
        from_ = _("From %(date)s on", date=_day(given["effective_on"]))
        return Words(_("Change of contact asked for"), (f"{names}. {from_}", given["reason"]))

    def change_applied(self, given: Facts) -> Words:
        return Words(_("Contact changed"), (*_arrows(compared(given["before"], given["after"])), given["note"]))

    def change_withdrawn(self, given: Facts) -> Words:
        return Words(_("Change of contact taken back"), (given["note"],))

    def mail_came_back(self, given: Facts) -> Words:
        kind = desk_words("mail_kinds", given["mail_kind"])
        return Words(_("Mail came back"), (f"{kind}, {given['address']}", given["evidence"]))

    def mail_handled(self, given: Facts) -> Words:
        known = {
            Handling.VISITED: _("Visited: the notice is at the door"),
            Handling.NEW_ADDRESS: _("There is a new address"),
            Handling.RE_MAILED: _("Sent again"),
            Handling.NOT_NEEDED: _("Need not be sent again"),
            Handling.MISTAKE: _("Had not come back after all"),
        }
        return Words(_("Returned mail"), (known[Handling(given["handling"])], given["address"], given["note"]))

    def merged(self, given: Facts) -> Words:
        return Words(_("Two records made one"), (given["reason"], _second(given)))

    def merger_undone(self, given: Facts) -> Words:
        return Words(_("Two records again"), (given["reason"], _second(given)))

    def proposed(self, given: Facts) -> Words:
        name = act_name(ActKind(given["act"]))
        title = (
            _("%(act)s proposed", act=name) if given["waits"] else _("%(act)s done alone, within the limit", act=name)
        )
        return Words(title, (given["reason"], _effect(given)))

    def decided(self, given: Facts) -> Words:
        title = f"{act_name(ActKind(given['act']))}: {VERDICTS[given['verdict']]}"
        return Words(title, (given["reason"], _effect(given)))

    def exception(self, given: Facts) -> Words:
        return Words(_("Exception"), (kind_name(given["kind"]),))

    def exception_closed(self, given: Facts) -> Words:
        return Words(_("Exception closed"), (kind_name(given["kind"]), given["note"]))

    def act(self, given: Facts) -> Words:
        told = details_of(given["act"], {name: value for name, value in given.items() if name != "act"})
        details = [Markup("{}: {}").format(fact.label, fact.value) for fact in told]
        why = reason_words(given["act"], given.get("reason") or "")
        changes = _arrows(changes_of(given["act"], given.get("before"), given.get("after")))
        return Words(act_words(given["act"]), (Markup("; ").join(details), *changes, why))

    def seen(self, given: Facts) -> Words:
        return Words(_("Looked"), (given.get("reason"), page_name(given["page"])))


def _arrows(changes: list[Compared]) -> list[Markup]:
    """Each change in one line."""
    return [
        Markup("{}{} → {}").format(
            f"{row.label}: " if row.label else "", row.before or _("nothing"), row.after or _("nothing")
        )
        for row in changes
    ]


_KINDS: dict[str, Callable[[_Teller, Facts], Words]] = {
    "charged": _Teller.charged,
    "paid": _Teller.paid,
    "taken-back": _Teller.taken_back,
    "adjusted": _Teller.adjusted,
    "booked": _Teller.booked,
    "tried": _Teller.tried,
    "note": _Teller.note,
    "contact": _Teller.contact,
    "follow-up": _Teller.follow_up,
    "follow-up-ended": _Teller.follow_up_ended,
    "message": _Teller.message,
    "change-asked": _Teller.change_asked,
    "change-applied": _Teller.change_applied,
    "change-withdrawn": _Teller.change_withdrawn,
    "mail-came-back": _Teller.mail_came_back,
    "mail-handled": _Teller.mail_handled,
    "merged": _Teller.merged,
    "merger-undone": _Teller.merger_undone,
    "proposed": _Teller.proposed,
    "decided": _Teller.decided,
    "exception": _Teller.exception,
    "exception-closed": _Teller.exception_closed,
    "act": _Teller.act,
    "seen": _Teller.seen,
}
"""By the kind that the statement gives (``portal.account_files.timeline_sql``)."""
