"""One mechanism for every act that needs a second person: what it refuses, and that it does what it does once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, ProgrammingError

from accounts.approvals import queries, service
from accounts.approvals.rules import (
    AlreadyDecided,
    AlreadyProposed,
    Hindrance,
    NotTheMaker,
    ReasonMissing,
    Verdict,
    WorldChanged,
)
from accounts.approvals.service import Done, Proposed
from accounts.audit.models import AuditEntry
from accounts.clock import FixedClock
from accounts.database import Sessions, reading, transaction
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.money import Money
from accounts.staff.rules import Authority, NotAllowed, OverLimit, Permission
from tests.accounts.approvals.gifts import ACTS, Give, Giving, TooGenerous, books, given, person
from tests.factories import make_account, make_chart

GIFT = Give(cents=600_00)


@pytest.fixture
def clerk(sessions: Sessions) -> Authority:
    with transaction(sessions) as session:
        make_chart(session)
    return person(sessions, "clara", alone=Money(50_00), decide=None)


@pytest.fixture
def chief(sessions: Sessions) -> Authority:
    return person(sessions, "sofia")


@pytest.fixture
def waiting(sessions: Sessions, clerk: Authority, clock: FixedClock) -> int:
    """The gift, proposed by the clerk."""
    proposed = service.propose(sessions, ACTS, GIFT, clerk, reason="a present", clock=clock)
    assert isinstance(proposed, Proposed)
    return proposed.proposal_id


def audited(sessions: Sessions) -> list[str]:
    with reading(sessions) as session:
        return list(session.scalars(select(AuditEntry.act).order_by(AuditEntry.id)))


def test_above_the_own_limit_an_act_waits_and_is_done_when_another_agrees(
    sessions: Sessions, waiting: int, clerk: Authority, chief: Authority, clock: FixedClock
) -> None:
    before = books(sessions)
    assert before["journals"] == 0
    clock.advance(hours=3)
    done = service.approve(sessions, ACTS, waiting, chief, clock=clock, reason="fine")
    assert (done.effect, done.outcome["journal_id"]) == (Money(600_00), 1)
    with reading(sessions) as session:
        assert given(session) == 600_00
        seen = queries.proposal(session, waiting, clerk)
    assert seen.decision is not None
    assert (seen.decision.verdict, seen.decision.checker, seen.decision.reason) == (
        Verdict.APPROVED, "staff:sofia", "fine",
    )  # fmt: skip
    assert (seen.maker, seen.reason, seen.effect) == ("staff:clara", "a present", Money(600_00))
    assert seen.age(clock.now()) == timedelta(hours=3)
    assert (seen.evidence.before, seen.evidence.after) == ({"given_cents": 0}, {"given_cents": 600_00})
    assert audited(sessions)[-2:] == ["act-proposed", "act-approved"]


def test_within_the_own_limit_it_is_done_at_once_with_the_same_trace(
    sessions: Sessions, clerk: Authority, clock: FixedClock
) -> None:
    done = service.propose(sessions, ACTS, Give(cents=50_00), clerk, reason="small", clock=clock)
    assert isinstance(done, Done)
    with reading(sessions) as session:
        seen = queries.proposal(session, done.proposal_id, clerk)
        assert queries.counts(session, clerk).waiting == 0
    assert seen.decision is not None
    assert (seen.decision.verdict, seen.decision.checker) == (Verdict.ALONE, "staff:clara")
    assert books(sessions)["journals"] == 1
    assert audited(sessions)[-1] == "act-done-alone"


def test_an_act_may_ask_for_a_second_person_whatever_its_amount(
    sessions: Sessions, clerk: Authority, clock: FixedClock
) -> None:
    giving = Giving()
    giving.asks_second = ("third-time",)
    acts = {giving.kind: giving}
    small = service.propose(sessions, acts, Give(cents=1), clerk, reason="again", clock=clock)
    assert isinstance(small, Proposed)


Act = Callable[[Sessions, int, Authority, FixedClock], object]


def _approve(sessions: Sessions, proposal: int, by: Authority, clock: FixedClock) -> object:
    return service.approve(sessions, ACTS, proposal, by, clock=clock)


def _reject(sessions: Sessions, proposal: int, by: Authority, clock: FixedClock) -> object:
    return service.reject(sessions, proposal, by, clock=clock, reason="no")


REFUSALS = [
    pytest.param({}, "clara", SamePerson, id="the maker"),
    pytest.param({"may": frozenset({Permission.ADJUSTMENTS_MAKE})}, "tom", NotAllowed, id="may not decide at all"),
    pytest.param({"decide": None}, "tom", NotAllowed, id="does not decide this act"),
    pytest.param({"decide": Money(599_99)}, "tom", OverLimit, id="one cent over the limit"),
]


@pytest.mark.parametrize("act", [_approve, _reject])
@pytest.mark.parametrize(("rights", "name", "refusal"), REFUSALS)
def test_who_may_not_decide_is_refused_and_nothing_changes(
    sessions: Sessions, waiting: int, clock: FixedClock, *, act: Act, rights: dict[str, Money], name: str,
    refusal: type[DomainError],
) -> None:  # fmt: skip
    by = person(sessions, name, **rights)  # type: ignore[arg-type]
    before = books(sessions)
    with pytest.raises(refusal):
        act(sessions, waiting, by, clock)
    assert books(sessions) == before
    assert audited(sessions)[-1] == "decision-refused"


@pytest.mark.parametrize("act", [_approve, _reject])
@pytest.mark.parametrize("verdict", ["approved", "rejected", "withdrawn"])
def test_what_is_decided_stays_decided(
    sessions: Sessions, waiting: int, clerk: Authority, chief: Authority, clock: FixedClock, *, act: Act, verdict: str
) -> None:
    if verdict == "approved":
        _approve(sessions, waiting, chief, clock)
    elif verdict == "rejected":
        _reject(sessions, waiting, chief, clock)
    else:
        service.withdraw(sessions, waiting, clerk, clock=clock)
    before = books(sessions)
    for again in (lambda: act(sessions, waiting, person(sessions, "tom"), clock),
                  lambda: service.withdraw(sessions, waiting, clerk, clock=clock)):  # fmt: skip
        with pytest.raises(AlreadyDecided) as caught:
            again()
        assert caught.value.facts == {"verdict": verdict}
    assert books(sessions) == before


def test_a_world_that_changed_ends_the_proposal_as_stale_and_it_may_be_made_anew(
    sessions: Sessions, waiting: int, clerk: Authority, chief: Authority, clock: FixedClock
) -> None:
    service.propose(sessions, ACTS, Give(cents=1_00), clerk, reason="meanwhile", clock=clock)
    before = books(sessions)
    with pytest.raises(WorldChanged) as caught:
        service.approve(sessions, ACTS, waiting, chief, clock=clock)
    assert caught.value.facts["changed"] == {"given": ("0", "100")}
    after = books(sessions)
    assert after == {**before, "proposal_decisions": before["proposal_decisions"] + 1}
    with reading(sessions) as session:
        decision = queries.proposal(session, waiting, clerk).decision
    assert decision is not None
    assert (decision.verdict, decision.outcome) == (Verdict.STALE, {"changed": {"given": ["0", "100"]}})
    assert audited(sessions)[-1] == "act-stale"
    with pytest.raises(AlreadyDecided):
        service.approve(sessions, ACTS, waiting, chief, clock=clock)
    again = service.propose(sessions, ACTS, GIFT, clerk, reason="a present", clock=clock)
    service.approve(sessions, ACTS, again.proposal_id, chief, clock=clock)
    with reading(sessions) as session:
        assert given(session) == 601_00


def test_proposing_is_refused_without_right_reason_or_sense(
    sessions: Sessions, clerk: Authority, clock: FixedClock
) -> None:
    guest = person(sessions, "gus", may=frozenset())
    before = books(sessions)
    for by, command, reason, refusal in (
        (guest, GIFT, "because", NotAllowed),
        (clerk, GIFT, "  ", ReasonMissing),
        (clerk, Give(cents=1_000_000_01), "because", TooGenerous),
    ):
        with pytest.raises(refusal):
            service.propose(sessions, ACTS, command, by, reason=reason, clock=clock)
    assert books(sessions) == before


def test_only_the_maker_withdraws_and_a_rejection_says_why(
    sessions: Sessions, waiting: int, chief: Authority, clock: FixedClock
) -> None:
    before = books(sessions)
    with pytest.raises(NotTheMaker):
        service.withdraw(sessions, waiting, chief, clock=clock)
    with pytest.raises(ReasonMissing):
        service.reject(sessions, waiting, chief, clock=clock, reason=" ")
    with pytest.raises(NotFound):
        service.approve(sessions, ACTS, waiting + 1, chief, clock=clock)
    assert books(sessions) == before


def test_the_same_form_sent_twice_is_one_proposal_and_one_act(
    sessions: Sessions, waiting: int, clerk: Authority, clock: FixedClock
) -> None:
    with pytest.raises(AlreadyProposed) as caught:
        service.propose(sessions, ACTS, GIFT, clerk, reason="a present", clock=clock)
    assert caught.value.facts == {"proposal_id": waiting}
    small = Give(cents=5_00)
    seen = service.preview(sessions, ACTS, small, clerk, clock.today())
    assert (seen.needs_second, seen.weighed.effect) == (False, Money(5_00))
    service.propose(sessions, ACTS, small, clerk, reason="small", clock=clock, seen=seen.seen)
    before = books(sessions)
    with pytest.raises(WorldChanged):
        service.propose(sessions, ACTS, small, clerk, reason="small", clock=clock, seen=seen.seen)
    assert books(sessions) == before


def test_a_preview_changes_nothing(sessions: Sessions, clerk: Authority, clock: FixedClock) -> None:
    before = books(sessions)
    assert service.preview(sessions, ACTS, GIFT, clerk, clock.today()).needs_second
    assert books(sessions) == before


FORGED = """
    INSERT INTO proposal_decisions (proposal_id, proposed_by, verdict, decided_by, decided_at, reason, outcome)
    SELECT id, {maker}, '{verdict}', {checker}, now(), 'forged', '{{}}' FROM proposals WHERE id = :id"""


@pytest.mark.parametrize(
    ("maker", "checker", "verdict"),
    [
        ("proposed_by", "proposed_by", "approved"),
        ("proposed_by", "proposed_by", "rejected"),
        ("proposed_by", "proposed_by", "stale"),
        ("proposed_by + 1", "proposed_by", "approved"),
        ("proposed_by", "proposed_by + 1", "withdrawn"),
        ("proposed_by", "proposed_by + 1", "alone"),
        ("proposed_by", "proposed_by + 1", "perhaps"),
    ],
)
def test_rule_2_the_database_refuses_that_a_maker_decides(
    sessions: Sessions, owner_engine: Engine, waiting: int, chief: Authority, *, maker: str, checker: str,
    verdict: str,
) -> None:  # fmt: skip
    """Neither as oneself nor by claiming that somebody else proposed it; not even as the owner of the tables."""
    forged = text(FORGED.format(maker=maker, checker=checker, verdict=verdict))
    before = books(sessions)
    with pytest.raises(IntegrityError), transaction(sessions) as session:
        session.execute(forged, {"id": waiting})
    with pytest.raises(IntegrityError), owner_engine.begin() as connection:
        connection.execute(forged, {"id": waiting})
    assert books(sessions) == before


@pytest.mark.parametrize(
    ("table", "column"),
    [("proposals", "payload"), ("proposal_accounts", "customer_account_id"), ("proposal_decisions", "outcome")],
)
@pytest.mark.parametrize("change", ["UPDATE {0} SET {1} = {1}", "DELETE FROM {0}", "TRUNCATE {0} CASCADE"])
def test_nothing_of_a_proposal_is_ever_changed(
    sessions: Sessions, owner_engine: Engine, waiting: int, clerk: Authority, *, table: str, column: str, change: str
) -> None:
    with transaction(sessions) as session:
        account = make_account(session).id
    service.propose(sessions, ACTS, Give(cents=1, account_id=account), clerk, reason="x", clock=FixedClock())
    statement = text(change.format(table, column))
    with pytest.raises(ProgrammingError, match="permission denied"), transaction(sessions) as session:
        session.execute(statement)
    with pytest.raises(DBAPIError, match="append-only"), owner_engine.begin() as connection:
        connection.execute(statement)


def test_the_inbox_says_what_waits_for_whom_and_why_not(
    sessions: Sessions, waiting: int, clerk: Authority, chief: Authority, clock: FixedClock
) -> None:
    junior = person(sessions, "tom", decide=Money(1_00))
    with transaction(sessions) as session:
        account = make_account(session)
    clock.advance(hours=1)
    service.propose(sessions, ACTS, Give(cents=70_00, account_id=account.id), chief, reason="more", clock=clock)
    with reading(sessions) as session:
        told = {by.handle: queries.inbox(session, by).proposals for by in (clerk, chief, junior)}
        assert [p.hindrances for p in told["staff:clara"]] == [
            (Hindrance.OWN_PROPOSAL, Hindrance.NOT_PERMITTED), (Hindrance.NOT_PERMITTED,),
        ]  # fmt: skip
        assert [p.hindrances for p in told["staff:sofia"]] == [(), (Hindrance.OWN_PROPOSAL,)]
        assert [p.hindrances for p in told["staff:tom"]] == [(Hindrance.OVER_LIMIT,)] * 2
        older, newer = told["staff:sofia"]
        assert (older.may_decide, newer.may_decide) == (True, False)
        assert (newer.reference, newer.holder, newer.account_kind) == (account.reference, "Maria Lopez", "utility")
        assert [p.id for p in queries.inbox(session, chief, only_mine=True).proposals] == [waiting]
        assert [p.id for p in queries.inbox(session, chief, only_made=True).proposals] == [newer.id]
        counted = queries.counts(session, chief)
        assert (counted.waiting, counted.mine_to_decide, counted.made_by_me) == (2, 1, 1)
        assert counted.oldest_at == older.proposed_at
        first = queries.inbox(session, chief, most=1)
        assert ([p.id for p in first.proposals], first.after) == ([waiting], waiting)
        second = queries.inbox(session, chief, most=1, after=waiting)
        assert ([p.id for p in second.proposals], second.after) == ([newer.id], None)
        assert [p.id for p in queries.proposals_of(session, account.id, clerk)] == [newer.id]


@pytest.mark.parametrize(
    ("flag", "permission"),
    [("is_protected", Permission.PROTECTED_SEE), ("is_restricted", Permission.RESTRICTED_SEE)],
)
def test_who_may_not_see_an_account_neither_sees_nor_decides_its_proposals(
    sessions: Sessions, waiting: int, clock: FixedClock, *, flag: str, permission: Permission
) -> None:
    with transaction(sessions) as session:
        account = make_account(session).id
        session.execute(text(f"UPDATE customer_accounts SET {flag} = true WHERE id = :id"), {"id": account})
    command = Give(cents=70_00, account_id=account)
    blind = person(sessions, "tom")
    trusted, other = (person(sessions, name, may=blind.permissions | {permission}) for name in ("sofia", "ida"))
    for ask in (lambda: service.propose(sessions, ACTS, command, blind, reason="x", clock=clock),
                lambda: service.preview(sessions, ACTS, command, blind, clock.today())):  # fmt: skip
        with pytest.raises(NotFound):
            ask()
    proposal = service.propose(sessions, ACTS, command, other, reason="x", clock=clock).proposal_id
    before = books(sessions)
    with reading(sessions) as session:
        assert [p.id for p in queries.inbox(session, blind).proposals] == [waiting]
        assert queries.counts(session, blind).waiting == 1
        assert queries.proposals_of(session, account, blind) == []
        with pytest.raises(NotFound):
            queries.proposal(session, proposal, blind)
        assert queries.counts(session, trusted).mine_to_decide == 2
    for act in (_approve, _reject):
        with pytest.raises(NotFound):
            act(sessions, proposal, blind, clock)
    assert books(sessions) == before
    service.approve(sessions, ACTS, proposal, trusted, clock=clock)
