"""A source that goes on stating what it knew undoes nothing; what it states anew is looked at by a person."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, change_accounts
from accounts.customer_accounts.sources import Settled
from accounts.database import Sessions, transaction
from tests.accounts.counter import KEY
from tests.accounts.customer_changes.conftest import MARIA, Counter, Open
from tests.accounts.customer_changes.test_changes import proves
from tests.database import TestDatabase


def states(sessions: Sessions, account_id: int, holder: Holder = MARIA, **more: object) -> Settled:
    """What an import does with a changed row."""
    stated = NewAccount(
        AccountKind.UTILITY,
        holder,
        proofs=(("last_name", holder.last_name),),
        **more,  # type: ignore[arg-type]
    )
    with transaction(sessions) as session:
        return change_accounts(session, [(account_id, stated)], proof_key=KEY)


def test_the_old_value_again_is_no_news(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened(source_key="A-1")
    counter.change(account.customer_id, name="Maria Perez", last_name="Perez", phone="209 555 0199")
    version = counter.card(account.customer_id).version
    assert states(sessions, account.id).differences == ()
    card = counter.card(account.customer_id)
    assert (card.name, card.last_name, card.phone, card.version) == ("Maria Perez", "Perez", "209 555 0199", version)
    assert [proves(sessions, account.id, name) for name in ("Perez", "Lopez")] == [True, True]


def test_what_the_counter_left_alone_is_taken_over(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened(source_key="A-1")
    counter.change(account.customer_id, phone="209 555 0199")
    states(sessions, account.id, replace(MARIA, email="new@example.com", language="es"))
    card = counter.card(account.customer_id)
    assert (card.phone, card.email, card.language, card.version) == ("209 555 0199", "new@example.com", "es", 3)


def test_a_third_value_is_a_difference_once_and_ours_stays(
    sessions: Sessions, counter: Counter, opened: Open
) -> None:
    account = opened(source_key="A-1")
    counter.change(account.customer_id, phone="209 555 0199")
    third = replace(MARIA, phone="209 555 0333")
    (found,) = states(sessions, account.id, third).differences
    assert (found.field, found.before, found.stated, found.ours) == (
        "phone", MARIA.phone, "209 555 0333", "209 555 0199",
    )  # fmt: skip
    assert states(sessions, account.id, third).differences == ()
    assert counter.card(account.customer_id).phone == "209 555 0199"


def test_once_both_agree_the_source_leads_again(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened(source_key="A-1")
    counter.change(account.customer_id, phone="209 555 0199")
    states(sessions, account.id, replace(MARIA, phone="209 555 0199"))
    assert states(sessions, account.id, replace(MARIA, phone="209 555 0333")).differences == ()
    assert counter.card(account.customer_id).phone == "209 555 0333"


def test_a_blank_says_nothing(sessions: Sessions, counter: Counter, opened: Open) -> None:
    account = opened(source_key="A-1")
    counter.change(account.customer_id, email="", phone="209 555 0199")
    assert states(sessions, account.id, replace(MARIA, phone="")).differences == ()
    card = counter.card(account.customer_id)
    assert (card.email, card.phone) == ("", "209 555 0199")


def test_an_account_that_no_source_states_needs_no_memory(sessions: Sessions, counter: Counter, opened: Open) -> None:
    counter.change(opened().customer_id, phone="209 555 0199")
    with transaction(sessions) as session:
        assert session.scalar(text("SELECT count(*) FROM source_statements")) == 0


def test_of_two_sources_each_is_measured_by_its_own_word(sessions: Sessions, counter: Counter, opened: Open) -> None:
    water = opened(source_key="A-1")
    license_ = opened(customer_id=water.customer_id, source_system="licenses", source_key="L-1")
    counter.change(water.customer_id, phone="209 555 0199")
    states(sessions, water.id, replace(MARIA, phone="209 555 0199"))
    assert states(sessions, license_.id).differences == ()
    assert counter.card(water.customer_id).phone == "209 555 0199"


def test_a_change_of_the_form_that_was_open_is_seen(
    db: TestDatabase, sessions: Sessions, counter: Counter, opened: Open
) -> None:
    """An import that changes something makes a version, one that says the same does not."""
    account = opened(source_key="A-1")
    states(sessions, account.id)
    assert counter.card(account.customer_id).version == 1
    states(sessions, account.id, replace(MARIA, email="new@example.com"))
    assert counter.card(account.customer_id).version == 2


_VALUES = st.sampled_from(["209 555 0101", "209 555 0102", "209 555 0103"])
_ACTS = st.lists(st.tuples(st.sampled_from(["counter", "source"]), _VALUES), max_size=8)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=_ACTS)
def test_whatever_the_order_ours_is_the_last_news(
    sessions: Sessions, counter: Counter, opened: Open, acts: list[tuple[str, str]]
) -> None:
    """The model: the counter's last word stands, until the source says ours; from then on the source's does."""
    stated = ours = "209 555 0101"
    account = opened(replace(MARIA, phone=ours), source_key=None, source_system="billing")
    base: str | None = None
    for who, value in acts:
        if who == "counter" and value != ours:
            base, ours = (stated if base is None else base), value
            counter.change(account.customer_id, phone=value)
        elif who == "source":
            news = base is not None and value not in {base, ours}
            assert bool(states(sessions, account.id, replace(MARIA, phone=value)).differences) == news
            if base is None or value == ours:
                base, ours = None, value
            elif news:
                base = value
            stated = value
        assert counter.card(account.customer_id).phone == ours
