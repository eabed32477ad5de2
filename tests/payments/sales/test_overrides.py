"""A check for an account that pays in cash only: a supervisor's word for that account in that sale."""

from __future__ import annotations

import pytest

from accounts.cash_only.models import CashOnlyFlag
from accounts.database import transaction
from accounts.errors import NotFound, SamePerson
from accounts.staff.rules import NotAllowed
from payments.drawers.rules import ReasonNeeded
from payments.sales import overrides, service
from payments.sales.rules import NoAccountNamed, NotHeldUp, PaysInCashOnly
from payments.sales.service import Take
from tests.factories.window import Window, check
from tests.payments.sales.test_sales import owing, state


def flagged(window: Window) -> int:
    account, today = owing(window), window.desk.today
    with transaction(window.desk.sessions) as session:
        session.add(
            CashOnlyFlag(
                customer_account_id=account, since_on=today, until_on=today, reason="two checks came back",
                raised_by=window.sofia.actor_id, raised_at=window.desk.clock.now(),
            )
        )  # fmt: skip
    return account


def granted(window: Window) -> list[int]:
    return [row[0] for row in window.desk.rows("SELECT customer_account_id FROM sale_overrides ORDER BY id")]


def looks(window: Window) -> object:
    audited = "SELECT count(*) FROM audit_entries WHERE act = 'cash-only-overridden'"
    return state(window), granted(window), window.desk.rows(audited)


def test_a_check_waits_for_another_person_who_says_why(window: Window) -> None:
    account, drawer = flagged(window), window.open()
    sale = window.saved(window.draft({account: 100_00}, [check(100_00)]))
    before = looks(window)
    with pytest.raises(PaysInCashOnly):
        service.take(window.sale, window.rosa, Take(sale, drawer))
    with pytest.raises(NotAllowed):
        overrides.let_pass(window.sale, window.tomas, sale, [account], "he is known")
    with pytest.raises(ReasonNeeded):
        overrides.let_pass(window.sale, window.sofia, sale, [account], " ")
    with pytest.raises(NoAccountNamed):
        overrides.let_pass(window.sale, window.sofia, sale, [], "he is known")
    with pytest.raises(SamePerson):
        overrides.let_pass(window.sale, window.desk.person("rosa", "supervisor"), sale, [account], "known")
    assert looks(window) == before
    overrides.let_pass(window.sale, window.sofia, sale, [account], "certified check")
    service.take(window.sale, window.rosa, Take(sale, drawer))
    assert window.desk.rows("SELECT count(*) FROM payments") == [(1,)]


def test_a_sale_of_two_such_accounts_needs_a_word_for_each(window: Window) -> None:
    one, other, drawer = flagged(window), flagged(window), window.open()
    sale = window.saved(window.draft({one: 100_00, other: 100_00}, [check(200_00)]))
    overrides.let_pass(window.sale, window.sofia, sale, [one], "certified check")
    before = looks(window)
    with pytest.raises(PaysInCashOnly) as refusal:
        service.take(window.sale, window.rosa, Take(sale, drawer))
    assert refusal.value.facts["accounts"] == (other,)
    assert looks(window) == before
    overrides.let_pass(window.sale, window.sofia, sale, [other], "the same check")
    service.take(window.sale, window.rosa, Take(sale, drawer))
    assert granted(window) == [one, other]
    audited = window.desk.rows(
        "SELECT subject_id, details ->> 'reason' FROM audit_entries WHERE act = 'cash-only-overridden' ORDER BY id"
    )
    assert audited == [(str(one), "certified check"), (str(other), "the same check")]


def test_a_word_is_for_accounts_that_are_held_up_all_or_none(window: Window) -> None:
    held, free, elsewhere = flagged(window), owing(window), flagged(window)
    sale = window.saved(window.draft({held: 100_00, free: 100_00}, [check(200_00)]))
    by_cash = window.saved(window.draft({elsewhere: 100_00}))
    hidden = window.desk.account("utility", is_protected=True)
    before = looks(window)
    for of, named in ((sale, [held, free]), (sale, [held, elsewhere]), (by_cash, [elsewhere])):
        with pytest.raises(NotHeldUp):
            overrides.let_pass(window.sale, window.sofia, of, named, "known")
    with pytest.raises(NotFound):
        overrides.let_pass(window.sale, window.sofia, sale, [held, 999_999], "known")
    assert hidden
    assert looks(window) == before
    overrides.let_pass(window.sale, window.sofia, sale, [held], "known")
    with pytest.raises(NotHeldUp):
        overrides.let_pass(window.sale, window.sofia, sale, [held], "known")
    assert granted(window) == [held]


def test_who_gave_the_word_does_not_take_the_check(window: Window) -> None:
    """A sale that was put aside may be gone on with by anybody: the word of that person does not count then."""
    account = flagged(window)
    sofia = window.desk.person("sofia", "cashier")
    sale = window.saved(window.draft({account: 100_00}, [check(100_00)]))
    overrides.let_pass(window.sale, window.sofia, sale, [account], "known")
    service.park(window.sale, window.rosa, sale, "back at noon")
    service.resume(window.sale, sofia, sale)
    drawer = window.open(sofia, "T2")
    before = looks(window)
    with pytest.raises(PaysInCashOnly):
        service.take(window.sale, sofia, Take(sale, drawer))
    assert looks(window) == before
