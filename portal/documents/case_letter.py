"""The letter that says how a request was decided, why, by which authority, and what can be done about it."""

from __future__ import annotations

from flask_babel import gettext

from accounts.cases.rules import Outcome
from accounts.cases.views import CasePage
from accounts.cities.rules import City
from accounts.customer_accounts.rules import shown
from accounts.errors import NotFound
from accounts.money import Money
from portal.documents.letter import Letter, letter_pdf
from portal.i18n import long_date, money_text, speaking


def case_letter(page: CasePage, city: City) -> bytes:
    """The letter of the last decision, in the language of who asked; raises ``NotFound`` before there is one."""
    line, decided, kind = page.line, page.decision, page.line.kind_as_asked()
    if decided is None or kind is None or line.submitted_on is None:
        raise NotFound(f"case {line.id} is not decided")
    language = line.language
    with speaking(language):
        outcome = {
            Outcome.GRANTED: gettext("Your request is granted."),
            Outcome.PARTLY: gettext("Your request is granted in part."),
            Outcome.DENIED: gettext("Your request is denied."),
            Outcome.ANSWERED: gettext("Here is the answer to your question."),
        }[decided.outcome]
        sentences = [
            gettext(
                "On %(day)s you sent us: %(what)s.", day=long_date(line.submitted_on), what=kind.name.in_(language)
            ),
            outcome,
            decided.reason,
            gettext("This decision is made under: %(authority)s.", authority=decided.authority),
        ]
        cents = int(decided.effect.get("cents", 0))
        if cents:
            sentences.append(gettext("It changes your account by %(amount)s.", amount=money_text(Money(abs(cents)))))
        if kind.next_step is not None:
            sentences.append(kind.next_step.in_(language))
        account = gettext("Account %(number)s", number=shown(line.reference)) if line.reference else ""
        letter = Letter(
            language=language, to=[line.holder], subject=gettext("Decision on %(number)s", number=line.number),
            about=account, sentences=sentences, columns=(), rows=(), total=("", ""),
        )  # fmt: skip
    return letter_pdf(letter, city, decided.at)
