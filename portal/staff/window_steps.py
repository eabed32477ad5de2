"""What each button of a sale does to it. Pure: a draft comes in, a draft goes out, and is saved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from accounts.cities.window import CatalogItem
from accounts.money import ZERO, Money, total
from payments.sales.drafts import CASH, CHECK, TERMINAL, AccountLine, Draft, ItemLine, TenderLine
from payments.sales.owing import OwingAccount


def with_account(draft: Draft, line: AccountLine) -> Draft:
    """One more account; one that is there already stays as it is."""
    if any(one.customer_account_id == line.customer_account_id for one in draft.accounts):
        return draft
    return settled(replace(draft, accounts=(*draft.accounts, line)))


def with_amounts(draft: Draft, accounts: Sequence[OwingAccount], form: Any, pressed: str) -> Draft:
    """The amounts as typed; ``pressed`` is ``total-7``, ``past-7``, or ``given-7`` for what the cash pays."""
    lines = [_amount(line, accounts, form, pressed, draft) for line in draft.accounts]
    return settled(replace(draft, accounts=tuple(lines)))


def with_item(draft: Draft, item: CatalogItem, quantity: int, price: Money | None, project: str) -> Draft:
    """One more item, at the city's price where it has one."""
    amount = item.unit * quantity if item.unit is not None else price or ZERO
    line = ItemLine(item.code, quantity, amount, project)
    return settled(replace(draft, items=(*draft.items, line)))


def with_tender(draft: Draft, form: Any) -> Draft:
    """One more check, money order or card; without an amount it pays all that is still missing."""
    draft_without_cash = without_cash(draft)
    amount = form.tender_amount.data or max(draft_without_cash.missing, ZERO)
    is_card, is_check = form.kind.data == TERMINAL, form.kind.data == CHECK
    line = TenderLine(
        form.kind.data,
        amount,
        amount,
        reference=form.number.data or "",
        bank=(form.bank.data or "") if is_check else "",
        brand=form.brand.data if is_card and form.brand.data in dict(form.brand.choices) else "",
        last4=(form.last4.data or "") if is_card else "",
        made_out_to_city=not is_check or form.made_out.data,
    )
    return settled(replace(draft, tenders=(*draft.tenders, line)))


def with_given(draft: Draft, given: Money | None) -> Draft:
    """This much cash was handed over, instead of what was said before."""
    bare = without_cash(draft)
    return bare.with_cash(given) if given else bare


def without(draft: Draft, what: str, place: int) -> Draft:
    """A line less."""
    if what == "accounts":
        return settled(replace(draft, accounts=(*draft.accounts[:place], *draft.accounts[place + 1 :])))
    if what == "items":
        return settled(replace(draft, items=(*draft.items[:place], *draft.items[place + 1 :])))
    return settled(replace(draft, tenders=(*draft.tenders[:place], *draft.tenders[place + 1 :])))


def without_cash(draft: Draft) -> Draft:
    return replace(draft, tenders=tuple(line for line in draft.tenders if line.kind != CASH))


def given_of(draft: Draft) -> Money:
    """The cash that was handed over."""
    return total(line.given for line in draft.tenders if line.kind == CASH)


def settled(draft: Draft) -> Draft:
    """After a change the cash is laid anew: of what was handed over, as much is kept as is now missing."""
    return with_given(draft, given_of(draft) or None)


def _amount(
    line: AccountLine, accounts: Sequence[OwingAccount], form: Any, pressed: str, draft: Draft
) -> AccountLine:
    account = next((one for one in accounts if one.id == line.customer_account_id), None)
    if account is None:
        return line
    if pressed == f"total-{account.id}":
        return AccountLine(account.id, account.standing.total)
    if pressed == f"past-{account.id}":
        return AccountLine(account.id, account.standing.past_due)
    if pressed == f"given-{account.id}":
        rest = draft.due - line.amount
        paid = draft.tendered - rest
        return replace(line, amount=paid) if paid > ZERO else line
    named = tuple(form[f"charges_{account.id}"].data or ())
    if named and named != line.targets:
        return AccountLine(account.id, total(one.open for one in account.charges if one.id in named), named)
    typed = form[f"amount_{account.id}"].data
    return AccountLine(account.id, typed if typed is not None else line.amount, named)


def owed_text(accounts: Sequence[OwingAccount]) -> str:
    """What a page says that accounts owe, as its form carries it: ``7:12000,9:0``."""
    return ",".join(f"{account.id}:{account.standing.total.cents}" for account in accounts)


def owed_of(carried: str | None) -> dict[int, Money]:
    """What :func:`owed_text` carried; whatever else comes says nothing."""
    pairs = (one.split(":", 1) for one in (carried or "").split(",") if ":" in one)
    return {int(account): Money(int(cents)) for account, cents in pairs if _is_number(account) and _is_number(cents)}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
