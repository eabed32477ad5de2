"""Forms of who works on requests."""

from __future__ import annotations

from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectMultipleField
from wtforms.validators import InputRequired, Optional

from accounts.cases.rules import Outcome
from accounts.money import ZERO
from accounts.requests.rules import How
from portal.forms.acts import ActForm, ChargeField
from portal.forms.fields import MoneyField, TextField, UnseenField, WholeField
from portal.forms.lists import FilterField, FilterForm
from portal.forms.staff import PickField, StaffForm, WordsField

TELL, ASK, NOTE = "tell", "ask", "note"
_READ = _l("Enter what the meter shows, digits only.")


def whole_of(written: str | None) -> int:
    """A number that a form carries; nothing else counts."""
    said = written or ""
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else 0


class CasesFilter(FilterForm):
    """By kind; whose, how late and in which state is chosen by tabs."""

    kind = FilterField(_l("Kind"))


class CaseForm(StaffForm):
    """``version`` is how the person found the case."""

    version = UnseenField()

    @property
    def seen_version(self) -> int:
        return whole_of(self.version.data)


class MoveForm(CaseForm):
    """Take it, go on without an answer, or hand it on to a division."""

    division = PickField(_l("Division"))


class WriteForm(CaseForm):
    """Words to the resident, a question that they must answer, or a note for the house."""

    how = RadioField(_l("What it is"), choices=[], validate_choice=False)
    text = WordsField(_l("Words"), missing=_l("Write a few words."), most=4000)
    template = UnseenField()

    def offer(self, *, may_ask: bool) -> None:
        asks = [(ASK, _l("A question: the clock stands until they answer"))] if may_ask else []
        self.how.choices = [(TELL, _l("A message to the resident")), *asks, (NOTE, _l("A note that only we see"))]
        if self.how.data not in {code for code, _label in self.how.choices}:
            self.how.data = TELL


class LinksForm(StaffForm):
    """Why a guest's links end, and whether a new one goes out. ``links``: how often they had ended before."""

    links = UnseenField()
    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=300)
    mails_new = BooleanField(_l("Mail a new link to the address that asked"), default=True)

    @property
    def seen_links(self) -> int:
        return whole_of(self.links.data)


class SignOffForm(StaffForm):
    """Somebody looked at it."""

    verdict = RadioField(
        _l("What you found"), choices=[], validate_choice=False, validators=[InputRequired(message=_l("Choose one."))]
    )
    note = WordsField(_l("Note"), most=1000)

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.verdict.choices = [("fine", _l("It is fine")), ("not", _l("It is not fine"))]


class DecideForm(ActForm):
    """How it is decided, why, and what the kind of request needs for it. ``reason`` goes to the resident."""

    version = UnseenField()
    outcome = RadioField(_l("Decision"), choices=[], validators=[InputRequired(message=_l("Choose one."))])
    documents = SelectMultipleField(_l("Documents that you saw"), choices=[])
    charge = ChargeField(_l("Charge that is corrected"), default=0)
    amount = MoneyField(_l("How much"), validators=[Optional()])
    code = PickField(_l("The city’s reason"), default="")
    words = TextField(_l("What the line of the correction says"), most=200)
    is_repair_proved = BooleanField(_l("The repair is proved"))
    final_read = WholeField(_l("Final read"), wrong=_READ)
    first_read = WholeField(_l("First read"), wrong=_READ)
    opened = TextField(_l("Number of the account that you opened"), most=40)

    seen_version = CaseForm.seen_version

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.reason.label.text = _l("Reason, for the resident")
        self.code.choices = [("", _l("No reason"))]
        self.charge.choices = [(0, _l("No charge"))]

    @property
    def chosen(self) -> Outcome:
        return Outcome(self.outcome.data)

    @property
    def how(self) -> How:
        """What the decision is given beside its reason."""
        return How(
            documents=tuple(self.documents.data or ()),
            charge_id=self.charge.data or None,
            amount=self.amount.data or ZERO,
            reason_code=self.code.data or "",
            words=self.words.data or "",
            is_repair_proved=bool(self.is_repair_proved.data),
            final_read=self.final_read.data,
            first_read=self.first_read.data,
            opened_reference=self.opened.data or "",
        )

    @property
    def wants_it_done(self) -> bool:
        """Was the last button pressed, whether money was looked at before or none moves?"""
        return request.form.get("step") == "do"
