"""What each kind of message says, in its reader's language: plain, short, no more of anybody than is needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from email.message import EmailMessage

from flask_babel import gettext

from accounts.cities.rules import City
from accounts.money import Money
from portal.city_mail import Heading, city_mail
from portal.i18n import locale_code, long_date, long_datetime, money_text, number_text, short_date, speaking
from portal.messages_sent.rules import Kind
from portal.navigation import account_kind
from portal.notices.matters import NEVER_PAID, Matter, usage
from portal.receipts import LONGEST_TEXT, gsm_7, septets
from portal.wiring import wiring

_SHOWN = 4


@dataclass(frozen=True)
class Wording:
    """What a message says. ``texts`` from the longest to the shortest: the first that fits leaves."""

    subject: str
    sentences: tuple[str, ...]
    texts: tuple[str, ...]
    amount: str = ""
    facts: tuple[tuple[str, str], ...] = ()
    action: tuple[str, str] = field(default=("", ""))
    """Words and address of its one button."""


def wording(kind: Kind, matter: Matter, city: City, language: str, base_url: str) -> Wording:
    """The words of a message; inside of an application context."""
    with speaking(language):
        said = _SAYS[kind](matter, city.identity.name.in_(language), base_url, city.identity.time_zone)
        stop = gettext("Reply STOP to end.")
        return Wording(
            said.subject, said.sentences, tuple(f"{one} {stop}" for one in said.texts), said.amount, said.facts,
            said.action,
        )  # fmt: skip


def text_of(said: Wording) -> str:
    """One text message in its alphabet."""
    plain = [gsm_7(one) for one in said.texts]
    return next((one for one in plain if septets(one) <= LONGEST_TEXT), plain[-1])


def mail_of(
    said: Wording, city: City, language: str, *, to: str, key: str, base_url: str, stop: str = ""
) -> EmailMessage:
    """The mail; the same message always has the same Message-ID, ``key``. ``stop``: where mail of its kind ends."""
    words = {"said": said, "choices_url": f"{base_url}/my/messages", "stop_url": stop}
    return city_mail(city, Heading(to, language, said.subject, key, stop=stop), "notices/notice", words)


def account_fact(matter: Matter) -> tuple[str, str]:
    """The kind of account, and the end of its number: enough for its people to know it."""
    return gettext("Account"), gettext(
        "%(kind)s, number ending in %(digits)s",
        kind=account_kind(matter.kind), digits=matter.reference[-_SHOWN:],
    )  # fmt: skip


def _bill_ready(matter: Matter, city: str, base: str, _zone: str) -> Wording:
    given = {"city": city, "amount": money_text(Money(matter.cents)), "link": f"{base}/pay"}
    given["date"] = short_date(matter.due_on) if matter.due_on else ""
    due = long_date(matter.due_on) if matter.due_on else ""
    return Wording(
        gettext("Your bill of %(amount)s is ready", amount=given["amount"]),
        (gettext("A new bill is ready. You can see it and pay it online."),),
        (
            gettext("%(city)s: your bill of %(amount)s is ready, due %(date)s. %(link)s", **given),
            gettext("Your bill of %(amount)s is due %(date)s. %(link)s", **given),
        ),
        given["amount"],
        (account_fact(matter), (gettext("Bill"), matter.number), (gettext("Due"), due)),
        (gettext("See and pay"), given["link"]),
    )


def _due_soon(matter: Matter, city: str, base: str, _zone: str) -> Wording:
    given = {"city": city, "amount": money_text(Money(matter.cents)), "link": f"{base}/pay"}
    given["date"] = short_date(matter.due_on) if matter.due_on else ""
    due = long_date(matter.due_on) if matter.due_on else ""
    return Wording(
        gettext("%(amount)s is due on %(date)s", amount=given["amount"], date=due),
        (
            gettext("This is still open. If you paid it in the last days, you need do nothing."),
            gettext("If you cannot pay it by then, talk to us before the day. We have ways to help."),
        ),
        (
            gettext("%(city)s: %(amount)s is due %(date)s. Pay: %(link)s", **given),
            gettext("%(amount)s is due %(date)s. %(link)s", **given),
        ),
        given["amount"],
        (account_fact(matter), (gettext("Due"), due)),
        (gettext("Pay"), given["link"]),
    )


def _past_due(matter: Matter, city: str, base: str, _zone: str) -> Wording:
    given = {"city": city, "amount": money_text(Money(matter.cents)), "link": f"{base}/pay"}
    given["date"] = short_date(matter.due_on) if matter.due_on else ""
    due = long_date(matter.due_on) if matter.due_on else ""
    return Wording(
        gettext("%(amount)s is past due", amount=given["amount"]),
        (
            gettext("This was due on %(date)s and is still open.", date=due),
            gettext("If you cannot pay all of it now, talk to us. We have ways to help."),
        ),
        (
            gettext("%(city)s: %(amount)s was due %(date)s and is open. Pay or ask for help: %(link)s", **given),
            gettext("%(amount)s was due %(date)s. %(link)s", **given),
        ),
        given["amount"],
        (account_fact(matter), (gettext("Due"), due)),
        (gettext("Pay"), given["link"]),
    )


def _payment_received(matter: Matter, city: str, base: str, zone: str) -> Wording:
    given = {"city": city, "amount": money_text(Money(matter.cents)), "number": matter.number}
    at = long_datetime(matter.at, zone) if matter.at else ""
    return Wording(
        gettext("We received a payment of %(amount)s", amount=given["amount"]),
        (gettext("A payment was posted to your account. Thank you."),),
        (
            gettext("%(city)s: we received a payment of %(amount)s. Receipt %(number)s.", **given),
            gettext("We received a payment of %(amount)s.", **given),
        ),
        given["amount"],
        (account_fact(matter), (gettext("Receipt"), matter.number), (gettext("Received"), at)),
        (gettext("See your account"), f"{base}/pay"),
    )


def _why_failed(matter: Matter) -> tuple[str, ...]:
    """Why a payment did not go through, what that means, and what was not lost."""
    if matter.why == NEVER_PAID:
        return (
            gettext("Your bank did not let it through, after the payment page had taken it."),
            gettext("We got no money, and there is no fee for this. Nothing that you paid before was lost."),
            gettext("What you wanted to pay is open as before, with the same due date."),
        )
    parts = wiring()
    reason = parts.city().city.return_policy(parts.clock.today()).reason(matter.why)
    why = (
        gettext("The bank sent it back: %(reason)s.", reason=reason.name.in_(locale_code()))
        if reason
        else gettext("The bank sent it back.")
    )
    return (
        why,
        gettext("What had been paid with it is open again. Other payments of yours stay as they are."),
    )


def _payment_failed(matter: Matter, city: str, base: str, _zone: str) -> Wording:
    given = {"city": city, "amount": money_text(Money(matter.cents)), "link": f"{base}/pay"}
    return Wording(
        gettext("A payment of %(amount)s did not go through", amount=given["amount"]),
        (
            *_why_failed(matter),
            gettext("Please pay in another way. If you cannot pay it now, talk to us: we have ways to help."),
        ),
        (
            gettext("%(city)s: a payment of %(amount)s did not go through. Pay again: %(link)s", **given),
            gettext("A payment of %(amount)s did not go through. %(link)s", **given),
        ),
        given["amount"],
        (account_fact(matter),),
        (gettext("Pay"), given["link"]),
    )


def _request_answered(matter: Matter, city: str, base: str, _zone: str) -> Wording:
    given = {"city": city, "number": matter.number, "link": f"{base}/my"}
    return Wording(
        gettext("There is news about your request %(number)s", number=matter.number),
        (gettext("Somebody at the City has answered. Sign in to read it."),),
        (
            gettext("%(city)s: there is news about your request %(number)s. %(link)s", **given),
            gettext("News about request %(number)s: %(link)s", **given),
        ),
        facts=((gettext("Request"), matter.number),),
        action=(gettext("Read the answer"), given["link"]),
    )


def _high_use(matter: Matter, city: str, base: str, _zone: str) -> Wording:
    use = matter.use
    if use is None:
        raise ValueError("a message about use needs the use")
    unit = unit_words(use.level_unit.value)
    given = {
        "city": city, "used": number_text(usage(use).quantize(Decimal(1))), "unit": unit, "link": f"{base}/my",
        "level": number_text(use.level.normalize()), "date": short_date(use.read_on),
    }  # fmt: skip
    return Wording(
        gettext("Your use is above the level you set"),
        (
            gettext("You asked us to tell you when use is above %(level)s %(unit)s.", **given),
            gettext("If you cannot think why, look for a leak: a toilet that runs, a wet spot, a tap that drips."),
        ),
        (
            gettext(
                "%(city)s: use to %(date)s was %(used)s %(unit)s, above your %(level)s. Check for leaks.", **given
            ),
            gettext("Use was %(used)s %(unit)s, above your %(level)s.", **given),
        ),
        facts=(
            account_fact(matter),
            (gettext("Used"), f"{given['used']} {unit}"),
            (gettext("From"), long_date(use.former_on)),
            (gettext("To"), long_date(use.read_on)),
        ),
        action=(gettext("See your use"), given["link"]),
    )


def _linked(matter: Matter, city: str, base: str, zone: str) -> Wording:
    at = long_datetime(matter.at, zone) if matter.at else ""
    return Wording(
        gettext("Somebody can now see your account online"),
        (
            gettext("Somebody was given access to your account on our website."),
            gettext("If that was you or somebody you know, you need do nothing. If not, call us."),
        ),
        (
            gettext("%(city)s: somebody was given access to your account online. Not you? Call us.", city=city),
            gettext("Somebody was given access to your account online. Not you? Call us."),
        ),
        facts=(account_fact(matter), (gettext("As"), standing_words(matter.standing)), (gettext("When"), at)),
        action=(gettext("See who has access"), f"{base}/my"),
    )


def _unlinked(matter: Matter, city: str, base: str, zone: str) -> Wording:
    at = long_datetime(matter.at, zone) if matter.at else ""
    return Wording(
        gettext("Access to an account ended"),
        (
            gettext("Somebody's access to the account on our website has ended."),
            gettext("If that is a surprise, call us."),
        ),
        (
            gettext("%(city)s: somebody's access to an account online has ended.", city=city),
            gettext("Somebody's access to an account online has ended."),
        ),
        facts=(account_fact(matter), (gettext("As"), standing_words(matter.standing)), (gettext("When"), at)),
        action=(gettext("See your accounts"), f"{base}/my"),
    )


def standing_words(standing: str) -> str:
    """As what somebody has an account."""
    return {
        "holder": gettext("Holder"), "owner": gettext("Owner of the property"), "tenant": gettext("Tenant"),
        "agent": gettext("Agent"), "family": gettext("Family"),
    }.get(standing, standing)  # fmt: skip


def unit_words(unit: str) -> str:
    """A unit of use as people say it."""
    return {"CCF": "CCF", "CF": gettext("cubic feet"), "GAL": gettext("gallons")}[unit]


_SAYS = {
    Kind.BILL_READY: _bill_ready,
    Kind.DUE_SOON: _due_soon,
    Kind.PAST_DUE: _past_due,
    Kind.PAYMENT_RECEIVED: _payment_received,
    Kind.PAYMENT_FAILED: _payment_failed,
    Kind.REQUEST_ANSWERED: _request_answered,
    Kind.HIGH_USE: _high_use,
    Kind.ACCOUNT_LINKED: _linked,
    Kind.ACCOUNT_UNLINKED: _unlinked,
}
