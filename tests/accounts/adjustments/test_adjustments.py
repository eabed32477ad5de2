"""Charges corrected: by a stated calculation or by taking a correction back. A bill that was sent stays as sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from accounts.actors.service import actor_id
from accounts.adjustments import queries
from accounts.adjustments.commands import Adjust, ByLines, StatedLine, TakeBack
from accounts.adjustments.rules import LinesDoNotSum, MoreThanAsked, NoSuchReason, TakenBackBefore
from accounts.approvals import queries as approvals
from accounts.approvals.rules import WorldChanged
from accounts.approvals.service import Proposed
from accounts.assessments.rules import NotOurs
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.customer_accounts.models import PendingPayment
from accounts.database import reading, transaction
from accounts.errors import DomainError, NotFound, SamePerson
from accounts.ledger.rules import Source
from accounts.money import Money
from accounts.staff.rules import Authority, NotAllowed, OverLimit
from accounts.utilities.service import assess_penalties
from tests.accounts.assessments.city import BILL_DATE, charges_of, house
from tests.accounts.assessments.city import clerk as system
from tests.factories.bills import bill_all
from tests.factories.desk import Desk


@pytest.fixture
def clerk(desk: Desk) -> Authority:
    return desk.person("clara", "clerk")


@pytest.fixture
def supervisor(desk: Desk) -> Authority:
    return desk.person("sofia", "supervisor")


def adjust(charge: int, cents: int, **more: object) -> Adjust:
    """A correction whose one line is its amount."""
    lines = (StatedLine(label="as stated", quantity=Decimal(1), rate=Decimal(cents).scaleb(-2)),)
    given = {"charge_id": charge, "amount_cents": cents, "reason_code": "misread", "lines": lines, **more}
    return Adjust(by=ByLines.model_validate(given))


def test_rule_2_no_clerk_corrects_a_charge_alone_however_small(desk: Desk, clerk: Authority) -> None:
    """The limits of the city give nobody the right to adjust without a second person, not even that person."""
    account = desk.account("utility", ("water", "service", 100_00))
    ((charge, _, _),) = desk.charges(account)
    for role in ("clerk", "supervisor", "finance"):
        assert isinstance(desk.propose(desk.person(f"{role}-x", role), adjust(charge, -1 - len(role))), Proposed)
    both = desk.person("sofia", "supervisor")
    proposal = desk.waits(both, adjust(charge, -10_00))
    before = desk.books()
    with pytest.raises(SamePerson):
        desk.approve(both, proposal)
    with pytest.raises(NotAllowed):
        desk.approve(clerk, proposal)
    assert desk.books() == before


def test_down_and_up_with_the_calculation_shown(desk: Desk, clerk: Authority, supervisor: Authority) -> None:
    account = desk.account("utility", ("water", "service", 100_00), ("sewer", "service", 60_00))
    charge = desk.charges(account)[0][0]
    lines = (
        StatedLine(label="Billed 40 CCF", quantity=Decimal(40), rate=Decimal("-2.47")),
        StatedLine(label="Read anew: 27.5 CCF", quantity=Decimal("27.5"), rate=Decimal("2.47")),
    )
    less = Adjust(by=ByLines(charge_id=charge, amount_cents=-30_87, reason_code="misread", lines=lines))
    proposal = desk.waits(clerk, less)
    with reading(desk.sessions) as session:
        seen = approvals.proposal(session, proposal, supervisor)
    assert [(step.label.in_("en"), step.amount_cents) for step in seen.evidence.steps] == [
        ("Billed 40 CCF", -98_80), ("Read anew: 27.5 CCF", 67_93),
    ]  # fmt: skip
    assert (seen.evidence.before["owed_cents"], seen.evidence.after["owed_cents"]) == (160_00, 129_13)
    done = desk.approve(supervisor, proposal)
    assert done.effect == Money(-30_87)
    desk.done(clerk, supervisor, adjust(charge, 5_00))
    assert [row[1:] for row in desk.charges(account)] == [(74_13, 74_13), (60_00, 60_00)]
    assert desk.balances() == {
        "510-1200": 74_13, "510-4100": -74_13, "520-1200": 60_00, "520-4100": -60_00,
    }  # fmt: skip
    with reading(desk.sessions) as session:
        made = queries.adjustments_of(session, [charge])
    assert [(a.amount, a.reason, a.maker, a.checker) for a in made] == [
        (Money(-30_87), "misread", "staff:clara", "staff:sofia"),
        (Money(5_00), "misread", "staff:clara", "staff:sofia"),
    ]
    assert desk.rows("SELECT amount_cents FROM charges WHERE id = :id", id=charge) == [(100_00,)], "as it was billed"


def test_what_was_paid_follows_into_the_fund_where_credits_stand(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    """A paid refuse charge is corrected: its fund owes the money to the fund of utility credits, through the pool."""
    account = desk.account("utility", ("refuse", "service", 50_00))
    desk.pay({account: Money(40_00)})
    done = desk.done(clerk, supervisor, adjust(desk.charges(account)[0][0], -30_00))
    assert done.outcome["credited_cents"] == 20_00
    assert (desk.charges(account)[0][1:], desk.credit(account)) == ((20_00, 0), 20_00)
    assert desk.balances() == {
        "510-1000": 20_00, "510-2200": -20_00, "530-1000": 20_00, "530-4100": -20_00, "990-1015": 40_00,
        "990-2010": -40_00,
    }  # fmt: skip


def test_the_states_tenth_is_corrected_to_the_cent_in_pieces(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    account = desk.account("license")
    with transaction(desk.sessions) as session:
        (charge,) = desk.charge(session, account, ("state-disability-fee", "fee", 4_00))
    for cents in (-1_55, -1_55, -90):
        desk.done(clerk, supervisor, adjust(charge, cents))
    assert desk.charges(account)[0][1:] == (0, 0)
    # desk.charge raises on one revenue account; the parts that are taken off are those of the city.
    assert desk.balances() == {"275-2300": 40, "275-4100": -40}


def test_a_balance_of_day_one_is_corrected_against_opening_equity(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    account = desk.account("utility")
    line = desk.ruling.city.revenue_line("water")
    with transaction(desk.sessions) as session:
        opened = NewCharge(
            account, "water", "opening", line.fund, line.receivable, "510-3000", Money(70_00),
            {"en": "Balance", "es": "Saldo"}, desk.today, desk.today, desk.today + timedelta(days=1),
            working={"imported": {}}, source_key="old:1",
        )  # fmt: skip
        raise_charges(
            session, [opened], source=Source("import", "1", "opening"), kind="opening",
            effective_on=desk.today, actor_id=actor_id(session, "system"),
        )  # fmt: skip
    desk.done(clerk, supervisor, adjust(desk.charges(account)[0][0], -70_00))
    assert desk.balances() == {}


def test_taking_back_is_a_new_opposite_once(desk: Desk, clerk: Authority, supervisor: Authority) -> None:
    account = desk.account("utility", ("water", "service", 100_00))
    desk.pay({account: Money(100_00)})
    done = desk.done(clerk, supervisor, adjust(desk.charges(account)[0][0], -30_00))
    (first,) = done.outcome["adjustment_ids"]
    taking = Adjust(by=TakeBack(adjustment_id=first))
    both = [desk.waits(clerk, command) for command in (taking, adjust(desk.charges(account)[0][0], -1_00))]
    (second,) = desk.approve(supervisor, both[0]).outcome["adjustment_ids"]
    assert (desk.charges(account)[0][1:], desk.credit(account)) == ((100_00, 30_00), 30_00)
    with pytest.raises(WorldChanged):
        desk.approve(supervisor, both[1])
    before = desk.books()
    for again in (first, second):
        with pytest.raises(TakenBackBefore):
            desk.propose(clerk, Adjust(by=TakeBack(adjustment_id=again)))
    with pytest.raises(NotFound):
        desk.propose(clerk, Adjust(by=TakeBack(adjustment_id=second + 1)))
    assert desk.books() == before
    with reading(desk.sessions) as session:
        made = queries.adjustments_of(session, [desk.charges(account)[0][0]])
    assert [(a.amount.cents, a.reverses_id, a.reversed_by, a.may_be_taken_back) for a in made] == [
        (-30_00, None, second, False), (30_00, first, None, False),
    ]  # fmt: skip


ONE_DOLLAR = StatedLine(label="x", rate=Decimal(1))
REFUSALS: list[tuple[str, Callable[[int], Adjust], type[DomainError]]] = [
    ("below nothing", lambda charge: adjust(charge, -100_01), MoreThanAsked),
    ("nothing at all", lambda charge: adjust(charge, 0), MoreThanAsked),
    (
        "lines of another sum",
        lambda charge: adjust(charge, -5, lines=(StatedLine(label="x", rate=1),)),
        LinesDoNotSum,
    ),
    ("no such reason", lambda charge: adjust(charge, -5, reason_code="whim"), NoSuchReason),
    ("a leak without the leak policy", lambda charge: adjust(charge, -5, reason_code="leak"), NoSuchReason),
    ("no such charge", lambda charge: adjust(charge + 99, -5), NotFound),
]


@pytest.mark.parametrize(("command", "refusal"), [r[1:] for r in REFUSALS], ids=[r[0] for r in REFUSALS])
def test_what_cannot_be_corrected_changes_nothing(
    desk: Desk, clerk: Authority, command: Callable[[int], Adjust], refusal: type[DomainError]
) -> None:
    account = desk.account("utility", ("water", "service", 100_00))
    asked, before = command(desk.charges(account)[0][0]), desk.books()
    with pytest.raises(refusal):
        desk.propose(clerk, asked)
    assert desk.books() == before


def test_only_its_owner_corrects_an_external_charge(desk: Desk, clerk: Authority) -> None:
    account = desk.account("citation")
    with transaction(desk.sessions) as session:
        (charge,) = desk.charge(session, account, ("parking", "fine", 63_00), external="tickets")
    before = desk.books()
    with pytest.raises(NotOurs):
        desk.propose(clerk, adjust(charge, -5))
    assert desk.books() == before


def test_above_a_supervisors_limit_finance_decides(desk: Desk, clerk: Authority, supervisor: Authority) -> None:
    account = desk.account("utility", ("water", "service", 5_000_00))
    proposal = desk.waits(clerk, adjust(desk.charges(account)[0][0], -1_000_01))
    with pytest.raises(OverLimit) as caught:
        desk.approve(supervisor, proposal)
    assert caught.value.facts["limit"] == Money(1_000_00)
    desk.approve(desk.person("fred", "finance"), proposal)


def test_money_on_its_way_and_penalties_of_the_bill_are_named(
    desk: Desk, clerk: Authority, supervisor: Authority
) -> None:
    """A late bill: the penalty on it is not changed silently, but both people read what it would be now."""
    account = house(desk.sessions)
    bill_all(desk.sessions, desk.ruling, BILL_DATE)
    late = desk.ruling.city.delinquent_on(BILL_DATE)
    assess_penalties(desk.sessions, desk.ruling, late, system(desk.sessions))
    charges = charges_of(desk.sessions, account)
    (penalty,) = [charge for charge in charges if charge.kind == "penalty"]
    sewer = next(charge for charge in charges if charge.revenue_line == "sewer")
    with transaction(desk.sessions) as session:
        session.add(PendingPayment(
            customer_account_id=account, owner_kind="other", owner_id="x", amount_cents=Money(9_00),
            expires_at=desk.clock.now() + timedelta(hours=1),
        ))  # fmt: skip
    proposal = desk.waits(clerk, adjust(sewer.id, -sewer.amount_cents.cents, reason_code="service-stopped"))
    with reading(desk.sessions) as session:
        notes = {note.kind: note.facts for note in approvals.proposal(session, proposal, supervisor).evidence.notes}
    assert notes["payment-on-its-way"]["cents"] == 9_00
    told = notes["penalty-to-look-at"]
    rest = sum(charge.amount_cents.cents for charge in charges if charge.id not in {penalty.id, sewer.id})
    assert (told["charge_id"], told["cents"]) == (penalty.id, penalty.amount_cents.cents)
    assert told["would_be_cents"] == (rest + 5) // 10
    desk.approve(supervisor, proposal)
    assert next(c for c in charges_of(desk.sessions, account) if c.id == penalty.id).open_cents == penalty.open_cents
