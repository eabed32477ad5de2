"""The made-up city, loaded as a city loads its own: folder released, registers imported, bills run, money posted."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.cities.queries import RulingCity, ruling
from accounts.cities.service import AlreadyRuling, approve, propose, read_folder
from accounts.clock import FixedClock, SystemClock
from accounts.database import Sessions, engine_for, reading, sessions_for, transaction
from accounts.imports.service import import_file
from accounts.imports.terms import terms_of
from accounts.licenses.service import Declared, assess_renewals, declare
from accounts.money import Money
from accounts.utilities.service import assess_penalties
from demo import billing, office, requests, residents, staff, window
from demo.colleagues import Colleagues
from demo.days import Days, days_before, days_of_second_cycle
from demo.history import Till
from demo.people import Town
from demo.registers import WITH_HISTORY, Registers, Row, homes, reads, reads_of_year_before, write
from demo.samples import write_samples
from demo.second_cycle import CYCLE, homes_of_cycle, reads_of_cycle
from demo.trades import add_citations, add_licenses, contradicting_citation, renewal_runs
from portal.config import CHECKOUT, Settings
from portal.identity.staff.signing_in import Door
from portal.identity.vault import SECOND_FACTORS, Vault
from portal.wiring import wire

SEED = 5_000
FIRST_CYCLE = "1"
PROFILES = CHECKOUT / "city" / "profiles"
Say = Callable[[str], None]
_TERMS = text("""
    SELECT a.source_key, t.id FROM license_terms t JOIN customer_accounts a ON a.id = t.customer_account_id
     WHERE a.source_system = 'demo-licenses'""")


@dataclass(frozen=True)
class Size:
    """How many accounts of each kind."""

    utilities: int = 4_000
    licenses: int = 700
    citations: int = 300
    second_cycle: int = 48
    """Utilities of the cycle whose run is a draft."""


@dataclass
class Loader:
    """One load. Everything follows from the seed and from ``days.today``."""

    sessions: Sessions
    released: RulingCity
    days: Days
    later: Days
    """Of the second cycle."""
    folder: Path
    proof_key: bytes
    say: Say
    town: Town

    def bring(self, kind: str, name: str, rows: list[Row], on: date, *, refused: int = 0) -> None:
        """Write a register and import it, as of a day, through the demo's profile; so many rows are not taken."""
        path = write(self.folder / "registers" / f"{name}.csv", rows)
        city, profile = self.released.city, PROFILES / f"demo-{name.partition('-')[0]}.toml"
        noon = datetime.combine(on, time(12), ZoneInfo(city.identity.time_zone)).astimezone(UTC)
        report = import_file(
            self.sessions,
            kind,
            path,
            profile,
            terms=terms_of(city, self.released.release_id, on),
            clock=FixedClock(noon, city.identity.time_zone),
            actor="system",
            proof_key=self.proof_key,
            progress=lambda done, of: self.say(f"importing {name}: {done:,} of {of:,}"),
        )
        if report.rejected != refused:
            raise RuntimeError(f"the demo's own register {name} was not read whole: {report.last_line()}")

    def bill(self, cycle: str, bill_date: date) -> None:
        def progress(done: int, of: int) -> None:
            self.say(f"billing {bill_date}: {done:,} of {of:,}")

        billing.bill(self.sessions, self.released, cycle, bill_date, progress)

    def penalize(self, on: date) -> None:
        self.say(f"late penalties of {on}")
        assess_penalties(self.sessions, self.released, on, self.actor("system"))

    def declare(self, made: Registers) -> None:
        """What each business said that it took in."""
        with transaction(self.sessions) as session:
            terms = session.execute(_TERMS).all()
            declare(session, [Declared(term, Money(made.receipts[number] * 100), 3) for number, term in terms])

    def actor(self, handle: str, name: str = "") -> int:
        with transaction(self.sessions) as session:
            return actor_id(session, handle, name=name)


def load(settings: Settings, progress: Say) -> None:
    """Fill an empty database with the made-up city, as of today."""
    engine = engine_for(settings.database_url, pool_size=2, application="ventanilla-demo")
    sessions = sessions_for(engine)
    try:
        load_city(sessions, settings.city_folder, settings.state, proof_key=settings.proof_key.encode(), say=progress)
        progress("people who work here")
        with reading(sessions) as session:
            ruled = ruling(session)
        city, clock = ruled.city, SystemClock(ruled.city.identity.time_zone)
        keys = (settings.secret_key, *settings.secret_key_fallbacks)
        door = Door(settings.proof_key.encode(), Vault(keys, SECOND_FACTORS))
        staff.hire(sessions, city, door, settings.state, clock)
        progress("the last days at the counter")
        people = Colleagues(sessions, ruled, clock)
        office.work(people)
        billing.work(people)
        window.work(wire(settings), people, settings.state, progress)
        progress("residents and businesses")
        residents.move_in(sessions, clock, settings.state)
        requests.ask(people, settings.state)
    finally:
        engine.dispose()


