"""The window while the same bill may be paid online: what the clerk is told, and what they decide."""

from __future__ import annotations

import pytest

from tests.portal.scene import Known, Scene, add, leave
from tests.portal.staff.tills import Counter, open_counter
from tests.sandbox_server import pay_hosted_page

BUDGET = 70


@pytest.fixture
def counter(scene: Scene) -> Counter:
    return open_counter(scene)


def guest_leaves(scene: Scene, known: Known) -> str:
    """Somebody at home is on the payment page of the bill; its address."""
    guest = scene.guest()
    add(guest, known)
    return leave(guest)


def test_the_page_at_home_is_closed_when_the_money_is_taken_here(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    guest_leaves(counter.scene, known)
    page = counter.look(known, "50")
    assert "Money is on its way" in page.text
    assert "the payment page is closed first" in page.text
    counter.rosa.submit("Take $48.15", expect=200, budget=BUDGET)
    assert counter.counts()["payments"] == 1
    assert counter.scene.scalar("SELECT state FROM attempts") == "expired"


def test_what_was_just_paid_at_home_is_not_taken_here(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    url = guest_leaves(counter.scene, known)
    counter.look(known, "50")
    pay_hosted_page(url)
    page = counter.rosa.submit("Take $48.15", expect=422, budget=BUDGET)
    assert "This was just paid online. Nothing was taken here." in page.text
    assert "$48.15 came in online." in page.text
    assert "Owes nothing" in page.text, "the page shows what is owed now"
    assert counter.scene.scalar("SELECT count(*) FROM payments WHERE channel = 'web'") == 1
    assert counter.counts()["payments"] == 1


def test_where_the_processor_is_silent_the_clerk_decides_knowingly(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    guest_leaves(counter.scene, known)
    counter.look(known, "50")
    for _press in range(2):
        counter.scene.sandbox.fault("before", match="/expire", count=2)
        page = counter.rosa.submit("Take $48.15", expect=422, budget=BUDGET)
        assert "could not be closed, so it may still be paid online" in page.text
        assert counter.counts()["payments"] == 0
    counter.scene.sandbox.fault("before", match="/expire", count=2)
    counter.rosa.submit("Take $48.15", {"Take the money all the same": True}, expect=200, budget=BUDGET)
    assert counter.counts()["payments"] == 1
    assert counter.scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'sale-beside-open-page'") == 1


def test_a_link_that_is_out_is_named_and_withdrawn(counter: Counter) -> None:
    known = counter.scene.open("utility", 48_15)
    counter.rosa.get(f"/staff/accounts/{known.reference}/pay-links/new")
    counter.rosa.submit("Send it", budget=BUDGET)
    page = counter.look(known, "50")
    assert "A link to pay is out for" in page.text
    assert "Taking the money here withdraws it." in page.text
    counter.rosa.submit("Take $48.15", expect=200, budget=BUDGET)
    assert counter.scene.scalar("SELECT canceled_at IS NOT NULL FROM pay_links")
