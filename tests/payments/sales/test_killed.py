"""A server killed in the middle of a sale: the form is sent again, and there is one receipt and the right money."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accounts import kill_points
from payments.sales import service
from payments.sales.service import Take
from tests.database import TestDatabase
from tests.factories.window import Window

_KILLED = """
import sys
from accounts import kill_points
from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import engine_for, reading, sessions_for
from payments.sales import service
from payments.sales.service import SaleDesk, Take
from payments.terms import order_of_policy, terms_of
from accounts.staff.rules import Authority, Permission
kill_points.arm(sys.argv[2])
sessions = sessions_for(engine_for(sys.argv[1]))
with reading(sessions) as session:
    city = ruling(session).city
desk = SaleDesk(sessions, FixedClock(), city, terms_of(city), lambda on: order_of_policy(city, on))
rosa = Authority(int(sys.argv[3]), "staff:rosa", frozenset({Permission.WINDOW_TAKE}))
service.take(desk, rosa, Take(int(sys.argv[4]), int(sys.argv[5])))
"""


@pytest.mark.long
@pytest.mark.parametrize(("point", "posted"), [("sales.posted", 0), ("sales.taken", 1)])
def test_a_server_killed_in_mid_sale_leaves_one_receipt_once_the_form_is_sent_again(
    db: TestDatabase, window: Window, point: str, posted: int
) -> None:
    account = window.desk.account("utility", ("water", "service", 100_00))
    drawer = window.open()
    sale = window.saved(window.draft({account: 100_00}))
    arguments = [db.app_url, point, str(window.rosa.actor_id), str(sale), str(drawer)]
    ended = subprocess.run([sys.executable, "-c", _KILLED, *arguments], check=False, timeout=60, capture_output=True)
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    assert window.desk.rows("SELECT count(*) FROM payments") == [(posted,)]
    again = service.take(window.sale, window.rosa, Take(sale, drawer))
    assert again.again == bool(posted)
    assert window.desk.rows("SELECT count(*) FROM payments") == [(1,)]
    assert window.desk.rows("SELECT count(*) FROM receipts") == [(1,)]
    assert [left for _, _, left in window.desk.charges(account)] == [0]
    assert window.counted(drawer).found.difference.is_none
