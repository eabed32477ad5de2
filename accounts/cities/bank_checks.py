"""What the bank accounts of a city must agree on: codes, ledger accounts, and the ends of their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.cities.findings import Finding, Path, account_findings, meet
from accounts.cities.rules import City

_OWN = {
    "code": "{!r} is given twice for the same days",
    "ledger_account": "another bank account has {!r} in the same days",
    "number_ends": "another bank account ends in {!r} too: a statement could be of either",
}


def bank_findings(city: City) -> Iterator[Finding]:
    """Each bank account has an asset of the pool of its own; what is booked from a statement is earned or spent."""
    yield from _accounts(city)
    pool = city.roles.pooled_cash_fund
    for index, account in enumerate(city.bank_accounts):
        path: Path = ("bank_accounts", index, "ledger_account")
        yield from account_findings(city, path, account.ledger_account, pool, ("asset",))
    for index, policy in enumerate(city.bank_policies):
        for place, category in enumerate(policy.categories):
            path = ("bank_policies", index, "categories", place, "ledger_account")
            if category.ledger_account:
                yield from account_findings(city, path, category.ledger_account, None, ("revenue", "expense"))


def _accounts(city: City) -> Iterator[Finding]:
    accounts = city.bank_accounts
    for index, account in enumerate(accounts):
        for other in accounts[:index]:
            for field, message in _OWN.items():
                if meet(account, other) and getattr(account, field) == getattr(other, field):
                    yield Finding(("bank_accounts", index, field), message.format(getattr(account, field)))
    if accounts and city.roles.bank not in {account.ledger_account for account in accounts}:
        yield Finding(("bank_accounts",), f"none stands for {city.roles.bank}, which the processor pays into")
    if accounts and not city.bank_policies:
        yield Finding(("bank_policies",), "there are bank accounts, and no policy for their statements")
