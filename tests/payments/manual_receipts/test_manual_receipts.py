"""Paper receipts: each number once, dated on its day, gaps named until they are accounted for."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from accounts.approvals.rules import ReasonMissing
from accounts.database import reading, transaction
from accounts.errors import DomainError, SamePerson
from accounts.staff.rules import NotAllowed
from payments.manual_receipts import queries, service
from payments.manual_receipts.models import ManualBook
from payments.manual_receipts.rules import (
    BadBook,
    BookKnown,
    Gap,
    NewBook,
    NotInTheBook,
    NotYourBook,
    NumberUsed,
    WrittenLater,
    gaps,
)
from payments.manual_receipts.service import Written
from tests.concurrency.threads import together
from tests.factories.window import Window


def issued(window: Window, last: int = 50) -> int:
    return service.issue(window.sale, window.sofia, NewBook("AB", 1, last, window.rosa.actor_id))


def paper(window: Window, number: int, account: int, cents: int = 20_00, on: date | None = None) -> Written:
    return Written(number, on or window.desk.today, window.draft({account: cents}))


def test_a_paper_receipt_becomes_a_payment_of_its_day_with_its_number_on_the_receipt(window: Window) -> None:
    account, drawer, book = window.desk.account("utility", ("water", "service", 60_00)), window.open(), issued(window)
    window.desk.clock.instant += timedelta(days=2)
    written = paper(window, 3, account, on=window.desk.today - timedelta(days=1))
    taken = service.enter(window.counter, window.rosa, book, drawer, written)
    assert window.desk.rows(
        """SELECT j.effective_on, j.business_day, r.content ->> 'manual_number'
             FROM payments p JOIN journals j ON j.id = p.journal_id JOIN receipts r ON r.payment_id = p.id
            WHERE p.id = :id""", id=taken.payment_id,
    ) == [(window.desk.today - timedelta(days=1), window.desk.today, "AB-0003")]  # fmt: skip
    with reading(window.desk.sessions) as session:
        assert queries.book(session, book).gaps == (Gap(1, 2),)
    before = window.desk.books()
    with pytest.raises(NumberUsed):
        service.enter(window.counter, window.rosa, book, drawer, paper(window, 3, account))
    with pytest.raises(ReasonMissing):
        service.void(window.sale, window.rosa, book, 1, written_on=window.desk.today, reason=" ")
    assert window.desk.books() == before
    for number in (1, 2):
        service.void(window.sale, window.rosa, book, number, written_on=window.desk.today, reason="ink spilled")
    with reading(window.desk.sessions) as session:
        assert queries.book(session, book).gaps == ()
        assert [entry.number for entry in queries.entries(session, book)] == [1, 2, 3]


def test_what_is_not_entered(window: Window) -> None:
    account, drawer, book = window.desk.account("utility", ("water", "service", 60_00)), window.open(), issued(window)
    tomorrow, long_ago = window.desk.today + timedelta(days=1), date(2020, 1, 1)
    theirs = window.open(window.tomas, "T2")
    before = window.desk.books()
    tried: list[tuple[object, int, Written, type[DomainError]]] = [
        (window.rosa, drawer, paper(window, 51, account), NotInTheBook),
        (window.rosa, drawer, paper(window, 1, account, on=tomorrow), WrittenLater),
        (window.rosa, drawer, paper(window, 1, account, on=long_ago), WrittenLater),
        (window.tomas, theirs, paper(window, 1, account), NotYourBook),
        (window.desk.person("ada", "auditor"), drawer, paper(window, 1, account), NotAllowed),
    ]
    for by, where, written, refusal in tried:
        with pytest.raises(refusal):
            service.enter(window.counter, by, book, where, written)  # type: ignore[arg-type]
    assert window.desk.books() == before
    assert window.desk.rows("SELECT count(*) FROM manual_receipts") == [(0,)]


def test_books_are_issued_by_another_person_once(window: Window) -> None:
    issued(window)
    to_rosa = window.rosa.actor_id
    for by, new, refusal in (
        (window.rosa, NewBook("CD", 1, 5, window.tomas.actor_id), NotAllowed),
        (window.sofia, NewBook("CD", 1, 5, window.sofia.actor_id), SamePerson),
        (window.sofia, NewBook("AB", 60, 70, to_rosa), BookKnown),
        (window.sofia, NewBook("CD", 5, 1, to_rosa), BadBook),
        (window.sofia, NewBook("CD", 1, 1001, to_rosa), BadBook),
        (window.sofia, NewBook("c d", 1, 5, to_rosa), BadBook),
    ):
        with pytest.raises(refusal):
            service.issue(window.sale, by, new)
    assert window.desk.rows("SELECT count(*) FROM manual_books") == [(1,)]
    own = ManualBook(
        code="ZZ", first_number=1, last_number=2, issued_to=to_rosa, issued_by=to_rosa,
        issued_at=window.desk.clock.now(),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="issued_by_another"), transaction(window.desk.sessions) as session:
        session.add(own)


def test_the_same_number_twice_at_once_is_one_payment(window: Window) -> None:
    account, drawer, book = window.desk.account("utility", ("water", "service", 60_00)), window.open(), issued(window)
    done = together(
        [
            lambda: service.enter(window.counter, window.rosa, book, drawer, paper(window, 7, account))
            for _ in range(3)
        ]
    )
    assert len([one for one in done if not isinstance(one, Exception)]) == 1, done
    assert window.desk.charges(account)[0][2] == 40_00
    assert window.desk.rows("SELECT count(*) FROM payments") == [(1,)]


@given(st.integers(1, 50), st.integers(0, 60), st.sets(st.integers(1, 120)))
def test_gaps_and_used_numbers_make_up_the_book_so_far(first: int, more: int, used: set[int]) -> None:
    last = first + more
    found = list(gaps(first, last, used))
    inside = {number for number in used if first <= number <= last}
    missing = {number for gap in found for number in range(gap.first, gap.last + 1)}
    assert missing | inside == (set(range(first, max(inside) + 1)) if inside else set())
    assert not missing & inside
    assert all(one.last + 1 < other.first for one, other in pairwise(found))