def load_city(
    sessions: Sessions,
    city_folder: Path,
    folder: Path,
    *,
    proof_key: bytes,
    say: Say,
    today: date | None = None,
    size: Size | None = None,
) -> Registers:
    """The same, as of any day and of any size; registers and samples are written into ``folder``."""
    released = release(sessions, city_folder)
    as_of = today or SystemClock(released.city.identity.time_zone).today()
    days = days_before(released.city, as_of)
    later = days_of_second_cycle(released.city, as_of)
    loader = Loader(sessions, released, days, later, folder, proof_key, say, Town(SEED))
    say("making registers")
    made = make(loader, size or Size())
    _import_all(loader, made)
    _live_two_months(loader, made)
    _assess_licenses(loader, made)
    write_samples(sessions, released.city, made, folder / "samples.json", as_of)
    return made


def release(sessions: Sessions, city_folder: Path) -> RulingCity:
    """Let the folder rule: the finance manager proposes it, the city manager approves."""
    with suppress(AlreadyRuling):
        approve(sessions, propose(sessions, read_folder(city_folder), "staff:finance-manager"), "staff:city-manager")
    with reading(sessions) as session:
        return ruling(session)


def make(loader: Loader, size: Size) -> Registers:
    """All registers, in memory."""
    made = Registers(homes(loader.town, loader.days, size.utilities))
    add_licenses(made, loader.town, loader.released.city, loader.days, size.licenses)
    add_citations(made, loader.town, loader.released.city, loader.days, size.citations)
    made.second_cycle = homes_of_cycle(loader.town, loader.later, size.second_cycle, after=size.utilities)
    return made


def _import_all(loader: Loader, made: Registers) -> None:
    days = loader.days
    everybody = [home.row for home in (*made.homes, *made.second_cycle)]
    loader.bring("utilities", "utilities", everybody, days.go_live)
    for day, rows in reads(made.homes, loader.town, days).items():
        if rows:
            loader.bring("utilities", f"reads-{day:%Y-%m}", rows, max(day, days.go_live))
    for day, rows in reads_of_cycle(made.second_cycle, loader.town, loader.later).items():
        if rows:
            loader.bring("utilities", f"reads-second-{day:%Y-%m}", rows, max(day, days.go_live))
    _import_earlier_reads(loader, made)
    loader.bring("licenses", "licenses", made.licenses, days.go_live)
    loader.bring("citations", "citations", made.citations, days.today)
    loader.bring("citations", "citations-night", [contradicting_citation(made)], days.today, refused=1)


def _import_earlier_reads(loader: Loader, made: Registers) -> None:
    for name, homes_of, of in (
        ("first", made.homes[:WITH_HISTORY], loader.days),
        ("second", made.second_cycle, loader.later),
    ):
        if rows := reads_of_year_before(homes_of, loader.town, of):
            loader.bring("utilities", f"reads-before-{name}", rows, loader.days.go_live)


def _live_two_months(loader: Loader, made: Registers) -> None:
    days, city = loader.days, loader.released.city
    till = Till(loader.sessions, city, loader.town, days, loader.actor("staff:counter", "Front counter"))
    by_number = {home.number: home for home in made.homes}
    for which, bill_date in enumerate(days.bills):
        loader.bill(FIRST_CYCLE, bill_date)
        loader.say(f"payments of the bills of {bill_date}")
        till.pay_bills(by_number, which)
        if (late := city.delinquent_on(bill_date)) <= days.today:
            loader.penalize(late)
    if made.second_cycle:
        loader.bill(CYCLE, loader.later.bills[0])
        second = Till(
            loader.sessions, city, loader.town, loader.later, loader.actor("staff:counter", "Front counter")
        )
        second.pay_bills({home.number: home for home in made.second_cycle}, 0)
    loader.penalize(days.today)


def _assess_licenses(loader: Loader, made: Registers) -> None:
    loader.say("license renewals")
    loader.declare(made)
    for day in (*renewal_runs(made, loader.released.city, loader.days), loader.days.today):
        assess_renewals(loader.sessions, loader.released, day, loader.actor("system"))
