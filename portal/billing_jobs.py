"""What follows a billing run: its draft, its posting, and each bill that was issued. Jobs may run twice."""

from __future__ import annotations

import procrastinate
from flask import Flask

from accounts.bill_printings import freezing
from accounts.bill_printings.freezing import BEGUN, TO_COUNT, TO_FREEZE
from accounts.bill_printings.lost import FILE_LOST
from accounts.bill_printings.rules import FileChanged
from accounts.billing_runs import drafting, posting
from accounts.billing_runs.drafting import MADE
from accounts.billing_runs.service import APPROVED
from portal import logs
from portal.bill_printings import make_again, make_files
from portal.notices.jobs import tell_of_bill
from portal.queue import on_fact
from portal.wiring import Wiring

_log = logs.logger(__name__)


def register(queue: procrastinate.App, app: Flask, wired: Wiring) -> None:
    """Hang the work of billing runs onto the queue; cut at any point, it goes on when it runs again."""

    @on_fact(queue, MADE)
    def billing_run_made(run_id: int) -> None:
        drafting.go_on(wired.sessions, run_id, wired.clock.now())
        _log.info("billing run drafted", run=run_id)

    @on_fact(queue, APPROVED)
    def billing_run_approved(run_id: int) -> None:
        posting.post(wired.sessions, run_id, wired.clock.now())
        _log.info("billing run posted", run=run_id)

    @on_fact(queue, TO_COUNT)
    def bill_printing_to_count(printing_id: int) -> None:
        freezing.count(wired.sessions, printing_id, now=wired.clock.now())
        _log.info("bills counted for paper", printing=printing_id)

    @on_fact(queue, TO_FREEZE)
    def bill_printing_to_freeze(printing_id: int) -> None:
        clock = wired.clock
        frozen = freezing.freeze(wired.sessions, printing_id, today=clock.today(), now=clock.now())
        _log.info("list of bills for paper", printing=printing_id, frozen=frozen)

    @on_fact(queue, BEGUN, final=(FileChanged,))
    def bill_printing_begun(printing_id: int) -> None:
        with app.app_context():
            parts = make_files(wired, printing_id)
        _log.info("bill printing made", printing=printing_id, parts=parts)

    @on_fact(queue, FILE_LOST, final=(FileChanged,))
    def bill_print_file_lost(printing_id: int, part: int) -> None:
        with app.app_context():
            make_again(wired, printing_id, part)
        _log.info("bill printing file made again", printing=printing_id, part=part)

    @on_fact(queue, "bill_issued")
    def bill_issued(bill_id: int) -> None:
        _log.info("bill issued", bill=bill_id, messages=tell_of_bill(wired, bill_id))
