"""Forms of the counter: how somebody wants to be told, as they say it in person or on the phone."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import DataRequired, Regexp

from accounts.cities.messages import MessagePolicy
from accounts.message_choices.rules import Choices, Request
from portal.forms.fields import LineField, TextField, UnseenField
from portal.forms.messages import PHONE, ChoicesForm
from portal.forms.staff import StaffForm
from portal.languages import language_name, offered
from portal.words.notices import notice_kinds, request_ways


class RequestForm(StaffForm):
    """Who asks, and whether they are here or on the phone."""

    asked_by = TextField(_l("Who asks for it"), missing=_l("Enter who asks for it."), most=120)
    way = RadioField(_l("How they ask"), validators=[DataRequired(_l("Choose one."))])

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.way.choices = list(request_ways().items())

    @property
    def request(self) -> Request:
        """Who asked, and how."""
        return Request(self.asked_by.data.strip(), self.way.data)


class CounterChoicesForm(ChoicesForm, RequestForm):
    """The choices of the resident's own page; ``looked`` is what was shown before it is done."""

    looked = UnseenField()


def counter_form(policy: MessagePolicy, held: Choices, language: str, **given: Any) -> CounterChoicesForm:
    """The form of this city's kinds."""
    names = notice_kinds()
    fields = {kind: SelectField(names[kind]) for kind in names if kind in policy.kinds}
    made: type[CounterChoicesForm] = type("CityCounterForm", (CounterChoicesForm,), fields)
    return made(policy, held, language, **given)


class CounterNumberForm(RequestForm):
    """A number for texts, and that the words of consent were read."""

    number = LineField(
        _l("Mobile number"),
        validators=[
            DataRequired(message=_l("Enter a number with its area code.")),
            Regexp(PHONE, message=_l("Enter a number with its area code.")),
        ],
    )
    language = RadioField(_l("Language of the words"), validators=[DataRequired(_l("Choose one."))])
    was_read = BooleanField(
        _l("I read these words to them, or showed them, and they agreed."),
        validators=[DataRequired(message=_l("Read the words to them first."))],
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.language.choices = [(code, language_name(code)) for code in offered()]


class CounterCodeForm(RequestForm):
    """The code that came to their telephone."""

    code = TextField(_l("Code from the text message"), missing=_l("Enter the code."), most=10)


class CounterPaperForm(RequestForm):
    """Bills without paper are asked for; the words were read in one language."""

    language = RadioField(_l("Language of the words"), validators=[DataRequired(_l("Choose one."))])
    was_read = BooleanField(
        _l("I read these words to them, or showed them."),
        validators=[DataRequired(message=_l("Read the words to them first."))],
    )

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.language.choices = [(code, language_name(code)) for code in offered()]
