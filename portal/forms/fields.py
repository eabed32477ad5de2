"""The base form, and fields for free text and money that every form uses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from markupsafe import Markup, escape
from werkzeug.datastructures import FileStorage, MultiDict
from wtforms import EmailField, Field, FileField, Form, HiddenField, StringField
from wtforms.fields.core import UnboundField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import EmailInput, HiddenInput, TextInput
from wtforms.widgets.core import Input

from accounts.money import Money, NotMoney
from portal import refusals
from portal.card_numbers import contains_pan, file_name_without_pans

_NO_CARD_NUMBER = _l("Do not type a card number here. We ask for your card on the secure payment page only.")

_QUOTE = '"'


def init(app: Flask) -> None:
    """What templates need to show a field."""
    app.jinja_env.filters.update(control=control, described_by=described_by)


class PortalForm(FlaskForm):  # type: ignore[misc]
    """White space around what was typed is taken off; no form ever takes a card number, nor a file named like one.

    A form has no field for its CSRF token: ``form_open`` writes it, and it is checked before any view is reached.
    """

    class Meta(FlaskForm.Meta):  # type: ignore[misc]
        csrf = False

        def bind_field(self, form: Form, unbound_field: Any, options: dict[str, Any]) -> Field:
            filters = unbound_field.kwargs.get("filters", [])
            if issubclass(unbound_field.field_class, StringField):
                filters = [*filters, stripped]
            return unbound_field.bind(form=form, filters=filters, **options)

    def process(self, formdata: Any = None, *given: Any, **options: Any) -> None:
        """What looks like a card number (PCI DSS 3.3) is taken out before any field reads it, and not shown again."""
        typed = self.meta.wrap_formdata(self, formdata)
        self.card_numbers = self._with_card_numbers(typed) if typed else []
        if self.card_numbers:
            kept = [(name, value) for name in typed for value in typed.getlist(name) if name not in self.card_numbers]
            typed = MultiDict([*kept, *((name, "") for name in self.card_numbers)])
        super().process(typed, *given, **options)
        for field in self:
            if isinstance(field, FileField) and isinstance(field.data, FileStorage):
                field.data.filename = file_name_without_pans(field.data.filename or "")

    def _with_card_numbers(self, typed: Any) -> list[str]:
        written = (field.name for field in self if not isinstance(field, HiddenField))
        return [
            name for name in written if any(contains_pan(one) for one in typed.getlist(name) if isinstance(one, str))
        ]

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        for field in self if self.card_numbers else ():
            if field.name in self.card_numbers:
                field.errors, valid = [str(_NO_CARD_NUMBER)], False
        if not valid:
            refusals.note(*(name for name in self.errors if name))
        return valid

    def refuse(self, sentence: str, field: str | None = None, *, why: str = "") -> None:
        """Show a refusal of the domain in the error summary, with what was typed kept; ``why`` is its name."""
        refusals.note(why or field or "form")
        if field is None:
            self.form_errors.append(sentence)
        else:
            self[field].errors = [*self[field].errors, sentence]


def stripped(value: Any) -> Any:
    """Text without white space at both ends; anything else as it is."""
    return value.strip() if isinstance(value, str) else value


def described_by(field: Field, hint: object) -> str:
    """The ids of what is said about a field (see ``templates/components/forms.html``), for ``aria-describedby``."""
    told = [f"{field.id}-hint"] if hint else []
    if field.errors:
        told.append(f"{field.id}-error")
    return " ".join(told)


def control(
    field: Field, hint: object, css: str, more: Mapping[str, object] | None = None, **given: object
) -> Markup:  # fmt: skip
    """The field itself, described by its hint and its error; what is None is no attribute, ``more`` goes before."""
    whole = {"class": css, **{name: value for name, value in given.items() if value}, **(more or {})}
    if told := described_by(field, hint):
        whole["aria-describedby"] = told
    if field.errors:
        whole["aria-invalid"] = "true"
    found: Markup = field(**whole)
    return found


class QuickInput(Input):  # type: ignore[misc]
    """An ``<input>`` as WTForms writes it, to the letter; its own way takes a third of the time of a refused form."""

    def __call__(self, field: Field, **given: Any) -> Markup:
        flags = {name: value for name, value in vars(field.flags).items() if name in self.validation_attrs}
        whole = {"id": field.id, "type": self.input_type, "value": field._value(), **flags, **given}  # noqa: SLF001
        return Markup(f"<input {attributes({**whole, 'name': field.name})}>")  # noqa: S704 - escaped there


class LineInput(QuickInput, TextInput):  # type: ignore[misc]
    """One line."""


class QuickEmailInput(QuickInput, EmailInput):  # type: ignore[misc]
    """An e-mail address."""


class QuickHiddenInput(QuickInput, HiddenInput):  # type: ignore[misc]
    """Nothing to see."""


def attributes(given: dict[str, Any]) -> str:
    """Attributes in the order of their names, escaped; True is an attribute without a value, False is none."""
    return " ".join(
        name if value is True else f'{name}="{str(escape(value)).replace(_QUOTE, "&quot;")}"'
        for name, value in sorted(given.items())
        if value is not False
    )


class LineField(StringField):  # type: ignore[misc]
    """One line of text, checked by what its form says."""

    widget = LineInput()


class AddressField(EmailField):  # type: ignore[misc]
    """An e-mail address, checked by what its form says."""

    widget = QuickEmailInput()


class UnseenField(HiddenField):  # type: ignore[misc]
    """What a form carries along. It has no label: WTForms would make one, and read its own catalogs for it."""

    widget = QuickHiddenInput()

    def __init__(self, label: object = "", **options: Any) -> None:
        super().__init__(label, **options)


class TextField(LineField):
    """One line of free text: required unless told otherwise, bounded, never a card number."""

    def __new__(cls, label: object, *, missing: object = None, most: int = 120, **options: Any) -> Any:
        """Its checks are made with the class of its form, not with each form."""
        if "_form" in options:
            return super().__new__(cls, label, **options)
        checks: list[Any] = [Length(max=most, message=_l("Use %(most)d characters or fewer.", most=most))]
        if missing is not None:
            checks.insert(0, DataRequired(message=missing))
        return UnboundField(cls, label, validators=[*checks, *options.pop("validators", [])], **options)


class WholeField(LineField):
    """A whole number as typed, none for nothing; ``data`` is an int or None. ``wrong`` says what to type."""

    def __init__(
        self, label: object, *, wrong: object, least: int = 0, most: int = 999_999_999, **options: Any
    ) -> None:
        super().__init__(label, **options)
        self.wrong, self.least, self.most = wrong, least, most

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.raw_text, self.data = typed, None
        if typed:
            digits = typed.replace(",", "")
            is_whole = digits.isascii() and digits.isdigit() and len(digits) <= len(str(self.most))
            if not is_whole or not self.least <= int(digits) <= self.most:
                raise ValueError(str(self.wrong))
            self.data = int(digits)

    def _value(self) -> str:
        return str(self.data) if self.data is not None else getattr(self, "raw_text", "")


class MoneyField(LineField):
    """Dollars and cents as typed; ``data`` is :class:`~accounts.money.Money` or None."""

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.raw_text, self.data = typed, None
        if self.raw_text:
            try:
                self.data = Money.typed(self.raw_text)
            except NotMoney as error:
                raise ValueError(str(_l("Enter an amount in dollars and cents, like 45.67."))) from error

    def _value(self) -> str:
        if self.data is not None:
            return str(self.data)
        return getattr(self, "raw_text", "")
