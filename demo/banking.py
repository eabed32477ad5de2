"""The morning after at the finance office: the bank's statement of yesterday, the days before closed and exported."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from accounts.clock import Clock
from accounts.database import reading
from accounts.money import Money
from demo.colleagues import FINANCE, Colleagues
from payments.bank_statements import service as bank
from payments.bank_statements.ours import UNITS
from payments.bank_statements.service import BankDesk
from payments.closings import service as closings
from payments.journal_exports.service import export_journals
from payments.sweeps.queries import clean_through
from portal.sealing import PARTS

UNKNOWN = Money(1_250_00)
"""What nobody has explained yet."""
_OPEN = timedelta(days=1)
"""Yesterday: its statement has a line that waits for somebody."""
_KEPT_BY_BANK = 40
"""A terminal's fee is one part in so many."""
_OURS = text(f"""
    SELECT u.kind, u.subject, u.cents, u.refs,
           (SELECT min(j.business_day) FROM journals j WHERE j.id = ANY (u.journals)) AS business_day
      FROM ({UNITS}) u WHERE u.cents <> 0 ORDER BY u.kind, u.subject""")  # noqa: S608 - our own words
_BY_HAND = text("""
    SELECT l.id, l.amount_cents FROM bank_lines l JOIN bank_statements s ON s.id = l.statement_id
     WHERE s.file_id = :file AND l.customer_reference = 'BRANCH'""")
_UNEXPLAINED = text("""
    SELECT l.id, l.statement_id FROM bank_lines l JOIN bank_statements s ON s.id = l.statement_id
     WHERE s.file_id = :file AND NOT EXISTS (SELECT FROM bank_matched_lines m WHERE m.line_id = l.id)
     ORDER BY l.id LIMIT 1""")


@dataclass(frozen=True)
class _Told:
    """A line as the bank tells it: cents, type, the bank's number and ours, words."""

    cents: int
    type_code: str
    bank_reference: str
    customer_reference: str
    words: str


@dataclass(frozen=True)
class Statement:
    """What was read in: the statement, and its line that waits for somebody."""

    id: int
    line_id: int


def told(people: Colleagues, day: date, when: Clock) -> Statement:
    """The bank's file of a day (BAI2): all of ours that went to it, and one line that nobody knows."""
    account = people.ruling.city.bank_accounts[0]
    desk = BankDesk(people.sessions, when, people.ruling.city)
    ben = people.person(FINANCE)
    with reading(people.sessions) as session:
        ours = session.execute(_OURS, {"ledger": account.ledger_account}).all()
    opening = sum(one.cents for one in ours if one.business_day < day)
    of_day = [one for one in ours if one.business_day == day]
    lines = [_line(one.kind, one.cents, [ref for ref in one.refs if ref]) for one in of_day]
    lines.append(_Told(UNKNOWN.cents, "195", "FW88120417", "", "INCOMING WIRE STATE CONTROLLER APPORTIONMENT"))
    content = "\n".join(_bai2(day, opening, lines, f"000000{account.number_ends}")).encode()
    made = bank.import_file(desk, f"first-bank-{day}.bai", content, ben.actor_id)
    others = [(one.kind, one.subject) for one in of_day if one.kind == "other"]
    with reading(people.sessions) as session:
        carried = session.execute(_BY_HAND, {"file": made.file_id}).all()
    for (line_id, _cents), key in zip(carried, others, strict=True):
        bank.match_by_hand(desk, line_id, [key], "Carried to the branch before there were drawers.", ben)
    with reading(people.sessions) as session:
        line_id, statement_id = session.execute(_UNEXPLAINED, {"file": made.file_id}).one()
    return Statement(statement_id, line_id)


def closed(people: Colleagues) -> int:
    """Every day of the books before yesterday closed, proven and sealed; the file with their journals, its number."""
    ben, city = people.person(FINANCE), people.ruling.city
    with reading(people.sessions) as session:
        swept = clean_through(session)
    last = people.clock.today() - _OPEN - timedelta(days=1)
    done = closings.close(people.sessions, ben, city, PARTS, last, clock=people.clock, swept_through=swept)
    if done.waiting is not None:
        raise RuntimeError(f"the demo's own day {done.waiting.day} does not close: {done.waiting.reasons}")
    return export_journals(people.sessions, ben, city, clock=people.clock).batch.number


def _line(kind: str, cents: int, numbers: Sequence[str]) -> _Told:
    number = numbers[-1] if numbers else ""
    if kind == "deposit":
        return _Told(cents, "301", "", numbers[0] if numbers else "", "COMMERCIAL DEPOSIT")
    if kind == "terminal":
        kept = cents // _KEPT_BY_BANK
        return _Told(cents - kept, "142", number, "", "MERCHANT SETTLEMENT LESS FEE")
    if kind == "payout":
        return _Told(cents, "142", number, "", "ACH CREDIT STRIPE PAYOUT")
    return _Told(cents, "301", "", "BRANCH", "COUNTER DEPOSIT")


def _bai2(day: date, opening: int, lines: Sequence[_Told], number: str) -> Iterator[str]:
    """A file of one account and day, all control totals right (Cash Management Balance Reporting, version 2)."""
    credit = sum(line.cents for line in lines if line.cents > 0)
    debit = sum(-line.cents for line in lines if line.cents < 0)
    closing, stamp = opening + credit - debit, day.strftime("%y%m%d")
    incoming, outgoing = (sum(line.cents * sign > 0 for line in lines) for sign in (1, -1))
    account = [
        f"03,{number},USD,010,{opening},,,015,{closing},,/",
        f"88,100,{credit},{incoming},,400,{debit},{outgoing},/",
    ]
    account += [
        f"16,{line.type_code},{abs(line.cents)},0,{line.bank_reference},{line.customer_reference},{line.words}"
        for line in lines
    ]
    control = opening + closing + 2 * (credit + debit)
    group = [f"02,CITY,FIRSTBANK,1,{stamp},2400,USD,2/", *account, f"49,{control},{len(account) + 1}/"]
    yield f"01,FIRSTBANK,CITY,{stamp},0600,1,,,2/"
    yield from group
    yield f"98,{control},1,{len(group) + 1}/"
    yield f"99,{control},1,{len(group) + 3}/"
    yield ""
