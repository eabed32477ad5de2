"""The bills of the made-up city: each cycle as its day came, one run that waits to be worked, two corrections.

A clerk makes a run, works what it holds and reviews it; the finance officer lets it go.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from sqlalchemy import text

from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.assessments.service import Progress
from accounts.bill_printings import freezing
from accounts.bill_printings.queries import printing
from accounts.billing_runs import corrections, drafting, posting, queries, service, working
from accounts.billing_runs.queries import ItemView
from accounts.billing_runs.working import NewRead, Seen
from accounts.cities.queries import RulingCity
from accounts.database import Sessions, reading, transaction
from accounts.message_choices.papers import go_paperless
from accounts.pricing.penalties import months_later
from accounts.staff.rules import Authority, Permission
from demo.colleagues import CLERK, FINANCE, Colleagues
from demo.second_cycle import CYCLE
from portal.i18n import SOURCE
from portal.notices.paperless_words import paperless_words

_HELD = text("""
    SELECT customer_account_id, version, problems FROM billing_items WHERE run_id = :run AND state = 'held'
     ORDER BY customer_account_id""")
_FORGET = text("""
    DELETE FROM procrastinate_jobs
     WHERE task_name IN ('billing_run_made', 'billing_run_approved', 'bill_issued') AND status = 'todo'""")
_READ_WRONG = text("""
    SELECT DISTINCT ON (a.id) b.id, a.id, m.serial, r.read_on, r.value
      FROM bills b
      JOIN customer_accounts a ON a.id = b.customer_account_id AND NOT a.is_protected AND NOT a.is_restricted
      JOIN meters m ON m.premises_id = a.premises_id AND m.removed_on IS NULL
      JOIN meter_reads r ON r.meter_id = m.id AND r.read_on > b.period_from AND r.read_on <= b.period_to
     WHERE b.source_system = 'ventanilla' AND b.billed_on = (SELECT max(billed_on) FROM bills)
       AND NOT EXISTS (SELECT FROM charges c WHERE c.customer_account_id = a.id
                          AND (c.kind = 'penalty' OR c.open_cents <> c.amount_cents))
       AND (SELECT count(*) FROM charges c WHERE c.bill_id = b.id AND c.revenue_line = 'water') = 2
     ORDER BY a.id DESC, r.read_on DESC, b.id LIMIT 2""")
_NEWEST = text("SELECT max(bill_date) FROM billing_runs WHERE cycle = :cycle AND corrects_bill_id IS NULL")
_TO_PRINT = text("""
    SELECT max(id) FROM billing_runs WHERE cycle = :cycle AND state = 'posted' AND corrects_bill_id IS NULL""")
_WITH_MAIL = text("""
    SELECT a.id, c.name FROM billing_items i
      JOIN customer_accounts a ON a.id = i.customer_account_id AND NOT a.is_protected AND NOT a.is_restricted
      JOIN customers c ON c.id = a.customer_id
     WHERE i.run_id = :run AND i.state = 'posted' AND c.email <> '' ORDER BY a.id LIMIT :most""")
WITHOUT_PAPER = 5
TOO_MANY = 2
"""Counts that the wrong reads had too much."""
_LOOKED = {
    "zero": "Nobody lives there; the meter stands still.",
    "high": "Read twice; they have guests.",
    "low": "Read twice; they were away.",
    "negative": "Read twice.",
    "estimated": "The meter is behind a locked gate; a letter went out.",
}
"""Why a bill was accepted, by what held it."""


def bill(sessions: Sessions, ruling: RulingCity, cycle: str, bill_date: date, progress: Progress) -> None:
    """A cycle billed on its day, long ago: nobody is told of it any more."""
    clerk, finance = _people_of_then(sessions)
    zone = ZoneInfo(ruling.city.identity.time_zone)
    now = datetime.combine(bill_date, time(10), zone).astimezone(UTC)
    run = drafting.make(sessions, ruling, clerk, cycle=cycle, bill_date=bill_date, today=bill_date, now=now)
    drafting.go_on(sessions, run, now, progress=progress)
    with reading(sessions) as session:
        held = session.execute(_HELD, {"run": run}).all()
    for account, version, problems in held:
        working.accept(sessions, clerk, Seen(run, account, version), _LOOKED[problems[0]], now=now)
    _let_go(sessions, run, clerk, finance, now)
    with transaction(sessions) as session:
        session.execute(_FORGET)


def work(people: Colleagues) -> None:
    """What is on the clerk's desk today: two bills that were wrong, and the run of the newest cycle."""
    _correct(people)
    on_paper(people)
    _begin(people)


