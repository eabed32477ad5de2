"""Forms of who asks: made of the questions that the city's kinds of request have, in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField, FileRequired
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Length, Optional

from accounts.cities.requests import Question, QuestionPage
from accounts.money import Money
from portal.forms.fields import AddressField, MoneyField, PortalForm, TextField
from portal.forms.residents import email_field
from portal.forms.staff import DayField, WordsField
from portal.i18n import gettext as _
from portal.i18n import locale_code

ACCEPTED = "image/jpeg,image/png,image/heic,.heic,.heif,application/pdf"
"""What the file picker offers. What a file is, is found by its content."""
_CHOOSE = _l("Choose one.")


def page_form(
    page: QuestionPage,
    kept: Mapping[str, Any],
    bills: Sequence[tuple[int, str]],
    *,
    is_sent: bool,
    whole: bool = True,
) -> PortalForm:
    """The form of one page, with what was kept of it; ``bills`` are (id, words) of the account.

    ``whole``: what must be answered is; not so of one that is put aside half done.
    """
    asked = [one if whole else one.model_copy(update={"required": False}) for one in page.questions]
    made = type("PageForm", (PortalForm,), {one.code: _FIELDS[one.kind](one) for one in asked})
    shown = {} if is_sent else {one.code: _shown(one, kept[one.code]) for one in page.questions if one.code in kept}
    form: PortalForm = made(data=shown)
    for question in page.questions:
        field = form[question.code]
        field.label.text = question.label.in_(locale_code())
        field.flags.optional = not question.required and question.kind != "yes_no"
        if question.kind == "choice":
            field.choices = [(one.code, one.name.in_(locale_code())) for one in question.choices]
        elif question.kind == "bill":
            field.choices = [("", _l("Choose a bill")), *((str(id_), words) for id_, words in bills)]
    return form


def given(page: QuestionPage, form: PortalForm) -> dict[str, object]:
    """What the page says, as cases keep it."""
    return {one.code: _kept(one, form[one.code].data) for one in page.questions}


def _kept(question: Question, value: Any) -> object:
    if question.kind == "bill":
        return int(value) if value and str(value).isdecimal() else None
    if question.kind == "money":
        return None if value is None else value.cents
    return value


def _shown(question: Question, value: Any) -> object:
    if question.kind == "day":
        return date.fromisoformat(value)
    if question.kind == "money":
        return Money(value)
    return str(value) if question.kind == "bill" else value


def _missing(question: Question) -> str | None:
    """What is said where it is not answered: which one, as a summary has several."""
    return _("Answer “%(question)s”.", question=question.label.in_(locale_code())) if question.required else None


def _needed(question: Question) -> list[Any]:
    return [DataRequired(message=_missing(question))] if question.required else [Optional()]


def _line(question: Question) -> Any:
    return TextField("", missing=_missing(question), most=question.most)


def _email(question: Question) -> Any:
    long = _l("Use %(most)d characters or fewer.", most=question.most)
    return AddressField("", validators=[*_needed(question), Length(max=question.most, message=long)])


def _money(question: Question) -> Any:
    return MoneyField(
        "", validators=[InputRequired(message=_missing(question))] if question.required else [Optional()]
    )


_FIELDS: dict[str, Callable[[Question], Any]] = {
    "line": _line,
    "phone": _line,
    "email": _email,
    "words": lambda one: WordsField("", missing=_missing(one), most=one.most),
    "day": lambda one: DayField("", missing=_missing(one)),
    "yes_no": lambda _one: BooleanField(""),
    "choice": lambda one: RadioField("", choices=[], validators=[
        InputRequired(message=_CHOOSE) if one.required else Optional()]),
    "money": _money,
    "bill": lambda one: SelectField("", choices=[], validators=_needed(one)),
}  # fmt: skip


class NewRequestForm(PortalForm):
    """What somebody asks for, and for which account."""

    kind = RadioField(_l("What would you like to ask for?"), choices=[], validators=[InputRequired(message=_CHOOSE)])
    account = SelectField(_l("For which account"), choices=[], validate_choice=False)


class PaperForm(PortalForm):
    """A document, from the telephone’s camera or its files."""

    wanted = SelectField(_l("What it is"), choices=[])
    file = FileField(_l("Photo or PDF"), validators=[FileRequired(message=_l("Choose a file."))])


class MessageForm(PortalForm):
    """Words to the city."""

    text = WordsField(_l("Your message"), missing=_l("Write a few words."), most=4000)


class WithdrawForm(PortalForm):
    """Why it is taken back, if they like to say it."""

    reason = TextField(_l("Why"), most=300)


class GuestRequestForm(PortalForm):
    """What somebody without a sign-in asks for, and where the link to go on is mailed."""

    kind = RadioField(_l("What would you like to ask for?"), choices=[], validators=[InputRequired(message=_CHOOSE)])
    account = SelectField(_l("For which account"), choices=[], validate_choice=False)
    name = TextField(_l("Your name"), missing=_l("Enter your name."), most=120)
    email = email_field(_l("E-mail"))
    phone = TextField(_l("Telephone, if you like"), most=40)


class GuestLinkForm(PortalForm):
    """Which request, and who asked for it."""

    number = TextField(_l("Number of the request"), missing=_l("Enter the number of the request."), most=40)
    email = email_field(_l("E-mail"))
