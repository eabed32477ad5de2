"""The window of a busy office: drawers in every state, sales that are open, put aside, held up and taken.

Receipts are in Spanish, as what is printed is read in the language of who paid.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from accounts.cash_only.rules import Wanted
from accounts.cash_only.service import raise_flag
from accounts.database import reading, transaction
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.baskets.queries import money_on_its_way
from payments.drawers import service, verdicts
from payments.drawers.rules import Counted
from payments.sales import service as sales
from payments.sales.drafts import AccountLine, Draft, ItemLine, TenderLine
from payments.sales.service import Saving, Take
from portal.wiring import Wiring

FLOAT = {5000: 1, 2000: 3, 1000: 5, 500: 4, 100: 20}
"""What a drawer of the shipped city begins with."""
_keys = itertools.count(1)


def furnish_window(
    wired: Wiring, hands: Mapping[str, Authority], account: int, said: Callable[[str], str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Ids for what routes name, and further addresses of pages."""
    made = Window(wired, hands, account, said)
    drawers = made.drawers()
    sold = made.sales(drawers["chief"])
    ids = {"drawer_id": str(drawers["tomas"]), "sale_id": str(sold["open"]), "flag_id": str(sold["flag"]),
           "chiefs_drawer": str(drawers["chief"])}  # fmt: skip
    base = "/staff/drawers/{}"
    variants = {
        "staff.drawers_float": [f"{base.format(drawers['rosa'])}/float"],
        "staff.drawers_drop": [f"{base.format(drawers['chief'])}/drop"],
        "staff.no_sales_new": [f"{base.format(drawers['chief'])}/no-sale"],
        "staff.drawers_count": [f"{base.format(drawers['chief'])}/count"],
        "staff.drawers_counted": [f"{base.format(drawers['before'])}/counted"],
        "staff.drawer_reviews_show": ["", *(base.format(drawers[name]) for name in ("rosa", "clara", "before"))],
        "staff.drawer_reviews_float": [f"{base.format(drawers['rosa'])}/review-float"],
        "staff.drawer_reviews_change": [f"{base.format(drawers['clara'])}/change"],
        "staff.drawer_reviews_pick_up": [f"{base.format(drawers['clara'])}/pick-up"],
        "staff.drawer_reviews_count": [f"{base.format(drawers['clara'])}/review-count"],
        "staff.window_hold": [f"/staff/window/holds/{sold['held']}"],
        "staff.slips_show": ["", f"/staff/receipts/{sold['receipt']}"],
        "staff.slips_print": ["", f"/staff/receipts/{sold['receipt']}/print"],
        "staff.voids_new": [f"/staff/receipts/{sold['receipt']}/void"],
    }
    return ids, variants


@dataclass
class Window:
    """Tills, and what is taken there for an account."""

    wired: Wiring
    hands: Mapping[str, Authority]
    account: int
    said: Callable[[str], str]

    def drawers(self) -> dict[str, int]:
        """One that was closed before, one of the supervisor's own, one that waits for its second count, …"""
        before = self.opens("chief", "T1", "rosa")
        counted = service.count(self.wired.cash_desk(), self.hands["chief"], before, Counted({**FLOAT, 100: 19}))
        verdicts.accept(self.wired.cash_desk(), self.hands["sofia"], counted.id, self.said("One dollar fell down."))
        tomas = self.opens("tomas", "T3", "rosa")
        self.takes("tomas", tomas, 12_00)
        service.count(self.wired.cash_desk(), self.hands["tomas"], tomas, Counted({**FLOAT, 1000: 6, 100: 15}))
        chief, clara = self.opens("chief", "T1", "rosa"), self.opens("clara", "T3", "tomas")
        service.drop(self.wired.cash_desk(), self.hands["chief"], chief, {5000: 1}, self.said("Before noon."))
        desk, till = self.wired.cash_desk(), self.wired.city().city.till("T2")
        rosa = service.open_drawer(desk, self.hands["rosa"], till.code, till.receipt_series, FLOAT)
        return {"before": before, "tomas": tomas, "chief": chief, "clara": clara, "rosa": rosa}

    def sales(self, drawer: int) -> dict[str, int]:
        """Of the supervisor: one with a part by card, one put aside, one taken; and one of Rosa's that is held up."""
        card = TenderLine("terminal", Money(5_00), Money(5_00), "000871", brand="visa", last4="4242")
        parked = self._saves("chief", self.draft(10_00, items=[ItemLine("copy", 4, Money(1_00))]))
        sales.park(self.wired.sale_desk(), self.hands["chief"], parked, self.said("blue coat"))
        receipt = self.takes("chief", drawer, 7_00, given=10_00)
        with transaction(self.wired.sessions) as session:
            today = self.wired.clock.today()
            wanted = Wanted(today, today.replace(year=today.year + 1, day=1), 2, "4-12")
            flag = raise_flag(
                session, self.account, wanted, actor_id=self.hands["sofia"].actor_id, now=self.wired.clock.now()
            )
        check = TenderLine("check", Money(20_00), Money(20_00), "1042", "Bank of the Valley")
        held = self._saves("rosa", self.draft(20_00, [check]))
        open_ = self._saves("chief", self.draft(25_00, [card]))
        return {"open": open_, "held": held, "receipt": receipt, "flag": flag}

    def opens(self, name: str, till: str, second: str) -> int:
        """A drawer whose float a second person has counted too."""
        desk, found = self.wired.cash_desk(), self.wired.city().city.till(till)
        drawer = service.open_drawer(desk, self.hands[name], found.code, found.receipt_series, FLOAT)
        service.verify_float(desk, self.hands[second], drawer, FLOAT)
        return drawer

    def draft(self, cents: int, tenders: Sequence[TenderLine] = (), items: Sequence[ItemLine] = ()) -> Draft:
        """So much on the account."""
        return Draft((AccountLine(self.account, Money(cents)),), tuple(items), tuple(tenders))

    def _saves(self, name: str, draft: Draft) -> int:
        saving = Saving(f"office-{next(_keys)}", draft, "es")
        return sales.save(self.wired.sale_desk(), self.hands[name], saving).id

    def takes(self, name: str, drawer: int, cents: int, given: int = 0, *, tenders: Sequence[TenderLine] = ()) -> int:
        """A sale, in cash where nothing else is said; its receipt."""
        draft = self.draft(cents, tenders) if tenders else self.draft(cents).with_cash(Money(given or cents))
        sale = self._saves(name, draft)
        with reading(self.wired.sessions) as session:
            coming = money_on_its_way(session, [self.account], self.wired.clock.now())
        told = frozenset(one.id for ones in coming.values() for one in ones)
        return sales.take(self.wired.sale_desk(), self.hands[name], Take(sale, drawer, told)).receipt_id
