"""Use cases of mail that came back: flag it, visit, send it again, or say that it need not be. Nothing is edited."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.cities.desk import must_be_on
from accounts.customer_accounts.access import must_see_customer, seen_account
from accounts.customer_changes import queries
from accounts.customer_changes.desk import ChangeDesk
from accounts.customer_changes.models import ReturnedMail, ReturnedMailEvent
from accounts.customer_changes.rules import AlreadyHandled, Handling, InTheFuture, awaits_re_mail
from accounts.customers.queries import customer
from accounts.customers.rules import BadContact
from accounts.database import transaction
from accounts.errors import NotFound
from accounts.premises.rules import address_key
from accounts.staff.rules import Authority, Permission

_LOCK = text("SELECT 1 FROM customers WHERE id = :id FOR NO KEY UPDATE")
_SERVICE_ADDRESS = text("""
    SELECT concat_ws(', ', p.address, nullif(p.city, ''), nullif(p.state || ' ' || p.zip_code, ' '))
      FROM customer_accounts a JOIN premises p ON p.id = a.premises_id WHERE a.id = :account""")


def service_address(session: Session, account_id: int) -> str:
    """Where the account is served, in one line; nothing where it is served nowhere. One statement."""
    return str(session.scalar(_SERVICE_ADDRESS, {"account": account_id}) or "")


@dataclass(frozen=True, slots=True)
class CameBack:
    """A letter that the post brought back. ``mail_kind`` is a code of the desk policy.

    Without an ``address`` it is the mailing address on file, or else the service address of the account.
    """

    customer_id: int
    returned_on: date
    mail_kind: str
    account_id: int | None = None
    address: str = ""
    reference: str = ""
    evidence: str = ""


def mail_came_back(desk: ChangeDesk, by: Authority, letter: CameBack) -> int:
    """Use case: a letter came back, so no further one goes to that address; its id.

    Raises ``NotAllowed``, ``NotFound``, ``NotOnTheList``, ``BadContact`` where no address is known,
    :class:`rules.InTheFuture`.
    """
    by.must(Permission.CUSTOMERS_CHANGE)
    must_be_on(desk.policy.mail_kinds, letter.mail_kind, "mail_kind")
    if letter.returned_on > desk.clock.today():
        raise InTheFuture(f"{letter.returned_on} has not come")
    with transaction(desk.sessions) as session:
        must_see_customer(session, by, letter.customer_id)
        if letter.account_id is not None and (
            seen_account(session, by, letter.account_id).customer_id != letter.customer_id
        ):
            raise NotFound(f"account {letter.account_id} is not customer {letter.customer_id}'s")
        address = _address(session, letter)
        row = ReturnedMail(
            customer_id=letter.customer_id, customer_account_id=letter.account_id, returned_on=letter.returned_on,
            address=address, address_key=address_key(address), mail_kind=letter.mail_kind,
            reference=letter.reference.strip(), evidence=letter.evidence.strip(), actor_id=by.actor_id,
            at=desk.clock.now(),
        )  # fmt: skip
        session.add(row)
        session.flush()
        _audit(session, "mail-came-back", row, by.actor_id, mail_kind=row.mail_kind)
        return row.id


def visit(desk: ChangeDesk, by: Authority, letter_id: int, *, on: date, note: str) -> None:
    """Use case: somebody was there and left the notice; services may be shut off again, letters still may not go."""
    _handle(desk, by, letter_id, Handling.VISITED, on=on, note=note)


def re_mail(desk: ChangeDesk, by: Authority, letter_id: int, *, on: date, address: str, note: str = "") -> None:
    """Use case: it was sent again, there. Further mail to the first address goes there too (``where_to_mail``).

    Raises ``BadContact`` without an address, :class:`rules.AlreadyHandled` if it was sent before.
    """
    address = " ".join(address.split())
    if not address_key(address):
        raise BadContact("no address", field="mailing_address")
    _handle(desk, by, letter_id, Handling.RE_MAILED, on=on, address=address, note=note)


def let_be(desk: ChangeDesk, by: Authority, letter_id: int, note: str) -> None:
    """Use case: it need not be sent again (a newer bill says the same); the address stays stopped."""
    _handle(desk, by, letter_id, Handling.NOT_NEEDED, on=desk.clock.today(), note=note)


def flagged_by_mistake(desk: ChangeDesk, by: Authority, letter_id: int, note: str) -> None:
    """Use case: it was not this address, or never came back; nothing is stopped."""
    _handle(desk, by, letter_id, Handling.MISTAKE, on=desk.clock.today(), note=note)


def lift(session: Session, customer_id: int, address: str, *, actor_id: int, now: datetime, today: date) -> None:
    """Step: the customer has a new mailing address; letters that came back from another one stop nothing any more.

    The letters themselves wait to be sent again. A new address from which something came back is no way out.
    """
    key = address_key(address)
    for letter in queries.letters_of(session, customer_id):
        if key and letter.stops_mail and letter.address_key != key:
            session.add(
                ReturnedMailEvent(
                    returned_mail_id=letter.id,
                    handling=Handling.NEW_ADDRESS.value,
                    handled_on=today,
                    address=address,
                    actor_id=actor_id,
                    at=now,
                )
            )


def _handle(
    desk: ChangeDesk, by: Authority, letter_id: int, handling: Handling, *, on: date, note: str, address: str = ""
) -> None:
    by.must(Permission.CUSTOMERS_CHANGE)
    if on > desk.clock.today():
        raise InTheFuture(f"{on} has not come")
    with transaction(desk.sessions) as session:
        row = session.get(ReturnedMail, letter_id)
        if row is None:
            raise NotFound(f"no letter {letter_id}")
        must_see_customer(session, by, row.customer_id)
        session.execute(_LOCK, {"id": row.customer_id})
        kinds = select(ReturnedMailEvent.handling).where(ReturnedMailEvent.returned_mail_id == letter_id)
        done = [Handling(kind) for kind in session.scalars(kinds)]
        if handling in done or not awaits_re_mail(done):
            raise AlreadyHandled(f"letter {letter_id} was dealt with")
        session.add(
            ReturnedMailEvent(
                returned_mail_id=letter_id,
                handling=handling.value,
                handled_on=on,
                address=address,
                note=note.strip(),
                actor_id=by.actor_id,
                at=desk.clock.now(),
            )
        )
        _audit(session, f"returned-mail-{handling.value}", row, by.actor_id, reason=note.strip())


def _address(session: Session, letter: CameBack) -> str:
    address = " ".join(letter.address.split()) or customer(session, letter.customer_id).mailing_address
    if not address and letter.account_id is not None:
        address = service_address(session, letter.account_id)
    if not address_key(address):
        raise BadContact("which address did it come back from?", field="mailing_address")
    return address


def _audit(session: Session, act: str, row: ReturnedMail, actor_id: int, **details: object) -> None:
    values: Mapping[str, object] = {"letter": row.id, **details}
    audit.record(session, act, subject=("customer", row.customer_id), actor_id=actor_id, **values)
