"""Use cases of whoever asks: each looks first whether the case is theirs, and the account still is.

To ask for something takes the right to manage the account (``accounts.account_links``). A case without an account is
its asker's alone. A guest has the one case of their link (``accounts.requests.guests``). To whoever may not, a case
is not there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from accounts.account_links.queries import linked_accounts, rights_of
from accounts.account_links.rules import Right
from accounts.cases import asking, handing_in
from accounts.cases import queries as cases
from accounts.cases import service as work
from accounts.cases.asking import Asker
from accounts.cases.lifecycle import CaseDesk
from accounts.cases.service import Opened
from accounts.cases.views import CaseLine, CasePage
from accounts.database import reading
from accounts.documents.rules import Sent
from accounts.documents.store import DocumentStore
from accounts.errors import NotFound
from accounts.requests import guests
from accounts.requests.guests import Guest


@dataclass(frozen=True)
class Resident:
    """Somebody signed in, and the language of their page."""

    actor_id: int
    language: str = "en"


Asking = Resident | Guest
"""Whoever asks."""


def begin(desk: CaseDesk, who: Resident, kind: str, account_id: int | None) -> int:
    """Begin a request, or go on with its draft; its id. Raises ``NotFound``, ``NotInTheCity``,
    ``NotForThisAccount``."""
    with reading(desk.sessions) as session:
        if account_id is not None:
            _must_manage(session, who, account_id)
    return asking.begin(desk, Asker(who.actor_id, language=who.language), kind, account_id)


def mine(desk: CaseDesk, who: Resident) -> Sequence[CaseLine]:
    """What this person asked for, as far as the accounts are still theirs to manage. Two statements."""
    with reading(desk.sessions) as session:
        found = cases.of_asker(session, who.actor_id)
        managed = _managed(session, who, {line.customer_account_id for line in found})
    return [line for line in found if line.customer_account_id is None or line.customer_account_id in managed]


def page(desk: CaseDesk, who: Asking, case_id: int) -> CasePage:
    """A case of theirs with everything in it but notes of the house; raises ``NotFound``."""
    with reading(desk.sessions) as session:
        _own(session, who, case_id)
        return cases.page(session, case_id)


def keep_answers(
    desk: CaseDesk, who: Asking, case_id: int, given: Mapping[str, object], *, whole: bool = True
) -> None:
    """:func:`accounts.cases.asking.keep_answers`, of their own."""
    _must_own(desk, who, case_id)
    asking.keep_answers(desk, case_id, given, whole=whole)


def add_document(desk: CaseDesk, store: DocumentStore, who: Asking, case_id: int, *, wanted: str, sent: Sent) -> int:
    """:func:`accounts.cases.asking.add_document`, to their own."""
    _must_own(desk, who, case_id)
    return asking.add_document(desk, store, case_id, wanted, sent, actor_id=who.actor_id)


def remove_document(desk: CaseDesk, who: Asking, case_id: int, case_document_id: int) -> None:
    """:func:`accounts.cases.asking.remove_document`, of their own."""
    _must_own(desk, who, case_id)
    asking.remove_document(desk, case_id, case_document_id, actor_id=who.actor_id)


def open_document(desk: CaseDesk, store: DocumentStore, who: Asking, case_id: int, case_document_id: int) -> Opened:
    """A paper that goes with their own request."""
    _must_own(desk, who, case_id)
    return work.open_document(desk, store, None, case_id, case_document_id)


def submit(desk: CaseDesk, who: Asking, case_id: int) -> tuple[str, ...]:
    """:func:`accounts.cases.handing_in.submit`, of their own; the numbers."""
    _must_own(desk, who, case_id)
    return handing_in.submit(desk, case_id)


def answer(desk: CaseDesk, who: Asking, case_id: int, words: str) -> None:
    """:func:`accounts.cases.asking.answer` where the city waits, else a message to it."""
    _must_own(desk, who, case_id)
    with reading(desk.sessions) as session:
        waits = cases.case(session, case_id).state.value == "waiting"
    act = asking.answer if waits else asking.write_to_city
    act(desk, case_id, words, actor_id=who.actor_id)


def withdraw(desk: CaseDesk, who: Asking, case_id: int, reason: str = "") -> None:
    """:func:`accounts.cases.asking.withdraw`, of their own."""
    _must_own(desk, who, case_id)
    asking.withdraw(desk, case_id, actor_id=who.actor_id, reason=reason)


def _must_own(desk: CaseDesk, who: Asking, case_id: int) -> None:
    with reading(desk.sessions) as session:
        _own(session, who, case_id)


def _own(session: Session, who: Asking, case_id: int) -> CaseLine:
    line = cases.case(session, case_id)
    if isinstance(who, Guest):
        guests.must_own(session, who, line)
        return line
    if line.asked_by != who.actor_id:
        raise NotFound(f"no case {case_id} of actor {who.actor_id}")
    if line.customer_account_id is not None:
        _must_manage(session, who, line.customer_account_id)
    return line


def _must_manage(session: Session, who: Resident, account_id: int) -> None:
    if Right.MANAGE not in rights_of(session, who.actor_id, account_id):
        raise NotFound(f"account {account_id} is not actor {who.actor_id}'s to manage")


def _managed(session: Session, who: Resident, accounts: set[int | None]) -> set[int]:
    return {one.account_id for one in linked_accounts(session, who.actor_id) if one.may(Right.MANAGE)} & {
        account for account in accounts if account is not None
    }
