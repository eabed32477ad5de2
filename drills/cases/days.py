"""What only time brings. These come last: the processor's clock goes forward and never back."""

from __future__ import annotations

from drills.cases.declared import drill, must
from drills.payer import pay_hosted_page
from drills.stage import Stage

OUTAGE = 4
"""Payments during the day without webhooks."""


@drill("page-expired", "The person leaves the page open for over an hour: it ends, and they pay on a new one.",
       states=("expired", "succeeded"), pages=2)  # fmt: skip
def page_expired(stage: Stage) -> None:
    payer = stage.payer()
    old = payer.go_to_pay(stage.bill())
    stage.pass_time(minutes=62)
    stage.quiet()
    try:
        pay_hosted_page(old)
    except AssertionError:
        payer.come_back(pay_hosted_page(payer.leave()))
        return
    raise AssertionError("the old page could still be paid")


@drill("page-500", "The page is opened and the answer is 500, for every retry with its key; they pay an hour later.",
       states=("expired", "succeeded"), pages=2)  # fmt: skip
def page_500(stage: Stage) -> None:
    payer = stage.payer()
    payer.choose(stage.bill())
    stage.processor.fault("500_after", match="POST /v1/checkout/sessions")
    must("/payments/" in payer.leave(), "the person was sent on though no page was heard of")
    stage.sweep()
    stage.pass_time(minutes=62)
    payer.come_back(pay_hosted_page(payer.leave()))


@drill("outage-of-a-day", f"Webhooks are lost for a day while {OUTAGE} people pay; the sweep reads the events.",
       charges=OUTAGE, payments=OUTAGE, receipts=OUTAGE, mails=OUTAGE, states=("succeeded",) * OUTAGE)  # fmt: skip
def outage_of_a_day(stage: Stage) -> None:
    stage.processor.webhook_mode("drop")
    for _ in range(OUTAGE):
        pay_hosted_page(stage.payer().go_to_pay(stage.bill()))
    stage.pass_time(hours=24)
    stage.processor.webhook_mode("now")
    stage.sweep()


@drill("key-forgotten", "The answer with the page is lost, nobody asks for a day: it is looked up, not opened anew.",
       charges=0, payments=0, receipts=0, mails=0, states=("expired",), pages=1)  # fmt: skip
def key_forgotten(stage: Stage) -> None:
    payer = stage.payer()
    payer.choose(stage.bill())
    stage.processor.fault("after", match="POST /v1/checkout/sessions", count=2)
    payer.leave()
    stage.pass_time(hours=25)
    stage.sweep()
