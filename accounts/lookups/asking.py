"""Use cases of wishing for a code or a number, and of the job that answers: only the contact on file ever hears."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from accounts.customer_accounts.models import CustomerAccount
from accounts.customer_accounts.rules import number_key, one_slip_away
from accounts.customers.models import Customer
from accounts.database import Sessions, transaction
from accounts.lookups import queries
from accounts.lookups.models import LookupCode, LookupRequest
from accounts.lookups.rules import CODE_LIFE, REQUESTS_PER_CLIENT, TooManyGuesses, keyed
from accounts.lookups.service import Keys, code_digest
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.premises.models import Premises
from accounts.premises.rules import address_key, plain


def ask_for_code(sessions: Sessions, keys: Keys, number: str, client: str, *, language: str, now: datetime) -> None:
    """Use case: wish for a code at the contact on file. Whether there is one is decided and sent by a job."""
    _ask(sessions, keys, client, now, kind="code", number_key=number_key(number), language=language)


def ask_for_number(
    sessions: Sessions, keys: Keys, name: str, address: str, client: str, *, language: str, now: datetime
) -> None:
    """Use case: find my number. The answer goes only to the contact on file; the page says nothing."""
    _ask(
        sessions, keys, client, now,
        kind="number", name_key=plain(name), address_key=address_key(address), language=language,
    )  # fmt: skip


@dataclass(frozen=True)
class Contact:
    """Where an answer to a look-up request goes: the contact on file of one account."""

    account_id: int
    kind: str
    reference: str
    email: str
    phone: str
    language: str


def answer(session: Session, request_id: int) -> tuple[str, list[Contact]]:
    """Step of the job: the kind of a request and the accounts it means; nothing for one that was answered."""
    request = session.get(LookupRequest, request_id, with_for_update=True)
    if request is None or request.answered_at is not None:
        return "", []
    meant = (
        select(CustomerAccount.id, CustomerAccount.kind, CustomerAccount.reference, Customer.email, Customer.phone,
               Customer.language)
        .join(Customer, Customer.id == CustomerAccount.customer_id)
        .where(CustomerAccount.is_protected.is_(False), CustomerAccount.status == "open")
        .order_by(CustomerAccount.id)
        .limit(5)
    )  # fmt: skip
    if request.kind == "code":
        slips = set(one_slip_away(request.number_key))
        named = (c for c in queries.candidates(session, request.number_key) if c.reference not in slips)
        ids = [candidate.account_id for candidate in named]
        meant = meant.where(CustomerAccount.id.in_(ids))
    else:
        meant = meant.join(Premises, Premises.id == CustomerAccount.premises_id).where(
            Premises.address_key == request.address_key
        )
    rows = session.execute(meant.add_columns(Customer.name)).all()
    return request.kind, [
        Contact(row.id, row.kind.value, row.reference, row.email, row.phone, row.language)
        for row in rows
        if request.kind == "code" or _same_person(plain(row.name), request.name_key)
    ]


def mark_answered(sessions: Sessions, request_id: int, now: datetime) -> None:
    """Use case: the answer has left; what was typed is forgotten."""
    with transaction(sessions) as session:
        session.execute(
            update(LookupRequest)
            .where(LookupRequest.id == request_id)
            .values(number_key="", name_key="", address_key="", answered_at=now)
        )


def issue_code(session: Session, secret: bytes, account_id: int, code: str, now: datetime) -> None:
    """Step: keep a code that is about to be sent; older ones of the account end."""
    session.execute(delete(LookupCode).where(LookupCode.customer_account_id == account_id))
    session.add(
        LookupCode(
            customer_account_id=account_id,
            code_digest=code_digest(secret, account_id, code),
            sent_at=now,
            expires_at=now + CODE_LIFE,
        )
    )


def _ask(
    sessions: Sessions, keys: Keys, client: str, now: datetime, *, kind: str, language: str, **wanted: str
) -> None:
    digest = keyed(keys.secret, "client", client)
    most, within = REQUESTS_PER_CLIENT
    with transaction(sessions) as session:
        recent = session.scalar(
            select(func.count()).where(LookupRequest.client_digest == digest, LookupRequest.asked_at > now - within)
        )
        if (recent or 0) >= most:
            raise TooManyGuesses()
        request = LookupRequest(kind=kind, language=language, client_digest=digest, asked_at=now, **wanted)
        session.add(request)
        session.flush()
        announce(session, "lookup_requested", priority=SOMEBODY_WAITS, request_id=request.id)


def _same_person(name: str, typed: str) -> bool:
    """Every word that was typed is a word of the name, and at least one was."""
    return bool(typed) and set(typed.split()) <= set(name.split())
