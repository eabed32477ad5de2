"""What one field cannot know: that codes exist, funds agree, periods meet, and every text speaks every language."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel

from accounts.cities import returns
from accounts.cities.bank_checks import bank_findings
from accounts.cities.chart import RevenueLine
from accounts.cities.findings import Finding, Path, account_findings, meet
from accounts.cities.policies import ANY, ProofKind
from accounts.cities.request_checks import request_findings
from accounts.cities.rules import City
from accounts.cities.window_checks import window_findings
from accounts.pricing.effective import Effective, breaks
from accounts.pricing.shapes import METERED
from accounts.pricing.texts import Text

POOL_ROLES = {
    "bank": "asset",
    "cash_on_hand": "asset",
    "processor_clearing": "asset",
    "due_to_funds": "liability",
    "suspense": "liability",
    "processor_suspense": "liability",
    "terminal_clearing": "asset",
    "change_fund": "asset",
    "refunds_payable": "liability",
}
OTHER_ROLES = {"service_fee_revenue": "revenue", "processor_fees": "expense", "over_short": "revenue"}
PROOFS_OF: Mapping[str, set[ProofKind]] = {
    "utility": {"bill_code", "last_name", "business_name", "last_payment", "pin"},
    "license": {"bill_code", "last_name", "business_name", "last_payment", "pin"},
    "citation": {"bill_code", "last_name", "plate"},
}


def findings(city: City) -> list[Finding]:
    """Everything wrong with a city whose fields are each in order."""
    checks = (
        _texts,
        _calendar,
        _chart,
        _pool,
        _roles_by_fund,
        _lines,
        _rates,
        _periods,
        _policies,
        _leaks,
        _counter,
        window_findings,
        bank_findings,
        _journal_layouts,
        lambda ours: (
            Finding(*one) for one in returns.problems(ours.return_policies, ours.rates, ours.revenue_lines)
        ),
        request_findings,
        _codes,
    )
    return [finding for check in checks for finding in check(city)]


def _texts(city: City) -> Iterator[Finding]:
    for path, words in _walk(city, ()):
        for language in city.identity.languages:
            if language not in words.root:
                yield Finding(path, f"no words in {language!r}")
        for language in sorted(set(words.root) - set(city.identity.offered)):
            yield Finding((*path, language), f"{language!r} is not a language of the city")


def _walk(value: object, path: Path) -> Iterator[tuple[Path, Text]]:
    if isinstance(value, Text):
        yield path, value
    elif isinstance(value, BaseModel):
        for field in type(value).model_fields:
            yield from _walk(getattr(value, field), (*path, field))
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _walk(item, (*path, key))
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from _walk(item, (*path, index))


def _calendar(city: City) -> Iterator[Finding]:
    for index, holiday in enumerate(city.calendar.holidays):
        if not city.calendar.knows(holiday.rule):
            place = f"{city.calendar.country}-{city.calendar.subdivision}"
            yield Finding(("calendar", "holidays", index, "rule"), f"{place} has no holiday {holiday.rule!r}")


def _chart(city: City) -> Iterator[Finding]:
    for index, account in enumerate(city.ledger_accounts):
        if account.fund not in city.funds:
            yield Finding(("ledger_accounts", index, "fund"), f"there is no fund {account.fund!r}")


def _pool(city: City) -> Iterator[Finding]:
    pool = city.roles.pooled_cash_fund
    if pool not in city.funds:
        yield Finding(("roles", "pooled_cash_fund"), f"there is no fund {pool!r}")
    for role, kind in POOL_ROLES.items():
        yield from account_findings(city, ("roles", role), getattr(city.roles, role), pool, (kind,))
    for role, kind in OTHER_ROLES.items():
        path, code = ("roles", role), getattr(city.roles, role)
        yield from account_findings(city, path, code, None, (kind,))
        if any(account.code == code and account.fund == pool for account in city.ledger_accounts):
            yield Finding(path, f"ledger account {code} is in the pooled cash fund, which earns and spends nothing")


def _roles_by_fund(city: City) -> Iterator[Finding]:
    roles, others = city.roles, set(city.funds) - {city.roles.pooled_cash_fund}
    for role, kind in (("claim_on_pooled_cash", "asset"), ("opening_equity", "equity")):
        given: dict[str, str] = getattr(roles, role)
        for fund in sorted(others - set(given)):
            yield Finding(("roles", role), f"nothing for fund {fund}")
        for fund, code in given.items():
            path = ("roles", role, fund)
            if fund not in others:
                yield Finding(path, f"there is no fund {fund!r} beside the pooled cash fund")
            else:
                yield from account_findings(city, path, code, fund, (kind,))
    for account_kind in sorted({line.account_kind for line in city.revenue_lines.values()}):
        if account_kind not in roles.customer_credits:
            yield Finding(("roles", "customer_credits"), f"nothing for {account_kind} accounts")
    for account_kind, code in roles.customer_credits.items():
        path = ("roles", "customer_credits", account_kind)
        yield from account_findings(city, path, code, None, ("liability",))
        # Money that meets no charge is posted as the credit of some line of its kind.
        if (account_kind, code) not in {(line.account_kind, line.credit) for line in city.revenue_lines.values()}:
            yield Finding(path, f"no revenue line of {account_kind} accounts keeps its credits in {code}")


def _lines(city: City) -> Iterator[Finding]:
    for code, line in city.revenue_lines.items():
        yield from _line(city, ("revenue_lines", code), line)


def _line(city: City, path: Path, line: RevenueLine) -> Iterator[Finding]:
    if line.fund not in city.funds:
        yield Finding((*path, "fund"), f"there is no fund {line.fund!r}")
        return
    # Revenue of an external line is booked by its owner; ours is a control account.
    earned = ("asset", "liability") if line.is_external else ("revenue", "liability")
    yield from account_findings(city, (*path, "receivable"), line.receivable, line.fund, ("asset",))
    yield from account_findings(city, (*path, "revenue"), line.revenue, line.fund, earned)
    yield from account_findings(city, (*path, "credit"), line.credit, line.fund, ("liability",))
    for index, part in enumerate(line.revenue_parts):
        yield from account_findings(city, (*path, "revenue_parts", index, "account"), part.account, line.fund, earned)
    if line.revenue_parts and sum(part.percent for part in line.revenue_parts) != 100:
        yield Finding((*path, "revenue_parts"), "the parts are not 100 percent together")
    if line.is_external and not line.owner:
        yield Finding((*path, "owner"), "an external line names the system that owns its balance")


def _rates(city: City) -> Iterator[Finding]:
    known = city.revenue_lines
    for index, rate in enumerate(city.rates):
        if rate.revenue_line not in known:
            yield Finding(("rates", index, "revenue_line"), f"there is no revenue line {rate.revenue_line!r}")
    for index, rule in enumerate(city.penalties):
        for path, code in (
            (("penalties", index, "revenue_line"), rule.revenue_line),
            *((("penalties", index, "applies_to", place), code) for place, code in enumerate(rule.applies_to)),
        ):
            if code not in known:
                yield Finding(path, f"there is no revenue line {code!r}")
    for index, fee in enumerate(city.service_fees):
        path = ("service_fees", index, "ledger_account")
        yield from account_findings(city, path, fee.ledger_account, fee.fund, ("revenue", "liability"))
    for index, kind in enumerate(city.license_classes):
        if kind.rate not in {rate.code for rate in city.rates}:
            yield Finding(("license_classes", index, "rate"), f"there is no rate {kind.rate!r}")


def _periods(city: City) -> Iterator[Finding]:
    dated: list[tuple[Path, Sequence[Effective]]] = [
        (("allocation_policies",), city.allocation_policies),
        (("billing_policies",), city.billing_policies),
        (("license_policies",), city.license_policies),
        (("staff_policies",), city.staff_policies),
        (("desk_policies",), city.desk_policies),
        (("adjustment_policies",), city.adjustment_policies),
        *((("rates", index, "versions"), rate.versions) for index, rate in enumerate(city.rates)),
        *((("penalties", index, "versions"), rule.versions) for index, rule in enumerate(city.penalties)),
        *((("service_fees", index, "versions"), fee.versions) for index, fee in enumerate(city.service_fees)),
    ]
    for field in ("leak_policies", "waiver_policies", "fee_catalogs", "cash_policies", "bank_policies",
                  "oversight_policies", "return_policies", "pay_link_policies", "mail_policies",
                  "message_policies", "billing_checks", "document_policies", "draft_policies"):  # fmt: skip
        if getattr(city, field):
            dated.append(((field,), getattr(city, field)))
    for path, items in dated:
        if not items:
            yield Finding(path, "nothing is in force on any day")
        for index, message in breaks(items):
            yield Finding((*path, index, "valid_from"), message)


def _policies(city: City) -> Iterator[Finding]:
    for index, policy in enumerate(city.allocation_policies):
        for place, rank in enumerate(policy.order):
            if rank.revenue_line not in {ANY, *city.revenue_lines}:
                path = ("allocation_policies", index, "order", place, "revenue_line")
                yield Finding(path, f"there is no revenue line {rank.revenue_line!r}")
    for kind in sorted({line.account_kind for line in city.revenue_lines.values()} - set(city.lookups)):
        yield Finding(("lookups",), f"nothing says how to look up {kind} accounts")
    for account_kind, lookup in city.lookups.items():
        for place, proof in enumerate(lookup.proofs):
            if proof.kind not in PROOFS_OF[account_kind]:
                yield Finding(
                    ("lookups", account_kind, "proofs", place, "kind"),
                    f"{account_kind} accounts have no {proof.kind!r}",
                )
    if not city.web_series():
        yield Finding(("receipt_series",), "the web has no receipt series")
    if city.payments.least > city.payments.most:
        yield Finding(("payments", "least"), f"is above the most, {city.payments.most}")


def _leaks(city: City) -> Iterator[Finding]:
    rates = {rate.code: rate for rate in city.rates}
    for index, policy in enumerate(city.leak_policies):
        for place, code in enumerate(policy.rates):
            path = ("leak_policies", index, "rates", place)
            if code not in rates:
                yield Finding(path, f"there is no rate {code!r}")
                continue
            while_asked = [version for version in rates[code].versions if meet(version, policy)]
            if not any(version.shape.type in METERED for version in while_asked):
                yield Finding(path, f"{code} prices no usage in these days")
            elif policy.method == "at_tier" and not any(version.shape.type == "tiers" for version in while_asked):
                yield Finding(path, f"{code} has no tiers in these days, so a credit at a tier would be nothing")


def _counter(city: City) -> Iterator[Finding]:
    """Fees that the counter posts by hand are rates of lines of our own, in force, and priced without facts."""
    rates = {rate.code: rate for rate in city.rates}
    for index, catalog in enumerate(city.fee_catalogs):
        for place, fee in enumerate(catalog.fees):
            path = ("fee_catalogs", index, "fees", place, "rate")
            rate = rates.get(fee.rate)
            if rate is None:
                yield Finding(path, f"there is no rate {fee.rate!r}")
                continue
            line = city.revenue_lines.get(rate.revenue_line)
            if line is not None and line.is_external:
                yield Finding(path, f"{fee.rate} is on a line that only its owner assesses")
            in_these_days = [version for version in rate.versions if meet(version, catalog)]
            if not in_these_days:
                yield Finding(path, f"{fee.rate} has no version in these days")
            elif any(version.shape.type not in {"fixed", "by_choice"} for version in in_these_days):
                yield Finding(
                    path, f"{fee.rate} needs more than the counter knows: only fixed amounts and choices do"
                )
    if city.leak_policies and not all(policy.leak_reason for policy in city.adjustment_policies):
        yield Finding(("adjustment_policies",), "no reason is for leaks, but the city has a leak policy")


def _journal_layouts(city: City) -> Iterator[Finding]:
    """A layout's versions follow each other, and what it maps are ledger accounts."""
    known = {account.code for account in city.ledger_accounts}
    for index, layout in enumerate(city.journal_layouts):
        if any(meet(layout, other) for other in city.journal_layouts[:index] if other.code == layout.code):
            yield Finding(("journal_layouts", index, "valid_from"), f"{layout.code!r} has two versions in these days")
        for code in sorted(set(layout.accounts) - known):
            yield Finding(("journal_layouts", index, "accounts", code), f"there is no ledger account {code!r}")


