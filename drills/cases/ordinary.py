"""Payments as they mostly go."""

from __future__ import annotations

from drills.cases.declared import drill, must
from drills.findings import posted
from drills.payer import ASKING_CARD, DECLINED_CARD, NotPaid, pay_hosted_page
from drills.stage import Stage


@drill("plain", "A bill is paid on the hosted page; the person comes back and sees the receipt.")
def plain(stage: Stage) -> None:
    payer = stage.payer()
    heading = payer.come_back(pay_hosted_page(payer.go_to_pay(stage.bill())))
    must(heading.startswith("Receipt"), f"the person saw {heading!r} instead of a receipt")


@drill("declined-then-good", "The first card is declined; a good one pays on the same page.", pages=1)
def declined(stage: Stage) -> None:
    payer = stage.payer()
    page = payer.go_to_pay(stage.bill())
    try:
        pay_hosted_page(page, DECLINED_CARD)
    except NotPaid:
        payer.come_back(pay_hosted_page(page))
        return
    raise AssertionError("the declined card paid")


@drill("bank-asks", "The bank asks the person to confirm (3-D Secure): first refused, then confirmed.", pages=1)
def asking(stage: Stage) -> None:
    payer = stage.payer()
    page = payer.go_to_pay(stage.bill())
    try:
        pay_hosted_page(page, ASKING_CARD, authenticate=False)
    except NotPaid:
        payer.come_back(pay_hosted_page(page, ASKING_CARD))
        return
    raise AssertionError("a payment that the bank refused went through")


@drill("double-click", "The button is pressed in two tabs, and the return page is opened twice.", pages=1)
def double_click(stage: Stage) -> None:
    payer = stage.payer()
    first, second = payer.go_to_pay(stage.bill()), payer.leave()
    must(first == second, "two pages were opened for one basket")
    back = pay_hosted_page(first)
    must(payer.come_back(back) == payer.come_back(back), "the second look differs from the first")


@drill("came-back-unpaid", "The person comes back without paying, by the address of a success: nothing is posted.",
       charges=0, payments=0, receipts=0, mails=0, states=("open",))  # fmt: skip
def came_back_unpaid(stage: Stage) -> None:
    payer = stage.payer()
    payer.go_to_pay(stage.bill())
    (attempt,) = stage.rows("SELECT token FROM attempts ORDER BY created_at DESC LIMIT 1")
    heading = payer.come_back(f"{stage.portal.url}/payments/{attempt.token}/return?session_id=cs_test_invented")
    must(not heading.startswith("Receipt"), "a receipt was shown for an address")


@drill("webhook-only", "The person pays and closes the browser; the webhook alone brings the receipt.")
def webhook_only(stage: Stage) -> None:
    pay_hosted_page(stage.payer().go_to_pay(stage.bill()))
    stage.quiet()
    must(posted(stage) == 1, "nothing was posted before a sweep")
