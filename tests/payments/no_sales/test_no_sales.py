"""A drawer opened without a sale: by its cashier, with a reason of the city, once; and it stays written down."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound
from accounts.staff.rules import NotAllowed
from payments.drawers.rules import DrawerNotOpen, NotYourDrawer
from payments.no_sales import queries, service
from payments.no_sales.rules import NoSuchReason
from payments.no_sales.service import Opening
from payments.reports.board import board
from tests.concurrency.threads import together
from tests.database import TestDatabase
from tests.factories.window import Window


def counts(window: Window) -> list[int]:
    return [window.desk.rows(f"SELECT count(*) FROM {name}")[0][0] for name in ("no_sales", "audit_entries")]


def test_it_is_written_down_once_with_its_reason(window: Window) -> None:
    drawer = window.open()
    opening = Opening("form-1", drawer, "make-change", " two fives ")
    before = window.desk.balances()
    assert service.write_down(window.cash, window.rosa, opening)
    assert not service.write_down(window.cash, window.rosa, opening), "the same form"
    with reading(window.desk.sessions) as session:
        (one,) = queries.of_drawer(session, drawer)
        midnight = window.desk.clock.now().replace(hour=0)
        seen = board(session, window.desk.ruling.city, window.sofia.actor_id, window.desk.today, midnight)
    assert (one.cashier, one.reason, one.note, one.at) == (
        "staff:rosa",
        "make-change",
        "two fives",
        window.desk.clock.now(),
    )
    assert seen.no_sales == 1
    assert window.desk.balances() == before, "no money moved"
    told = "SELECT actor_id, subject_id, details ->> 'reason' FROM audit_entries WHERE act = :act"
    assert window.desk.rows(told, act="drawer-opened-without-sale") == [
        (window.rosa.actor_id, str(drawer), "make-change")
    ]
    assert window.counted(drawer).found.difference.is_none


def test_a_form_sent_three_times_at_once_opens_once(window: Window) -> None:
    drawer = window.open()
    opening = Opening("form-1", drawer, "make-change")
    outcomes = together([lambda: service.write_down(window.cash, window.rosa, opening)] * 3)
    assert sorted(outcomes, key=str) == [False, False, True]


def test_whatever_does_not_fit_is_refused_and_nothing_is_written(window: Window) -> None:
    drawer = window.open()
    auditor = window.desk.person("ada", "auditor")
    before = counts(window)
    refusals: list[tuple[object, Opening, type[DomainError]]] = [
        (window.tomas, Opening("f", drawer, "make-change"), NotYourDrawer),
        (window.sofia, Opening("f", drawer, "make-change"), NotAllowed),
        (auditor, Opening("f", drawer, "make-change"), NotAllowed),
        (window.rosa, Opening("f", drawer, "because"), NoSuchReason),
        (window.rosa, Opening("f", drawer, ""), NoSuchReason),
        (window.rosa, Opening("f", drawer + 99, "make-change"), NotFound),
    ]
    for person, opening, refusal in refusals:
        with pytest.raises(refusal):
            service.write_down(window.cash, person, opening)  # type: ignore[arg-type]
    assert counts(window) == before
    window.counted(drawer)
    before = counts(window)
    with pytest.raises(DrawerNotOpen):
        service.write_down(window.cash, window.rosa, Opening("f", drawer, "make-change"))
    assert counts(window) == before


def test_what_is_written_stays_and_only_the_drawer_s_cashier_stands_there(window: Window, db: TestDatabase) -> None:
    drawer = window.open()
    service.write_down(window.cash, window.rosa, Opening("form-1", drawer, "make-change"))
    for change in ("UPDATE no_sales SET reason = 'printer'", "DELETE FROM no_sales", "TRUNCATE no_sales"):
        with pytest.raises(DBAPIError), transaction(window.desk.sessions) as session:
            session.execute(text(change))
        with pytest.raises(DBAPIError, match="append"), db.owner.begin() as connection:
            connection.execute(text(change))
    with (
        pytest.raises(DBAPIError, match="fk_no_sales_drawer_id_cashier_id"),
        transaction(window.desk.sessions) as session,
    ):
        session.execute(
            text("""INSERT INTO no_sales (form_key, drawer_id, cashier_id, reason, at)
                    VALUES ('x', :drawer, :other, 'printer', now())"""),
            {"drawer": drawer, "other": window.tomas.actor_id},
        )
    assert counts(window)[0] == 1
