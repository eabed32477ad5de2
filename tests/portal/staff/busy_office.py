"""An office in the middle of its day: something of everything that a page of the back office can show.

``furnish`` works in any city that has a house with a late bill, a shop and a ticket. Whoever adds a route with a new
``<something_id>`` adds what it names to ``Office.ids``; tests that open every page then open it too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.adjustments.commands import Adjust, ByLines, StatedLine, Waive
from accounts.approvals import service as approvals
from accounts.approvals.rules import Command
from accounts.approvals.service import Done
from accounts.clock import Clock
from accounts.contacts import service as contacts
from accounts.contacts.rules import FollowUpKind, NewContact, NewFollowUp
from accounts.customer_accounts import marks
from accounts.customer_accounts.lifecycle import Closing
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.customer_changes import letters
from accounts.customer_changes.letters import CameBack
from accounts.customer_changes.rules import ChangeRequest, Contact
from accounts.customer_changes.service import change_customer
from accounts.customers.models import CustomerKind
from accounts.customers.queries import customer
from accounts.database import reading, transaction
from accounts.exceptions import service as exceptions
from accounts.exceptions.service import open_exception
from accounts.fees.rules import PostFee
from accounts.ledger.rules import Source
from accounts.licenses.models import License
from accounts.licenses.opening import close_license
from accounts.mergers.rules import Merging
from accounts.money import Money
from accounts.staff.rules import Authority, Grant, authority
from accounts.utilities.models import UtilityAccount
from payments.moves.rules import Move
from payments.posting import service as posting
from payments.posting.rules import Fee, Received, Tender
from payments.terms import order_of_policy, terms_of
from portal.acts import acts_of
from portal.identity.staff import people
from portal.identity.staff.people import NewPerson, Role
from portal.wiring import Wiring
from tests.portal.staff import busy_bank, busy_cases, busy_desk, busy_mail
from tests.portal.staff.busy_bank import furnish_bank
from tests.portal.staff.busy_cases import furnish_cases
from tests.portal.staff.busy_desk import furnish_desk
from tests.portal.staff.busy_mail import furnish_mail
from tests.portal.staff.busy_seats import CHIEF, CHIEFS_ROLES, NO_PAGES, READER, seat_of
from tests.portal.staff.busy_window import furnish_window
from tests.portal.staff.people import SINCE, signed_in
from tests.portal.staff.routes import STAFF_ROUTES, StaffRoute

Said = Callable[[str], str]
_OWING = text("""
    SELECT a.id FROM customer_accounts a JOIN charges c ON c.customer_account_id = a.id
     WHERE a.kind = :kind AND c.open_cents > 100 AND NOT a.is_protected
     GROUP BY a.id
     ORDER BY bool_or(c.kind = 'penalty') DESC, count(*) DESC, a.id LIMIT 1""")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_NAMES = "The Kettle", "Olga Núñez", "Olga Nuñez"


@dataclass(frozen=True)
class Places:
    """Accounts that are there already, with bills: a house that is late, a shop with its license, a ticket."""

    home: int
    shop: int
    ticket: int


def places_in(wired: Wiring) -> Places:
    """Such accounts in a city that has them: the house owes a penalty, the shop and the ticket owe something."""
    with reading(wired.sessions) as session:
        found = {
            kind: session.execute(_OWING, {"kind": kind}).scalar_one() for kind in ("utility", "license", "citation")
        }
    return Places(found["utility"], found["license"], found["citation"])


@dataclass
class Office:
    """What there is to look at: ``ids`` for what routes name, ``accounts`` as references, ``variants`` of a page as
    what follows its address, or as whole addresses."""

    accounts: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    variants: dict[str, list[str]] = field(default_factory=dict)

    def pages(self) -> Iterator[tuple[str, str]]:
        """Seat and address of every page, some of them more than once."""
        for endpoint, route in STAFF_ROUTES.items():
            if "GET" in route.methods.split() and endpoint not in NO_PAGES:
                for path in self.paths(endpoint):
                    yield seat_of(endpoint), path

    def paths(self, endpoint: str) -> list[str]:
        """Where a route leads to, with something real for everything it names."""
        first, found = self.path(STAFF_ROUTES[endpoint]), self.variants.get(endpoint, [""])
        return [path if path.startswith("/") else f"{first}{path}" for path in found]

    def path(self, route: StaffRoute, **others: str) -> str:
        """The first address of a route."""
        ids = {**self.ids, "reference": self.accounts["home"], **others}
        unknown = set(_PARAMETER.findall(route.rule)) - ids.keys()
        assert not unknown, f"{route.rule}: furnish an office with {unknown}"
        return _PARAMETER.sub(lambda named: ids[named[1]], route.rule)


def furnish(wired: Wiring, places: Places, said: Said = str) -> Office:
    """A day's work by a clerk and a supervisor. ``said`` is how free text is written (the made-up language)."""
    return _Day(wired, places, said).worked()


