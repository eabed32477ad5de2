"""Reports by the calendar: when a period is due, who gets its link, and that it goes once."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.errors import NotFound
from accounts.staff.rules import Authority, NotAllowed, Permission
from payments.reports import service
from payments.reports.rules import Cadence, Closed, NewSaved, NobodyToMail, Period, period_due
from portal.report_mailing import mail_reports
from tests.portal.scene import Scene
from tests.portal.staff.people import signed_in, staff_of

MONDAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("cadence", "today", "closed", "expected"),
    [
        (Cadence.DAILY, MONDAY, MONDAY - timedelta(days=1), Period(date(2026, 11, 15), date(2026, 11, 15))),
        (Cadence.DAILY, MONDAY, None, None),
        (Cadence.WEEKLY, MONDAY, date(2026, 11, 15), Period(date(2026, 11, 9), date(2026, 11, 15))),
        (Cadence.WEEKLY, date(2026, 11, 22), date(2026, 11, 21), Period(date(2026, 11, 9), date(2026, 11, 15))),
        (Cadence.WEEKLY, MONDAY, date(2026, 11, 13), None),
        (Cadence.MONTHLY, MONDAY, date(2026, 11, 1), Period(date(2026, 10, 1), date(2026, 10, 31))),
        (Cadence.MONTHLY, date(2026, 11, 1), date(2026, 10, 30), None),
        (Cadence.NEVER, MONDAY, MONDAY, None),
    ],
)
def test_a_period_is_due_once_it_is_over_and_closed(
    cadence: Cadence, today: date, closed: date | None, expected: Period | None
) -> None:
    first_open = closed + timedelta(days=1) if closed else None
    assert period_due(cadence, today, Closed(closed, first_open)) == expected


def test_a_weekend_without_business_holds_nothing_up() -> None:
    friday = Closed(date(2026, 11, 13), MONDAY)
    assert period_due(Cadence.WEEKLY, MONDAY, friday) == Period(date(2026, 11, 9), date(2026, 11, 15))


def mailed(scene: Scene) -> str:
    with scene.app.app_context():
        return mail_reports(scene.wired)


def keeper(scene: Scene) -> Authority:
    with transaction(scene.sessions) as session:
        return Authority(actor_id(session, "staff:keeper"), "staff:keeper", frozenset({Permission.REPORTS_SEE}))


def close(scene: Scene, day: date) -> None:
    scene.run_as_owner(
        """INSERT INTO business_days (day, state, closed_at) VALUES (:day, 'closed', now())
           ON CONFLICT (day) DO UPDATE SET state = 'closed', closed_at = now()""",
        day=day,
    )


def test_a_link_goes_once_to_who_may_still_see_it(scene: Scene) -> None:
    people = {
        name: signed_in(scene.sessions, scene.clock, role, name=name, lang=lang).actor_id
        for name, role, lang in (("sofia", "supervisor", "es"), ("ana", "cashier", "en"), ("lee", "finance", "en"))
    }
    scene.run_as_owner("UPDATE staff_sign_ins SET email = username || '@rioclaro.example' WHERE username <> 'lee'")
    by, yesterday = keeper(scene), scene.today - timedelta(days=1)
    new = NewSaved("takings", "Cash of the day", {"tender": "cash"}, Cadence.DAILY, tuple(people.values()))
    saved = service.save(scene.sessions, new, by, now=scene.clock.now())
    assert mailed(scene) == "reports: 0 links mailed", "no day is closed"
    close(scene, yesterday)
    assert mailed(scene) == "reports: 1 links mailed"
    (mail,) = scene.outbox.mails
    assert mail["To"] == "sofia@rioclaro.example", "a cashier sees no reports, and Lee has no address"
    text = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert f"/staff/reports/takings?tender=cash&since={yesterday}&until={yesterday}" in text
    assert "$" not in text
    assert mail["Subject"].startswith("Cobros por código")
    assert mailed(scene) == "reports: 0 links mailed"
    scene.clock.advance(days=1)
    close(scene, yesterday + timedelta(days=1))
    assert mailed(scene) == "reports: 1 links mailed"
    service.end(scene.sessions, saved, by, now=scene.clock.now())
    scene.clock.advance(days=1)
    close(scene, yesterday + timedelta(days=2))
    assert mailed(scene) == "reports: 0 links mailed"


def test_what_is_kept_names_whom_and_when_or_neither(scene: Scene) -> None:
    by, now = keeper(scene), scene.clock.now()
    for new, refusal in (
        (NewSaved("takings", "x", {}, Cadence.DAILY, ()), NobodyToMail),
        (NewSaved("takings", "x", {}, Cadence.NEVER, (by.actor_id,)), NobodyToMail),
        (NewSaved("takings", "x", {}, Cadence.DAILY, (10**9,)), NotFound),
        (NewSaved("none-such", "x"), NotFound),
    ):
        with pytest.raises(refusal):
            service.save(scene.sessions, new, by, now=now)
    with pytest.raises(NotAllowed):
        service.save(scene.sessions, NewSaved("takings", "x"), Authority(by.actor_id, "staff:keeper"), now=now)
    assert scene.scalar("SELECT count(*) FROM saved_reports") == 0
    staff_of(scene, "supervisor").get("/staff/reports")
