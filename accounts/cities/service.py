"""Release a city: one person proposes the folder as it is, another approves it, and then it rules.

A release is never changed; to go back, propose the old folder again. Approving writes the chart of accounts
into the books: new ledger accounts are added, none is removed, and none changes its fund or kind.
"""

from __future__ import annotations

import hashlib
import json

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.audit import record
from accounts.cities import queries
from accounts.cities.folder import CityInvalid, Problem, read_folder
from accounts.cities.models import CityApproval, CityRelease
from accounts.cities.rules import ChartAccount, City
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, DomainError, NotFound, SamePerson
from accounts.ledger.models import LedgerAccount, LedgerKind

__all__ = [
    "AlreadyRuling",
    "ChartConflict",
    "CityInvalid",
    "Problem",
    "approve",
    "approve_release",
    "digest_of",
    "propose",
    "propose_release",
    "read_folder",
    "take_turns",
    "waiting_release",
]
_RELEASING = 0x43495459
"""Advisory lock ("CITY"): proposals and approvals happen one after another."""


class AlreadyRuling(DomainError):
    """The folder says what the ruling release says: nothing to propose. ``facts["release_id"]`` is that release."""


class ChartConflict(DomainError):
    """A ledger account of the books cannot change its fund or kind: ``facts["code"]``."""


def propose(sessions: Sessions, city: City, actor_handle: str) -> int:
    """Propose a city and return the release's id; the same proposal, still waiting, is returned again.

    Raises :class:`AlreadyRuling` when nothing would change.
    """
    with transaction(sessions) as session:
        known = waiting_release(session, city)
        return known.id if known else propose_release(session, city, actor_id(session, actor_handle))


def waiting_release(session: Session, city: City) -> CityRelease | None:
    """Step: the newest proposal that says just this and does not rule yet; raises :class:`AlreadyRuling`.

    Until the transaction ends nobody else proposes or approves.
    """
    take_turns(session)
    digest, ruling = digest_of(city), queries.ruling_id(session)
    if ruling is not None and _digest(session, ruling) == digest:
        raise AlreadyRuling(f"release {ruling} rules and says the same", release_id=ruling)
    waiting = select(CityRelease).where(CityRelease.digest == digest, CityRelease.id > (ruling or 0))
    return session.scalar(waiting.order_by(CityRelease.id.desc()).limit(1))


def propose_release(session: Session, city: City, maker: int) -> int:
    """Step: keep a city as proposed by this actor; its id. Raises :class:`ChartConflict`."""
    _check_chart(session, city)
    release = CityRelease(digest=digest_of(city), content=city.model_dump(mode="json"), proposed_by=maker)
    session.add(release)
    session.flush()
    record(session, "city.propose", subject=("city_release", release.id), actor_id=maker, digest=release.digest)
    return release.id


def approve(sessions: Sessions, release_id: int, actor_handle: str) -> None:
    """Let a release rule. Raises ``SamePerson``, ``Conflict``, ``ChartConflict`` or ``NotFound``."""
    try:
        with transaction(sessions) as session:
            approve_release(session, release_id, actor_id(session, actor_handle))
    except SamePerson:
        with transaction(sessions) as session:
            maker = actor_id(session, actor_handle)
            record(session, "city.approve.refused", subject=("city_release", release_id), actor_id=maker)
        raise


def approve_release(session: Session, release_id: int, checker: int) -> list[str]:
    """Step: let a release rule; the codes of ledger accounts that are new with it. Raises as :func:`approve` does."""
    take_turns(session)
    release = session.get(CityRelease, release_id)
    if release is None:
        raise NotFound(f"there is no city release {release_id}")
    if checker == release.proposed_by:
        raise SamePerson(f"they proposed release {release_id}; someone else approves it")
    ruling = queries.ruling_id(session)
    if ruling is not None and ruling >= release_id:
        raise Conflict(f"release {ruling} already rules; propose the folder again", release_id=ruling)
    added = _add_to_chart(session, City.model_validate(release.content))
    session.add(CityApproval(release_id=release_id, proposed_by=release.proposed_by, approved_by=checker))
    record(
        session,
        "city.approve",
        subject=("city_release", release_id),
        actor_id=checker,
        digest=release.digest,
        ledger_accounts_added=added,
    )
    return added


def digest_of(city: City) -> str:
    """SHA-256 of the city's JSON with sorted keys."""
    plain = json.dumps(city.model_dump(mode="json"), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(plain.encode()).hexdigest()


def take_turns(session: Session) -> None:
    """Step: until the transaction ends nobody else proposes or approves a release."""
    session.execute(select(func.pg_advisory_xact_lock(_RELEASING)))


def _digest(session: Session, release_id: int) -> str:
    return session.scalars(select(CityRelease.digest).where(CityRelease.id == release_id)).one()


def _known_chart(session: Session, city: City) -> dict[str, LedgerAccount]:
    codes = [account.code for account in city.ledger_accounts]
    known = session.scalars(select(LedgerAccount).where(LedgerAccount.code.in_(codes)))
    return {account.code: account for account in known}


def _check_chart(session: Session, city: City) -> dict[str, LedgerAccount]:
    """The accounts that the books already have; refuses a change of their fund or kind."""
    known = _known_chart(session, city)
    for account in city.ledger_accounts:
        before = known.get(account.code)
        if before is not None and (before.fund, before.kind.value) != (account.fund, account.kind):
            raise ChartConflict(
                f"ledger account {account.code} is {before.kind.value} of fund {before.fund} in the books, "
                f"and cannot become {account.kind} of fund {account.fund}; give it a new code",
                code=account.code,
            )
    return known


def _add_to_chart(session: Session, city: City) -> list[str]:
    """Step: write new ledger accounts and new names into the books; returns the codes added."""
    known = _check_chart(session, city)
    language = city.identity.languages[0]
    new = [account for account in city.ledger_accounts if account.code not in known]
    if new:
        session.execute(insert(LedgerAccount), [_row(account, language) for account in new])
    for account in city.ledger_accounts:
        before = known.get(account.code)
        if before is not None and before.name != account.name.in_(language):
            named = update(LedgerAccount).where(LedgerAccount.id == before.id)
            session.execute(named.values(name=account.name.in_(language)))
    return [account.code for account in new]


def _row(account: ChartAccount, language: str) -> dict[str, object]:
    return {
        "code": account.code,
        "fund": account.fund,
        "name": account.name.in_(language),
        "kind": LedgerKind(account.kind),
    }
