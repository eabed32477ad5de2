"""A part is away for a while."""

from __future__ import annotations

from drills.cases.declared import drill, must
from drills.cases.webhooks import outcomes, pay_and_go, told
from drills.payer import pay_hosted_page
from drills.stage import Stage


@drill(
    "database-away",
    "The database is cut off as a webhook comes: 5xx, taken when it comes again; the worker lives on.",
)
def database_away(stage: Stage) -> None:
    stage.processor.webhook_mode("hold")
    page = stage.payer().go_to_pay(stage.bill())
    pay_hosted_page(page)
    stage.door.shut()
    try:
        stage.processor.release_webhooks()
        answers = {sent["last_answer"] for sent in stage.processor.deliveries() if sent["state"] == "pending"}
    finally:
        stage.door.open()
    must(answers and all(str(answer).startswith("5") for answer in answers), f"the door answered {answers}")
    stage.let_it_come_again()
    must(stage.portal.worker and stage.portal.worker.said("worker begins anew"), "the worker felt nothing")


@drill("worker-away", "No worker runs while people pay: receipts wait in the queue, and leave when one is back.")
def worker_away(stage: Stage) -> None:
    stage.portal.end_worker()
    payer = stage.payer()
    heading = payer.come_back(pay_hosted_page(payer.go_to_pay(stage.bill())))
    must(heading.startswith("Receipt"), f"the person saw {heading!r} instead of a receipt")
    stage.portal.start_worker()


@drill("web-away", "The web is down when the webhook arrives and the person comes back; it is sent again.")
def web_away(stage: Stage) -> None:
    stage.processor.webhook_mode("hold")
    pay_and_go(stage)
    stage.portal.end_web()
    stage.processor.release_webhooks()
    stage.portal.start_web()
    stage.let_it_come_again()


@drill(
    "secret-rolled",
    "The webhook secret is rolled, once with a day for both, once at once: refused until the web knows the new one.",
    charges=2, payments=2, receipts=2, mails=2, states=("succeeded",) * 2,
)  # fmt: skip
def secret_rolled(stage: Stage) -> None:
    second = stage.processor.roll_secret(hours=24)
    before = outcomes(stage)
    pay_and_go(stage)
    stage.quiet()
    must(outcomes(stage).get("signature", 0) == before.get("signature", 0), "the old secret was not taken any more")
    stage.portal.secrets = (second,)
    stage.portal.start_web()
    third = stage.processor.roll_secret(hours=0)
    pay_and_go(stage)
    stage.quiet()
    told(stage, before, "signature")
    stage.portal.secrets = (third, second)
    stage.portal.start_web()
    stage.let_it_come_again()
