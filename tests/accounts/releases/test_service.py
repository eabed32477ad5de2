"""A release of the city goes through the one door: proposed with what it changes, decided by another person."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.approvals import queries as approvals
from accounts.approvals import service as deciding
from accounts.approvals.rules import AlreadyDecided, WorldChanged
from accounts.cities import queries as cities
from accounts.cities.rules import City
from accounts.cities.service import AlreadyRuling
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.errors import Conflict, NotFound, SamePerson
from accounts.money import ZERO
from accounts.releases import service
from accounts.releases.rules import Change, Release, differences
from accounts.staff.rules import ActKind, Authority, NotAllowed, Permission
from tests.accounts.assessments.city import city as shipped


@pytest.fixture
def city() -> City:
    return shipped()


@pytest.fixture
def ana(sessions: Sessions) -> Authority:
    return service.named(sessions, "ana")


@pytest.fixture
def ben(sessions: Sessions) -> Authority:
    return service.named(sessions, "ben")


def kept(sessions: Sessions) -> dict[str, Any]:
    tables = ("city_releases", "city_approvals", "ledger_accounts", "proposals", "proposal_decisions")
    with reading(sessions) as session:
        return {name: session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}


def propose(sessions: Sessions, city: City, by: Authority, clock: FixedClock) -> service.ProposedRelease:
    return service.propose(sessions, city, by, reason="new rates", clock=clock)


def cheaper(city: City) -> City:
    """The same city with another time limit for idle screens."""
    policy = city.staff_policies[0].model_copy(update={"idle_minutes": 20})
    return city.model_copy(update={"staff_policies": (policy,)})


def test_rule_4_the_city_is_proposed_by_one_and_approved_by_another(
    sessions: Sessions, city: City, ana: Authority, ben: Authority, clock: FixedClock
) -> None:
    """Rate and policy tables: changed by one, approved by another, effective-dated."""
    first = propose(sessions, city, ana, clock)
    before = kept(sessions)
    assert (before["city_approvals"], before["ledger_accounts"]) == (0, 0)
    with pytest.raises(SamePerson):
        service.approve(sessions, first.release_id, ana, clock=clock)
    with pytest.raises(SamePerson):
        service.approve(sessions, first.release_id, service.named(sessions, " Ana "), clock=clock)
    clerk = Authority(ben.actor_id, "ben", frozenset({Permission.APPROVALS_DECIDE}))
    with pytest.raises(NotAllowed):
        service.approve(sessions, first.release_id, clerk, clock=clock)
    assert kept(sessions) == before
    done = service.approve(sessions, first.release_id, ben, clock=clock)
    assert done.effect == ZERO
    assert len(done.outcome["ledger_accounts_added"]) == len(city.ledger_accounts)
    with reading(sessions) as session:
        assert cities.ruling(session).release_id == first.release_id
        seen = approvals.proposal(session, first.proposal_id, ben)
    assert seen.subject == ("city_release", str(first.release_id))
    with pytest.raises(AlreadyDecided):
        service.approve(sessions, first.release_id, ben, clock=clock)


def test_a_proposal_shows_what_it_changes(
    sessions: Sessions, city: City, ana: Authority, ben: Authority, clock: FixedClock
) -> None:
    service.approve(sessions, propose(sessions, city, ana, clock).release_id, ben, clock=clock)
    second = propose(sessions, cheaper(city), ben, clock)
    with reading(sessions) as session:
        seen = approvals.proposal(session, second.proposal_id, ana)
    (note,) = seen.evidence.notes
    assert note.facts["changes"] == [
        {"field": "staff_policies[1].idle_minutes", "before": str(city.staff_policies[0].idle_minutes), "now": "20"}
    ]
    assert (seen.evidence.before, seen.evidence.after) == ({"ruling": 1}, {"ruling": second.release_id})
    assert seen.evidence.asks_second == ("always",)


def test_the_same_city_is_proposed_once_and_never_while_it_rules(
    sessions: Sessions, city: City, ana: Authority, ben: Authority, clock: FixedClock
) -> None:
    first = propose(sessions, city, ana, clock)
    assert propose(sessions, city, ben, clock) == first
    service.approve(sessions, first.release_id, ben, clock=clock)
    before = kept(sessions)
    with pytest.raises(AlreadyRuling):
        propose(sessions, city, ana, clock)
    with pytest.raises(NotFound):
        service.approve(sessions, first.release_id + 7, ben, clock=clock)
    assert kept(sessions) == before


def test_a_release_that_was_overtaken_is_stale(
    sessions: Sessions, city: City, ana: Authority, ben: Authority, clock: FixedClock
) -> None:
    older, newer = propose(sessions, city, ana, clock), propose(sessions, cheaper(city), ana, clock)
    service.approve(sessions, newer.release_id, ben, clock=clock)
    with pytest.raises(WorldChanged) as caught:
        service.approve(sessions, older.release_id, ben, clock=clock)
    assert caught.value.facts["changed"] == {"ruling": ("", str(newer.release_id))}
    with reading(sessions) as session:
        assert cities.ruling(session).release_id == newer.release_id
    again = propose(sessions, city, ben, clock)
    assert again.release_id > newer.release_id
    service.approve(sessions, again.release_id, ana, clock=clock)
    with transaction(sessions) as session, pytest.raises(Conflict):
        service.Releasing().weigh(session, Release(release_id=newer.release_id), clock.today())


def test_after_a_no_another_person_may_propose_the_same_and_the_first_may_approve_it(
    sessions: Sessions, city: City, ana: Authority, ben: Authority, clock: FixedClock
) -> None:
    first = propose(sessions, city, ana, clock)
    deciding.reject(sessions, first.proposal_id, ben, clock=clock, reason="not yet")
    mine = propose(sessions, city, ben, clock)
    assert mine.release_id != first.release_id
    service.approve(sessions, mine.release_id, ana, clock=clock)
    with reading(sessions) as session:
        assert cities.ruling(session).release_id == mine.release_id
        assert approvals.waiting_for(session, ActKind.CITY_RELEASE, ("city_release", str(mine.release_id))) is None


def test_a_name_at_the_command_line_is_the_person_who_signs_in(
    sessions: Sessions, city: City, clock: FixedClock
) -> None:
    """Who proposed at the portal does not approve at the command line, nor the other way round."""
    with transaction(sessions) as session:
        signed_in = actor_id(session, "staff:ana")
    ana = service.named(sessions, "ana")
    assert (ana.actor_id, ana.handle) == (signed_in, "staff:ana")
    first = propose(sessions, city, ana, clock)
    before = kept(sessions)
    with pytest.raises(SamePerson):
        service.approve(sessions, first.release_id, service.named(sessions, "staff:ana"), clock=clock)
    assert kept(sessions) == before


def test_differences_name_items_by_their_code_and_say_what_came_and_went() -> None:
    before = {"a": 1, "rates": [{"code": "x", "amount": "1.00"}, {"code": "y", "amount": "2.00"}], "days": [1, 2]}
    now = {"a": 1, "rates": [{"code": "x", "amount": "1.50"}, {"code": "z", "amount": "3.00"}], "days": [1, 3]}
    assert differences(before, now) == [
        Change("rates[x].amount", "1.00", "1.50"),
        Change("rates[y].code", "y", ""),
        Change("rates[y].amount", "2.00", ""),
        Change("rates[z].code", "", "z"),
        Change("rates[z].amount", "", "3.00"),
        Change("days", "1, 2", "1, 3"),
    ]
    assert differences(before, before) == []
