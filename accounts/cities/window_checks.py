"""What the window of a city must agree on."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.cities.findings import Finding, account_findings
from accounts.cities.rules import City


def window_findings(city: City) -> Iterator[Finding]:
    """Tills number their receipts at the counter, and what is sold is earned, or owed on."""
    counter = city.series_of("counter")
    for index, till in enumerate(city.tills):
        if till.receipt_series not in counter:
            yield Finding(("tills", index, "receipt_series"), f"the counter has no series {till.receipt_series!r}")
    if city.tills and not city.cash_policies:
        yield Finding(("cash_policies",), "there are tills, and no policy for cash")
    pool = city.roles.pooled_cash_fund
    for index, item in enumerate(city.catalog_items):
        path = ("catalog_items", index, "ledger_account")
        yield from account_findings(city, path, item.ledger_account, None, ("revenue", "liability"))
        if any(account.code == item.ledger_account and account.fund == pool for account in city.ledger_accounts):
            yield Finding(
                path, f"ledger account {item.ledger_account} is in the pooled cash fund, which earns nothing"
            )
