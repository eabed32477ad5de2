"""The vault and the bank of a busy office: a bag that is sealed and one that waits, what the bank says, and a check
that came back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import text

from accounts.database import reading
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.bank_deposits import service as deposits
from payments.bank_deposits.rules import Counted as CountedBag
from payments.bank_deposits.rules import Kind
from payments.bank_deposits.service import DepositDesk, Preparation, Receiver
from payments.bank_statements import service as statements
from payments.bank_statements.service import BankDesk
from payments.drawers import service as drawers
from payments.drawers import verdicts
from payments.drawers.rules import Counted
from payments.returned_payments import service as returns
from payments.returned_payments import weighing
from payments.returned_payments.rules import Return
from payments.returned_payments.weighing import ReturnDesk
from payments.sales.drafts import TenderLine
from payments.terms import reversal_terms
from portal.wiring import Wiring
from tests.factories.bank_files import Told, bai2
from tests.portal.staff.busy_window import FLOAT, Window

_BANK = "Bank of the Valley"
_CASH, _FIRST, _SECOND = {2000: 1, 1000: 1}, ("2001", 25_00), ("2002", 15_00)
"""What each of the drawers takes: notes, and two checks by number and cents."""
NAMES = (_BANK, "B-0041", "B-0042", "R-77", "ADV-1", "day.bai", "DEPOSIT BAG", "SERVICE FEE", "RETURNED ITEM")
"""What is nobody's language here."""
_LINES = text("SELECT id, amount_cents FROM bank_lines ORDER BY id")
_TENDERS = text("SELECT min(id) FROM payment_tenders WHERE reference = :number")


def furnish_bank(
    wired: Wiring, hands: Mapping[str, Authority], account: int, said: Callable[[str], str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Ids for what routes name, and further addresses of pages."""
    made = _Bank(wired, hands, Window(wired, hands, account, said), said)
    sealed, prepared, waiting = made.bags()
    posted, there = made.came_back()
    lines = made.told()
    ids = {"deposit_id": sealed, "return_id": posted, "tender_id": there, **lines}
    bag, line = "/staff/bank-deposits/{}", "/staff/bank-lines/{}"
    variants = {
        "staff.bank_deposits_new": [f"/staff/bank-deposits/new?kind=bag&batch={waiting}"],
        "staff.bank_deposits_show": ["", bag.format(prepared)],
        "staff.bank_deposits_verify": [f"{bag.format(prepared)}/verify"],
        "staff.bank_lines_show": [line.format(lines[name]) for name in ("bank_line_id", "fee", "matched")],
        "staff.returned_payments_find": ["", f"?number={_SECOND[0]}&amount=15.00"],
    }
    return {name: str(id_) for name, id_ in ids.items()}, variants


@dataclass
class _Bank:
    wired: Wiring
    hands: Mapping[str, Authority]
    window: Window
    said: Callable[[str], str]

    def bags(self) -> tuple[int, int, int]:
        """A bag on its way to the bank, one that somebody else has to count, and a batch that is in no bag."""
        first, second, third = (self._worked() for _ in range(3))
        sealed = self._prepared(first, "B-0041")
        deposits.verify_and_seal(self._vault, sealed, self._bag, self.hands["sofia"])
        receiver = Receiver("courier", name="Olga Núñez", reference="R-77")
        deposits.hand_over(self._vault, sealed, receiver, self.hands["sofia"])
        return sealed, self._prepared(second, "B-0042"), third

    def came_back(self) -> tuple[int, int]:
        """A return in the books, and a check that has not come back."""
        city = self.wired.city()
        desk = ReturnDesk(self.wired.sessions, self.wired.clock, city, reversal_terms(city.city))
        there, command = self._tender(_SECOND[0]), Return(self._tender(_FIRST[0]), "NSF", self._vault.today, "ADV-1")
        clerk = self.hands["clara"]
        return returns.post(desk, clerk, command, weighing.look(desk, clerk, command).seen).id, there

    def told(self) -> dict[str, int]:
        """A statement with the bag, a fee of the bank's own, and a check that came back and is not posted."""
        desk = BankDesk(self.wired.sessions, self.wired.clock, self.wired.city().city)
        lines = [
            Told(sum(_CASH[each] * each for each in _CASH) + _FIRST[1] + _SECOND[1], "301", text="DEPOSIT BAG"),
            Told(-12_00, "698", text="SERVICE FEE"),
            Told(-_SECOND[1], "555", customer_reference=_SECOND[0], text="RETURNED ITEM"),
        ]
        content = bai2(desk.today, 0, lines)
        done = statements.import_file(desk, "day.bai", content, self.hands["fina"].actor_id)
        with reading(self.wired.sessions) as session:
            found = {row.amount_cents: row.id for row in session.execute(_LINES)}
        matched, fee, back = (found[line.cents] for line in lines)
        return {"statement_id": done.statements[0], "bank_line_id": back, "fee": fee, "matched": matched}

    def _worked(self) -> int:
        """A drawer that took cash and two checks and was closed; its batch in the vault."""
        drawer = self.window.opens("ana", "T1", "rosa")
        self.window.takes("ana", drawer, 30_00)
        for number, cents in (_FIRST, _SECOND):
            check = TenderLine("check", Money(cents), Money(cents), number, _BANK)
            self.window.takes("ana", drawer, cents, tenders=[check])
        notes = {value: FLOAT.get(value, 0) + _CASH.get(value, 0) for value in {**FLOAT, **_CASH}}
        counted = Counted(notes, 2, Money(_FIRST[1] + _SECOND[1]))
        count = drawers.count(self.wired.cash_desk(), self.hands["ana"], drawer, counted)
        return verdicts.accept(self.wired.cash_desk(), self.hands["sofia"], count.id)

    @property
    def _vault(self) -> DepositDesk:
        return DepositDesk(self.wired.sessions, self.wired.clock, self.wired.city().city)

    @property
    def _bag(self) -> CountedBag:
        return CountedBag(_CASH, 2, Money(_FIRST[1] + _SECOND[1]))

    def _prepared(self, batch: int, bag: str) -> int:
        wanted = Preparation(Kind.BAG, "general", (batch,), self._bag, bag)
        return deposits.prepare(self._vault, wanted, self.hands["clara"])

    def _tender(self, number: str) -> int:
        """The check of that number in the bag that went to the bank."""
        with reading(self.wired.sessions) as session:
            return int(session.execute(_TENDERS, {"number": number}).scalar_one())
