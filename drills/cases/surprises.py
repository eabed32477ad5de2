"""Money that does not fit: it is posted where it belongs or named for a person, never dropped."""

from __future__ import annotations

from drills.cases.declared import drill, must
from drills.payer import pay_hosted_page
from drills.stage import Stage


@drill("second-payment", "Two people open the page for one bill, and both pay.", charges=2, payments=2, receipts=2,
       mails=2, states=("succeeded", "succeeded"), exceptions=("second-payment",))  # fmt: skip
def second_payment(stage: Stage) -> None:
    bill, first, second = stage.bill(), stage.payer(), stage.payer()
    pages = [first.go_to_pay(bill), second.go_to_pay(bill)]
    first.come_back(pay_hosted_page(pages[0]))
    second.come_back(pay_hosted_page(pages[1]))
    (account,) = stage.rows("SELECT credit_cents FROM customer_accounts WHERE id = :id", id=bill.account_id)
    must(account.credit_cents == bill.cents, f"{account.credit_cents} cents stand as credit and not {bill.cents}")


@drill("outdated-page", "The bill is paid while another's page for it is open: the sweep closes that page.",
       states=("succeeded", "expired"))  # fmt: skip
def outdated_page(stage: Stage) -> None:
    bill, first, second = stage.bill(), stage.payer(), stage.payer()
    pages = [first.go_to_pay(bill), second.go_to_pay(bill)]
    first.come_back(pay_hosted_page(pages[0]))
    stage.sweep()
    try:
        pay_hosted_page(pages[1])
    except AssertionError:
        return
    raise AssertionError("the page could still be paid")


@drill("orphans", "The processor took money of an attempt that nobody knows, and money without any mark.",
       charges=0, payments=0, receipts=0, mails=0, states=(), exceptions=("no-owner", "orphan"))  # fmt: skip
def orphans(stage: Stage) -> None:
    stage.processor.orphan(metadata={"env": "test", "attempt_id": "pa_01JZZZZZZZZZZZZZZZZZZZZZZZ", "channel": "web"})
    stage.processor.orphan(metadata={}, amount=23_45)
    stage.sweep_deep()


@drill("orphan-unheard", "An unmarked charge without a page; its webhook is lost: the nightly comparison finds it.",
       charges=0, payments=0, receipts=0, mails=0, states=(), exceptions=("no-owner",))  # fmt: skip
def orphan_unheard(stage: Stage) -> None:
    stage.processor.webhook_mode("drop")
    stage.processor.orphan(metadata={}, amount=34_56, session=False)
    stage.processor.webhook_mode("now")
    stage.sweep_deep()


@drill("amount-altered", "The processor took another amount than was promised.",
       payments=0, receipts=0, mails=0, states=("unknown",), exceptions=("amount-mismatch",))  # fmt: skip
def amount_altered(stage: Stage) -> None:
    payer = stage.payer()
    page = payer.go_to_pay(stage.bill())
    (attempt,) = stage.rows("SELECT session_id FROM attempts ORDER BY created_at DESC LIMIT 1")
    stage.processor.alter(attempt.session_id, amount=1_00)
    heading = payer.come_back(pay_hosted_page(page))
    must(not heading.startswith("Receipt"), "a receipt was shown for another amount")
