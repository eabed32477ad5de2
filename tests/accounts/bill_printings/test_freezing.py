"""The frozen list: each bill of a run in exactly one way, sums that tie, refusals that change nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event

from accounts.bill_printings import freezing
from accounts.bill_printings.freezing import Counts
from accounts.bill_printings.rules import AlreadyBegun, ListChanged, NothingToPrint, NotPosted
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
    counts = shop.preview(run)
    printing = shop.begin(run)
    assert shop.outcomes(printing) == {
        accounts[0]: ("paperless", "consent"), accounts[1]: ("held", "hidden"), accounts[2]: ("held", "no-address"),
        accounts[3]: ("held", "came-back"), accounts[4]: ("printed", ""), accounts[5]: ("held", "being-corrected"),
        accounts[6]: ("printed", ""), accounts[7]: ("printed", ""),
    }  # fmt: skip
    assert (counts.printed.bills, counts.paperless.bills, counts.held.bills, counts.all.bills) == (3, 1, 4, 8)
    assert counts.all.amount.cents == 8 * TOTAL.cents == shop.office.total(run).cents
    assert sum(counts.reasons.values()) == counts.held.bills
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
    printing = shop.begin(run)
    assert set(shop.outcomes(printing).values()) == {("printed", "")}
    shop.paperless(agreed_later)
    assert shop.outcomes(printing)[agreed_later] == ("printed", "")


def test_refusals_change_nothing(shop: PrintShop) -> None:
    office = shop.office
    accounts = [office.house(number) for number in (1, 2)]
    run = office.draft()
    for refused, act in (
        (NotPosted, lambda: shop.begin(run, 2)),
        (NotPosted, lambda: shop.preview(run)),
        (NotFound, lambda: shop.begin(run + 9, 2)),
        (NotAllowed, lambda: freezing.begin(
            shop.sessions, Authority(office.maker.actor_id, "x"), run, seen=2, today=TODAY, now=NOW)),
    ):  # fmt: skip
        before = counted(shop)
        with pytest.raises(refused):
            act()
        assert counted(shop) == before
    office.through(run)
    before = counted(shop)
    with pytest.raises(ListChanged):
        shop.begin(run, 1)
    for account in accounts:
        shop.paperless(account)
    nothing = counted(shop)
    with pytest.raises(NothingToPrint):
        shop.begin(run, 0)
    assert counted(shop) == nothing
    assert before[:4] == nothing[:4]


def test_a_run_is_printed_once(shop: PrintShop) -> None:
    run, _accounts = shop.posted(2)
    printing = shop.begin(run)
    before = counted(shop)
    with pytest.raises(AlreadyBegun) as refused:
        shop.begin(run, 2)
    assert refused.value.facts == {"printing": printing}
    assert counted(shop) == before


def test_statements_do_not_grow_with_the_bills(shop: PrintShop, monkeypatch: pytest.MonkeyPatch) -> None:
    run, _accounts = shop.posted(6)
    engine = shop.sessions.kw["bind"]
    seen: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    shop.preview(run)
    in_one = len(seen)
    seen.clear()
    monkeypatch.setattr(freezing, "BATCH", 2)
    counts: Counts = shop.preview(run)
    assert counts.printed.bills == 6
    assert len(seen) - in_one == 2 * 4, "four statements for each batch more"


def test_an_old_printing_stays_when_its_bill_is_corrected_later(shop: PrintShop) -> None:
    run, (account, *_rest) = shop.posted(2)
    printing = shop.begin(run)
    (bill,) = shop.office.one("SELECT id FROM bills WHERE customer_account_id = :id", id=account)
    anew = corrections.start(
        shop.sessions, shop.office.ruling, shop.office.maker, bill, "wrong", today=TODAY + timedelta(1), now=NOW
    )
    shop.office.through(anew)
    assert shop.outcomes(printing)[account] == ("printed", "")
    second = shop.begin(anew)
    assert shop.outcomes(second) == {account: ("printed", "")}
