"""Which date of a remittance counts, what is not taken, and when a bundle ties. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.cities.mail import MailPolicy
from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money, total
from payments.sales.drafts import CASH, CHECK, MONEY_ORDER

SENT_BACK, MISCOUNTED = "sent-back", "miscounted"
BY_MAIL = (CHECK, MONEY_ORDER, CASH)


class ControlMissing(DomainError):
    """Mail with money is counted and added up before anything of it is entered."""


class NoMoneyExpected(DomainError):
    """This kind of mail has no money in it: log what came with money as a bundle of its own."""


class NotRouted(DomainError):
    """Mail without money is handed to a person or a division."""


class NotReceivedYet(DomainError):
    """Mail is logged when it has come."""


class PostmarkNotTaken(DomainError):
    """A postmark after the mail came, or too long before it: ``facts["days"]``."""


class PostDated(DomainError):
    """The check is dated on a day that has not come: it is sent back (``facts["on"]``)."""


class NotTied(DomainError):
    """The bundle is off what was added up: ``facts["count"]`` remittances, ``facts["cents"]`` (both signed)."""


class NothingExplained(DomainError):
    """An explanation says how many remittances, and how much; what goes back is not negative."""


class NotWorkedHere(DomainError):
    """The bundle is not being worked, or has no money in it."""


class BundleWorked(Conflict):
    """Somebody else works this bundle."""


class BundleIsFull(DomainError):
    """As many remittances were entered and explained as were counted: look at the count before you go on."""


class NotByMail(DomainError):
    """By mail come checks, money orders and, opened by two, cash."""


@dataclass(frozen=True)
class NewBundle:
    """A bundle as its two openers log it."""

    kind: str
    received_at: datetime
    opened_with: int
    """The other opener."""
    postmarked_on: date | None = None
    remittances: int = 0
    total: Money = ZERO
    routed_to: str = ""
    note: str = ""
    for_actor_id: int | None = None
    """Whose the mail is, where it has no money in it; or a division's."""
    for_division: str = ""


@dataclass(frozen=True)
class Remittance:
    """One envelope: what it pays, by what. Without accounts its money is nobody's yet."""

    key: str
    """Made with the empty form: sent twice, it is one."""
    tender: str
    amount: Money
    accounts: tuple[tuple[int, Money], ...] = ()
    check_number: str = ""
    bank: str = ""
    dated_on: date | None = None
    made_out_to_city: bool = True
    payer: str = ""
    memo: str = ""
    routing: str = ""
    bank_account: str = ""
    postmarked_on: date | None = None
    language: str = "en"

    @property
    def unknown(self) -> Money:
        """What of it is nobody's yet."""
        return self.amount - total(amount for _account, amount in self.accounts)


@dataclass(frozen=True)
class Standing:
    """How a bundle stands against its control."""

    control_count: int
    control: Money
    entered_count: int
    entered: Money
    explained_count: int = 0
    explained: Money = ZERO

    @property
    def missing_count(self) -> int:
        return self.control_count - self.entered_count - self.explained_count

    @property
    def missing(self) -> Money:
        return self.control - self.entered - self.explained

    @property
    def ties(self) -> bool:
        return not self.missing_count and not self.missing


def check_bundle(policy: MailPolicy, bundle: NewBundle, now: datetime) -> None:
    """Raise why this cannot be logged; ``NotOnTheList`` is the caller's (the kind must be one of the policy's)."""
    kind = policy.kind(bundle.kind)
    has_money = kind is not None and kind.has_money
    if bundle.received_at > now:
        raise NotReceivedYet("received later than now")
    if has_money and (bundle.remittances <= 0 or bundle.total <= ZERO):
        raise ControlMissing("count and add it up first")
    if not has_money and (bundle.remittances or bundle.total):
        raise NoMoneyExpected("money in other mail")
    if not has_money and not bundle.for_division and bundle.for_actor_id is None:
        raise NotRouted("say whose it is")


def check_remittance(remittance: Remittance, today: date) -> None:
    """Raise why this is sent back or typed anew; what a sale refuses (a third party's check) is said there."""
    if remittance.tender not in BY_MAIL:
        raise NotByMail(remittance.tender)
    if remittance.dated_on is not None and remittance.dated_on > today:
        raise PostDated("post-dated", on=remittance.dated_on)


@dataclass(frozen=True)
class PaidOn:
    """The date of payment that counts."""

    on: date
    by_postmark: bool


def paid_on(
    policy: MailPolicy, kinds: Collection[str], received_on: date, postmarked_on: date | None, today: date
) -> PaidOn:
    """When a remittance for accounts of these kinds counts as paid: on its postmark where the policy says so for any
    of them, else when it came. Never after today.

    Raises :class:`PostmarkNotTaken` for a postmark after the mail came, or further back than the policy goes.
    """
    came = min(received_on, today)
    if postmarked_on is None:
        return PaidOn(came, by_postmark=False)
    if not came - timedelta(days=policy.postmark_days) <= postmarked_on <= came:
        raise PostmarkNotTaken(f"postmarked {postmarked_on}, came {came}", days=policy.postmark_days)
    counts = {str(kind): way for kind, way in policy.paid_on.items()}
    if any(counts.get(kind) == "postmark" for kind in kinds):
        return PaidOn(postmarked_on, by_postmark=True)
    return PaidOn(came, by_postmark=False)
