"""What residents left on the desks of a busy office: one who sees the account online, an address to which nothing
goes, requests; and the bills of the house: one made anew and posted, and a run that holds one back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, text

from accounts.account_links.service import link
from accounts.bill_printings import freezing
from accounts.bill_printings import service as printings
from accounts.bill_printings.queries import printing
from accounts.billing_runs import corrections, drafting, posting, queries, service, working
from accounts.billing_runs.working import Seen as SeenItem
from accounts.cases import asking, handing_in
from accounts.cases import service as cases
from accounts.cases.asking import Asker
from accounts.database import reading, transaction
from accounts.documents.rules import Sent
from accounts.message_choices.queries import Person
from accounts.message_choices.replies import note_address
from accounts.message_choices.rules import address_digest
from accounts.message_choices.service import Asked, ConsentText, ask_number, confirm_number
from accounts.money import Money
from accounts.requests import guests
from accounts.requests.guests import Wish
from accounts.staff.rules import Authority
from portal.identity.residents import lost_mailboxes
from portal.identity.residents.lost_mailboxes import Seen
from portal.messages_sent.rules import masked_contact
from portal.wiring import Wiring
from tests.accounts.documents.test_documents import photo
from tests.portal.resident.people import signed_in

_GUEST = "rosa@example.com"
_RESIDENT, _ANOTHER, _PAPER, _REFUSAL = "olga@example.com", "olga.p@example.com", "meter.jpg", "550 5.1.1"
NAMES = (_RESIDENT, _GUEST, "o•••@example.com", _PAPER, _REFUSAL, "•••-0142")
"""What is nobody's language here."""
_NUMBER, _CODE = "+12095550142", "123456"
_STEP = "meter"
"""Who looks at an appeal first, by the code of the shipped city."""
_BILLS = text("""
    SELECT b.id FROM bills b
     WHERE b.customer_account_id = :account AND b.source_system = 'ventanilla' AND b.period_from IS NOT NULL
       AND NOT EXISTS (SELECT FROM charges c WHERE c.bill_id = b.id AND c.source_system <> 'ventanilla')
     ORDER BY b.id = (SELECT bill_id FROM charges WHERE id = :charge), b.id DESC""")
"""Bills that can be made anew, the one with a charge that others work on last."""
_RUN = text("SELECT run_id FROM billing_items WHERE bill_id = :bill")
_NOT_PRINTED = text("""
    SELECT min(id) FROM billing_runs
     WHERE state = 'posted' AND corrects_bill_id IS NULL AND id NOT IN (SELECT billing_run_id FROM bill_printings)""")
_REACHED = text("""
    SELECT c.mailing_address, a.is_protected FROM customer_accounts a JOIN customers c ON c.id = a.customer_id
     WHERE a.id = :account""")
_SET_REACHED = text("""
    WITH hidden AS (UPDATE customer_accounts SET is_protected = :hidden WHERE id = :account RETURNING customer_id)
    UPDATE customers SET mailing_address = :address WHERE id = (SELECT customer_id FROM hidden)""")
_FACTS = text("""
    SELECT a.reference, u.cycle FROM customer_accounts a JOIN utility_accounts u ON u.customer_account_id = a.id
     WHERE a.id = :account""")
_HOLDER = text("SELECT customer_id FROM customer_accounts WHERE id = :account")
_VERSION = text("SELECT version FROM cases WHERE id = :case")
_ITEMS = text("""
    SELECT i.customer_account_id, a.reference, i.version, i.state, i.bill_id
      FROM billing_items i JOIN customer_accounts a ON a.id = i.customer_account_id
     WHERE i.run_id = :run ORDER BY i.state <> 'held', a.id LIMIT 1""")


