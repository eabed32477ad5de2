"""What follows a fact, and what the night does. Every job may run twice; none may lose anything."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

import procrastinate
from flask import Flask
from flask_babel import gettext as _

from accounts import kill_points
from accounts.actors.service import SYSTEM, actor_id
from accounts.customer_accounts.rules import shown
from accounts.customer_changes.service import apply_due_changes
from accounts.database import reading, transaction
from accounts.licenses import service as licenses
from accounts.lookups import asking
from accounts.lookups import service as lookups
from accounts.lookups.asking import Contact
from accounts.seals.service import close_days
from accounts.utilities import service as utilities
from payments.closings.service import proof_of
from payments.findings import service as findings
from payments.gateway.base import Refused
from payments.payouts.service import LOOK_BACK, read_payout, read_payouts
from payments.receipts.queries import receipt_by_id
from payments.receipts.rules import ReceiptPage
from payments.sweeps import service as sweeps
from payments.sweeps.queries import clean_through, last_sweep
from payments.webhooks.service import follow
from portal import billing_jobs, case_mail, guest_mail, logs, resident_mail, share_mail, window_mail
from portal.city_mail import Heading, city_mail
from portal.i18n import speaking
from portal.identity import forgetting
from portal.identity.residents import lost_mailboxes
from portal.identity.vault import Unreadable
from portal.mail import MailRefused
from portal.messages_sent.rules import Channel, Kind, Message
from portal.messages_sent.service import PURPOSE, sending
from portal.notices import jobs as notices
from portal.notices.jobs import tell_of_payment
from portal.queue import nightly, on_fact
from portal.receipts import receipt_mail
from portal.report_mailing import mail_reports
from portal.sealing import PARTS
from portal.texts import TextRefused
from portal.wiring import Wiring

_log = logs.logger(__name__)
_SUNDAY = 7


def register(queue: procrastinate.App, app: Flask) -> None:
    """Hang our jobs onto the queue; each runs in the application's context."""
    wired: Wiring = app.extensions["ventanilla"]

    @on_fact(queue, "receipt_issued", final=(MailRefused,))
    def receipt_issued(receipt_id: int) -> None:
        tell_of_payment(wired, receipt_id)
        with app.app_context():
            send_receipt(wired, receipt_id)

    @on_fact(queue, "receipt_asked_again", final=(MailRefused, Unreadable))
    def receipt_asked_again(receipt_id: int, to: str, asked_by: int, key: str) -> None:
        with app.app_context():
            send_receipt_again(wired, receipt_id, to, asked_by, key)

    @on_fact(queue, "processor_event")
    def processor_event(event_id: str) -> None:
        follow(wired.desk(), event_id)

    @on_fact(queue, "lookup_requested")
    def lookup_requested(request_id: int) -> None:
        with app.app_context():
            answer_lookup(wired, request_id)

    @on_fact(queue, "payout_changed", final=(Refused,))
    def payout_changed(payout_id: str) -> None:
        read_payout(wired.payout_desk(), payout_id)

    window_mail.register(queue, app, wired)
    notices.register(queue, app, wired)
    share_mail.register(queue, app, wired)
    case_mail.register(queue, app, wired)
    guest_mail.register(queue, app, wired)
    resident_mail.register(queue, app, wired)
    billing_jobs.register(queue, app, wired)
    _by_the_clock(queue, app, Night(wired))


def _by_the_clock(queue: procrastinate.App, app: Flask, night: Night) -> None:
    nightly(queue, "utilities.assess_penalties", "0 9 * * *", night.penalties)
    nightly(queue, "licenses.assess_renewals", "10 9 * * *", night.renewals)
    nightly(queue, "licenses.activate_paid_terms", "*/10 * * * *", night.activations)
    nightly(queue, "customers.apply_due_changes", "4-59/10 * * * *", night.changes)
    nightly(queue, "payments.sweep", "*/2 * * * *", night.sweep)
    nightly(queue, "payments.sweep_deep", "40 9 * * *", night.deep_sweep)
    nightly(queue, "payouts.read", "25 * * * *", night.payouts)
    nightly(queue, "books.close_days", "5,35 * * * *", night.closing)
    nightly(queue, "lookups.forget_old_misses", "20 10 * * *", night.forgetting)
    nightly(queue, "findings.look", "50 9 * * *", night.findings)
    nightly(queue, "reports.mail", "50 * * * *", lambda: _in_context(app, night.reports))
    nightly(queue, "residents.ask_new_mailboxes", "7-59/10 * * * *", night.new_mailboxes)
    nightly(queue, "staff.forget_old", "30 10 * * *", night.forgetting_staff)


