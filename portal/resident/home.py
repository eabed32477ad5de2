"""The first page of a resident who is signed in: what is due next, of every account, and one button for all."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import render_template, request

from accounts.account_links.queries import Held, held_by
from accounts.account_links.rules import Right
from accounts.cases.queries import waiting_for
from accounts.cases.views import CaseLine
from accounts.database import one_by_one
from accounts.money import ZERO, Money, total
from accounts.premises.rules import plain
from payments.baskets.queries import money_on_its_way
from payments.baskets.rules import Coming
from portal.forms.lookups import FindForm
from portal.navigation import account_kind
from portal.permissions import any_resident
from portal.public import visitors
from portal.public.lookups import kinds_of_numbers
from portal.resident.blueprint import resident, resident_user
from portal.wiring import wiring
from portal.words.cases import kind_name

MOST_CARDS = 12
"""More accounts than these are a table with a search box."""
PAGE = 50


@dataclass(frozen=True)
class HeldView:
    """An account on its owner's list: ``state`` is how it stands (see ``components/notices``)."""

    held: Held
    title: str
    coming: Money
    state: str
    may_pay: bool


@resident.get("")
@any_resident
def home_show() -> str:
    return home_page()


def home_page(refused: str = "") -> str:
    """The page; ``refused`` says why a payment could not begin."""
    parts, today = wiring(), wiring().clock.today()
    with one_by_one(parts.sessions) as reader:
        mine = held_by(reader, resident_user().actor_id, today)
        ids = [one.link.account_id for one in mine]
        coming = money_on_its_way(reader, ids, parts.clock.now(), visitors.basket_token())
        waiting = waiting_for(reader, resident_user().actor_id)
    views = [_view(one, coming.get(one.link.account_id, ())) for one in mine]
    payable = [view for view in views if view.may_pay and view.held.owed]
    first_due = next((view.held.next_due_on for view in payable), None)
    found = _matching(views, request.args.get("q", ""))
    page = _page_number(len(found))
    kinds, asks_zip = kinds_of_numbers() if not views else ((), False)
    return render_template(
        "resident/home/show.html",
        form=FindForm(formdata=None),
        kinds=kinds,
        asks_zip=asks_zip,
        accounts=found[(page - 1) * PAGE : page * PAGE] if len(views) > MOST_CARDS else found,
        count=len(views),
        found=len(found),
        page=page,
        pages=-(-len(found) // PAGE),
        is_long=len(views) > MOST_CARDS,
        owed=total(view.held.owed for view in payable),
        past_due=total(view.held.past_due for view in payable),
        payable=len(payable),
        first_due=first_due,
        due_first=total(view.held.next_due for view in payable if view.held.next_due_on == first_due),
        today=today,
        waiting=_to_answer(waiting, mine),
        q=request.args.get("q", ""),
        refused=refused,
        removed=request.args.get("removed") == "1",
    )


def _to_answer(waiting: Sequence[CaseLine], mine: Sequence[Held]) -> list[tuple[CaseLine, str]]:
    """What the city waits for, by name, as far as the accounts are still theirs to manage."""
    managed = {None, *(one.link.account_id for one in mine if one.link.may(Right.MANAGE))}
    city = wiring().city().city
    return [(one, kind_name(city, one)) for one in waiting if one.customer_account_id in managed]


def _view(held: Held, coming: Sequence[Coming]) -> HeldView:
    on_its_way = total(one.amount for one in coming)
    if on_its_way > ZERO:
        state = "pending"
    elif held.past_due:
        state = "overdue"
    else:
        state = "due" if held.owed else "paid"
    title = held.link.title or account_kind(held.link.kind)
    return HeldView(held, title, on_its_way, state, held.link.may(Right.PAY))


def _matching(views: list[HeldView], typed: str) -> list[HeldView]:
    """Those whose name, address, holder or number has every word that was typed."""
    words = plain(typed).split()

    def text_of(view: HeldView) -> str:
        held = view.held.link
        return plain(f"{held.nickname} {held.address} {held.holder} {held.reference} {held.number}")

    return [view for view in views if all(word in text_of(view) for word in words)]


def _page_number(found: int) -> int:
    said = request.args.get("page", "1")
    return max(1, min(int(said), -(-found // PAGE))) if said.isdecimal() and len(said) < 6 else 1
