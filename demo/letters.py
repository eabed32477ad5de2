"""A morning's mail in the made-up city: opened by two, entered by one, and one check that nobody can place yet."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from accounts.database import reading
from accounts.money import Money
from accounts.staff.rules import Authority
from payments.drawers import queries as drawers
from payments.drawers import verdicts
from payments.drawers.rules import Counted
from payments.mail_batches import service as mail
from payments.mail_batches.entering import enter
from payments.mail_batches.rules import NewBundle, Remittance
from payments.mail_batches.service import MailDesk

NOBODYS = Money(85_50)


def opened(
    desk: MailDesk, openers: tuple[Authority, Authority], chief: Authority, owed: Sequence[tuple[int, int]]
) -> None:
    """Log a bundle, enter it check by check, and have its count accepted."""
    one, other = openers
    now = desk.clock.now()
    amounts = [Money(cents) for _, cents in owed]
    whole = Money(sum(amount.cents for amount in amounts)) + NOBODYS
    bundle = mail.log(
        desk, one,
        NewBundle("payments", now - timedelta(minutes=40), other.actor_id, remittances=len(owed) + 1, total=whole),
    )  # fmt: skip
    drawer = mail.work(desk, one, bundle)
    for number, ((account, _), amount) in enumerate(zip(owed, amounts, strict=True), start=1):
        envelope = Remittance(
            f"demo-mail-{bundle}-{number}", "check", amount, ((account, amount),), str(2200 + number),
            "Sierra National Bank",
        )  # fmt: skip
        enter(desk, one, bundle, envelope)
    stray = Remittance(
        f"demo-mail-{bundle}-stray", "check", NOBODYS, (), "7781", "Valley Credit Union", payer="M. Okoye",
        memo="water, Oak St",
    )  # fmt: skip
    enter(desk, one, bundle, stray)
    with reading(desk.sessions) as session:
        holds = drawers.contents(session, [drawer])[drawer]
    counted = mail.count(desk, one, bundle, Counted({}, holds.checks_count, holds.checks))
    verdicts.accept(desk.cash, chief, counted.id)
