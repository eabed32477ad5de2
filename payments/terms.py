"""What payments ask of the released city: where money is posted, what meets which charge, what paying costs."""

from __future__ import annotations

from datetime import date

from accounts.charges.rules import AllocationOrder
from accounts.cities.queries import RulingCity
from accounts.cities.rules import City, NotInTheCity
from accounts.money import ZERO, Money
from payments.baskets.rules import Bounds
from payments.checkout.service import FeeQuote, Rules
from payments.drawers.rules import CashTerms
from payments.lockboxes.items import LockboxDesk
from payments.moves.rules import MoveTerms
from payments.payouts.rules import Terms as PayoutTerms
from payments.posting.rules import LineTerms, Terms
from payments.reversals.rules import ReversalTerms
from payments.settlements.service import Desk
from payments.suspense.rules import SuspenseTerms


def terms_of(city: City) -> Terms:
    """The part of the city's chart that a payment touches.

    Money that meets no charge stands in ``roles.customer_credits`` of the kind of account, by way of a revenue
    line of that kind whose credits stand there too. Raises :class:`NotInTheCity` where a kind has no such line.
    """
    roles = city.roles
    return Terms(
        lines={code: LineTerms(line.fund, line.receivable, line.credit) for code, line in city.revenue_lines.items()},
        credit_line={kind: _credit_line(city, kind, code) for kind, code in roles.customer_credits.items()},
        pooled_fund=roles.pooled_cash_fund,
        due_to_funds=roles.due_to_funds,
        claims=dict(roles.claim_on_pooled_cash),
        cash={
            "card": roles.processor_clearing,
            "bank_debit": roles.processor_clearing,
            "cash": roles.cash_on_hand,
            "check": roles.cash_on_hand,
            "money_order": roles.cash_on_hand,
            "terminal": roles.terminal_clearing,
            "lockbox": roles.bank,
        },
    )


def order_of_policy(city: City, on: date) -> AllocationOrder:
    """The order in which money meets charges, as the law has it on a day."""
    policy = city.allocation_policy(on)
    ranks = tuple((rank.revenue_line, rank.kind) for rank in policy.order)
    return AllocationOrder(policy.version, ranks, policy.authority)


def fee_quote(city: City, tender: str, channel: str, on: date, amount: Money) -> FeeQuote:
    """What it costs to pay ``amount`` by a tender on a channel, with the terms that an attempt freezes.

    Nothing where the city asks nothing, or where nothing is paid.
    """
    fee = city.service_fee(tender, channel, on)
    if fee is None or amount <= ZERO:
        return FeeQuote(ZERO, {}, {})
    line = fee.price(amount, on)
    version = line.working.versions[0]
    terms: dict[str, object] = {
        "fund": fee.fund,
        "code": fee.ledger_account,
        "name": line.description,
        "rule": fee.code,
        "valid_from": version.valid_from.isoformat(),
        "valid_to": version.valid_to.isoformat() if version.valid_to else None,
        "authority": version.authority,
        "working": line.working.as_json(),
    }
    return FeeQuote(line.amount, terms, line.description)


def bounds_of(city: City) -> Bounds:
    """How little and how much the city takes at once on the web."""
    bounds = city.payments
    return Bounds(
        Money.exact(bounds.least), Money.exact(bounds.most), bounds.overpayment_allowed, bounds.most_accounts
    )


def checkout_rules(ruling: RulingCity, amount: Money, on: date) -> Rules:
    """The city's part of a card payment on the web: fee, allocation order, names on the processor's page."""
    city = ruling.city
    return Rules(
        release_id=ruling.release_id,
        order=order_of_policy(city, on),
        line_names={code: line.processor_name.root for code, line in city.revenue_lines.items()},
        credit_lines=terms_of(city).credit_line,
        descriptor=city.identity.name.in_("en"),
        fee=checkout_fee(city, amount, on),
        keeps_credit=city.payments.overpayment_allowed,
    )


def checkout_fee(city: City, amount: Money, on: date) -> FeeQuote:
    """What a card payment on the web costs."""
    return fee_quote(city, "card", "web", on, amount)


def move_terms(city: City) -> MoveTerms:
    """The part of the city that moving a payment touches."""
    return MoveTerms(terms_of(city), city.roles.suspense, lambda on: order_of_policy(city, on))


def cash_terms(city: City) -> CashTerms:
    """The part of the city's chart that counting a drawer touches; raises :class:`NotInTheCity` without a window."""
    roles = city.roles
    if not (roles.terminal_clearing and roles.change_fund and roles.refunds_payable):
        raise NotInTheCity("the release names no accounts for a window: release the city again", what="change_fund")
    return CashTerms(
        cash_on_hand=roles.cash_on_hand,
        terminal_clearing=roles.terminal_clearing,
        change_fund=roles.change_fund,
        over_short=roles.over_short,
        over_short_fund=city.ledger_account(roles.over_short).fund,
        pooled_fund=roles.pooled_cash_fund,
        due_to_funds=roles.due_to_funds,
        claims=dict(roles.claim_on_pooled_cash),
    )


def reversal_terms(city: City) -> ReversalTerms:
    """The part of the city that taking a payment back touches."""
    return ReversalTerms(move_terms(city), city.roles.refunds_payable, city.roles.bank)


def lockbox_desk(online: Desk, city: City, key: bytes) -> LockboxDesk:
    """What importing lockbox files needs; ``key`` is the key of fingerprints of checks."""
    return LockboxDesk(online, city, terms_of(city), lambda on: order_of_policy(city, on), key)


def suspense_terms(city: City) -> SuspenseTerms:
    """The part of the city that identifying money in suspense touches."""
    return SuspenseTerms(move_terms(city), city.roles.refunds_payable, city.roles.pooled_cash_fund)


def _credit_line(city: City, kind: str, credit: str) -> str:
    for code, line in city.revenue_lines.items():
        if (line.account_kind, line.credit) == (kind, credit):
            return code
    raise NotInTheCity(f"no revenue line of {kind} accounts keeps its credits in {credit}", what=credit)


def payout_terms(city: City) -> PayoutTerms:
    """The part of the city's chart that a payout touches.

    Raises :class:`NotInTheCity` under a release that was made before there were payouts.
    """
    roles = city.roles
    if not roles.processor_suspense:
        raise NotInTheCity(
            "the release names no processor_suspense: release the city again", what="processor_suspense"
        )
    return PayoutTerms(
        bank=roles.bank,
        clearing=roles.processor_clearing,
        suspense=roles.processor_suspense,
        fees=roles.processor_fees,
        fees_fund=city.ledger_account(roles.processor_fees).fund,
        pooled_fund=roles.pooled_cash_fund,
        due_to_funds=roles.due_to_funds,
        claims=dict(roles.claim_on_pooled_cash),
    )
