"""A server killed after the page was closed and before the money was in the books: sent again, it is one receipt."""

from __future__ import annotations

import subprocess
import sys

import pytest

from accounts import kill_points
from payments.mail_batches.entering import enter
from payments.mail_batches.rules import Remittance
from tests.factories.in_hand import Hand
from tests.factories.links import BILL, LinkCounter
from tests.sandbox_server import KEY, pay_hosted_page

_DESKS = """
import sys
from accounts import kill_points
from accounts.cities.queries import ruling
from accounts.clock import FixedClock
from accounts.database import engine_for, reading, sessions_for
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from datetime import datetime
from payments.collisions import service
from payments.drawers.service import CashDesk
from payments.gateway.stripe import StripeGateway
from payments.mail_batches.entering import enter
from payments.mail_batches.rules import Remittance
from payments.mail_batches.service import MailDesk
from payments.sales.service import SaleDesk, Take
from payments.settlements.service import Desk
from payments.terms import cash_terms, order_of_policy, terms_of
url, point, person, processor, key, environment, now, *rest = sys.argv[1:]
kill_points.arm(point)
sessions, clock = sessions_for(engine_for(url)), FixedClock(datetime.fromisoformat(now))
with reading(sessions) as session:
    city = ruling(session).city
terms = terms_of(city)
selling = SaleDesk(sessions, clock, city, terms, lambda on: order_of_policy(city, on))
gateway = StripeGateway(key, ["whsec"], processor)
online = Desk(sessions, gateway, clock, terms, environment, livemode=False, series=city.web_series())
"""
_SALE_KILLED = f"""{_DESKS}
sale, drawer, told = rest
rosa = Authority(int(person), "staff:rosa", frozenset({{Permission.WINDOW_TAKE}}))
service.take(service.Counter(selling, online), rosa, Take(int(sale), int(drawer), frozenset({{int(told)}})))
"""
_MAIL_KILLED = f"""{_DESKS}
bundle, account = rest
cash = CashDesk(sessions, clock, city.cash_policy(clock.today()), cash_terms(city))
tomas = Authority(int(person), "staff:tomas", frozenset({{Permission.MAIL_LOG, Permission.ACCOUNTS_SEE}}))
check = Remittance("envelope", "check", Money(60_00), ((int(account), Money(60_00)),), "1042", "River Bank")
enter(MailDesk(cash, selling, online, b"key"), tomas, int(bundle), check)
"""
POINTS = [("collisions.closed", 0), ("collisions.posted", 0), ("collisions.taken", 1)]


@pytest.mark.parametrize(("point", "posted"), POINTS)
def test_killed_between_closing_the_page_and_taking_the_money(counter: LinkCounter, point: str, posted: int) -> None:
    scene, window = counter.scene, counter.window
    url = counter.goes_on(counter.link()).url
    (told,) = counter.on_its_way()
    sale = window.saved(window.draft({counter.known.id: 60_00}))
    arguments = [
        scene.db.app_url, point, str(window.rosa.actor_id), scene.sandbox.url, KEY,
        scene.wired.settings.environment, scene.clock.now().isoformat(), str(sale), str(counter.drawer), str(told),
    ]  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", _SALE_KILLED, *arguments], check=False, timeout=120, capture_output=True
    )
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    assert scene.scalar("SELECT state FROM attempts") == "expired", "the page cannot be paid any more"
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    withdrawn = scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL")
    assert (withdrawn, counter.stands()[2]) == (posted, posted), "the link is withdrawn with the sale, or not at all"
    again = counter.again(sale)
    assert again.again == bool(posted)
    assert counter.stands() == (0, 0, 1)
    assert scene.scalar("SELECT count(*) FROM receipts") == 1
    assert scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL") == 1


@pytest.mark.parametrize(("point", "posted"), POINTS)
def test_killed_between_closing_the_page_and_entering_a_check(counter: LinkCounter, point: str, posted: int) -> None:
    scene, window, hand = counter.scene, counter.window, Hand(counter)
    url = counter.goes_on(counter.link()).url
    hand.by_mail()
    arguments = [
        scene.db.app_url, point, str(window.tomas.actor_id), scene.sandbox.url, KEY,
        scene.wired.settings.environment, scene.clock.now().isoformat(), str(hand.bundle), str(counter.known.id),
    ]  # fmt: skip
    ended = subprocess.run(
        [sys.executable, "-c", _MAIL_KILLED, *arguments], check=False, timeout=120, capture_output=True
    )
    assert ended.returncode == kill_points.EXIT_CODE, ended.stderr
    with pytest.raises(Exception, match=r"expired|no form"):
        pay_hosted_page(url)
    withdrawn = scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL")
    assert (withdrawn, counter.stands()[2]) == (posted, posted), "the link is withdrawn with the check, or not at all"
    check = Remittance("envelope", "check", BILL, ((counter.known.id, BILL),), "1042", "River Bank")
    again = enter(scene.wired.mail_desk(), window.tomas, hand.bundle, check)
    assert again.again == bool(posted)
    assert counter.stands() == (0, 0, 1)
    assert scene.scalar("SELECT count(*) FROM receipts") == 1
    assert scene.scalar("SELECT count(*) FROM pay_links WHERE canceled_at IS NOT NULL") == 1
