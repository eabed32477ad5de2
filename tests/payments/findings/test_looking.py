"""Schemes in the books themselves: what is collected, kept once, and not shown to whom it is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, ProgrammingError

from accounts.actors.service import actor_id
from accounts.adjustments.commands import Waive
from accounts.audit.models import AuditEntry
from accounts.database import reading, transaction
from accounts.errors import Conflict, NotFound, SamePerson
from accounts.exceptions.rules import NoReason
from accounts.staff.rules import NotAllowed
from payments.drawers import verdicts
from payments.findings import queries, service
from payments.findings.queries import Eyes
from payments.findings.rules import AboutYourself, FindingEnded, Rule
from payments.findings.service import Looked, NewInterest
from payments.no_sales.models import NoSale
from tests.factories.office_days import OfficeDays
from tests.factories.window import Window, cash, check


def look(office: OfficeDays) -> Looked:
    return service.look(office.desk.sessions, office.desk.ruling.city, office.desk.clock)


def rules_found(office: OfficeDays) -> set[str]:
    look(office)
    return {rule for (rule,) in office.rows("SELECT DISTINCT rule FROM findings")}


def account(office: OfficeDays) -> int:
    return office.desk.account("utility", ("water", "service", 300_00))


def busy(office: OfficeDays, days: int = 3) -> tuple[int, date]:
    """Clean days of two cashiers, by the posting step; the account that was paid most, and yesterday."""
    one, today = account(office), office.desk.today
    for day in (today - timedelta(days=back) for back in range(days, 0, -1)):
        if not office.desk.ruling.city.calendar.is_business_day(day):
            continue
        for till, cashier in (("T1", "ana"), ("T2", "beto")):
            drawer = office.drawer(cashier, till, day)
            for minute in range(6):
                tenders = [("cash", 7_00 + minute)] if minute % 2 else [("check", 9_00 + minute, "77")]
                posted = office.sale(drawer, {one: tenders[0][1]}, tenders, at=office.at(day, 9, minute))  # type: ignore[arg-type]
                if minute == 1:
                    office.void(posted.payment_id, "vera", office.at(day, 9, minute + 3))
            office.count(drawer, office.at(day, 17), cash=-3 if till == "T1" else 0)
    return one, today - timedelta(days=1)


def swap(office: OfficeDays, _account: int, day: date) -> None:
    drawer = office.drawer("carla", "T3", day)
    office.sale(drawer, {_account: 80_00}, [("cash", 80_00)], at=office.at(day, 10))
    office.count(drawer, office.at(day, 17), cash=-60_00, checks=60_00)


def lapping(office: OfficeDays, account_: int, day: date) -> None:
    swap(office, account_, day)
    drawer = office.drawer("carla", "T3", day + timedelta(days=1))
    office.sale(drawer, {account_: 60_00}, [("check", 60_00, "9")], at=office.at(day + timedelta(days=1), 9))


def late_void(office: OfficeDays, account_: int, day: date) -> None:
    drawer = office.drawer("carla", "T3", day)
    posted = office.sale(drawer, {account_: 40_00}, [("cash", 40_00)], at=office.at(day, 10))
    office.void(posted.payment_id, "vera", office.at(day, 11))


def reprint(office: OfficeDays, account_: int, day: date) -> None:
    drawer = office.drawer("carla", "T3", day)
    posted = office.sale(drawer, {account_: 40_00}, [("check", 40_00, "8")], at=office.at(day, 10))
    with transaction(office.desk.sessions) as session:
        session.add(
            AuditEntry(
                at=office.at(day, 12), act="receipt-reprinted", actor_id=actor_id(session, "staff:carla"),
                subject_kind="account", subject_id=str(account_), details={"receipt": posted.receipt_number},
            )
        )  # fmt: skip
    office.void(posted.payment_id, "vera", office.at(day, 12, 20))


def own(office: OfficeDays, account_: int, day: date) -> None:
    admin = office.desk.person("admin", "administrator")
    ((customer,),) = office.rows("SELECT customer_id FROM customer_accounts WHERE id = :id", id=account_)
    new = NewInterest(office.person("carla"), customer, "relative")
    service.declare(office.desk.sessions, new, admin, now=office.desk.clock.now())
    drawer = office.drawer("carla", "T3", day)
    office.sale(drawer, {account_: 40_00}, [("check", 40_00, "8")], at=office.at(day, 10))


def shortages(office: OfficeDays, account_: int, day: date) -> None:
    for back in (7, 4, 0):
        drawer = office.drawer("carla", "T3", day - timedelta(days=back))
        at = office.at(day - timedelta(days=back), 10)
        office.sale(drawer, {account_: 37_42}, [("cash", 37_42)], at=at)
        office.count(drawer, at.replace(hour=17), cash=-37_42)


def hours(office: OfficeDays, account_: int, day: date) -> None:
    drawer = office.drawer("carla", "T3", day)
    office.sale(drawer, {account_: 4_00}, [("check", 4_00, "8")], at=office.at(day, 22))


def voids(office: OfficeDays, account_: int, day: date) -> None:
    for cashier, till, undone in (("ana", "T1", 0), ("beto", "T2", 1), ("carla", "T3", 12)):
        drawer = office.drawer(cashier, till, day, hour=9)
        for number in range(52):
            posted = office.sale(drawer, {account_: 1_00}, [("check", 1_00, "5")], at=office.at(day, 11, number))
            if number < undone:
                office.void(posted.payment_id, "vera", office.at(day, 11, number + 1))


def no_sales(office: OfficeDays, account_: int, day: date) -> None:
    for cashier, till, opened in (("ana", "T1", 1), ("beto", "T2", 2), ("carla", "T3", 24)):
        drawer = office.drawer(cashier, till, day, hour=9)
        for number in range(52):
            office.sale(drawer, {account_: 1_00}, [("check", 1_00, "5")], at=office.at(day, 11, number))
        with transaction(office.desk.sessions) as session:
            session.add_all(
                NoSale(
                    form_key=f"{cashier} {number}", drawer_id=drawer,
                    cashier_id=actor_id(session, f"staff:{cashier}"),
                    reason="make-change", at=office.at(day, 11, number),
                )
                for number in range(opened)
            )  # fmt: skip


SCHEMES: dict[Rule, Callable[[OfficeDays, int, date], None]] = {
    Rule.SWAP: swap, Rule.LAPPING: lapping, Rule.LATE_VOID: late_void, Rule.REPRINT: reprint, Rule.OWN: own,
    Rule.SHORTAGE: shortages, Rule.HOURS: hours, Rule.VOIDS: voids, Rule.NO_SALES: no_sales,
}  # fmt: skip


def test_clean_days_have_no_finding(office: OfficeDays) -> None:
    busy(office, days=7)
    assert look(office) == Looked(0, 0)


@pytest.mark.parametrize("rule", SCHEMES)
def test_a_scheme_in_the_books_is_found_once(office: OfficeDays, rule: Rule) -> None:
    one = account(office)
    if rule not in (Rule.VOIDS, Rule.NO_SALES):
        one, _day = busy(office)
    SCHEMES[rule](office, one, office.desk.today - timedelta(days=1))
    assert rules_found(office) == ({rule, Rule.SWAP} if rule is Rule.LAPPING else {rule})
    again = look(office)
    assert again.new == 0
    assert again.found == office.rows("SELECT count(*) FROM findings")[0][0]


def test_a_gap_in_a_series_is_found(office: OfficeDays) -> None:
    busy(office)
    with transaction(office.desk.sessions) as session:
        session.execute(text("UPDATE receipt_series SET last_number = last_number + 2 WHERE series = 'C1'"))
    assert rules_found(office) == {Rule.GAP}
    ((facts,),) = office.rows("SELECT facts FROM findings")
    assert facts["last"] == facts["first"] + 1


def test_less_asked_after_cash_by_real_services(office: OfficeDays) -> None:
    desk = office.desk
    window, one = Window(desk), desk.account("utility", ("water", "service", 100_00), ("water", "penalty", 60_00))
    clerk, chief = desk.person("nora", "clerk"), desk.person("lee", "supervisor")
    drawer = window.open(clerk)
    window.take(drawer, window.draft({one: 50_00}, [cash(50_00)]), clerk)
    charge = desk.charges(one)[1][0]
    waivers = desk.ruling.city.waiver_policy(desk.today)
    assert waivers is not None
    desk.done(clerk, chief, Waive(charge_id=charge, amount_cents=30_00, reason_code=waivers.reasons[0].code))
    assert rules_found(office) == {Rule.AFTER_CASH}
    ((subjects, amount),) = office.rows("SELECT subjects, amount_cents FROM findings")
    assert set(subjects) == {clerk.actor_id, chief.actor_id}
    assert amount == 30_00


def test_nobody_sees_or_works_what_is_about_them(office: OfficeDays) -> None:
    one, day = busy(office)
    swap(office, one, day)
    look(office)
    ((finding_id, subjects),) = office.rows("SELECT id, subjects FROM findings")
    desk, now = office.desk, office.desk.clock.now()
    carla, sofia = desk.person("carla", "supervisor"), desk.person("sofia", "supervisor")
    assert subjects == [carla.actor_id]
    with reading(desk.sessions) as session:
        assert queries.findings(session, Eyes(carla.actor_id)) == []
        assert queries.counts(session, Eyes(carla.actor_id)) == []
        with pytest.raises(NotFound):
            queries.finding(session, finding_id, Eyes(carla.actor_id))
        assert len(queries.findings(session, Eyes(sofia.actor_id))) == 1
    with pytest.raises(AboutYourself):
        service.explain(desk.sessions, finding_id, carla, "it was me", Eyes(carla.actor_id), now=now)
    cashier = desk.person("rosa", "cashier")
    with pytest.raises(NotAllowed):
        service.explain(desk.sessions, finding_id, cashier, "no", Eyes(cashier.actor_id), now=now)
    with pytest.raises(NoReason):
        service.explain(desk.sessions, finding_id, sofia, " ", Eyes(sofia.actor_id), now=now)
    assert office.rows("SELECT count(*) FROM finding_outcomes") == [(0,)]
    with pytest.raises(IntegrityError, match="not_by_a_subject"), transaction(desk.sessions) as session:
        session.execute(
            text("""INSERT INTO finding_outcomes
                      (finding_id, subjects, number, verdict, reason, decided_by, decided_at)
                    VALUES (:id, :subjects, 1, 'explained', 'me', :me, now())"""),
            {"id": finding_id, "subjects": subjects, "me": carla.actor_id},
        )
    with pytest.raises(IntegrityError, match="fk_finding_outcomes"), transaction(desk.sessions) as session:
        session.execute(
            text("""INSERT INTO finding_outcomes
                      (finding_id, subjects, number, verdict, reason, decided_by, decided_at)
                    VALUES (:id, '{}', 1, 'explained', 'me', :me, now())"""),
            {"id": finding_id, "me": carla.actor_id},
        )
    eyes = Eyes(sofia.actor_id)
    service.refer(desk.sessions, finding_id, sofia, "the checks are missing", eyes, to="City Auditor", now=now)
    service.explain(desk.sessions, finding_id, sofia, "the bank had it", eyes, now=now)
    with pytest.raises(FindingEnded):
        service.explain(desk.sessions, finding_id, sofia, "again", eyes, now=now)
    assert office.rows("SELECT number, verdict FROM finding_outcomes ORDER BY 1") == [
        (1, "referred"),
        (2, "explained"),
    ]
    assert look(office).new == 0, "explained is not found again"
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(desk.sessions) as session:
        session.execute(text("UPDATE findings SET severity = 'low'"))


def test_an_interest_is_written_down_by_another(office: OfficeDays) -> None:
    desk, now = office.desk, office.desk.clock.now()
    one, admin = account(office), office.desk.person("admin", "administrator")
    ((customer,),) = office.rows("SELECT customer_id FROM customer_accounts WHERE id = :id", id=one)
    with pytest.raises(SamePerson):
        service.declare(desk.sessions, NewInterest(admin.actor_id, customer, "self"), admin, now=now)
    with pytest.raises(NotFound):
        service.declare(desk.sessions, NewInterest(office.person("ana"), 10**9, "self"), admin, now=now)
    assert office.rows("SELECT count(*) FROM declared_interests") == [(0,)]
    made = service.declare(desk.sessions, NewInterest(office.person("ana"), customer, "self"), admin, now=now)
    with pytest.raises(Conflict):
        service.declare(desk.sessions, NewInterest(office.person("ana"), customer, "relative"), admin, now=now)
    service.end_interest(desk.sessions, made, admin, now=now)
    with pytest.raises(NotFound):
        service.end_interest(desk.sessions, made, admin, now=now)
    day = desk.today - timedelta(days=1)
    drawer = office.drawer("ana", "T1", day)
    office.sale(drawer, {one: 5_00}, [("cash", 5_00)], at=now + timedelta(minutes=5))
    assert rules_found(office) == set(), "it was over by then"


def test_premises_and_telephone_lead_to_relatives(office: OfficeDays) -> None:
    desk = office.desk
    theirs, same_phone = account(office), account(office)
    with transaction(desk.sessions) as session:
        session.execute(
            text("""UPDATE customers SET phone = '+12095550199' WHERE id IN (
                    SELECT customer_id FROM customer_accounts WHERE id = ANY (:ids))"""),
            {"ids": [theirs, same_phone]},
        )
    ((customer,),) = office.rows("SELECT customer_id FROM customer_accounts WHERE id = :id", id=theirs)
    admin = desk.person("admin", "administrator")
    new = NewInterest(office.person("ana"), customer, "self")
    service.declare(desk.sessions, new, admin, now=desk.clock.now())
    day = desk.today - timedelta(days=1)
    drawer = office.drawer("ana", "T1", day)
    office.sale(drawer, {same_phone: 5_00}, [("cash", 5_00)], at=office.at(day, 10))
    look(office)
    ((facts, account_id),) = office.rows("SELECT facts, customer_account_id FROM findings")
    assert facts == {"work": "payment", "relation": "self", "link": "contact"}
    assert account_id == same_phone


def test_a_swap_by_real_services(office: OfficeDays) -> None:
    desk = office.desk
    window, one = Window(desk), account(office)
    drawer = window.open()
    window.take(drawer, window.draft({one: 90_00}, [cash(60_00), check(30_00)]))
    counted = window.counted(drawer, off=-20_00, checks_off=20_00)
    verdicts.reject(window.cash, window.sofia, counted.id, "a check without receipt")
    assert rules_found(office) == {Rule.SWAP}
