"""What was scanned or typed at the window: the account that it means and what its bill asks, or several to pick."""

from __future__ import annotations

from dataclasses import dataclass

from accounts import audit
from accounts.cities.rules import City
from accounts.customer_accounts.queries import by_scan_key
from accounts.customer_accounts.scan_lines import looks_like_one, must_read
from accounts.database import one_by_one, transaction
from accounts.money import Money
from accounts.searches.queries import Hit, search
from accounts.searches.rules import Fit, Matched
from payments.sales.drafts import AccountLine
from payments.sales.owing import OwingAccount
from portal.staff.blueprint import may_see, staff_user
from portal.wiring import wiring

_MOST = 8


@dataclass(frozen=True)
class Found:
    """One account with what its bill asks (none: the bill does not say), or candidates, or nothing."""

    account_id: int | None = None
    asked: Money | None = None
    candidates: tuple[Hit, ...] = ()


def find(typed: str) -> Found:
    """By scan line, by number, or by whatever the search box takes. Raises ``ScanLineUnread`` for a line that has as
    many digits as the city's, and is none.
    """
    parts = wiring()
    city, today = parts.city().city, parts.clock.today()
    layouts = city.scan_layouts(today)
    if looks_like_one(typed, layouts):
        line = must_read(typed, layouts)
        with one_by_one(parts.sessions) as reader:
            scanned = by_scan_key(reader, line.account_digits, **may_see(staff_user()))
        best = [one for one in scanned if one.is_reference] or scanned
        return Found(best[0].id, line.asked_on(today)) if len(best) == 1 else _by_search(line.account_digits)
    return _by_search(typed)


def first_line(account: OwingAccount, asked: Money | None) -> AccountLine:
    """An account as it comes into a sale: what its bill asks, or all that it owes where that is less or not said.

    A bill that was paid before comes with nothing: what is paid beyond is typed on purpose.
    """
    owed = account.standing.total
    return AccountLine(account.id, owed if asked is None else min(asked, owed))


def note_looks(account_ids: list[int]) -> None:
    """Somebody has these accounts on the screen of the window."""
    with transaction(wiring().sessions) as session:
        audit.seen_all(session, account_ids, staff_user().actor_id, "window")


def language_of(accounts: list[OwingAccount], city: City) -> str:
    """The language in which the customer wants to be written to; the city's first where none is known."""
    spoken = next((account.language for account in accounts if account.language), "")
    return spoken or city.identity.languages[0]


def _by_search(typed: str) -> Found:
    with one_by_one(wiring().sessions) as reader:
        found = search(reader, typed, **may_see(staff_user()), limit=_MOST)
    with transaction(wiring().sessions) as session:
        audit.searched(session, staff_user().actor_id, typed, len(found.hits))
    exact = [hit for hit in found.hits if hit.fit is Fit.EXACT and hit.matched is Matched.NUMBER]
    if len(exact) == 1:
        return Found(exact[0].account_id)
    return Found(candidates=found.hits)