def furnish_cases(
    wired: Wiring, hands: Mapping[str, Authority], home: int, said: Callable[[str], str], charge: int
) -> tuple[dict[str, str], dict[str, list[str]]]:
    """Ids for what routes name, and further addresses of pages. ``charge`` is one of the house that stays."""
    made = _Cases(wired, hands, home, said, charge)
    resident, link_id = made.sees_it_online()
    posted, new_bill, old_bill = made.made_anew()
    draft, held = made.drafted()
    appeal, question = made.asks(resident, new_bill), made.wonders(resident)
    wish = made.lost_a_mailbox(link_id)
    made.holder_gets_texts()
    ids = {
        "wish_id": wish,
        "key": made.dead_address(),
        "case_id": appeal,
        "step": _STEP,
        "run_id": posted,
        "bill_id": old_bill,
        "printing_id": made.printed(old_bill),
        "part": 1,
    }
    run, account = "/staff/billing-runs/{}", f"/staff/accounts/{made.reference}"
    variants = {
        "staff.account_links_end": [f"{account}/online/{link_id}/end"],
        "staff.lost_mailboxes_new": [f"{account}/online/{link_id}/mailbox"],
        "staff.cases_show": ["", f"/staff/cases/{question}"],
        "staff.cases_decide": ["", f"/staff/cases/{question}/decide"],
        "staff.cases_write": ["", "?template=proof"],
        "staff.cases_links": [f"/staff/cases/{made.guest_wonders()}/links"],
        "staff.cases_list": ["", "?which=waiting"],
        "staff.billing_runs_show": ["", run.format(draft)],
        "staff.billing_runs_work": ["", *(f"{run.format(draft)}/bills/{reference}" for reference in held)],
        "staff.bill_printings_new": [f"{run.format(made.not_printed())}/printing"],
        "staff.bill_printings_show": ["", f"/staff/bill-printings/{made.counted(posted)}"],
        "staff.billing_runs_review": [f"{run.format(draft)}/review"],
        "staff.billing_runs_approve": [f"{run.format(made.reviewed(old_bill))}/approve"],
    }
    return {name: str(id_) for name, id_ in ids.items()}, variants


