"""The frozen list: each bill of a run in exactly one way, sums that tie, refusals that change nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError

from accounts.bill_printings import deciding, freezing
from accounts.bill_printings.rules import (
    AlreadyBegun,
    ListChanged,
    NothingToPrint,
    NotPosted,
    PrintingMovedOn,
    State,
)
from accounts.billing_runs import corrections
from accounts.database import transaction
from accounts.errors import NotFound
from accounts.message_choices import papers
from accounts.message_choices.counter import About, ask_paperless
from accounts.message_choices.queries import Person
from accounts.message_choices.rules import IN_PERSON, Request
from accounts.staff.rules import Authority, NotAllowed, Permission
from tests.accounts.bill_printings.conftest import WORDS, PrintShop
from tests.accounts.billing_runs.offices import NOW, TODAY, TOTAL

TABLES = ("bill_printings", "bill_printing_items", "bill_print_parts", "procrastinate_jobs", "audit_entries")


def counted(shop: PrintShop) -> list[Any]:
    return [shop.office.one(f"SELECT count(*) FROM {table}")[0] for table in TABLES]


def refused(shop: PrintShop, by: type[Exception], act: Callable[[], object]) -> None:
    before = counted(shop)
    with pytest.raises(by):
        act()
    assert counted(shop) == before


def kept(shop: PrintShop, printing: int) -> dict[str, Any]:
    """What the frozen list comes to, as a printing keeps its counts."""
    rows = shop.office.rows("SELECT outcome, count(*), sum(amount_cents), sum(open_cents) FROM bill_printing_items"
                            " WHERE printing_id = :id GROUP BY 1", id=printing)  # fmt: skip
    reasons = shop.office.rows("SELECT reason, count(*) FROM bill_printing_items WHERE printing_id = :id"
                               " AND outcome = 'held' GROUP BY 1", id=printing)  # fmt: skip
    sums = {outcome: [bills, int(asked), int(open_)] for outcome, bills, asked, open_ in rows}
    return {
        "printed": [0, 0, 0],
        "paperless": [0, 0, 0],
        "held": [0, 0, 0],
        **sums,
        "reasons": dict(map(tuple, reasons)),
    }


def letter(shop: PrintShop, account: int, key: str, *handled: tuple[str, str]) -> None:
    """A letter to the holder came back from an address, and what was done about it."""
    values = {
        "customer": shop.customer(account),
        "key": key,
        "by": shop.office.maker.actor_id,
        "now": NOW,
        "on": TODAY,
    }
    shop.office.execute(
        "INSERT INTO returned_mail (customer_id, returned_on, address, address_key, mail_kind, reference, evidence,"
        " actor_id, at) VALUES (:customer, :on, :key, :key, 'bill', '', '', :by, :now)", **values,
    )  # fmt: skip
    for handling, address in handled:
        shop.office.execute(
            "INSERT INTO returned_mail_events (returned_mail_id, handling, handled_on, address, note, actor_id, at)"
            " SELECT max(id), :handling, :on, :address, '', :by, :now FROM returned_mail",
            handling=handling, address=address, on=TODAY, by=shop.office.maker.actor_id, now=NOW,
        )  # fmt: skip


def test_every_bill_has_one_way_and_the_sums_are_those_of_the_run(shop: PrintShop) -> None:
    run, accounts = shop.posted(8)
    consent = shop.paperless(accounts[0])
    shop.office.execute("UPDATE customer_accounts SET is_protected = true WHERE id = :id", id=accounts[1])
    shop.office.execute("UPDATE premises SET address = '', city = '', state = '', zip_code = '' WHERE id = (SELECT"
                        " premises_id FROM customer_accounts WHERE id = :id)", id=accounts[2])  # fmt: skip
    letter(shop, accounts[3], "4 elm st ca 95399")
    letter(shop, accounts[4], "5 elm st ca 95399", ("re-mailed", "PO Box 5, Lodi, CA 95240"))
    (bill,) = shop.office.one("SELECT id FROM bills WHERE customer_account_id = :id", id=accounts[5])
    corrections.start(shop.sessions, shop.office.ruling, shop.office.maker, bill, "wrong", today=TODAY, now=NOW)
    printing = shop.frozen(run)
    counts = shop.view(printing).counts
    assert shop.outcomes(printing) == {
        accounts[0]: ("paperless", "consent"), accounts[1]: ("held", "hidden"), accounts[2]: ("held", "no-address"),
        accounts[3]: ("held", "came-back"), accounts[4]: ("printed", ""), accounts[5]: ("held", "being-corrected"),
        accounts[6]: ("printed", ""), accounts[7]: ("printed", ""),
    }  # fmt: skip
    assert [counts.of(one).bills for one in ("printed", "paperless", "held")] == [3, 1, 4]
    assert counts.all.bills == shop.view(printing).bills == 8
    assert counts.all.amount.cents == 8 * TOTAL.cents == shop.office.total(run).cents
    assert sum(counts.reasons.values()) == counts.of("held").bills
    assert kept(shop, printing) == counts.as_json()
    assert shop.office.rows("SELECT consent_id FROM bill_printing_items WHERE consent_id IS NOT NULL") == [(consent,)]
    order = "SELECT customer_account_id, address[1], part FROM bill_printing_items WHERE sequence = :n"
    found = [tuple(shop.office.one(order, n=n)) for n in (1, 2, 3)]
    assert found == [(accounts[4], "PO Box 5", 1), (accounts[6], "7 Elm Street", 1), (accounts[7], "8 Elm Street", 1)]


def test_paperless_counts_on_the_day_of_the_list_and_not_after_it(shop: PrintShop) -> None:
    run, (ended, bounced, asked, agreed_later) = shop.posted(4)
    by = shop.office.maker.actor_id
    shop.paperless(ended)
    papers.end_paperless(shop.sessions, ended, by=by, now=NOW)
    evidence = {"customer": shop.customer(bounced)}
    papers.go_paperless(shop.sessions, bounced, WORDS, by=by, now=NOW, evidence=evidence)
    with transaction(shop.sessions) as session:  # mail to them bounced
        person = Person(customer_id=shop.customer(bounced))
        assert papers.paper_again(session, person, by=by, now=NOW, reason="bounced") == [bounced]
    about = About(asked, Person(customer_id=shop.customer(asked)), Request("Ana", IN_PERSON))
    changes = Authority(by, "x", frozenset({Permission.CUSTOMERS_CHANGE}))
    ask_paperless(shop.sessions, changes, about, WORDS, sealed="", now=NOW)  # a word at the counter is no consent
    printing = shop.frozen(run)
    assert set(shop.outcomes(printing).values()) == {("printed", "")}
    shop.paperless(agreed_later)
    assert shop.outcomes(printing)[agreed_later] == ("printed", "")


def test_refusals_change_nothing(shop: PrintShop) -> None:
    office = shop.office
    accounts = [office.house(number) for number in (1, 2)]
    run = office.draft()
    nobody = Authority(office.maker.actor_id, "x")
    refused(shop, NotPosted, lambda: shop.counted(run))
    refused(shop, NotFound, lambda: shop.counted(run + 9))
    refused(shop, NotAllowed, lambda: freezing.begin(shop.sessions, nobody, run, now=NOW))
    office.through(run)
    printing = freezing.begin(shop.sessions, office.maker, run, now=NOW)
    refused(shop, PrintingMovedOn, lambda: shop.ask(printing, 2))
    refused(shop, AlreadyBegun, lambda: shop.counted(run))
    freezing.count(shop.sessions, printing, now=NOW)
    for seen in (1, 3, 0, -1):
        refused(shop, ListChanged, lambda: shop.ask(printing, seen))  # noqa: B023 - called at once
    refused(shop, NotAllowed, lambda: freezing.ask_to_freeze(shop.sessions, nobody, printing, seen=2))
    refused(shop, NotAllowed, lambda: freezing.count_again(shop.sessions, nobody, printing))
    refused(shop, NotFound, lambda: shop.ask(printing + 9, 2))
    assert not shop.freeze(printing), "nobody has asked"
    for account in accounts:
        shop.paperless(account)
    freezing.count_again(shop.sessions, office.maker, printing)
    freezing.count(shop.sessions, printing, now=NOW)
    refused(shop, NothingToPrint, lambda: shop.ask(printing, 0))
    assert shop.office.rows("SELECT count(*) FROM bill_printing_items") == [(0,)]


def test_a_list_that_became_another_is_not_frozen_and_says_so(shop: PrintShop) -> None:
    run, accounts = shop.posted(3)
    printing = shop.counted(run)
    shop.ask(printing, 3)
    shop.paperless(accounts[0])
    assert not shop.freeze(printing)
    found = shop.view(printing)
    assert (found.state, found.has_changed, found.seen, found.frozen_by) == (State.COUNTED, True, 3, "")
    assert (found.counts.printed.bills, found.counts.of("paperless").bills) == (2, 1)
    assert shop.outcomes(printing) == {}
    refused(shop, ListChanged, lambda: shop.ask(printing, 3))
    assert not shop.freeze(printing), "a job that runs again asks nobody"
    shop.ask(printing, 2)
    assert shop.freeze(printing)
    assert (shop.view(printing).has_changed, len(shop.outcomes(printing))) == (False, 3)


def test_it_is_counted_again_until_it_is_frozen(shop: PrintShop) -> None:
    run, accounts = shop.posted(2)
    printing = shop.counted(run)
    shop.paperless(accounts[1])
    before = counted(shop)
    freezing.count_again(shop.sessions, shop.office.maker, printing)
    freezing.count_again(shop.sessions, shop.office.maker, printing)
    assert counted(shop)[3] == before[3] + 1, "twice asked is asked once"
    assert shop.view(printing).counts.all.bills == 0
    freezing.count(shop.sessions, printing, now=NOW)
    assert shop.view(printing).counts.printed.bills == 1
    shop.ask(printing, 1)
    again = counted(shop)
    shop.ask(printing, 1)
    assert counted(shop) == again
    refused(shop, PrintingMovedOn, lambda: freezing.count_again(shop.sessions, shop.office.maker, printing))
    assert shop.freeze(printing)
    frozen = counted(shop)
    assert not shop.freeze(printing)
    freezing.count(shop.sessions, printing, now=NOW)
    assert counted(shop) == frozen
    for act in (lambda: freezing.count_again(shop.sessions, shop.office.maker, printing),
                lambda: shop.ask(printing, 1)):  # fmt: skip
        refused(shop, PrintingMovedOn, act)


def test_the_database_keeps_a_frozen_list(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    printing = shop.frozen(run)
    frozen = shop.office.rows("SELECT * FROM bill_printings")
    thawed = "state = 'counted', parts = 0, frozen_by = NULL, frozen_on = NULL, frozen_at = NULL"
    for change in (thawed, "counts = '{}'", "parts = 9", "frozen_on = DATE '2020-01-01'"):
        with pytest.raises(DBAPIError, match="is frozen"):
            shop.office.execute(f"UPDATE bill_printings SET {change} WHERE id = {printing}")
    shop.office.execute(
        "INSERT INTO bills (customer_account_id, number, billed_on, due_on, delinquent_on, source_system, source_key)"
        " SELECT customer_account_id, 'late', billed_on, due_on, delinquent_on, source_system, 'late' FROM bills"
        " LIMIT 1"
    )
    with pytest.raises(DBAPIError, match="gets its bills while it is frozen"):
        shop.office.execute(
            "INSERT INTO bill_printing_items (bill_id, printing_id, customer_account_id, outcome, reason,"
            " amount_cents, open_cents, address)"
            " SELECT b.id, i.printing_id, i.customer_account_id, 'held', 'hidden', 1, 1, '{}'"
            " FROM bill_printing_items i, bills b WHERE b.number = 'late' LIMIT 1"
        )
    assert shop.office.rows("SELECT * FROM bill_printings") == frozen
    assert len(shop.outcomes(printing)) == 2


def test_a_run_is_printed_once(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    printing = shop.frozen(run)
    before = counted(shop)
    with pytest.raises(AlreadyBegun) as told:
        shop.counted(run)
    assert told.value.facts == {"printing": printing}
    assert counted(shop) == before


def test_statements_do_not_grow_with_the_bills(shop: PrintShop, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _accounts = shop.posted(6)
    engine = shop.sessions.kw["bind"]
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    printing = freezing.begin(shop.sessions, shop.office.maker, run, now=NOW)
    sent = []
    for size in (1000, 2):
        monkeypatch.setattr(deciding, "BATCH", size)
        freezing.count_again(shop.sessions, shop.office.maker, printing)
        seen.clear()
        freezing.count(shop.sessions, printing, now=NOW)
        sent.append(len(seen))
    assert shop.view(printing).counts.printed.bills == 6
    assert sent[1] - sent[0] == 2 * 6, "four statements for each batch more, and two for how far it is"


def test_an_old_printing_stays_when_its_bill_is_corrected_later(shop: PrintShop) -> None:
    run, (account, *_rest) = shop.posted(2)
    printing = shop.frozen(run)
    (bill,) = shop.office.one("SELECT id FROM bills WHERE customer_account_id = :id", id=account)
    anew = corrections.start(
        shop.sessions, shop.office.ruling, shop.office.maker, bill, "wrong", today=TODAY + timedelta(1), now=NOW
    )
    shop.office.through(anew)
    assert shop.outcomes(printing)[account] == ("printed", "")
    second = shop.frozen(anew)
    assert shop.outcomes(second) == {account: ("printed", "")}
