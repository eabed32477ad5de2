"""Mail that came back stops mail to that address and blocks a shut-off, until something is done about it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.audit.queries import entries_of
from accounts.cities.desk import NotOnTheList
from accounts.customer_accounts.service import Holder
from accounts.customer_changes import letters, queries, rules
from accounts.customer_changes.letters import CameBack, mail_came_back
from accounts.customer_changes.rules import Handling
from accounts.customers.rules import BadContact
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from accounts.staff.rules import NotAllowed
from tests.accounts.counter import person, refused
from tests.accounts.customer_changes.conftest import Counter, Open
from tests.database import TestDatabase
from tests.factories import DAY


def came_back(counter: Counter, customer_id: int, **values: object) -> int:
    letter = CameBack(customer_id, DAY, "notice", **values)  # type: ignore[arg-type]
    return mail_came_back(counter.desk, counter.clerk, letter)


def blocked(counter: Counter, customer_id: int) -> list[int]:
    with reading(counter.desk.sessions) as session:
        return [letter.id for letter in queries.returned_mail(session, customer_id)]


def where(counter: Counter, customer_id: int, address: str = "12 Elm St") -> str | None:
    with reading(counter.desk.sessions) as session:
        return queries.where_to_mail(session, customer_id, address)


def queue(counter: Counter) -> list[tuple[int, bool]]:
    with reading(counter.desk.sessions) as session:
        found = queries.re_mail_queue(session, counter.clerk).letters
        return [(letter.id, letter.can_be_sent) for letter in found]


def test_it_stops_mail_to_that_address_and_blocks_a_shut_off(counter: Counter, opened: Open) -> None:
    account = opened()
    maria = account.customer_id
    assert (blocked(counter, maria), where(counter, maria)) == ([], "12 Elm St")
    letter = came_back(counter, maria, account_id=account.id, reference="N-17", evidence="moved, left no address")
    assert blocked(counter, maria) == [letter]
    assert where(counter, maria, "12 ELM STREET") is None, "however it is written"
    assert where(counter, maria, "9 Oak Ave") == "9 Oak Ave"
    assert queue(counter) == [(letter, False)]
    with reading(counter.desk.sessions) as session:
        shown = queries.letter(session, letter)
        assert (shown.address, shown.account, shown.evidence, shown.stops_mail, shown.customer) == (
            "12 Elm St", account.reference, "moved, left no address", True, "Maria Lopez",
        )  # fmt: skip
        line = entries_of(session, [("customer", maria)]).entries[0]
    assert (line.act, line.details) == ("mail-came-back", {"letter": letter, "mail_kind": "notice"})


def test_a_visit_lifts_the_block_and_the_address_stays_stopped(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    letter = came_back(counter, maria)
    letters.visit(counter.desk, counter.clerk, letter, on=DAY, note="Notice on the door, dog barked")
    assert (blocked(counter, maria), where(counter, maria), queue(counter)) == ([], None, [(letter, False)])


def test_a_new_address_lifts_both_and_the_letter_waits_to_be_sent(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    letter = came_back(counter, maria)
    counter.change(maria, mailing_address="12 Elm Street")
    assert blocked(counter, maria) == [letter], "the same address in other words"
    counter.change(maria, mailing_address="9 Oak Ave")
    assert (blocked(counter, maria), where(counter, maria, "9 Oak Ave")) == ([], "9 Oak Ave")
    assert queue(counter) == [(letter, True)]
    letters.re_mail(counter.desk, counter.clerk, letter, on=DAY, address="9 Oak Ave")
    assert queue(counter) == []
    with reading(counter.desk.sessions) as session:
        (story,) = queries.letters_of(session, maria)
    assert [(step.handling, step.address, step.actor) for step in story.handled] == [
        (Handling.NEW_ADDRESS, "9 Oak Ave", "Rosa"), (Handling.RE_MAILED, "9 Oak Ave", "Rosa"),
    ]  # fmt: skip


def test_what_was_forwarded_once_is_forwarded_again_until_that_comes_back_too(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    first = came_back(counter, maria)
    letters.re_mail(counter.desk, counter.clerk, first, on=DAY, address="PO Box 7", note="from the yellow label")
    assert (blocked(counter, maria), queue(counter)) == ([], [])
    assert where(counter, maria) == "PO Box 7"
    second = came_back(counter, maria, address="PO Box 7")
    assert where(counter, maria) is None
    assert queue(counter) == [(second, False)]
    letters.re_mail(counter.desk, counter.clerk, second, on=DAY, address="12 Elm St")
    assert where(counter, maria) is None, "sent in a circle"


def test_sent_again_to_the_same_address_it_goes_there(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    letter = came_back(counter, maria)
    letters.re_mail(counter.desk, counter.clerk, letter, on=DAY, address="12 Elm St.", note="the carrier's mistake")
    assert where(counter, maria) == "12 Elm St"


def test_a_letter_that_need_not_be_sent_and_one_that_never_came_back(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    one, other = came_back(counter, maria), came_back(counter, maria)
    letters.let_be(counter.desk, counter.clerk, one, "a newer bill says the same")
    assert (blocked(counter, maria), queue(counter)) == ([other, one], [(other, False)])
    letters.flagged_by_mistake(counter.desk, counter.clerk, other, "the neighbor's")
    assert (blocked(counter, maria), where(counter, maria)) == ([one], None)


def test_without_a_mailing_address_it_is_the_service_address(
    db: TestDatabase, counter: Counter, opened: Open
) -> None:
    account = opened(Holder("Ana Ruiz", last_name="Ruiz"))
    with refused(db, BadContact):
        came_back(counter, account.customer_id)
    came_back(counter, account.customer_id, account_id=account.id)
    with reading(counter.desk.sessions) as session:
        (letter,) = queries.returned_mail(session, account.customer_id)
    assert letter.address == "12 Elm Street, CA 95399"


def test_a_source_that_states_a_new_address_stops_nothing_either(counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    came_back(counter, maria)
    with transaction(counter.desk.sessions) as session:
        session.execute(text("UPDATE customers SET mailing_address = '77 Far Rd'"))
    assert blocked(counter, maria) == []


def test_of_a_letter_once_dealt_with(db: TestDatabase, counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    letter = came_back(counter, maria)
    letters.visit(counter.desk, counter.clerk, letter, on=DAY, note="")
    with refused(db, rules.AlreadyHandled):
        letters.visit(counter.desk, counter.clerk, letter, on=DAY, note="again")
    letters.re_mail(counter.desk, counter.clerk, letter, on=DAY, address="9 Oak Ave")
    for act in (letters.let_be, letters.flagged_by_mistake):
        with refused(db, rules.AlreadyHandled):
            act(counter.desk, counter.clerk, letter, "no")


def test_what_cannot_have_come_back_and_who_may_not(
    db: TestDatabase, sessions: Sessions, counter: Counter, opened: Open
) -> None:
    maria, other = opened(), opened()
    letter = came_back(counter, maria.customer_id)
    cashier = person(sessions, "cashier", "carl")
    tomorrow = DAY + timedelta(days=1)
    with refused(db, NotOnTheList):
        mail_came_back(counter.desk, counter.clerk, CameBack(maria.customer_id, DAY, "pigeon"))
    with refused(db, rules.InTheFuture):
        mail_came_back(counter.desk, counter.clerk, CameBack(maria.customer_id, tomorrow, "bill"))
    with refused(db, rules.InTheFuture):
        letters.re_mail(counter.desk, counter.clerk, letter, on=tomorrow, address="9 Oak Ave")
    with refused(db, BadContact):
        letters.re_mail(counter.desk, counter.clerk, letter, on=DAY, address=" . ")
    with refused(db, NotFound):
        came_back(counter, maria.customer_id, account_id=other.id)
    with refused(db, NotFound):
        letters.let_be(counter.desk, counter.clerk, 4711, "")
    with refused(db, NotAllowed):
        mail_came_back(counter.desk, cashier, CameBack(maria.customer_id, DAY, "bill"))
    with refused(db, NotAllowed):
        letters.let_be(counter.desk, cashier, letter, "")
    opened(customer_id=maria.customer_id, is_protected=True)
    with refused(db, NotFound):
        came_back(counter, maria.customer_id)
    with refused(db, NotFound):
        letters.visit(counter.desk, counter.clerk, letter, on=DAY, note="")
    assert queue(counter) == [], "who may not see them does not send their letters"


def test_the_queue_is_paged(sessions: Sessions, counter: Counter, opened: Open) -> None:
    maria = opened().customer_id
    ids = [came_back(counter, maria) for _ in range(3)]
    with reading(sessions) as session:
        first = queries.re_mail_queue(session, counter.clerk, limit=2)
        rest = queries.re_mail_queue(session, counter.clerk, after=first.next_after, limit=2)
    assert [letter.id for page in (first, rest) for letter in page.letters] == ids
    assert rest.next_after is None


@pytest.mark.parametrize("table", ["returned_mail", "returned_mail_events"])
def test_nothing_is_edited(counter: Counter, opened: Open, table: str) -> None:
    letter = came_back(counter, opened().customer_id)
    letters.visit(counter.desk, counter.clerk, letter, on=DAY, note="")
    for statement in (f"UPDATE {table} SET actor_id = actor_id", f"DELETE FROM {table}"):
        with pytest.raises(DBAPIError), transaction(counter.desk.sessions) as session:
            session.execute(text(statement))
