"""What else a busy office has on its desks: a book of paper receipts, links to pay, findings, reports that are kept,
and journals that went to the accounting system."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text

from accounts.database import reading, transaction
from accounts.money import Money
from accounts.seals.queries import next_day
from accounts.staff.rules import Authority
from payments.closings import service as closings
from payments.findings import service as findings
from payments.findings.queries import Eyes
from payments.findings.rules import Found, Rule, Severity
from payments.journal_exports import service as journals
from payments.manual_receipts import service as books
from payments.manual_receipts.rules import NewBook
from payments.manual_receipts.service import Written
from payments.pay_links import service as links
from payments.pay_links.rules import Asked, Channel
from payments.pay_links.service import NewLink
from payments.reports import service as reports
from payments.reports.rules import Cadence, NewSaved
from payments.terms import bounds_of
from portal.pay_links import PURPOSE, Secret, sealed
from portal.sealing import PARTS
from portal.wiring import Wiring
from tests.portal.staff.busy_window import Window

REPORT = "takings"
NAMES = ("AB", "AB-0001", "AB-0002", "AB-0003", "AB-0050", "a•••@example.com", "period 05 is closed")
"""What is nobody's language here: the last are words of the accounting system."""
_FINDINGS = text("SELECT id FROM findings ORDER BY id")


def furnish_desk(
    wired: Wiring, hands: Mapping[str, Authority], account: int, said: Callable[[str], str], drawer: int
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Ids for what routes name, and further addresses of pages."""
    made = _Desk(wired, hands, account, said)
    shown, mailed, canceled = made.links()
    found, referred = made.findings()
    number, day = made.exported()
    ids = {
        "book_id": made.book(drawer), "link_id": shown, "finding_id": found, "saved_id": made.kept(),
        "number": number, "code": REPORT, "day": wired.clock.today().isoformat(),
    }  # fmt: skip
    variants = {
        "staff.pay_links_show": ["", *(f"/staff/pay-links/{link}" for link in (mailed, canceled))],
        "staff.pay_links_list": ["", "?whose=everybodys"],
        "staff.findings_show": ["", f"/staff/findings/{referred}"],
        "staff.findings_work": [f"/staff/findings/{referred}/work"],
        "staff.findings_list": ["", "?which=explained"],
        "staff.days_show": ["", f"/staff/days/{day}"],
    }
    return {name: str(id_) for name, id_ in ids.items()}, variants


def sends_link(wired: Wiring, by: Authority, account: int, cents: int, channel: Channel = "qr") -> tuple[int, str]:
    """A link to pay so much on an account, in Spanish; its id and its token."""
    token, city = links.new_token(), wired.city().city
    to, shown = ("", "") if channel == "qr" else ("ana@example.com", "a•••@example.com")
    new = NewLink(
        f"office-{token}", token, sealed(wired.vault(PURPOSE), Secret(token, to)), channel, shown, "es",
        (Asked(account, Money(cents)),),
    )  # fmt: skip
    policy = city.pay_link_policy(wired.clock.today())
    return links.send(wired.sessions, by, new, policy, bounds_of(city), clock=wired.clock), token


@dataclass
class _Desk:
    wired: Wiring
    hands: Mapping[str, Authority]
    account: int
    said: Callable[[str], str]

    def book(self, drawer: int) -> int:
        """A book of the supervisor's: one number entered, one torn, one of which nothing is known."""
        desk, chief, today = self.wired.sale_desk(), self.hands["chief"], self.wired.clock.today()
        book = books.issue(desk, self.hands["sofia"], NewBook("AB", 1, 50, chief.actor_id))
        draft = Window(self.wired, self.hands, self.account, self.said).draft(20_00).with_cash(Money(20_00))
        books.enter(self.wired.counter(), chief, book, drawer, Written(2, today, draft, "es"))
        books.void(desk, chief, book, 3, written_on=today, reason=self.said("Torn."))
        return book

    def links(self) -> tuple[int, int, int]:
        """On the screen, by mail, and one that was canceled."""
        chief = self.hands["chief"]
        shown, mailed, canceled = (
            sends_link(self.wired, chief, self.account, 25_00, channel)[0] for channel in ("qr", "mail", "qr")
        )
        links.cancel(self.wired.desk(), chief, canceled)
        return shown, mailed, canceled

    def findings(self) -> tuple[int, int]:
        """One that nobody has looked at, and one that was handed to somebody outside and then explained."""
        rosa, now, wired = self.hands["rosa"].actor_id, self.wired.clock.now(), self.wired
        facts = {"cash_short_cents": 60_00, "checks_over_cents": 60_00}
        found = [
            Found(
                Rule.SWAP,
                f"count {count}",
                Severity.HIGH,
                (rosa,),
                wired.clock.today(),
                facts,
                Money(60_00),
                self.account,
            )
            for count in (1, 2)
        ]
        policy = wired.city().city.oversight_policy(wired.clock.today())
        assert policy is not None
        with transaction(wired.sessions) as session:
            findings.keep(session, found, policy.authority, now)
            first, second = session.scalars(_FINDINGS)
        eyes = Eyes(self.hands["sofia"].actor_id)
        why, whom = self.said("A check has no receipt."), self.said("City auditor")
        findings.refer(wired.sessions, second, self.hands["sofia"], why, eyes, to=whom, now=now)
        why = self.said("The bank found it.")
        findings.explain(wired.sessions, second, self.hands["sofia"], why, eyes, now=now)
        return first, second

    def kept(self) -> int:
        """A report that is mailed each week, and one that is not."""
        fina, now = self.hands["fina"], self.wired.clock.now()
        for new in (
            NewSaved(REPORT, self.said("Cash of the month"), {"tender": "cash"}),
            NewSaved(REPORT, self.said("Takings of the week"), {}, Cadence.WEEKLY, (fina.actor_id,)),
        ):
            saved = reports.save(self.wired.sessions, new, fina, now=now)
        return saved

    def exported(self) -> tuple[int, date]:
        """The first day of the books is closed and its journals sent, and the accounting system refused them."""
        wired, fina, city = self.wired, self.hands["fina"], self.wired.city().city
        with reading(wired.sessions) as session:
            first, now = next_day(session), wired.clock.now()
        assert first is not None, "furnish an office that was there before today"
        closings.close(wired.sessions, fina, city, PARTS, first, clock=wired.clock, swept_through=now)
        made = journals.export_journals(wired.sessions, fina, city, clock=wired.clock, through=first)
        answer = f"{made.batch.number},rejected,,period 05 is closed"
        journals.acknowledge(wired.sessions, fina, answer, clock=wired.clock)
        return made.batch.number, first