def _in_context(app: Flask, job: Callable[[], str]) -> str:
    """What writes to people needs the application's words."""
    with app.app_context():
        return job()


@dataclass(frozen=True)
class Night:
    """What is done by the clock (UTC), each in one line for the log. Running again does nothing twice."""

    wired: Wiring

    def penalties(self) -> str:
        """Late penalties on utility bills, by the city's rules of the day."""
        done = utilities.assess_penalties(self.wired.sessions, self.wired.city(), self._today(), self._system())
        return f"penalties: {done.charges} charges, {done.amount}"

    def renewals(self) -> str:
        """License terms whose renewal is open, and penalties of those that are late."""
        done = licenses.assess_renewals(self.wired.sessions, self.wired.city(), self._today(), self._system())
        return f"renewals: {done.terms} terms, {done.amount}; {done.undeclared} wait for a declaration"

    def activations(self) -> str:
        """License terms that are paid become active."""
        return f"activated: {licenses.activate_paid_terms(self.wired.sessions)} license terms"

    def changes(self) -> str:
        """Changes of name and address whose day has come, and former names whose time to prove is over."""
        done = apply_due_changes(self.wired.change_desk(), self._system())
        said = f"customers: {done.applied} changes applied, {done.names_ended} former proofs ended"
        return f"{said}; {done.failed} left for later, {done.withdrawn} left to people"

    def sweep(self) -> str:
        """What the processor knows and we do not: its recent events, and every attempt that is due."""
        run = sweeps.frequent(self.wired.desk())
        with reading(self.wired.sessions) as session:
            is_new_here = last_sweep(session, "deep") is None
        said = f"sweep: {'clean' if run.clean else 'not clean'}, {run.found}"
        return f"{said}; {self.deep_sweep()}" if is_new_here else said  # an installation does not wait for its first

    def deep_sweep(self) -> str:
        """All money of the last thirty days, both ways; of the last ninety on Sundays."""
        days = sweeps.FAR if self.wired.clock.today().isoweekday() == _SUNDAY else sweeps.NEAR
        run = sweeps.deep(self.wired.desk(), days)
        return f"deep sweep of {days} days: {'clean' if run.clean else 'not clean'}, {run.found}"

    def payouts(self) -> str:
        """What the processor paid out, and what its balance moved, read and posted."""
        return read_payouts(self.wired.payout_desk(), self.wired.clock.now() - LOOK_BACK).last_line()

    def closing(self) -> str:
        """Days that are over, swept clean and balanced, closed and sealed; the head goes into the log."""
        with reading(self.wired.sessions) as session:
            swept_through = clean_through(session)
        done = close_days(
            self.wired.sessions,
            PARTS,
            clock=self.wired.clock,
            swept_through=swept_through,
            proof=proof_of(self.wired.city().city),
        )
        for seal in done.seals:
            _log.info("day sealed", day=seal.day.isoformat(), head=seal.name)
        if done.waiting and done.waiting.day < self._today():
            _log.warning("day stays open", day=done.waiting.day.isoformat(), reasons=list(done.waiting.reasons))
        return done.last_line()

    def findings(self) -> str:
        """What the rules against fraud point at, in the days that the policy looks back."""
        return findings.look(self.wired.sessions, self.wired.city().city, self.wired.clock).last_line()

    def reports(self) -> str:
        """Links to the reports of periods that are over and closed, to who asked for them by the calendar."""
        return mail_reports(self.wired)

    def forgetting(self) -> str:
        """Counters of wrong guesses that no rule reads any more."""
        return f"forgotten: {lookups.forget_old_misses(self.wired.sessions, self.wired.clock.now())} misses"

    def new_mailboxes(self) -> str:
        """Links to the new mailboxes of who has lost the former one, once nobody has objected in time."""
        wired = self.wired
        return f"asked: {lost_mailboxes.ask_new_mailboxes(wired.sessions, wired.resident_door(), wired.clock.now())}"

    def forgetting_staff(self) -> str:
        """Sessions a month after, forms that nobody came back for, old links, counters of wrong sign-ins."""
        done = forgetting.forget_old(self.wired.sessions, self.wired.clock.now())
        return f"forgotten: {done.sessions} sessions, {done.forms} forms, {done.links} links, {done.misses} misses"

    def _today(self) -> date:
        return self.wired.clock.today()

    def _system(self) -> int:
        with transaction(self.wired.sessions) as session:
            return actor_id(session, SYSTEM)


def send_receipt(wired: Wiring, receipt_id: int) -> None:
    """Mail a receipt in its payer's language; the same Message-ID each time, should it leave twice."""
    with reading(wired.sessions) as session:
        receipt = receipt_by_id(session, receipt_id)
    if receipt is None or not receipt.email:
        return
    _mail_receipt(wired, receipt, Kind.RECEIPT)


def send_receipt_again(wired: Wiring, receipt_id: int, to: str, asked_by: int, key: str) -> None:
    """Mail a receipt to the address that somebody at the counter was told, in its payer's language.

    Each wish is a message of its own (``key``): a mailbox must not drop it as a repeat.
    """
    with reading(wired.sessions) as session:
        receipt = receipt_by_id(session, receipt_id)
    if receipt is not None:
        address = wired.vault(PURPOSE).open(to.encode()).decode()
        _mail_receipt(wired, replace(receipt, email=address), Kind.RECEIPT_AGAIN, asked_by, key)


def _mail_receipt(
    wired: Wiring, receipt: ReceiptPage, kind: Kind, asked_by: int | None = None, key: str = ""
) -> None:
    def mail() -> str:
        with speaking(receipt.language):
            ref = wired.mailer.send(receipt_mail(receipt, wired.city().city, wired.settings.base_url, key=key))
        kill_points.reached("K9")
        return ref

    references = tuple(account.reference for account in receipt.content.accounts)
    message = Message(
        "mail", kind, receipt.email, receipt.language, receipt.number, asked_by, references=references,
        key=f"{kind.value}:{receipt.number}:{key}",
    )  # fmt: skip
    sending(wired.sessions, wired.proof_key, message, mail, now=wired.clock.now())
    _log.info("receipt sent", receipt=receipt.number)


def answer_lookup(wired: Wiring, request_id: int) -> None:
    """Send a code or a number to the contact on file of the accounts that were meant, if there are any.

    A wish counts as answered when everything has left: after a failure all is sent again, with new codes.
    """
    now = wired.clock.now()
    codes: dict[int, str] = {}
    with transaction(wired.sessions) as session:
        kind, contacts = asking.answer(session, request_id)
        if kind == "code":
            codes = {contact.account_id: f"{secrets.randbelow(10**8):08d}" for contact in contacts}
            for account_id, code in codes.items():
                asking.issue_code(session, wired.lookup_keys().secret, account_id, code, now)
    for contact in contacts:
        with speaking(contact.language):
            _tell(wired, contact, codes.get(contact.account_id, ""), request_id)
    asking.mark_answered(wired.sessions, request_id, wired.clock.now())


def _tell(wired: Wiring, contact: Contact, code: str, request_id: int) -> None:
    city = wired.city().city.identity.name.in_(contact.language)
    number, kind = shown(contact.reference), Kind.LOOKUP_CODE if code else Kind.LOOKUP_NUMBER
    if contact.email:
        subject = _("Your code") if code else _("Your account number")
        # Each code is a message of its own: a mailbox must not drop the newer one as a repeat.
        message_id = f"lookup-{request_id}-{contact.account_id}" + (f"-{secrets.token_hex(4)}" if code else "")
        words = {"code": code, "number": number, "base_url": wired.settings.base_url}
        heading = Heading(contact.email, contact.language, subject, message_id)
        mail = city_mail(wired.city().city, heading, "lookups/answer", words)
        _send(wired, contact, kind, lambda: wired.mailer.send(mail))
    elif contact.phone:
        body = (
            _("%(city)s: your code is %(code)s. It is good for 15 minutes.", city=city, code=code)
            if code
            else _("%(city)s: your account number is %(number)s.", city=city, number=number)
        )
        reference = f"lookup-{request_id}-{contact.account_id}"
        _send(wired, contact, kind, lambda: wired.texts.send(contact.phone, body, reference))


def _send(wired: Wiring, contact: Contact, kind: Kind, act: Callable[[], object]) -> None:
    """A contact that cannot be reached is noted without its name; the others still hear."""
    channel: Channel = "mail" if contact.email else "text"
    to = contact.email or contact.phone
    message = Message(channel, kind, to, contact.language, accounts=(contact.account_id,))
    try:
        sending(wired.sessions, wired.proof_key, message, act, now=wired.clock.now())
    except (MailRefused, TextRefused) as error:
        _log.warning("contact not reached", error=type(error).__name__)
