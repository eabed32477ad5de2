"""Money that is here while the same bill may be paid online: a check in the mail, a paper receipt, a lockbox."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from accounts.money import Money
from payments.collisions.rules import NOT_WARNED, Warned
from payments.lockboxes import service as lockboxes
from payments.mail_batches import service as mail
from payments.mail_batches.entering import enter
from payments.mail_batches.rules import NewBundle, Remittance
from payments.manual_receipts import service as paper
from payments.manual_receipts.rules import NewBook
from payments.manual_receipts.service import Written
from tests.factories.links import BILL, LinkCounter
from tests.factories.lockbox import Check, lockbox_file

_numbers = itertools.count(1)
PROFILE = "river-bank"
Posts = Callable[..., Callable[[], object]]


@dataclass
class Hand:
    """What Rosa has in hand. Each way gives the act that puts it into the books."""

    counter: LinkCounter
    bundle: int = 0
    book: int = 0

    def by_mail(self, amount: Money = BILL, warned: Warned = NOT_WARNED) -> Callable[[], object]:
        window, wired, number = self.counter.window, self.counter.scene.wired, next(_numbers)
        if not self.bundle:
            new = NewBundle("payments", wired.clock.now(), window.sofia.actor_id, None, 5, Money(500_00))
            self.bundle = mail.log(wired.mail_desk(), window.tomas, new)
            mail.work(wired.mail_desk(), window.tomas, self.bundle)
        envelope = Remittance(
            f"envelope-{number}", "check", amount, ((self.counter.known.id, amount),), str(number), "River Bank"
        )
        return lambda: enter(wired.mail_desk(), window.tomas, self.bundle, envelope, warned)

    def on_paper(self, amount: Money = BILL, warned: Warned = NOT_WARNED) -> Callable[[], object]:
        window, wired, drawer = self.counter.window, self.counter.scene.wired, self.counter.drawer
        if not self.book:
            self.book = paper.issue(window.sale, window.sofia, NewBook("AB", 1, 900, window.rosa.actor_id))
        draft = window.draft({self.counter.known.id: amount.cents})
        written = Written(next(_numbers), wired.clock.today(), draft)
        return lambda: paper.enter(wired.counter(), window.rosa, self.book, drawer, written, warned=warned)

    def by_lockbox(self, folder: Path, amount: Money = BILL) -> Callable[[], object]:
        """A clerk reads in the bank's file."""
        window, wired = self.counter.window, self.counter.scene.wired
        check = Check(amount.cents, self.counter.known.reference, number=str(next(_numbers)))
        file = folder / "box.txt"
        file.write_text(lockbox_file([[check]], wired.clock.today()), encoding="latin-1")
        return lambda: lockboxes.import_file(wired.lockbox_desk(), window.rosa, file, PROFILE)
