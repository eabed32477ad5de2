"""A check in the bank's file while the same may be paid online: the page is closed, and nothing stops the file."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from payments.attempts.rules import State
from payments.pay_links.rules import LinkCanceled
from tests.concurrency.threads import together
from tests.factories.in_hand import Hand
from tests.factories.links import BILL, LinkCounter
from tests.sandbox_server import pay_hosted_page

EXPIRE, TRIES = "/expire", 2
ACTS = ("pay-link-canceled", "online-payment-withdrawn", "posted-beside-open-page")
PAID_ONCE, PAID_TWICE = (0, 0, 1), (0, BILL.cents, 2)


def test_the_link_is_withdrawn_and_the_page_is_closed(counter: LinkCounter, tmp_path: Path) -> None:
    token = counter.link()
    url = counter.goes_on(token).url
    Hand(counter).by_lockbox(tmp_path)()
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    with pytest.raises(LinkCanceled):
        counter.goes_on(token)
    assert (counter.stands(), counter.lines()) == (PAID_ONCE, [])
    assert sorted(counter.acts(*ACTS)) == ["online-payment-withdrawn", "pay-link-canceled"]


def test_what_was_just_paid_online_is_credit_with_a_line(counter: LinkCounter, tmp_path: Path) -> None:
    pay_hosted_page(counter.goes_on(counter.link()).url)
    Hand(counter).by_lockbox(tmp_path)()
    assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])
    ((seen,),) = counter.scene.rows("SELECT evidence FROM exception_lines")
    assert (seen["paid_cents"], seen["was_open_cents"]) == (BILL.cents, 0)
    assert counter.scene.scalar("SELECT finished_at IS NOT NULL FROM lockbox_files")


def test_a_silent_processor_is_logged_and_the_file_goes_on(
    counter: LinkCounter, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    url = counter.goes_on(counter.link()).url
    counter.scene.sandbox.fault("before", match=EXPIRE, count=TRIES)
    with caplog.at_level(logging.WARNING, "payments.collisions.service"):
        Hand(counter).by_lockbox(tmp_path)()
    assert "could not be closed" in caplog.text
    assert (counter.stands(), counter.acts(*ACTS)) == (PAID_ONCE, ["posted-beside-open-page"])
    pay_hosted_page(url)
    assert counter.settles()() is State.SUCCEEDED
    assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])


def test_two_imports_and_a_payer_in_one_moment(counter: LinkCounter, tmp_path: Path) -> None:
    """The check is posted once. If the card was quicker, both are in the books, and somebody is told."""
    url = counter.goes_on(counter.link()).url
    read = Hand(counter).by_lockbox(tmp_path)
    paid, *done = together([lambda: pay_hosted_page(url), read, read])
    assert not any(isinstance(one, Exception) for one in done), done
    counter.settles()()
    assert counter.scene.scalar("SELECT count(*) FROM payments WHERE channel = 'lockbox'") == 1
    if isinstance(paid, str):
        assert (counter.stands(), counter.lines()) == (PAID_TWICE, ["second-payment"])
    else:
        assert (counter.stands(), counter.lines()) == (PAID_ONCE, [])
