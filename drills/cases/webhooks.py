"""Webhooks that come late, twice, in the wrong order, forged, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from drills.cases.declared import drill, must
from drills.payer import pay_hosted_page
from drills.stage import Stage


def pay_and_go(stage: Stage) -> None:
    """Pay and close the browser."""
    pay_hosted_page(stage.payer().go_to_pay(stage.bill()))


def settled_by_webhooks(stage: Stage, mode: str) -> None:
    """One payment whose webhooks travel in this mode, and no sweep."""
    stage.processor.webhook_mode(mode)
    pay_and_go(stage)
    stage.processor.webhook_mode("now")
    stage.processor.release_webhooks()
    stage.quiet()


def outcomes(stage: Stage) -> dict[str, int]:
    """How many requests came to the door with which outcome."""
    rows = stage.rows("SELECT outcome, sum(count) AS count FROM webhook_counts GROUP BY outcome")
    return {row.outcome: int(row.count) for row in rows}


def told(stage: Stage, before: dict[str, int], outcome: str) -> None:
    """Assert that the door has seen this outcome since."""
    must(outcomes(stage).get(outcome, 0) > before.get(outcome, 0), f"the door counted no {outcome!r}")


@drill("same-moment", "Three people: return page and webhook arrive at the same moment.",
       charges=3, payments=3, receipts=3, mails=3, states=("succeeded",) * 3)  # fmt: skip
def same_moment(stage: Stage) -> None:
    for _ in range(3):
        stage.processor.webhook_mode("hold")
        payer = stage.payer()
        back = pay_hosted_page(payer.go_to_pay(stage.bill()))
        start = Barrier(2)

        def at_once(act: str, payer=payer, back=back, start=start) -> object:  # type: ignore[no-untyped-def]
            start.wait(10)
            return payer.come_back(back) if act == "return" else stage.processor.release_webhooks()

        with ThreadPoolExecutor(2) as both:
            list(both.map(at_once, ("return", "webhook")))


@drill("webhook-dropped", "The webhook is lost and the person does not come back; the sweep finds the payment.")
def dropped(stage: Stage) -> None:
    stage.processor.webhook_mode("drop")
    pay_and_go(stage)
    stage.sweep()


@drill("webhook-early", "The webhook arrives before the processor has answered the person.")
def early(stage: Stage) -> None:
    settled_by_webhooks(stage, "early")


@drill("webhook-twice", "Every event is delivered twice.")
def duplicate(stage: Stage) -> None:
    before = outcomes(stage)
    settled_by_webhooks(stage, "duplicate")
    told(stage, before, "duplicate")


@drill("webhook-pair", "Every event is delivered twice at the same moment, on two connections.")
def pair(stage: Stage) -> None:
    before = outcomes(stage)
    settled_by_webhooks(stage, "pair")
    told(stage, before, "duplicate")


@drill("webhook-reversed", "The events arrive in the reverse order.")
def reversed_order(stage: Stage) -> None:
    settled_by_webhooks(stage, "reverse")


@drill("webhook-same-second", "All events carry the same time, and the newest arrives first.")
def same_second(stage: Stage) -> None:
    settled_by_webhooks(stage, "same_second")


@drill("webhook-old-version", "The event was written by an older version of the processor's interface.")
def old_version(stage: Stage) -> None:
    settled_by_webhooks(stage, "old_version")


@drill("webhook-stale", "The webhook is signed ten minutes ago: refused, and taken when it comes again as it should.")
def stale(stage: Stage) -> None:
    before = outcomes(stage)
    settled_by_webhooks(stage, "stale")
    told(stage, before, "stale")
    stage.let_it_come_again()


@drill("webhook-tampered", "The webhook is changed on its way: refused; the true one counts.")
def tampered(stage: Stage) -> None:
    before = outcomes(stage)
    settled_by_webhooks(stage, "tampered")
    told(stage, before, "signature")
    must(not stage.rows("SELECT 1 FROM processor_events WHERE event_id LIKE 'evt_forged%'"), "a forgery was stored")
    stage.let_it_come_again()


@drill("webhook-unknown", "Between true events stands one of a type that nobody knows.")
def unknown_type(stage: Stage) -> None:
    before = outcomes(stage)
    settled_by_webhooks(stage, "unknown_type")
    told(stage, before, "unknown-type")


@drill("webhook-foreign", "Events of another installation and of live mode come to our door.")
def other_environment(stage: Stage) -> None:
    before = outcomes(stage)
    settled_by_webhooks(stage, "other_environment")
    told(stage, before, "foreign")