@dataclass
class _Cases:
    wired: Wiring
    hands: Mapping[str, Authority]
    home: int
    said: Callable[[str], str]
    charge: int

    def sees_it_online(self) -> tuple[int, int]:
        """A resident who has proven the house; their actor and the link."""
        actor = signed_in(self.wired.sessions, self.wired.clock, _RESIDENT, lang="es").actor_id
        return actor, link(self.wired.sessions, actor, self.home, "proof", now=self.wired.clock.now())

    def lost_a_mailbox(self, link_id: int) -> int:
        """They came to the counter for another address."""
        seen = Seen(self.home, link_id, "passport")
        door, now = self.wired.resident_door(), self.wired.clock.now()
        return lost_mailboxes.ask(self.wired.sessions, door, self.hands["clara"], seen, _ANOTHER, now=now)

    def dead_address(self) -> str:
        """Their address was refused; what its page is called by."""
        digest, masked = address_digest(self.wired.proof_key, "mail", _RESIDENT), masked_contact("mail", _RESIDENT)
        with transaction(self.wired.sessions) as session:
            note_address(session, "mail", digest, masked, "bounced", code=_REFUSAL, now=self.wired.clock.now())
        return digest.hex()

    def holder_gets_texts(self) -> None:
        """The holder confirmed a number for texts."""
        with reading(self.wired.sessions) as session:
            holder = Person(customer_id=session.scalars(_HOLDER, {"account": self.home}).one())
        by, now = self.hands["clara"].actor_id, self.wired.clock.now()
        words = ConsentText("1", "en", self.said("Text me"))
        asked = Asked(_NUMBER, _CODE, "", words)
        ask_number(self.wired.sessions, self.wired.proof_key, holder, asked, by=by, now=now, minutes=15)
        confirm_number(self.wired.sessions, self.wired.proof_key, holder, _CODE, by=by, now=now)

    # Bills

    def made_anew(self) -> tuple[int, int, int]:
        """A bill that was taken back and made anew today: the run, the new bill; and one that stands."""
        anew, *_, stands = self._bills()
        run = self.reviewed(anew)
        total, now = self._total(run), self.wired.clock.now()
        service.approve(self.wired.sessions, self.hands["sofia"], run, seen=total, now=now)
        posting.post(self.wired.sessions, run, now)
        return run, int(self._item(run).bill_id), stands

    def not_printed(self) -> int:
        """A posted run, whose bills nobody has begun to print."""
        with reading(self.wired.sessions) as session:
            return int(session.execute(_NOT_PRINTED).scalar_one())

    def counted(self, run: int) -> int:
        """A run whose bills are counted, and nobody has frozen the list."""
        sessions, now = self.wired.sessions, self.wired.clock.now()
        made = freezing.begin(sessions, self.hands["clara"], run, now=now)
        freezing.count(sessions, made, now=now)
        return made

    def printed(self, bill: int) -> int:
        """The run of a bill on paper: its list, and its file."""
        desk, clara = self.wired, self.hands["clara"]
        with reading(desk.sessions) as session:
            run = int(session.execute(_RUN, {"bill": bill}).scalar_one())
        now = desk.clock.now()
        with transaction(desk.sessions) as session:  # mail to the house comes back, but not on this day
            held = session.execute(_REACHED, {"account": self.home}).one()
            session.execute(_SET_REACHED, {"account": self.home, "address": "PO Box 1", "hidden": False})
        made = self.counted(run)
        with reading(desk.sessions) as session:
            seen = printing(session, made).counts.printed.bills
        freezing.ask_to_freeze(desk.sessions, clara, made, seen=seen)
        freezing.freeze(desk.sessions, made, today=desk.clock.today(), now=now)
        with transaction(desk.sessions) as session:
            was = {"account": self.home, "address": held.mailing_address, "hidden": held.is_protected}
            session.execute(_SET_REACHED, was)
        file = (b"%PDF", [1] * seen)
        printings.keep_part(desk.sessions, desk.documents(), made, 1, file, now=now)
        with reading(desk.sessions) as session:
            found = printing(session, made)
        printings.finish(desk.sessions, desk.documents(), found, now=now)
        return made

    def reviewed(self, bill: int) -> int:
        """The run of a bill that is made anew, looked through by who began it."""
        sessions, clara, now = self.wired.sessions, self.hands["clara"], self.wired.clock.now()
        why, today = self.said("The meter was read wrong."), self.wired.clock.today()
        run = corrections.start(sessions, self.wired.city(), clara, bill, why, today=today, now=now)
        item = self._item(run)
        if item.state == "held":
            seen = SeenItem(run, item.customer_account_id, item.version)
            working.accept(sessions, clara, seen, self.said("Looked at the photo."), now=now)
        service.review(sessions, clara, run, seen=self._total(run), now=now)
        return run

    def drafted(self) -> tuple[int, list[str]]:
        """A run of the cycle of the house in draft, and the account that it holds first, if it holds any."""
        desk, today = self.wired, self.wired.clock.today()
        run = drafting.make(
            desk.sessions, desk.city(), self.hands["clara"], cycle=self._facts.cycle, bill_date=today, today=today,
            now=desk.clock.now(),
        )  # fmt: skip
        drafting.go_on(desk.sessions, run, desk.clock.now())
        with reading(desk.sessions) as session:
            return run, [row.reference for row in session.execute(_ITEMS, {"run": run})]

    # Requests

    def asks(self, resident: int, bill: int) -> int:
        """An appeal with a photograph, in Spanish: somebody has looked at the meter and then asked for more."""
        desk, chief = self.wired.case_desk(), self.hands["chief"]
        case = asking.begin(desk, Asker(resident, language="es"), "bill-appeal", self.home)
        why = self.said("I was not at home that month.")
        answers = {"bill": bill, "grounds": "reading", "statement": why, "asked_amount": 1250}
        asking.keep_answers(desk, case, answers)
        paper = Sent(_PAPER, photo())
        asking.add_document(desk, self.wired.documents(), case, "evidence", paper, actor_id=resident)
        handing_in.submit(desk, case)
        fine = self.said("Read again, as before.")
        cases.sign_off(desk, self.hands["sofia"], case, _STEP, is_fine=True, words=fine)
        cases.leave_note(desk, chief, case, self.said("She called about it."))
        cases.take(desk, chief, case, seen=self._version(case))
        cases.ask(desk, chief, case, self.said("Do you have a photo?"), seen=self._version(case))
        return case

    def wonders(self, resident: int) -> int:
        """A question that nobody took on yet."""
        desk = self.wired.case_desk()
        case = asking.begin(desk, Asker(resident), "bill-question", self.home)
        asking.keep_answers(desk, case, {"question": self.said("Why is it so high?")})
        handing_in.submit(desk, case)
        return case

    def guest_wonders(self) -> int:
        """A question of somebody without a sign-in."""
        desk = self.wired.case_desk()
        wish = Wish("bill-question", self.said("Rosa Díaz"), _GUEST, "", "en", self.home)
        rosa = guests.begin(desk, wish)
        asking.keep_answers(desk, rosa.case_id, {"question": self.said("Whose bill is this?")})
        handing_in.submit(desk, rosa.case_id)
        return rosa.case_id

    @property
    def reference(self) -> str:
        """What the pages of the house are called by."""
        return str(self._facts.reference)

    @property
    def _facts(self) -> Row[Any]:
        with reading(self.wired.sessions) as session:
            return session.execute(_FACTS, {"account": self.home}).one()

    def _bills(self) -> list[int]:
        with reading(self.wired.sessions) as session:
            return list(session.scalars(_BILLS, {"account": self.home, "charge": self.charge}))

    def _item(self, run: int) -> Row[Any]:
        with reading(self.wired.sessions) as session:
            return session.execute(_ITEMS, {"run": run}).one()

    def _version(self, case: int) -> int:
        with reading(self.wired.sessions) as session:
            return int(session.execute(_VERSION, {"case": case}).scalar_one())

    def _total(self, run: int) -> Money:
        with reading(self.wired.sessions) as session:
            return queries.run(session, run).amount
