"""What the checks of a city find, and the questions that several of them ask."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from accounts.cities.rules import City
from accounts.pricing.effective import Effective

Path = tuple[str | int, ...]


class Finding(NamedTuple):
    """What is wrong, and the path to it in the merged city: ``("rates", 0, "revenue_line")``."""

    path: Path
    message: str


def account_findings(city: City, path: Path, code: str, fund: str | None, kinds: Iterable[str]) -> Iterator[Finding]:
    """Check that ``code`` is an account of ``fund`` (of any, if none) and of one of ``kinds``."""
    account = next((account for account in city.ledger_accounts if account.code == code), None)
    if account is None:
        yield Finding(path, f"there is no ledger account {code!r}" if code else "names no ledger account")
        return
    if fund is not None and account.fund != fund:
        yield Finding(path, f"ledger account {code} is in fund {account.fund}, not in fund {fund}")
    if account.kind not in kinds:
        yield Finding(path, f"ledger account {code} is of kind {account.kind}, not {' or '.join(kinds)}")


def meet(one: Effective, other: Effective) -> bool:
    """Do two periods have a day in common?"""
    return (one.valid_to is None or other.valid_from <= one.valid_to) and (
        other.valid_to is None or one.valid_from <= other.valid_to
    )