def on_paper(people: Colleagues) -> None:
    """The newest posted run of the second cycle on its way to the printing house; a worker makes its files."""
    sessions, ana, now = people.sessions, people.person(CLERK), people.clock.now()
    with reading(sessions) as session:
        run = session.scalar(_TO_PRINT, {"cycle": CYCLE})
    if run is not None:
        _give_up_paper(people, run)
        made = freezing.begin(sessions, ana, run, now=now)
        freezing.count(sessions, made, now=now)
        with reading(sessions) as session:
            seen = printing(session, made).counts.printed.bills
        if seen:
            freezing.ask_to_freeze(sessions, ana, made, seen=seen)
            freezing.freeze(sessions, made, today=people.clock.today(), now=now)


def _give_up_paper(people: Colleagues, run: int) -> None:
    """A few of those who are billed have agreed to bills without paper."""
    words = paperless_words(people.ruling.city, SOURCE)
    with transaction(people.sessions) as session:
        agreed = [
            (account, actor_id(session, f"resident:paperless-{account}", ActorKind.RESIDENT, name))
            for account, name in session.execute(_WITH_MAIL, {"run": run, "most": WITHOUT_PAPER})
        ]
    for account, actor in agreed:
        now = people.clock.now()
        go_paperless(people.sessions, account, words, by=actor, now=now, evidence={"opened": "sample"})


def _correct(people: Colleagues) -> None:
    """The clerk begins two corrections; the finance officer lets the first one go."""
    sessions, ana, ben = people.sessions, people.person(CLERK), people.person(FINANCE)
    now, today = people.clock.now(), people.clock.today()
    with reading(sessions) as session:
        found = session.execute(_READ_WRONG).all()
    for place, (wrong, account, serial, on, value) in enumerate(found):
        run = corrections.start(
            sessions, people.ruling, ana, wrong, "The meter was read wrong.", today=today, now=now
        )
        if place:
            continue
        right = NewRead(serial, max(value - TOO_MANY, 0), on)
        if not working.reread(sessions, ana, _seen(people, run, account), right, now=now):
            words = "Read twice; the customer was away."
            working.accept(sessions, ana, _seen(people, run, account), words, now=now)
        _let_go(sessions, run, ana, ben, now)


def _begin(people: Colleagues) -> None:
    """The draft of the second cycle: one bill of four kinds is settled, the others wait for whoever tries it."""
    sessions, ana, now, today = people.sessions, people.person(CLERK), people.clock.now(), people.clock.today()
    with reading(sessions) as session:
        last = session.scalar(_NEWEST, {"cycle": CYCLE})
    if last is None:
        return
    bill_date = months_later(last, 1)
    run = drafting.make(sessions, people.ruling, ana, cycle=CYCLE, bill_date=bill_date, today=today, now=now)
    drafting.go_on(sessions, run, now)
    with reading(sessions) as session:
        held = queries.items(session, run, "held", most=200, sees_protected=False, sees_restricted=False)
    first: dict[str, ItemView] = {}
    for item in held:
        first.setdefault(item.problems[0], item)
    _settle(people, run, first)


def _settle(people: Colleagues, run: int, first: Mapping[str, ItemView]) -> None:
    sessions, ana, now = people.sessions, people.person(CLERK), people.clock.now()
    if item := first.get("negative"):
        (read,) = item.reads
        right = NewRead(read.meter, read.previous.value + int(item.before or 0), read.current.on)
        working.reread(sessions, ana, Seen(run, item.account_id, item.version), right, now=now)
    if item := first.get("missing"):
        ((serial, value),) = working.estimates(sessions, run, item.account_id).items()
        if value is not None:
            working.estimate(sessions, ana, Seen(run, item.account_id, item.version), NewRead(serial, value), now=now)
    if item := first.get("zero"):
        working.accept(sessions, ana, Seen(run, item.account_id, item.version), _LOOKED["zero"], now=now)
    if item := first.get("high"):
        words = "A pipe is broken: billed when it is mended."
        working.leave_out(sessions, ana, Seen(run, item.account_id, item.version), words, now=now)


def _let_go(sessions: Sessions, run: int, maker: Authority, checker: Authority, now: datetime) -> None:
    with reading(sessions) as session:
        seen = queries.run(session, run).amount
    service.review(sessions, maker, run, seen=seen, now=now)
    service.approve(sessions, checker, run, seen=seen, now=now)
    posting.post(sessions, run, now)


def _seen(people: Colleagues, run: int, account: int) -> Seen:
    with reading(people.sessions) as session:
        item = queries.item(session, run, account, sees_protected=False, sees_restricted=False)
    return Seen(run, account, item.version)


def _people_of_then(sessions: Sessions) -> tuple[Authority, Authority]:
    """Who billed before the people of today had their sign-ins."""
    may = frozenset(
        {Permission.BILLS_RUN, Permission.BILLS_APPROVE, Permission.PROTECTED_SEE, Permission.RESTRICTED_SEE}
    )
    with transaction(sessions) as session:
        clerk, finance = (Authority(actor_id(session, one), one, may) for one in (CLERK, FINANCE))
    return clerk, finance
