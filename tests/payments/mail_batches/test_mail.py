"""Bundles of mail: two openers, a control total, the date that counts, and nothing counted that does not tie."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy.exc import IntegrityError

from accounts.cities.mail import MailPolicy
from accounts.database import transaction
from accounts.errors import DomainError, SamePerson
from accounts.money import Money
from accounts.staff.rules import NotAllowed
from payments.drawers.rules import Counted, DrawerNotOpen, NotYourDrawer, OneDrawerEach, ReasonNeeded
from payments.drawers.service import count as count_drawer
from payments.drawers.verdicts import accept
from payments.mail_batches import service
from payments.mail_batches.entering import enter
from payments.mail_batches.models import MailBundle
from payments.mail_batches.rules import (
    BundleIsFull,
    BundleWorked,
    ControlMissing,
    NewBundle,
    NoMoneyExpected,
    NotByMail,
    NotReceivedYet,
    NotRouted,
    NotTied,
    NotWorkedHere,
    PostDated,
    PostmarkNotTaken,
    Remittance,
    paid_on,
)
from payments.mail_batches.service import MailDesk
from payments.sales.rules import NotMadeOutToTheCity, TenderIncomplete
from payments.suspense.rules import BadRouting
from tests.concurrency.threads import together
from tests.factories.window import Window


@pytest.fixture
def mail(window: Window) -> MailDesk:
    return MailDesk(window.cash, window.sale, window.online, b"a key of tests")


def bundle(window: Window, remittances: int = 1, cents: int = 60_00, **more: object) -> NewBundle:
    new = NewBundle("payments", window.desk.clock.now(), window.tomas.actor_id, None, remittances, Money(cents))
    return replace(new, **more)  # type: ignore[arg-type]


def worked(window: Window, mail: MailDesk, remittances: int = 1, cents: int = 60_00, **more: object) -> int:
    """A bundle that Rosa is entering."""
    made = service.log(mail, window.rosa, bundle(window, remittances, cents, **more))
    service.work(mail, window.rosa, made)
    return made


def check(cents: int, *accounts: tuple[int, int], **more: object) -> Remittance:
    parts = tuple((account, Money(part)) for account, part in accounts)
    given = {"key": f"k{cents}-{accounts}", "check_number": "1042", "bank": "River Bank", **more}
    return Remittance(tender="check", amount=Money(cents), accounts=parts, **given)  # type: ignore[arg-type]


def state(window: Window) -> tuple[object, ...]:
    tables = (
        "mail_bundles",
        "mail_remittances",
        "mail_explanations",
        "drawers",
        "drawer_counts",
        "payments",
        "sales",
    )
    counts = tuple(window.desk.rows(f"SELECT count(*) FROM {table}") for table in tables)
    return (window.desk.books(), counts)


def test_a_bundle_is_logged_by_two_entered_counted_and_in_the_vault(window: Window, mail: MailDesk) -> None:
    one = window.desk.account("utility", ("water", "service", 60_00))
    other = window.desk.account("license", ("business-license", "tax", 40_00))
    made = worked(window, mail, 3, 130_00)
    enter(mail, window.rosa, made, check(60_00, (one, 60_00)))
    split = enter(mail, window.rosa, made, check(50_00, (one, 10_00), (other, 40_00)))
    unknown = enter(mail, window.rosa, made, check(20_00, payer="J. Smith", routing="121000248",
                                                           bank_account="998877"))  # fmt: skip
    assert (split.number, unknown.unknown) == (2, Money(20_00))
    assert window.desk.credit(one) == 10_00
    roles = window.desk.ruling.city.roles
    assert window.desk.balances()[roles.suspense] == -20_00
    assert window.desk.rows("SELECT DISTINCT channel, tender FROM payments") == [("mail", "check")]
    ((series,),) = window.desk.rows("SELECT DISTINCT series FROM receipts")
    assert series in window.desk.ruling.city.series_of("mail")
    ((payer, mark),) = window.desk.rows("SELECT payer, fingerprint IS NOT NULL FROM suspense_clues")
    assert (payer, mark) == ("J. Smith", True)
    counted = service.count(mail, window.rosa, made, Counted({}, 3, Money(130_00)))
    with pytest.raises(SamePerson):
        accept(window.cash, replace(window.sofia, actor_id=window.rosa.actor_id), counted.id)
    accept(window.cash, window.sofia, counted.id)
    assert window.desk.rows("SELECT checks_cents, checks_count, cash_cents FROM vault_batches") == [(130_00, 3, 0)]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"remittances": 0, "total": Money(0)}, ControlMissing),
        ({"total": Money(0)}, ControlMissing),
        ({"kind": "letters"}, NoMoneyExpected),
        ({"kind": "letters", "remittances": 0, "total": Money(0)}, NotRouted),
        ({"received_at": timedelta(minutes=5)}, NotReceivedYet),
        ({"kind": "parcels"}, DomainError),
        ({"opened_with": "rosa"}, SamePerson),
        ({"opened_with": 0}, DomainError),
    ],
)
def test_what_is_not_logged(
    window: Window, mail: MailDesk, changes: dict[str, object], refusal: type[DomainError]
) -> None:
    given = dict(changes)
    if isinstance(later := given.get("received_at"), timedelta):
        given["received_at"] = window.desk.clock.now() + later
    if given.get("opened_with") == "rosa":
        given["opened_with"] = window.rosa.actor_id
    before = state(window)
    with pytest.raises(refusal):
        service.log(mail, window.rosa, bundle(window, **given))  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        service.log(mail, window.desk.person("ada", "auditor"), bundle(window))
    assert state(window) == before


def test_the_database_knows_that_two_opened_it(window: Window) -> None:
    row = MailBundle(
        kind="payments", received_at=window.desk.clock.now(), opened_by=window.rosa.actor_id,
        opened_with=window.rosa.actor_id, remittances=1, total_cents=Money(1), logged_at=window.desk.clock.now(),
    )  # fmt: skip
    with pytest.raises(IntegrityError, match="opened_by_two"), transaction(window.desk.sessions) as session:
        session.add(row)


def test_other_mail_becomes_somebody_s_follow_up(window: Window, mail: MailDesk) -> None:
    division = window.desk.ruling.city.desk_policy(window.desk.today).divisions[0].code
    new = bundle(window, 0, 0, kind="court-papers", for_division=division, note="Bankruptcy of J. Smith")
    made = service.log(mail, window.rosa, new)
    assert window.desk.rows("SELECT text, for_division FROM follow_ups") == [("Bankruptcy of J. Smith", division)]
    with pytest.raises(NotWorkedHere):
        service.work(mail, window.rosa, made)


POLICY = MailPolicy.model_validate({
    "valid_from": date(2020, 1, 1), "authority": "Resolution 1", "postmark_days": 10, "answer_days": 5,
    "kinds": [{"code": "payments", "name": {"en": "Payments"}, "has_money": True}],
    "paid_on": {"utility": "receipt", "license": "postmark", "citation": "postmark"},
})  # fmt: skip
CAME, TODAY = date(2026, 11, 13), date(2026, 11, 17)


@pytest.mark.parametrize(
    ("kinds", "postmark", "on", "by_postmark"),
    [
        (["utility"], date(2026, 11, 10), CAME, False),
        (["license"], date(2026, 11, 10), date(2026, 11, 10), True),
        (["license"], None, CAME, False),
        (["utility", "citation"], date(2026, 11, 3), date(2026, 11, 3), True),
        ([], date(2026, 11, 10), CAME, False),
    ],
)
def test_the_date_that_counts(kinds: list[str], postmark: date | None, on: date, *, by_postmark: bool) -> None:
    found = paid_on(POLICY, kinds, CAME, postmark, TODAY)
    assert (found.on, found.by_postmark) == (on, by_postmark)


@pytest.mark.parametrize("postmark", [date(2026, 11, 14), date(2026, 11, 2), date(2025, 11, 12)])
def test_postmarks_that_cannot_be(postmark: date) -> None:
    with pytest.raises(PostmarkNotTaken):
        paid_on(POLICY, ["license"], CAME, postmark, TODAY)


def test_never_after_today() -> None:
    assert paid_on(POLICY, ["utility"], date(2026, 12, 1), None, TODAY).on == TODAY


def test_a_license_counts_from_its_postmark(window: Window, mail: MailDesk) -> None:
    account = window.desk.account("license", ("business-license", "tax", 40_00))
    made = worked(window, mail, cents=40_00, postmarked_on=window.desk.today - timedelta(days=4))
    entered = enter(mail, window.rosa, made, check(40_00, (account, 40_00)))
    assert entered.paid_on == window.desk.today - timedelta(days=4)
    assert window.desk.rows("SELECT effective_on, business_day FROM journals WHERE kind = 'payment'") == [
        (entered.paid_on, window.desk.today)
    ]


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"made_out_to_city": False}, NotMadeOutToTheCity),
        ({"dated_on": date(2099, 1, 1)}, PostDated),
        ({"check_number": ""}, TenderIncomplete),
        ({"tender": "terminal"}, NotByMail),
        ({"postmarked_on": date(2020, 1, 1)}, PostmarkNotTaken),
        ({"routing": "121000249"}, BadRouting),
        ({"accounts": ((999_999, Money(60_00)),)}, DomainError),
    ],
)
def test_what_is_sent_back_or_typed_anew(
    window: Window, mail: MailDesk, changes: dict[str, object], refusal: type[DomainError]
) -> None:
    account = window.desk.account("utility", ("water", "service", 60_00))
    made = worked(window, mail)
    before = state(window)
    with pytest.raises(refusal):
        enter(mail, window.rosa, made, replace(check(60_00, (account, 60_00)), **changes))  # type: ignore[arg-type]
    assert state(window) == before


def test_a_bundle_that_is_off_is_not_counted_until_it_is_explained(window: Window, mail: MailDesk) -> None:
    account = window.desk.account("utility", ("water", "service", 60_00))
    made = worked(window, mail, 3, 100_00)
    enter(mail, window.rosa, made, check(60_00, (account, 60_00)))
    found = Counted({}, 1, Money(60_00))
    before = state(window)
    with pytest.raises(NotTied) as off:
        service.count(mail, window.rosa, made, found)
    assert (off.value.facts["count"], off.value.facts["cents"]) == (2, Money(40_00))
    ((drawer,),) = window.desk.rows("SELECT drawer_id FROM mail_bundles")
    with pytest.raises(IntegrityError):
        count_drawer(window.cash, window.rosa, drawer, found)
    with pytest.raises(ReasonNeeded):
        service.explain(mail, window.rosa, made, kind="sent-back", count=1, amount=Money(25_00), reason=" ")
    with pytest.raises(NotYourDrawer):
        service.explain(mail, window.tomas, made, kind="sent-back", count=1, amount=Money(25_00), reason="x")
    assert state(window) == before
    service.explain(mail, window.rosa, made, kind="sent-back", count=1, amount=Money(25_00), reason="a third party's")
    service.explain(mail, window.rosa, made, kind="miscounted", count=1, amount=Money(15_00), reason="added up twice")
    counted = service.count(mail, window.rosa, made, found)
    accept(window.cash, window.sofia, counted.id)
    with pytest.raises(DrawerNotOpen):
        service.explain(mail, window.rosa, made, kind="miscounted", count=1, amount=Money(1), reason="late")


def test_no_more_than_was_counted_and_nobody_else_s(window: Window, mail: MailDesk) -> None:
    account = window.desk.account("utility", ("water", "service", 60_00))
    made = worked(window, mail)
    with pytest.raises(NotYourDrawer):
        enter(mail, window.tomas, made, check(60_00, (account, 60_00)))
    with pytest.raises(BundleWorked):
        service.work(mail, window.tomas, made)
    enter(mail, window.rosa, made, check(60_00, (account, 60_00)))
    before = state(window)
    with pytest.raises(BundleIsFull):
        enter(mail, window.rosa, made, check(10_00, (account, 10_00)))
    assert state(window) == before


def test_one_bundle_at_a_time_and_begun_again_it_is_the_same(window: Window, mail: MailDesk) -> None:
    first = worked(window, mail)
    assert service.work(mail, window.rosa, first) == service.work(mail, window.rosa, first)
    second = service.log(mail, window.rosa, bundle(window))
    with pytest.raises(OneDrawerEach):
        service.work(mail, window.rosa, second)


def test_a_form_that_is_sent_many_times_at_once_is_entered_once(window: Window, mail: MailDesk) -> None:
    account = window.desk.account("utility", ("water", "service", 60_00))
    made = worked(window, mail, 5, 300_00)
    act: Callable[[], object] = lambda: enter(mail, window.rosa, made, check(60_00, (account, 60_00)))  # noqa: E731
    together([act] * 4)
    assert window.desk.rows("SELECT count(*) FROM mail_remittances") == [(1,)]
    assert window.desk.charges(account)[0][2] == 0
    again = enter(mail, window.rosa, made, check(60_00, (account, 60_00)))
    assert (again.again, again.number) == (True, 1)
    service.explain(mail, window.rosa, made, kind="miscounted", count=4, amount=Money(240_00), reason="of a test")
