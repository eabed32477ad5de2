"""A process dies at the worst moment. After a restart, a sweep and the jobs, everything is there exactly once."""

from __future__ import annotations

from drills.cases.declared import drill, must
from drills.findings import posted
from drills.kills import kill_web, kill_worker
from drills.payer import Payer, pay_hosted_page
from drills.stage import Stage


def paying_after(stage: Stage, point: str) -> None:
    """The web dies while the person leaves to pay; after the sweep the same basket leads to the only page."""
    payer = stage.payer()
    payer.choose(stage.bill())
    kill_web(stage, point, payer.leave)
    (attempt,) = stage.rows("SELECT state FROM attempts ORDER BY created_at DESC LIMIT 1")
    must(attempt.state == "sending", f"the web died at {point} and the attempt was {attempt.state}")
    stage.sweep_in_a_process()
    payer.come_back(pay_hosted_page(payer.leave()))


@drill("K1", "The web dies after the attempt was stored, before the processor is asked.", pages=1)
def k1(stage: Stage) -> None:
    paying_after(stage, "K1")


@drill("K2", "The web dies after the processor opened the page, before that is stored.", pages=1)
def k2(stage: Stage) -> None:
    paying_after(stage, "K2")


def coming_back_to(stage: Stage, point: str) -> None:
    """No webhook comes, and the web dies when the person comes back; the sweep finds the payment."""
    stage.processor.webhook_mode("drop")
    payer = stage.payer()
    back = pay_hosted_page(payer.go_to_pay(stage.bill()))
    kill_web(stage, point, lambda: payer.come_back(back))
    must(posted(stage) == 0, f"the web died at {point} and the payment was posted")
    stage.sweep_in_a_process()
    must(posted(stage) == 1, "the sweep did not find the payment")
    must(payer.come_back(back).startswith("Receipt"), "the person who comes back sees no receipt")


@drill("K3", "The web dies when the person comes back from the processor; no webhook comes.")
def k3(stage: Stage) -> None:
    coming_back_to(stage, "K3")


@drill("K4", "The web dies after a webhook was stored, before it is acknowledged.")
def k4(stage: Stage) -> None:
    stage.processor.webhook_mode("hold")
    pay_hosted_page(stage.payer().go_to_pay(stage.bill()))
    kill_web(stage, "K4", stage.processor.release_webhooks)
    answers = [sent["last_answer"] for sent in stage.processor.deliveries() if sent["state"] == "pending"]
    must("ConnectionError" in answers, f"the webhook at which the web died was answered: {answers}")
    stage.sweep_in_a_process()
    stage.let_it_come_again()


def following_at(stage: Stage, point: str, *, already: int = 0) -> None:
    """The worker dies while it follows the webhook of a payment whose payer is gone."""
    payer = stage.payer()
    page = payer.go_to_pay(stage.bill())
    kill_worker(stage, point, lambda: pay_hosted_page(page))
    must(posted(stage) == already, f"the worker died at {point} and {posted(stage)} payments were posted")
    stage.sweep_in_a_process()


@drill("K5", "The worker dies after the webhook was acknowledged, before it is followed.")
def k5(stage: Stage) -> None:
    following_at(stage, "K5")


@drill("K6", "The worker dies after it asked the processor, before it posts.")
def k6(stage: Stage) -> None:
    following_at(stage, "K6")


@drill("K6-web", "The web dies there, as the person comes back.")
def k6_web(stage: Stage) -> None:
    coming_back_to(stage, "K6")


@drill("K7", "The worker dies inside the transaction that posts.")
def k7(stage: Stage) -> None:
    following_at(stage, "K7")


@drill("K7-web", "The web dies there, as the person comes back.")
def k7_web(stage: Stage) -> None:
    coming_back_to(stage, "K7")


@drill("K8", "The worker dies after the posting is committed, before the mail.", mail_may_repeat=True)
def k8(stage: Stage) -> None:
    following_at(stage, "K8", already=1)


@drill("K9", "The worker dies after the mail has left, before that is noted.", mail_may_repeat=True)
def k9(stage: Stage) -> None:
    payer: Payer = stage.payer()
    page = payer.go_to_pay(stage.bill())
    kill_worker(stage, "K9", lambda: payer.come_back(pay_hosted_page(page)))
    stage.sweep_in_a_process()
