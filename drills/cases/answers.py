"""The answer to "open a page" gets lost, breaks, or is a refusal: the person tries again, and pays once."""

from __future__ import annotations

from drills.cases.declared import drill, must
from drills.payer import pay_hosted_page
from drills.stage import Stage

OPENING = "POST /v1/checkout/sessions"


def lost_answer(stage: Stage, kind: str, *, count: int) -> None:
    """Nobody heard which page was opened; the sweep asks again under the same key, and the person goes on."""
    payer = stage.payer()
    payer.choose(stage.bill())
    stage.processor.fault(kind, match=OPENING, count=count)
    own_page = payer.leave()
    must("/payments/" in own_page, f"the person was sent to {own_page} though no answer was heard")
    stage.sweep()
    page = payer.resume(own_page)
    must("/c/pay/" in page, f"after the sweep the person was sent to {page}")
    payer.come_back(pay_hosted_page(page))


for _kind, _count, _done in (
    ("before", 2, "The connection breaks before the processor has done anything."),
    ("after", 2, "The page is opened, and the connection breaks before the answer."),
    ("cut", 2, "The answer breaks off in the middle."),
    ("empty_200", 1, "The answer is 200 with nothing in it."),
    ("409", 2, "The processor says that the same request is in flight."),
    ("429", 2, "The processor says that there are too many requests."),
):

    def _act(stage: Stage, kind: str = _kind, count: int = _count) -> None:
        lost_answer(stage, kind, count=count)

    drill(f"page-{_kind.replace('_', '-')}", f"{_done} The sweep asks again, the person goes on.", pages=1)(_act)


@drill("page-slow", "The answer takes three seconds; the person waits.", pages=1)
def slow(stage: Stage) -> None:
    payer = stage.payer()
    payer.choose(stage.bill())
    stage.processor.fault("slow", match=OPENING, seconds=3)
    payer.come_back(pay_hosted_page(payer.leave()))


@drill("truth-unheard", "The person comes back while the processor cannot be heard; the sweep settles it.")
def unheard(stage: Stage) -> None:
    stage.processor.webhook_mode("drop")
    payer = stage.payer()
    back = pay_hosted_page(payer.go_to_pay(stage.bill()))
    stage.processor.fault("before", match="GET /v1/checkout/sessions", count=2)
    heading = payer.come_back(back)
    must(not heading.startswith("Receipt"), "a receipt was shown for money that nobody had heard of")
    stage.sweep()
