"""The chain as it stands, what the days hold now, and where the two part ways."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from accounts.ledger.models import BusinessDay
from accounts.seals import rules
from accounts.seals.canonical import FORM, Part
from accounts.seals.models import DaySeal
from accounts.seals.rules import PartDigest, Parts, Seal

DAYS_AT_ONCE = 31
"""Days hashed by one statement while verifying: bounds what the database sorts on its disk."""
SEALED = "day-sealed"
"""The act under which the audit keeps each seal's digest a second time."""
_NEXT = text("""
    SELECT coalesce((SELECT max(day) + 1 FROM day_seals), (SELECT min(day) FROM business_days))""")
_SPAN = text("""
    SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM journals WHERE business_day BETWEEN :first AND :last""")
_STRAY = text("""
    SELECT d.day, 'it is closed and has no seal' AS what
      FROM business_days d WHERE d.state = 'closed' AND NOT EXISTS (SELECT FROM day_seals s WHERE s.day = d.day)
     UNION ALL
    SELECT d.day, 'it stands in the books before the last seal and has none'
      FROM business_days d
     WHERE d.state <> 'closed' AND d.day <= (SELECT max(day) FROM day_seals)
       AND NOT EXISTS (SELECT FROM day_seals s WHERE s.day = d.day)
     UNION ALL
    SELECT s.day, CASE WHEN d.day IS NULL THEN 'it is not in the books any more' ELSE 'it was opened again' END
      FROM day_seals s LEFT JOIN business_days d ON d.day = s.day WHERE d.state IS DISTINCT FROM 'closed'
     UNION ALL
    SELECT DISTINCT j.business_day, 'journals were put into it, and it has no seal'
      FROM journals j
     WHERE j.business_day <= (SELECT max(day) FROM day_seals)
       AND NOT EXISTS (SELECT FROM day_seals s WHERE s.day = j.business_day)
     UNION ALL
    SELECT CAST(e.subject_id AS date), CASE WHEN s.day IS NULL THEN 'its seal is gone; the audit knows it as '
                                                              ELSE 'its seal is another than the audit''s ' END
                                       || (e.details ->> 'chained')
      FROM audit_entries e LEFT JOIN day_seals s ON s.day = CAST(e.subject_id AS date)
     WHERE e.act = :sealed AND e.subject_kind = 'business_day'
       AND e.details ->> 'chained' IS DISTINCT FROM encode(s.chained, 'hex')
     ORDER BY 1, 2""")


@dataclass(frozen=True)
class BrokenDay:
    """A closed day that is not what it was, and in what."""

    day: date
    problems: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.day}: {'; '.join(self.problems)}"


@dataclass(frozen=True)
class Chain:
    """How far the books are sealed. ``head`` is nothing while no day is."""

    seals: int
    days: int
    head: Seal | None


def chain(session: Session) -> Chain:
    """Seals, business days, and the last seal."""
    seals = session.scalars(select(func.count()).select_from(DaySeal)).one()
    days = session.scalars(select(func.count()).select_from(BusinessDay)).one()
    return Chain(seals, days, last_seal(session))


def last_seal(session: Session) -> Seal | None:
    """The head of the chain."""
    return _as_seal(session.scalar(select(DaySeal).order_by(DaySeal.day.desc()).limit(1)))


def seal_of(session: Session, day: date) -> Seal | None:
    """The seal of a day, if it has one."""
    return _as_seal(session.get(DaySeal, day))


def next_day(session: Session) -> date | None:
    """The day that is to be closed next: the one after the last seal; nothing in books that hold no day yet."""
    found: date | None = session.execute(_NEXT).scalar_one()
    return found


def parts_of(session: Session, parts: Sequence[Part], first: date, last: date) -> dict[date, dict[str, PartDigest]]:
    """What each day from ``first`` to ``last`` holds now, by part; a part that a day does not hold counts nothing."""
    found: dict[date, dict[str, PartDigest]] = defaultdict(lambda: {part.name: PartDigest() for part in parts})
    low, high = session.execute(_SPAN, {"first": first, "last": last}).one()
    asked = {"first": first, "last": last, "low": low, "high": high}
    for part in parts:
        for row in session.execute(text(part.statement), asked):
            found[row.day][part.name] = PartDigest(row.rows, row.cents, row.sha256)
    return found


def broken_days(session: Session, parts: Sequence[Part]) -> list[BrokenDay]:
    """Every closed day that is not what was sealed, the first one first. Reads the whole books once, in windows."""
    found: dict[date, list[str]] = defaultdict(list)
    for day, what in _chain_problems(session):
        found[day].append(what)
    for window in _windows(session):
        now = parts_of(session, parts, window[0].day, window[-1].day)
        for seal in window:
            if seal.form == FORM:
                found[seal.day].extend(rules.part_problems(seal.parts, now[seal.day]))
            else:
                found[seal.day].append(f"it was sealed in form {seal.form}, which this version cannot read")
    for day, what in session.execute(_STRAY, {"sealed": SEALED}):
        found[day].append(what)
    return [BrokenDay(day, tuple(dict.fromkeys(what))) for day, what in sorted(found.items()) if what]


def head_problem(session: Session, noted: str) -> str:
    """What is wrong with a head that was noted earlier (``DAY:DIGEST``, or the digest alone); empty: it stands."""
    day_noted, digest = rules.noted_head(noted)
    statement = select(DaySeal).where(func.encode(DaySeal.chained, "hex") == digest)
    known = session.scalar(statement)
    if known is not None and day_noted in {"", known.day.isoformat()}:
        return ""
    where = f"{day_noted}: its seal" if day_noted else "the seal noted earlier"
    return f"{where} is not the one noted ({digest[:12]}...): seals were changed or removed since"


def _chain_problems(session: Session) -> Iterator[tuple[date, str]]:
    before: Seal | None = None
    for seal in _stream(session):
        yield from rules.link_problems(seal, before)
        for what in rules.seal_problems(seal):
            yield seal.day, what
        before = seal


def _windows(session: Session) -> Iterator[list[Seal]]:
    window: list[Seal] = []
    for seal in _stream(session):
        if window and (seal.day - window[0].day).days >= DAYS_AT_ONCE:
            yield window
            window = []
        window.append(seal)
    if window:
        yield window


def _stream(session: Session) -> Iterator[Seal]:
    query = select(DaySeal).order_by(DaySeal.day).execution_options(yield_per=500, populate_existing=True)
    for row in session.scalars(query):
        seal = _as_seal(row)
        session.expunge(row)
        if seal is not None:
            yield seal


def _as_seal(row: DaySeal | None) -> Seal | None:
    if row is None:
        return None
    return Seal(
        row.day, row.previous_day, row.form, _as_parts(row.parts), row.digest, row.previous_chained, row.chained,
        row.sealed_at, row.actor_id,
    )  # fmt: skip


def _as_parts(stored: dict[str, dict[str, object]]) -> Parts:
    return {
        name: PartDigest(int(str(part["rows"])), int(str(part["cents"])), str(part["sha256"]))
        for name, part in stored.items()
    }
