"""A real process dies at a named point and is started again; then a sweep and the jobs: everything is there once.

The drills of the same names do it; here they are also shown to bite.
"""

from __future__ import annotations

import pytest

from drills.cases import CASES
from drills.findings import Found
from drills.running import run_one
from drills.stage import Stage
from drills.tally import taken


def after(stage: Stage, point: str) -> Found:
    """What is there when a process has died at this point and everything has gone on."""
    result = run_one(stage, CASES[point])
    assert result.problems == ()
    assert result.seen is not None
    return result.seen


def once(found: Found) -> bool:
    """One charge, one posting, one receipt, one mail (which may arrive twice under the same Message-ID)."""
    return (found.charges, found.payments, found.receipts, found.mails, found.states) == (1, 1, 1, 1, ("succeeded",))


def test_k1_the_web_dies_before_the_processor_is_asked(drill_stage: Stage) -> None:
    found = after(drill_stage, "K1")
    assert once(found)
    assert found.pages == 1


def test_k2_the_web_dies_with_a_page_that_nobody_stored(drill_stage: Stage) -> None:
    found = after(drill_stage, "K2")
    assert once(found)
    assert found.pages == 1, "the same key must lead to the same page"


def test_k3_the_web_dies_as_the_person_comes_back(drill_stage: Stage) -> None:
    assert once(after(drill_stage, "K3"))


def test_k4_the_web_dies_before_it_acknowledges_a_stored_webhook(drill_stage: Stage) -> None:
    assert once(after(drill_stage, "K4"))


def test_k5_the_worker_dies_before_it_follows_a_webhook(drill_stage: Stage) -> None:
    assert once(after(drill_stage, "K5"))


@pytest.mark.parametrize("drill", ["K6", "K6-web"])
def test_k6_a_process_dies_between_asking_and_posting(drill_stage: Stage, drill: str) -> None:
    assert once(after(drill_stage, drill))


@pytest.mark.parametrize("drill", ["K7", "K7-web"])
def test_k7_a_process_dies_inside_the_posting_transaction(drill_stage: Stage, drill: str) -> None:
    assert once(after(drill_stage, drill))


def test_k8_the_worker_dies_between_posting_and_mail(drill_stage: Stage) -> None:
    assert once(after(drill_stage, "K8"))


def test_k9_the_worker_dies_with_a_mail_that_has_left(drill_stage: Stage) -> None:
    found = after(drill_stage, "K9")
    assert once(found)
    assert found.letters == 2, "the mail leaves again, under the same Message-ID"


def test_without_the_sweep_the_money_of_k3_is_missing(drill_stage: Stage) -> None:
    """The control: the same death, and nobody asks the processor."""
    assert taken(drill_stage).is_clean
    drill_stage.sweeps_run = False
    try:
        result = run_one(drill_stage, CASES["K3"])
        assert result.problems == ("AssertionError: the sweep did not find the payment",)
        assert len(taken(drill_stage).paid_but_unposted) == 1
    finally:
        drill_stage.sweeps_run = True
    drill_stage.calm()
    drill_stage.sweep()
    assert taken(drill_stage).is_clean
