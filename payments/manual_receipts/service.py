"""Use cases of paper receipts: issue a book, enter what was written in it, account for a spoiled number."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.rules import ReasonMissing
from accounts.database import transaction
from accounts.errors import NotFound, SamePerson
from accounts.staff.rules import Authority, Permission
from payments.collisions.rules import NOT_WARNED, Warned, Whereabouts
from payments.collisions.service import Counter, Taking, once
from payments.manual_receipts.models import ManualBook, ManualReceipt
from payments.manual_receipts.rules import (
    BookKnown,
    NewBook,
    NotInTheBook,
    NotYourBook,
    NumberUsed,
    check_book,
    check_day,
    shown_number,
)
from payments.sales.drafts import Draft
from payments.sales.service import SaleDesk, Saving, Take, save_step, take_step


@dataclass(frozen=True)
class Written:
    """A paper receipt: its number, its day, and what was taken."""

    number: int
    written_on: date
    draft: Draft
    language: str = "en"


@dataclass(frozen=True)
class Entered:
    """A paper receipt in the books. ``is_coming``: another payment for the same account is on its way; ``closed``: a
    payment page for the same was open, and was closed."""

    payment_id: int
    receipt_id: int
    is_coming: bool = False
    closed: bool = False


def issue(desk: SaleDesk, by: Authority, new: NewBook) -> int:
    """Use case: hand a book to somebody; its id. Nobody hands one to themselves.

    Raises ``NotAllowed``, ``SamePerson``, :class:`BadBook`, :class:`BookKnown`.
    """
    by.must(Permission.DRAWERS_REVIEW)
    check_book(new)
    if new.issued_to == by.actor_id:
        raise SamePerson("a book is issued by another person")
    values = {
        "code": new.code, "first_number": new.first, "last_number": new.last, "issued_to": new.issued_to,
        "issued_by": by.actor_id, "issued_at": desk.clock.now(),
    }  # fmt: skip
    with transaction(desk.sessions) as session:
        made = insert(ManualBook).values(values).on_conflict_do_nothing(index_elements=["code"])
        book_id = session.scalar(made.returning(ManualBook.id))
        if book_id is None:
            raise BookKnown(f"book {new.code} was issued before")
        audit.record(
            session, "manual-book-issued", subject=("manual_book", book_id), actor_id=by.actor_id,
            for_actor=new.issued_to, count=new.last - new.first + 1,
        )  # fmt: skip
        return int(book_id)


def enter(
    counter: Counter, by: Authority, book_id: int, drawer_id: int, written: Written, *, warned: Warned = NOT_WARNED
) -> Entered:
    """Use case: a paper receipt becomes a payment, dated on its day; its number stands on the receipt.

    What would pay the same online is closed first; ``warned`` is what the page had named of it. Raises
    ``NotAllowed``, :class:`NotYourBook`, :class:`NotInTheBook`, :class:`NumberUsed`, ``WrittenLater``, what a sale
    refuses, and what ``payments.collisions`` has to be known.
    """
    by.must(Permission.WINDOW_TAKE)
    taking = Taking(
        Whereabouts.HERE,
        sold=lambda _session: {line.customer_account_id: line.amount for line in written.draft.accounts},
        post=lambda session, told: _enter(
            session, counter.sale, by, Take(0, drawer_id, told, effective_on=written.written_on), book_id=book_id,
            written=written,
        ),
        is_over=lambda _entered: False,
        about={"manual_book": book_id, "number": written.number},
    )  # fmt: skip
    done = once(counter.online, by, taking, warned)
    return replace(done.result, closed=done.closed)


def void(desk: SaleDesk, by: Authority, book_id: int, number: int, *, written_on: date, reason: str) -> None:
    """Use case: a number that was spoiled is accounted for. Raises as :func:`enter`, and ``ReasonMissing``."""
    if not reason.strip():
        raise ReasonMissing("say what became of it")
    with transaction(desk.sessions) as session:
        _number_of(session, desk, by, book_id, number=number, written_on=written_on)
        _account_for(session, desk, by, book_id, number=number, written_on=written_on, reason=reason.strip())
        audit.record(
            session, "manual-receipt-voided", subject=("manual_book", book_id), actor_id=by.actor_id, number=number,
            reason=reason.strip(),
        )  # fmt: skip


def _enter(session: Session, desk: SaleDesk, by: Authority, take: Take, *, book_id: int, written: Written) -> Entered:
    """``take`` without its sale, which is made here."""
    book = _number_of(session, desk, by, book_id, number=written.number, written_on=written.written_on)
    number = shown_number(book.code, written.number)
    draft = replace(written.draft, manual_number=number)
    view = save_step(session, desk, by, Saving(f"manual:{number}", draft, written.language))
    taken = take_step(session, desk, by, replace(take, sale_id=view.id))
    _account_for(
        session, desk, by, book_id, number=written.number, written_on=written.written_on,
        payment_id=taken.payment_id,
    )  # fmt: skip
    audit.record(
        session, "manual-receipt-entered", subject=("payment", taken.payment_id), actor_id=by.actor_id,
        receipt=number,
    )  # fmt: skip
    return Entered(taken.payment_id, taken.receipt_id, is_coming=bool(take.told))


def _number_of(
    session: Session, desk: SaleDesk, by: Authority, book_id: int, *, number: int, written_on: date
) -> ManualBook:
    """The book, if this number of it may be accounted for by this person."""
    book = session.get(ManualBook, book_id)
    if book is None:
        raise NotFound(f"no book {book_id}")
    if book.issued_to != by.actor_id and not by.may(Permission.DRAWERS_REVIEW):
        raise NotYourBook(f"book {book.code} is another's")
    if not book.first_number <= number <= book.last_number:
        raise NotInTheBook(f"{number}", first=book.first_number, last=book.last_number)
    issued_on = book.issued_at.astimezone(ZoneInfo(desk.city.identity.time_zone)).date()
    check_day(written_on, issued_on, desk.clock.today())
    used = select(ManualReceipt.id).where(ManualReceipt.book_id == book_id, ManualReceipt.number == number)
    if session.scalar(used) is not None:
        raise NumberUsed(f"{book.code} {number} is accounted for")
    return book


def _account_for(
    session: Session, desk: SaleDesk, by: Authority, book_id: int, *, number: int, written_on: date,
    payment_id: int | None = None, reason: str = "",
) -> None:  # fmt: skip
    """The key lets one in, whoever else is about to enter the same number."""
    values = {
        "book_id": book_id, "number": number, "written_on": written_on, "payment_id": payment_id,
        "void_reason": reason, "entered_by": by.actor_id, "entered_at": desk.clock.now(),
    }  # fmt: skip
    made = insert(ManualReceipt).values(values).on_conflict_do_nothing(index_elements=["book_id", "number"])
    if session.scalar(made.returning(ManualReceipt.id)) is None:
        raise NumberUsed(f"number {number} is accounted for")
