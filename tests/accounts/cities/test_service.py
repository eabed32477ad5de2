"""Releases: proposed by one, approved by another, and the books get their chart."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, func, select, text
from sqlalchemy.exc import IntegrityError

from accounts.audit import AuditEntry
from accounts.cities import queries, service
from accounts.cities.models import CityApproval
from accounts.cities.rules import City
from accounts.database import Sessions, transaction
from accounts.errors import Conflict, NotFound, SamePerson
from accounts.ledger.models import LedgerAccount


def count(sessions: Sessions, model: type) -> int:
    with sessions() as session:
        return session.scalar(select(func.count()).select_from(model)) or 0


def audited(sessions: Sessions) -> list[str]:
    with sessions() as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def renamed(city: City, code: str, **changes: object) -> City:
    accounts = tuple(a.model_copy(update=changes) if a.code == code else a for a in city.ledger_accounts)
    return city.model_copy(update={"ledger_accounts": accounts})


def test_a_release_rules_once_a_second_person_approves_it(sessions: Sessions, city: City) -> None:
    release_id = service.propose(sessions, city, "maria")
    with sessions() as session:
        with pytest.raises(queries.NoRulingCity):
            queries.ruling(session)
        assert [release.proposed_by for release in queries.pending(session)] == ["maria"]
    service.approve(sessions, release_id, "tom")
    with sessions() as session:
        assert queries.ruling(session) == queries.RulingCity(release_id, city)
        assert queries.pending(session) == []
        assert session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)).all() == [
            "city.propose",
            "city.approve",
        ]
    assert audited(sessions) == ["city.propose", "city.approve"]
    assert count(sessions, LedgerAccount) == len(city.ledger_accounts)


def test_the_proposer_is_refused_and_nothing_changes(sessions: Sessions, city: City) -> None:
    release_id = service.propose(sessions, city, "maria")
    with pytest.raises(SamePerson):
        service.approve(sessions, release_id, " Maria ")
    assert count(sessions, CityApproval) == count(sessions, LedgerAccount) == 0
    assert audited(sessions) == ["city.propose", "city.approve.refused"]


@pytest.mark.parametrize("approver", ["proposed_by", "other"])
def test_the_database_refuses_the_proposer_too(
    sessions: Sessions, owner_engine: Engine, city: City, approver: str
) -> None:
    """Neither as oneself nor by claiming that somebody else proposed it; not even as the owner of the tables."""
    release_id = service.propose(sessions, city, "maria")
    claimed = "proposed_by" if approver == "proposed_by" else "proposed_by + 1"
    forged = text(
        f"INSERT INTO city_approvals (release_id, proposed_by, approved_by) "
        f"SELECT id, {claimed}, proposed_by FROM city_releases WHERE id = :release_id"
    )
    with pytest.raises(IntegrityError), transaction(sessions) as session:
        session.execute(forged, {"release_id": release_id})
    with pytest.raises(IntegrityError), owner_engine.begin() as connection:
        connection.execute(forged, {"release_id": release_id})
    assert count(sessions, CityApproval) == 0


def test_proposing_the_same_again_says_so(sessions: Sessions, city: City) -> None:
    release_id = service.propose(sessions, city, "maria")
    assert service.propose(sessions, city, "tom") == release_id
    service.approve(sessions, release_id, "tom")
    with pytest.raises(service.AlreadyRuling) as caught:
        service.propose(sessions, city, "tom")
    assert caught.value.facts == {"release_id": release_id}


def test_a_release_that_was_overtaken_is_not_approved(sessions: Sessions, city: City) -> None:
    older = service.propose(sessions, city, "maria")
    changed = city.model_copy(update={"license_classes": ()})
    newer = service.propose(sessions, changed, "maria")
    service.approve(sessions, newer, "tom")
    for overtaken in (older, newer):
        with pytest.raises(Conflict):
            service.approve(sessions, overtaken, "tom")
    with pytest.raises(NotFound):
        service.approve(sessions, newer + 1, "tom")
    again = service.propose(sessions, city, "maria")
    service.approve(sessions, again, "tom")
    with sessions() as session:
        assert queries.ruling(session).city == city
        assert queries.release(session, newer) == changed


def test_an_account_keeps_its_fund_and_kind_and_may_change_its_name(sessions: Sessions, city: City) -> None:
    service.approve(sessions, service.propose(sessions, city, "maria"), "tom")
    for changes in ({"kind": "expense"}, {"fund": "520"}):
        with pytest.raises(service.ChartConflict):
            service.propose(sessions, renamed(city, "510-4100", **changes), "maria")
    name = city.revenue_line("water").processor_name
    service.approve(sessions, service.propose(sessions, renamed(city, "510-4100", name=name), "maria"), "tom")
    with sessions() as session:
        said = session.scalars(select(LedgerAccount.name).where(LedgerAccount.code == "510-4100")).one()
    assert said == name.in_("en")