def _codes(city: City) -> Iterator[Finding]:
    lists: dict[str, Sequence[str]] = {
        "ledger_accounts": [account.code for account in city.ledger_accounts],
        "license_classes": [kind.code for kind in city.license_classes],
        "receipt_series": [series.code for series in city.receipt_series],
        "tills": [till.code for till in city.tills],
        "lockbox_profiles": [profile.code for profile in city.lockbox_profiles],
        "rates": [rate.code for rate in city.rates],
        "service_fees": [fee.code for fee in city.service_fees],
        "penalties": [rule.code for rule in city.penalties],
    }
    for field, codes in lists.items():
        for index, code in enumerate(codes):
            if code in codes[:index]:
                yield Finding((field, index, "code"), f"{code!r} is given twice")
    rules = Counter(code for field in ("rates", "service_fees", "penalties") for code in set(lists[field]))
    for field in ("service_fees", "penalties"):
        for index, code in enumerate(lists[field]):
            if rules[code] > 1:
                yield Finding((field, index, "code"), f"{code!r} is also a rate, a fee or a penalty of another kind")
    ways = [(fee.tender, fee.channel) for fee in city.service_fees]
    for index, way in enumerate(ways):
        if way in ways[:index]:
            yield Finding(("service_fees", index, "tender"), f"a second fee for {way[0]} on {way[1]}")
