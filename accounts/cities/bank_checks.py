"""What the bank accounts of a city must agree on: codes, ledger accounts, and the ends of their numbers."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.cities.rules import City
from accounts.pricing.effective import Effective

Found = tuple[tuple[str | int, ...], str]
_OWN = {
    "code": "{!r} is given twice for the same days",
    "ledger_account": "another bank account has {!r} in the same days",
    "number_ends": "another bank account ends in {!r} too: a statement could be of either",
}


def bank_findings(city: City) -> Iterator[Found]:
    """Path in the city and what is wrong there."""
    accounts = city.bank_accounts
    for index, account in enumerate(accounts):
        for other in accounts[:index]:
            for field, message in _OWN.items():
                if _meet(account, other) and getattr(account, field) == getattr(other, field):
                    yield ("bank_accounts", index, field), message.format(getattr(account, field))
    if accounts and city.roles.bank not in {account.ledger_account for account in accounts}:
        yield ("bank_accounts",), f"none stands for {city.roles.bank}, which the processor pays into"
    if accounts and not city.bank_policies:
        yield ("bank_policies",), "there are bank accounts, and no policy for their statements"


def _meet(one: Effective, other: Effective) -> bool:
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )
