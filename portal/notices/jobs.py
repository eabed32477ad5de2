"""What follows a fact, and when the clock begins the walks of the night (:mod:`portal.notices.walks`)."""

from __future__ import annotations

from dataclasses import replace

import procrastinate
from flask import Flask

from accounts.database import reading
from accounts.message_choices.queries import Person, choices_of
from accounts.message_choices.rules import address_digest, channels, way_of
from payments.attempts.service import NOT_PAID
from payments.receipts.queries import receipt_by_id
from payments.returned_payments.queries import addressees
from portal.mail import MailRefused
from portal.messages_sent.rules import Kind, Message
from portal.messages_sent.service import sending
from portal.notices import changes, matters, queries
from portal.notices.forgetting import forget
from portal.notices.matters import Matter
from portal.notices.queueing import FACT, tell
from portal.notices.rules import Topic
from portal.notices.service import deliver
from portal.notices.text_codes import send_code
from portal.notices.walks import bills_ready, due_soon, high_use, past_due
from portal.notices.words import mail_of, wording
from portal.queue import nightly, on_fact
from portal.texts import TextRefused
from portal.wiring import Wiring


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang the messages onto the queue."""

    @on_fact(queue, FACT)
    def message_queued(message_id: int) -> None:
        with app.app_context():
            deliver(wired, message_id)

    @on_fact(queue, "text_code_asked", final=(TextRefused,))
    def text_code_asked(recipient_id: int, sealed: str) -> None:
        with app.app_context():
            send_code(wired, recipient_id, sealed)

    @on_fact(queue, "account_linked")
    def account_linked(link_id: int) -> None:
        tell_of_link(wired, link_id, ended=False)

    @on_fact(queue, "account_unlinked")
    def account_unlinked(link_id: int) -> None:
        tell_of_link(wired, link_id, ended=True)

    changes.register(queue, app, wired)

    @on_fact(queue, NOT_PAID, final=(MailRefused,))
    def payment_not_paid(attempt_id: str) -> None:
        with app.app_context():
            tell_of_failure(wired, attempt_id)

    nightly(queue, "notices.bills", "20 * * * *", lambda: bills_ready(wired))
    nightly(queue, "notices.due_soon", "0 15 * * *", lambda: due_soon(wired))
    nightly(queue, "notices.past_due", "15 15 * * *", lambda: past_due(wired))
    nightly(queue, "notices.high_use", "30 15 * * *", lambda: high_use(wired))
    nightly(queue, "notices.forget_old", "45 10 * * *", lambda: forgetting(wired))


def tell_of_bill(wired: Wiring, bill_id: int) -> int:
    """Use case: a bill was issued; how many messages follow."""
    with reading(wired.sessions) as session:
        found = queries.bill_account(session, bill_id)
    return 0 if found is None else tell(wired, [Topic(Kind.BILL_READY, found, str(bill_id))])


def tell_of_payment(wired: Wiring, receipt_id: int) -> int:
    """Use case: a receipt was issued. Whoever gets the receipt itself is not told again."""
    with reading(wired.sessions) as session:
        receipt = receipt_by_id(session, receipt_id)
        accounts = {} if receipt is None else queries.accounts_by_reference(
            session, [one.reference for one in receipt.content.accounts]
        )  # fmt: skip
    if receipt is None:
        return 0
    told = frozenset({address_digest(wired.proof_key, "mail", receipt.email)} if receipt.email else ())
    return tell(
        wired,
        [Topic(Kind.PAYMENT_RECEIVED, account, str(receipt_id), never_to=told) for account in accounts.values()],
    )


def tell_of_return(wired: Wiring, return_id: int) -> int:
    """Use case: a payment came back. The holder on file gets the notice with its charges; the others hear of it."""
    with reading(wired.sessions) as session:
        found = addressees(session, return_id)
    return tell(
        wired,
        [
            Topic(
                Kind.PAYMENT_FAILED, one.account_id, str(return_id),
                never_to=frozenset({address_digest(wired.proof_key, "mail", one.email)} if one.email else ()),
            )
            for one in found
        ],
    )  # fmt: skip


def tell_of_failure(wired: Wiring, attempt_id: str) -> None:
    """Use case: a payment failed after its payer had left. The payer hears where they wanted the receipt.

    The people of the accounts hear what they chose to hear, as for them it was on its way.
    """
    with reading(wired.sessions) as session:
        found = queries.failed_attempt(session, attempt_id)
        matter = matters.attempt_matter(session, found.accounts[0], attempt_id) if found else Matter(over="over")
    if found is None or matter.over:
        return
    told = frozenset({address_digest(wired.proof_key, "mail", found.email)} if found.email else ())
    tell(wired, [Topic(Kind.PAYMENT_FAILED, one, attempt_id, never_to=told) for one in found.accounts])
    if found.email:
        city, key = wired.city().city, f"not-paid-{attempt_id.replace('_', '-')}"
        base = wired.settings.base_url
        said = wording(Kind.PAYMENT_FAILED, replace(matter, cents=found.cents), city, found.language, base)
        mail = mail_of(said, city, found.language, to=found.email, key=key, base_url=base)
        message = Message(
            "mail", Kind.PAYMENT_FAILED, found.email, found.language, attempt_id, accounts=found.accounts, key=key
        )
        sending(wired.sessions, wired.proof_key, message, lambda: wired.mailer.send(mail), now=wired.clock.now())


def tell_of_link(wired: Wiring, link_id: int, *, ended: bool) -> int:
    """Use case: somebody was let onto an account, or taken off."""
    with reading(wired.sessions) as session:
        found = queries.told_of_link(session, link_id, ended=ended)
    if found is None:
        return 0
    kind = Kind.ACCOUNT_UNLINKED if ended else Kind.ACCOUNT_LINKED
    return tell(wired, [Topic(kind, found[0], str(link_id), only=found[1])])


def tell_of_answer(wired: Wiring, about: str, actor: int, account_id: int | None, mailed_to: str) -> int:
    """Use case: there is news of a request (``about``: its id, a stroke, which news).

    Its asker, who had the mail, gets the text that they chose.
    """
    told = frozenset({address_digest(wired.proof_key, "mail", mailed_to)})
    only = frozenset({Person(actor_id=actor)})
    topic = Topic(Kind.REQUEST_ANSWERED, account_id, about, only=only, never_to=told)
    return tell(wired, [topic])


def wants_mail(wired: Wiring, actor: int, kind: Kind) -> bool:
    """Whether a resident wants mail of a kind."""
    policy = wired.city().city.message_policy(wired.clock.today())
    rule = policy.kinds.get(kind.value) if policy else None  # type: ignore[call-overload]
    with reading(wired.sessions) as session:
        chosen = choices_of(session, [Person(actor_id=actor)])[Person(actor_id=actor)]
    if rule is None:
        return True
    way = way_of(rule, kind.value, chosen)
    return "mail" in channels(way, has_mail=True, has_text=bool(chosen.text_number))


def forgetting(wired: Wiring) -> str:
    """Addresses in the log that are old, messages that could not leave, codes that ran out."""
    now = wired.clock.now()
    policy = wired.city().city.message_policy(wired.clock.day_of(now))
    if policy is None:
        return "forgotten: nothing"
    done = forget(wired.sessions, policy, now)
    return f"forgotten: {done.addresses} addresses, {done.codes} codes; {done.stuck} messages ended"
