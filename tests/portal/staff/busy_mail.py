"""The mail of a busy office: a bundle that is being entered, a letter, a lockbox file with a check that looks like
another, and money whose owner nobody knows."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from accounts.approvals import service as approvals
from accounts.database import reading
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.lockboxes import service as lockboxes
from payments.mail_batches import service as mail
from payments.mail_batches.entering import enter
from payments.mail_batches.rules import SENT_BACK, NewBundle, Remittance
from payments.suspense.rules import Identify
from portal.acts import acts_of
from portal.wiring import Wiring
from tests.factories.lockbox import Check, lockbox_file

PAYER = "MARIA LOPEZ RUIZ"
NAMES = (PAYER, "J SMITH", "box.txt")
"""What is nobody's language here."""
_FOUND = text("""
    SELECT (SELECT id FROM lockbox_items WHERE state = 'held') AS item_id,
           (SELECT max(id) FROM identifications) AS identification_id,
           (SELECT max(id) FROM matching_rules) AS rule_id""")
_PAYMENT = text("SELECT payment_id FROM lockbox_items WHERE check_number = '4002'")
_REFERENCE = text("SELECT reference FROM customer_accounts WHERE id = :id")


def furnish_mail(
    wired: Wiring, hands: Mapping[str, Authority], account: int, said: Callable[[str], str]
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Ids for what routes name, and further addresses of pages."""
    made = _Mail(wired, hands, account, said)
    bundle, letter = made.bundle(), made.letter()
    file, found = made.lockbox()
    ids = {"bundle_id": bundle, "file_id": file, **found}
    variants = {
        "staff.mail_show": ["", f"/staff/mail/{letter}"],
        "staff.suspense_show": ["", f"/staff/suspense/{found['payment_id']}?account={made.reference()}"],
    }
    return {name: str(id_) for name, id_ in ids.items()}, variants


@dataclass
class _Mail:
    wired: Wiring
    hands: Mapping[str, Authority]
    account: int
    said: Callable[[str], str]

    def bundle(self) -> int:
        """Of the supervisor, who opened it with Tomás: one remittance entered, one sent back, one missing."""
        desk, chief = self.wired.mail_desk(), self.hands["chief"]
        new = NewBundle("payments", self.wired.clock.now(), self.hands["tomas"].actor_id, None, 3, Money(90_00))
        bundle = mail.log(desk, chief, new)
        mail.work(desk, chief, bundle)
        remittance = Remittance(
            "office", "check", Money(40_00), ((self.account, Money(35_00)),), "3001", "Bank of the Valley",
            payer=PAYER,
        )  # fmt: skip
        enter(desk, chief, bundle, remittance)
        why = self.said("Made out to somebody else.")
        mail.explain(desk, chief, bundle, kind=SENT_BACK, count=1, amount=Money(20_00), reason=why)
        return bundle

    def letter(self) -> int:
        """Mail without money, which a division deals with."""
        other = self.hands["tomas"].actor_id
        note, whom = self.said("Asks for an extension."), self.said("The licenses desk")
        new = NewBundle("letters", self.wired.clock.now(), other, note=note, routed_to=whom, for_division="field")
        return mail.log(self.wired.mail_desk(), self.hands["chief"], new)

    def lockbox(self) -> tuple[int, dict[str, int]]:
        """The same check twice, and one without a stub, of which a part is somebody's by now."""
        stub, desk = self.reference(), self.wired.lockbox_desk()
        twice = Check(60_00, stub, number="4001")
        batches = [[twice, Check(45_00, "77", number="4002", payer=PAYER)], [twice]]
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "box.txt"
            path.write_text(lockbox_file(batches, self.wired.clock.today()))
            file = lockboxes.import_file(desk, self.hands["clara"], path, "river-bank").file.id
        with reading(self.wired.sessions) as session:
            payment = int(session.execute(_PAYMENT).scalar_one())
        command = Identify(
            payment_id=payment, outcome="account", account_id=self.account, amount_cents=20_00, remember=True
        )
        approvals.propose(
            self.wired.sessions, acts_of(self.wired), command, self.hands["chief"],
            reason=self.said("They called about a part of it."), clock=self.wired.clock,
        )  # fmt: skip
        with reading(self.wired.sessions) as session:
            found = session.execute(_FOUND).one()
        return file, {**found._asdict(), "payment_id": payment}

    def reference(self) -> str:
        """Of the account that is paid by mail."""
        with reading(self.wired.sessions) as session:
            return str(session.execute(_REFERENCE, {"id": self.account}).scalar_one())
