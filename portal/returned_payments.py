"""The notice of a returned payment, by mail or as a letter, in its reader's language."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage

from flask_babel import gettext
from sqlalchemy.orm import Session

from accounts.cities.rules import City
from accounts.money import Money, total
from accounts.pricing.effective import in_force
from payments.returned_payments import queries
from payments.returned_payments.queries import Addressee, Reopened, ReturnedPart, ReturnView
from portal.city_mail import Heading, city_mail
from portal.i18n import day_in, long_date, money_text, speaking
from portal.navigation import account_kind

_SHOWN_DIGITS = 4


@dataclass(frozen=True)
class Notice:
    """What one holder is told: whose words, in their language."""

    return_id: int
    to: Addressee
    amount: Money
    """What of it was on their account."""
    lines: tuple[tuple[str, str, str], ...]
    """Charges that are open again: what for, due on, amount; with the fee, where it is on this account."""
    sentences: tuple[str, ...]
    owed: Money
    """To pay now."""
    subject: str
    about: str
    """Whose account."""


def notices(session: Session, return_id: int, city: City) -> list[Notice]:
    """A notice for each account of a return. Four statements; raises ``NotFound``."""
    view = queries.returned(session, return_id, sees_protected=True, sees_restricted=True)
    parts = {part.account_id: part for part in queries.parts(session, return_id)}
    reopened = queries.reopened(session, view.journal_id)
    fee_on = queries.fee_account(session, return_id)
    return [
        _notice(view, parts[to.account_id], to, [one for one in reopened if one.account_id == to.account_id],
                city, has_fee=to.account_id == fee_on)
        for to in queries.addressees(session, return_id)
    ]  # fmt: skip


def _notice(
    view: ReturnView, part: ReturnedPart, to: Addressee, reopened: list[Reopened], city: City, *, has_fee: bool
) -> Notice:
    language = to.language
    with speaking(language):
        lines = [
            (_said(one.description, language), long_date(one.due_on), money_text(one.amount)) for one in reopened
        ]
        owed = total(one.amount for one in reopened)
        if has_fee:
            lines.append((gettext("Fee for the returned payment"), "", money_text(view.fee)))
            owed += view.fee
        paid_on = long_date(day_in(view.paid_at, city.identity.time_zone))
        subject = gettext("Your payment of %(day)s came back from the bank", day=paid_on)
        return Notice(
            return_id=view.id,
            to=to,
            amount=part.amount,
            lines=tuple(lines),
            sentences=tuple(_sentences(view, part, city, language, has_fee=has_fee)),
            owed=owed,
            subject=subject,
            about=f"{account_kind(to.kind)} {to.number}",
        )


def _sentences(view: ReturnView, part: ReturnedPart, city: City, language: str, *, has_fee: bool) -> list[str]:
    policy = in_force(city.return_policies, view.returned_on)
    reason = policy.reason(view.reason) if policy else None
    said = [
        gettext(
            "The bank sent back %(amount)s of your payment on receipt %(number)s (check ending in %(digits)s). "
            "The reason that it gave: %(reason)s.",
            amount=money_text(part.amount),
            number=view.receipt_number,
            digits=view.reference[-_SHOWN_DIGITS:],
            reason=reason.name.in_(language) if reason else view.reason,
        ),
        gettext("What you had paid with it is open again, with its first due date."),
    ]
    if has_fee and policy:
        said.append(gettext("The fee is set by %(authority)s.", authority=policy.authority))
    if part.cash_only_until:
        said.append(
            gettext(
                "Until %(day)s we take no checks for this account. You can pay in cash, by money order or by card.",
                day=long_date(part.cash_only_until),
            )
        )
    said.append(gettext("If you think that this is a mistake, talk to your bank and to us."))
    return said


def _said(words: dict[str, str], language: str) -> str:
    return words.get(language) or next(iter(words.values()), "")


def notice_mail(notice: Notice, city: City, base_url: str) -> EmailMessage:
    """The mail; the same notice always has the same Message-ID."""
    heading = Heading(
        notice.to.email, notice.to.language, notice.subject, f"returned-{notice.return_id}-{notice.to.account_id}"
    )
    return city_mail(city, heading, "returned_payments/notice", {"notice": notice, "base_url": base_url})
