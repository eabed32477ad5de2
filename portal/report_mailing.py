"""Reports that were asked for by the calendar: a link goes out once a period is over and its days are closed.

The mail holds no figure: whoever opens the link signs in and sees what they may. Who no longer sees reports, has left
or has no address gets nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy.orm import Session

from accounts.cities.staffing import Permission
from accounts.database import reading, transaction
from accounts.staff.queries import grants_of
from accounts.staff.rules import authority
from payments.reports import queries
from payments.reports.catalog import REPORTS
from payments.reports.queries import Saved
from payments.reports.rules import Filters, Period, period_due
from payments.reports.service import note_mailing
from portal import logs
from portal.city_mail import Heading, city_mail
from portal.i18n import speaking
from portal.identity.staff.queries import Reachable, reachable
from portal.mail import MailRefused
from portal.wiring import Wiring
from portal.words.reports import period_words, report_name

_log = logs.logger(__name__)


@dataclass(frozen=True)
class _Letter:
    """One link for one person."""

    saved: Saved
    period: Period
    person: Reachable


def mail_reports(wired: Wiring) -> str:
    """Every link that is due and has not gone; running again sends nothing twice."""
    sent = 0
    for letter in _due(wired):
        try:
            _send(wired, letter)
            sent += 1
        except MailRefused as error:
            _log.warning("report not mailed", report=letter.saved.report, error=type(error).__name__)
        with transaction(wired.sessions) as session:
            note_mailing(
                session, letter.saved.id, letter.period.until, letter.person.actor_id, wired.clock.now()
            )  # fmt: skip
    return f"reports: {sent} links mailed"


def _due(wired: Wiring) -> list[_Letter]:
    today, found = wired.clock.today(), []
    with reading(wired.sessions) as session:
        closed = queries.closed(session)
        for saved in queries.scheduled(session):
            period = period_due(saved.cadence, today, closed)
            if period is None or saved.report not in REPORTS:
                continue
            gone = queries.mailed_to(session, saved.id, period.until)
            people = reachable(session, [actor for actor in saved.recipients if actor not in gone])
            found += [_Letter(saved, period, person) for person in _who_may(wired, session, people)]
    return found


def _who_may(wired: Wiring, session: Session, people: Iterable[Reachable]) -> list[Reachable]:
    """Those whose roles of today let them see reports."""
    city, today = wired.city().city, wired.clock.today()
    return [
        person
        for person in people
        if authority(
            city, person.actor_id, "", [each.grant for each in grants_of(session, person.actor_id)], today
        ).may(Permission.REPORTS_SEE)
    ]


def _send(wired: Wiring, letter: _Letter) -> None:
    """The same Message-ID each time, should it leave twice."""
    saved, period, person, city = letter.saved, letter.period, letter.person, wired.city().city
    with speaking(person.language):
        days = Filters(period.since, period.until)
        name = report_name(saved.report)
        asked = urlencode({**saved.filters, "since": period.since.isoformat(), "until": period.until.isoformat()})
        words = {
            "kept_as": saved.name,
            "link": f"{wired.settings.staff_url}/staff/reports/{saved.report}?{asked}",
        }
        subject = f"{name}, {period_words(days)}"
    key = f"report-{saved.id}-{period.until.isoformat()}-{person.actor_id}"
    wired.mailer.send(city_mail(city, Heading(person.email, person.language, subject, key), "reports/ready", words))