@dataclass
class _Day:
    """The work, step by step."""

    wired: Wiring
    places: Places
    said: Said
    office: Office = field(default_factory=Office)

    def worked(self) -> Office:
        self.clerk = self._hand("clara", "clerk")
        self.chief = self._hand(CHIEF, *CHIEFS_ROLES)
        self._name_accounts()
        self._talk()
        self._take_money()
        self._act()
        self._wait()
        self._go_wrong()
        self._keep_records()
        self._close_a_shop()
        self._merge()
        self._hire()
        self._sit_down()
        return self.office

    def _sit_down(self) -> None:
        """The window, the bank, the mail, and whatever lies on the desks."""
        hands = {name: self._hand(name, "cashier") for name in ("ana", "rosa", "tomas")}
        hands |= {"sofia": self._hand("sofia", "supervisor"), "fina": self._hand(READER, "finance")}
        hands |= {"clara": self.clerk, "chief": self.chief}
        shop = self.places.shop
        bank = furnish_bank(self.wired, hands, shop, self.said)
        window = furnish_window(self.wired, hands, self.places.home, self.said)
        mail = furnish_mail(self.wired, hands, shop, self.said)
        desk = furnish_desk(self.wired, hands, shop, self.said, drawer=int(window[0]["chiefs_drawer"]))
        charge = int(self.office.ids["charge_id"])
        requests = furnish_cases(self.wired, hands, self.places.home, self.said, charge)
        for ids, variants in (bank, window, mail, desk, requests):
            self.office.ids |= ids
            self.office.variants |= variants

    @property
    def clock(self) -> Clock:
        return self.wired.clock

    @property
    def today(self) -> date:
        return self.clock.today()

    def _hand(self, name: str, *roles: str) -> Authority:
        began = signed_in(self.wired.sessions, self.clock, *roles, name=name)
        held = [Grant(role, SINCE) for role in roles]
        return authority(self.wired.city().city, began.actor_id, f"staff:{name}", held, self.today)

    def _rows(self, sql: str, **values: object) -> list[tuple[object, ...]]:
        with reading(self.wired.sessions) as session:
            return [tuple(row) for row in session.execute(text(sql), values)]

    def _name_accounts(self) -> None:
        for name, id_ in vars(self.places).items():
            self.office.accounts[name] = self._reference(id_)

    def _reference(self, account: int) -> str:
        ((reference,),) = self._rows("SELECT reference FROM customer_accounts WHERE id = :id", id=account)
        return str(reference)

    def _holder(self, account: int) -> int:
        ((customer_id,),) = self._rows("SELECT customer_id FROM customer_accounts WHERE id = :id", id=account)
        return int(str(customer_id))

    def _charge(self, account: int, kind: str) -> int:
        found = self._rows(
            "SELECT id FROM charges WHERE customer_account_id = :id AND kind = :kind AND source_system = 'ventanilla'"
            " ORDER BY open_cents DESC, id",
            id=account,
            kind=kind,
        )
        assert found, f"account {account} has no {kind}"
        return int(str(found[0][0]))

    # What people say

    def _talk(self) -> None:
        sessions, clock, home = self.wired.sessions, self.clock, self.places.home
        policy = self.wired.city().city.desk_policy(self.today)
        note = contacts.add_note(
            sessions, self.clerk, home, self.said("Dog in the yard. Ring first."), clock=clock, pinned=True
        )
        contacts.add_note(sessions, self.clerk, home, self.said("Prefers to be called in the morning."), clock=clock)
        call = NewContact("phone", "past-due", "bill-code", "open", "es", text=self.said("Asked for more time."))
        logged = contacts.log_contact(
            sessions, self.clerk, policy, home, call, clock=clock,
            follow_up=NewFollowUp(self.said("Ask about a plan."), self.today, for_actor_id=self.clerk.actor_id),
        )  # fmt: skip
        hand_off = NewFollowUp(
            self.said("Read the meter again."), self.today + timedelta(days=2), FollowUpKind.HAND_OFF,
            for_division="field",
        )  # fmt: skip
        contacts.add_follow_up(sessions, self.clerk, policy, home, hand_off, clock=clock)
        self.office.ids |= {"note_id": str(note), "follow_up_id": str(logged.follow_up_id)}
        self.office.variants["staff.follow_ups_list"] = ["", "?whose=everybodys"]

    # Money

    def _take_money(self) -> None:
        home = self.places.home
        paid = self._pays(home, Money(40_00))
        self.office.ids["receipt_id"] = str(paid.receipt_id)
        self.payment = paid.payment_id

    def _pays(self, account: int, amount: Money) -> posting.Posted:
        city = self.wired.city().city
        noon = datetime(self.today.year, self.today.month, self.today.day, 20, tzinfo=UTC)
        with transaction(self.wired.sessions) as session:
            locked = posting.lock_accounts(session, {account: amount}, self.today)
            assert locked.business_day is not None
            received = Received(
                locked.accounts, Fee(), Tender("check", reference="1207"), order_of_policy(city, self.today), noon,
                self.today,
            )  # fmt: skip
            return posting.write(
                session, received, terms_of(city), business_day=locked.business_day,
                source=Source("test-payment", f"office-{account}", "settle"),
                actor_id=actor_id(session, "staff:clara"), channel="counter", language="es", series=("C1",),
            )  # fmt: skip

    def _asks(self, command: Command, reason: str, by: Authority | None = None) -> int:
        outcome = approvals.propose(
            self.wired.sessions, acts_of(self.wired), command, by or self.clerk, reason=self.said(reason),
            clock=self.clock,
        )  # fmt: skip
        return outcome.proposal_id

    def _agrees(self, proposal: int, reason: str = "") -> Done:
        return approvals.approve(
            self.wired.sessions, acts_of(self.wired), proposal, self.chief, clock=self.clock,
            reason=self.said(reason) if reason else "",
        )  # fmt: skip

    def _act(self) -> None:
        """Done alone, agreed to, refused, taken back."""
        home = self.places.home
        penalty, service = self._charge(home, "penalty"), self._charge(home, "service")
        self.office.ids["charge_id"] = str(service)
        self.alone = self._asks(PostFee(customer_account_id=home, rate="meter-test"), "She asked for a test.")
        waived = Waive(charge_id=penalty, amount_cents=1_00, reason_code="mail-late")
        self._asks(waived, "The bill came late.")
        self.agreed = self._asks(self._correction(service, Decimal("-1.25")), "Read 1 CCF too high.")
        self._agrees(self.agreed, "Looked at the photo.")
        ((adjustment,),) = self._rows("SELECT max(id) FROM adjustments WHERE charge_id = :id", id=service)
        self.office.ids["adjustment_id"] = str(adjustment)
        self.refused = self._asks(self._correction(service, Decimal("-2.5")), "Asked for more.")
        approvals.reject(
            self.wired.sessions, self.refused, self.chief, clock=self.clock, reason=self.said("It was read right.")
        )
        self.taken_back = self._asks(PostFee(customer_account_id=home, rate="cut-lock", quantity=3), "Three locks.")
        approvals.withdraw(self.wired.sessions, self.taken_back, self.clerk, clock=self.clock)

    def _correction(self, charge: int, rate: Decimal) -> Adjust:
        line = StatedLine(label=self.said("CCF too many"), quantity=Decimal(1), rate=rate)
        return Adjust(
            by=ByLines(charge_id=charge, amount_cents=Money.rounded(rate).cents, reason_code="misread", lines=(line,))
        )

    def _wait(self) -> None:
        """Asked of a second person, by a clerk and by the supervisor."""
        home, shop = self.places.home, self.places.shop
        lock = PostFee(customer_account_id=home, rate="cut-lock", quantity=3)
        waiting = self._asks(lock, "Cut three locks on Elm Street.")
        move = Move(payment_id=self.payment, from_account_id=home, to_account_id=shop, amount_cents=15_00)
        self._asks(move, "Paid for the shop.")
        mine = self._asks(self._correction(self._charge(home, "service"), Decimal("-3")), "Leak at the meter.",
                          self.chief)  # fmt: skip
        self.office.ids["proposal_id"] = str(waiting)
        others = (self.alone, self.agreed, self.refused, self.taken_back, mine)
        path = STAFF_ROUTES["staff.approvals_show"].rule.replace("<int:proposal_id>", "{}")
        self.office.variants |= {
            "staff.approvals_show": ["", *(path.format(other) for other in others)],
            "staff.approvals_list": ["", "?whose=by-me", "?whose=all"],
            "staff.approvals_withdraw": [f"{path.format(mine)}/withdraw"],
        }

    # What went wrong

    def _go_wrong(self) -> None:
        found = {"payment_intent": "pi_3Px", "amount_cents": 81_23, "currency": "usd", "livemode": False}
        twice = {"receipt": "W1-2026-000018", "paid_cents": 5000, "was_open_cents": 0}
        with transaction(self.wired.sessions) as session:
            lost = open_exception(session, "no-owner", "pi_3Px", found)
            again = open_exception(session, "second-payment", "x-1", twice, customer_account_id=self.places.home)
        exceptions.take(self.wired.sessions, self.clerk, again, owner_seen=None)
        path = STAFF_ROUTES["staff.exceptions_show"].rule.replace("<int:exception_id>", "{}")
        self.office.ids["exception_id"] = str(again)
        self.office.variants["staff.exceptions_show"] = ["", path.format(lost)]

    # Records

    def _keep_records(self) -> None:
        desk, holder = self.wired.change_desk(), self._holder(self.places.home)
        letter = CameBack(holder, self.today, "bill", account_id=self.places.home, evidence=self.said("Moved"))
        letter_id = letters.mail_came_back(desk, self.clerk, letter)
        with reading(self.wired.sessions) as session:
            version = customer(session, holder).version
        change = ChangeRequest(
            holder, Contact(phone="(209) 555-0188"), version, self.today + timedelta(days=9),
            reason=self.said("Told us by phone."),
        )  # fmt: skip
        asked = change_customer(desk, self.clerk, change)
        self.office.ids |= {"letter_id": str(letter_id), "change_id": str(asked.change_id)}

    def _close_a_shop(self) -> None:
        """A shop that has ceased, and one that only a few may see."""
        shop = Holder(_NAMES[0], kind=CustomerKind.BUSINESS, last_name="")
        closed, hidden = self._opens("license", shop), self._opens("license", shop)
        held = self.wired.city().city.license_classes[0].code
        with transaction(self.wired.sessions) as session:
            for account in (closed, hidden):
                session.add(License(customer_account_id=account, business_name=_NAMES[0], license_class=held))
        close_license(
            self.wired.change_desk(), self.clerk, Closing(closed, self.today, self.said("Sold the business."))
        )
        marks.restrict(self.wired.sessions, self.chief, hidden, self.said("By order of the city attorney."))
        self.office.accounts |= {"closed": self._reference(closed), "restricted": self._reference(hidden)}
        reopening = STAFF_ROUTES["staff.reopenings_new"].rule.replace("<reference>", self.office.accounts["closed"])
        self.office.variants["staff.reopenings_new"] = [reopening]

    def _opens(self, kind: str, holder: Holder) -> int:
        place = Place("17 Plaza Way", "Río Claro", zip_code="93706")
        new = NewAccount(kind=AccountKind(kind), holder=holder, place=place, opened_on=date(2024, 1, 2))
        with transaction(self.wired.sessions) as session:
            return open_accounts(session, [new], proof_key=b"an office")[0].id

    def _merge(self) -> None:
        """Two records of one person are one; of two others it is only asked."""
        first, second, third = (
            self._opens("utility", Holder(name, last_name="Núñez", phone="(209) 555-0123"))
            for name in (_NAMES[1], _NAMES[2], _NAMES[2])
        )
        with transaction(self.wired.sessions) as session:
            session.add_all(UtilityAccount(customer_account_id=id_) for id_ in (first, second, third))
        into = self._holder(first)
        self._agrees(self._asks(Merging(from_id=self._holder(second), into_id=into), "One person, two spellings."))
        ((merger,),) = self._rows("SELECT max(id) FROM mergers WHERE into_id = :id", id=into)
        self.office.ids["merger_id"] = str(merger)
        self.office.accounts |= {"merged": self._reference(first), "double": self._reference(third)}
        undo = STAFF_ROUTES["staff.mergers_undo"].rule.replace("<reference>", self.office.accounts["merged"])
        new = STAFF_ROUTES["staff.mergers_new"].rule.replace("<reference>", self.office.accounts["double"])
        self.office.variants |= {
            "staff.mergers_undo": [undo.replace("<int:merger_id>", str(merger))],
            "staff.mergers_new": [new, f"{new}?with={into}"],
        }

    # People

    def _hire(self) -> None:
        with transaction(self.wired.sessions) as session:
            system = actor_id(session, "system")
        new = NewPerson("nina", "Nina Ortiz", roles=(Role("cashier", self.today),))
        invited = people.add_person(
            self.wired.sessions, self.wired.door(), self.wired.city().city, new, by=system, now=self.clock.now()
        )
        ((grant,),) = self._rows("SELECT min(id) FROM staff_grants WHERE actor_id = :id", id=self.clerk.actor_id)
        self.office.ids |= {"token": invited.token, "username": "clara", "who": "holder", "grant_id": str(grant)}


def everything(office: Office) -> Mapping[str, str]:
    """All names and numbers that the office has brought: facts, not language."""
    series = {code: code for code in ("C1", "C2", "C3")}
    names = (*_NAMES, *busy_bank.NAMES, *busy_mail.NAMES, *busy_desk.NAMES, *busy_cases.NAMES)
    return {**office.accounts, **series, **{f"name-{place}": name for place, name in enumerate(names)}}
