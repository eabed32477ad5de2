"""Forms of one's own accounts: their name, and who else is on them."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, RadioField
from wtforms.validators import DataRequired, Length, Regexp

from accounts.account_links.rules import LONGEST_NICKNAME, SHARED_AS, Offer, Right, Standing
from portal.forms.baskets import EMAIL
from portal.forms.fields import AddressField, LineField, PortalForm
from portal.forms.staff import PickField, StaffForm, WordsField
from portal.languages import language_name, offered
from portal.words.links import RIGHTS_AT_LENGTH, STANDINGS


def _email() -> AddressField:
    wrong = _l("Enter an email address like name@example.com.")
    most = Length(max=200, message=_l("Use %(most)d characters or fewer.", most=200))
    return AddressField(_l("Their e-mail address"), [DataRequired(message=wrong), most, Regexp(EMAIL, message=wrong)])


class NicknameForm(PortalForm):
    """Empty takes the name away."""

    nickname = LineField(
        _l("What do you call this account?"),
        validators=[
            Length(max=LONGEST_NICKNAME, message=_l("Use %(most)d characters or fewer.", most=LONGEST_NICKNAME))
        ],
    )


class ShareForm(PortalForm):
    """Whom to let in, as what, and what they may do."""

    email = _email()
    standing = RadioField(_l("Who are they to this account?"), validators=[DataRequired(_l("Choose one."))])
    pays = BooleanField(RIGHTS_AT_LENGTH[Right.PAY])
    manages = BooleanField(RIGHTS_AT_LENGTH[Right.MANAGE])
    gets_copies = BooleanField(_l("Send them copies of bills and notices"))
    language = RadioField(_l("Language of the invitation"), validators=[DataRequired(_l("Choose one."))])

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.standing.choices = [(standing.value, STANDINGS[standing]) for standing in SHARED_AS]
        self.language.choices = [(code, language_name(code)) for code in offered()]

    @property
    def offer(self) -> Offer:
        """What was chosen; whoever is invited sees the account."""
        more = ((Right.PAY, self.pays.data), (Right.MANAGE, self.manages.data))
        rights = {Right.SEE, *(right for right, is_given in more if is_given)}
        return Offer(Standing(self.standing.data), frozenset(rights), bool(self.gets_copies.data))


class HolderForm(StaffForm):
    """The address of somebody who proved at the counter that an account is theirs."""

    email = _email()
    language = RadioField(_l("Language of the invitation"), validators=[DataRequired(_l("Choose one."))])

    def __init__(self, *given: Any, **options: Any) -> None:
        super().__init__(*given, **options)
        self.language.choices = [(code, language_name(code)) for code in offered()]


class LostMailboxForm(StaffForm):
    """The new address of a holder whom the counter has before it, and what they showed."""

    email = _email()
    document = PickField(_l("What they showed you"))
    seen = BooleanField(
        _l("The person is at the counter, and the paper has the name of the account holder"),
        validators=[DataRequired(_l("Confirm that you saw the person and the paper."))],
    )


class RefusalForm(StaffForm):
    """Why a second person does not agree."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)


class TakeOffForm(StaffForm):
    """Why somebody is taken off an account."""

    reason = WordsField(_l("Why"), missing=_l("Say why in a few words."), most=500)
