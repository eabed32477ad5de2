"""This morning at the window: the bank's lockbox file, two checks that came back, a link that waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import text

from accounts.database import reading
from accounts.money import Money
from demo.colleagues import CLERK, Colleagues
from payments.lockboxes import service as lockboxes
from payments.lockboxes.items import LockboxDesk
from payments.pay_links import service as links
from payments.pay_links.rules import Asked
from payments.pay_links.service import NewLink
from payments.returned_payments import service as returns
from payments.returned_payments import weighing
from payments.returned_payments.rules import Return
from payments.returned_payments.weighing import ReturnDesk
from payments.terms import bounds_of, reversal_terms
from portal.messages_sent.rules import masked_contact
from portal.pay_links import PURPOSE, Secret, sealed
from portal.wiring import Wiring

_OWING = text("""
    SELECT a.id, a.reference, c.name, c.email, sum(l.open_cents)::bigint AS cents
      FROM customer_accounts a JOIN customers c ON c.id = a.customer_id
      JOIN charges l ON l.customer_account_id = a.id AND l.open_cents > 0
     WHERE a.kind = 'utility' AND NOT a.is_protected AND a.system_of_record = 'ventanilla' AND c.email <> ''
       AND NOT EXISTS (SELECT FROM pending_payments p WHERE p.customer_account_id = a.id)
     GROUP BY a.id, c.id HAVING sum(l.open_cents) BETWEEN 4000 AND 20000 ORDER BY a.id LIMIT 4""")
_CHECKS = text("""
    SELECT t.id FROM payment_tenders t JOIN drawers d ON d.id = t.drawer_id
     WHERE d.till = 'T2' AND t.kind = 'check' ORDER BY t.id""")
_HELD = text("SELECT id FROM lockbox_items WHERE file_id = :file AND state = 'held' ORDER BY id LIMIT 1")
_FLAGGED = text("""
    SELECT r.id, f.id AS flag, a.reference FROM returned_payments r
      JOIN returned_accounts x ON x.returned_payment_id = r.id JOIN cash_only_flags f ON f.id = x.flag_id
      JOIN customer_accounts a ON a.id = x.customer_account_id ORDER BY r.id DESC LIMIT 1""")


@dataclass(frozen=True)
class Incoming:
    """What came, by the ids that lead to its pages."""

    lockbox: int
    held_item: int
    returned: int
    cash_only: str
    """Reference of the account that pays no check for a while."""
    flag: int
    link: int


@dataclass(frozen=True)
class _Check:
    stub: str
    cents: int
    number: str
    payer: str


def came(wired: Wiring, people: Colleagues, folder: Path) -> Incoming:
    """All of it, with today's clock."""
    with reading(people.sessions) as session:
        owing = session.execute(_OWING).all()
    *by_mail, asked = owing
    file_id, item = _lockbox(wired.lockbox_desk(), people, folder, [
        _Check(row.reference, row.cents, str(3301 + number), row.name)
        for number, row in enumerate(by_mail)
    ])  # fmt: skip
    returned, flag, reference = _returned(people)
    link = _link(wired, people, asked.id, asked.email, Money(asked.cents))
    return Incoming(file_id, item, returned, reference, flag, link)


def _lockbox(desk: LockboxDesk, people: Colleagues, folder: Path, checks: Sequence[_Check]) -> tuple[int, int]:
    """The bank's file of the day: one check is in it twice, and one names an account that nobody has."""
    stray = _Check("99999999", 61_20, "8815", "R DELGADO")
    file = folder / "registers" / f"lockbox-{people.clock.today()}.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("\n".join(_records([*checks, checks[-1], stray], people.clock.today())), encoding="ascii")
    profile = people.ruling.city.lockbox_profiles[0].code
    done = lockboxes.import_file(desk, people.person(CLERK), file, profile)
    with reading(people.sessions) as session:
        return done.file.id, session.execute(_HELD, {"file": done.file.id}).scalar_one()


def _records(checks: Sequence[_Check], on: date) -> Iterator[str]:
    """BAI lockbox, fixed width, as ``city/mail.toml`` has the places of the demo's bank."""
    day, total = on.strftime("%y%m%d"), sum(check.cents for check in checks)
    yield f"101{'RIVERBANK':<10}{'RIO CLARO':<10}{day}0900"
    yield f"2{'RIVERBANK':<10}{'RIO CLARO':<10}{'LB' + day:<10}"
    yield f"5001000{4410:07d}{day}"
    for place, check in enumerate(checks, start=1):
        digits = "".join(sign for sign in check.stub if sign.isdecimal())
        payer = "".join(sign for sign in check.payer.upper() if sign.isascii())[:23]
        bank, number = f"{121_000_000 + int(check.number):09d}", f"{4_455_660_000 + int(check.number):010d}"
        yield f"6001{place:03d}{check.cents:010d}{bank}{number}{check.number:>10}{digits:>11}{payer:<23}"
    yield f"7001000{4410:07d}{day}{len(checks):03d}{total:010d}"
    yield f"8{'':19}{len(checks):04d}{total:010d}"
    yield f"9{len(checks) + 6:06d}"
    yield ""


def _returned(people: Colleagues) -> tuple[int, int, str]:
    """Both checks of one customer came back unpaid: with the second one, the account pays in cash only."""
    desk = ReturnDesk(people.sessions, people.clock, people.ruling, reversal_terms(people.ruling.city))
    ana = people.person(CLERK)
    with reading(people.sessions) as session:
        checks = list(session.scalars(_CHECKS))
    for number, tender in enumerate(checks, start=1):
        command = Return(tender, "NSF", people.clock.today(), f"RT-20417-{number}")
        returns.post(desk, ana, command, weighing.look(desk, ana, command).seen)
    with reading(people.sessions) as session:
        row = session.execute(_FLAGGED).one()
    return row.id, row.flag, row.reference


def _link(wired: Wiring, people: Colleagues, account: int, email: str, amount: Money) -> int:
    """Sent to a caller a moment ago; the worker mails it as soon as there is one."""
    city, token = people.ruling.city, links.new_token()
    new = NewLink(
        form_key=f"demo-link-{people.clock.today()}", token=token,
        sealed=sealed(wired.vault(PURPOSE), Secret(token, email)), channel="mail",
        to_masked=masked_contact("mail", email), language="en", lines=(Asked(account, amount),),
    )  # fmt: skip
    policy = city.pay_link_policy(people.clock.today())
    return links.send(people.sessions, people.person(CLERK), new, policy, bounds_of(city), clock=people.clock)
