"""Rules that point at what a person should explain. Pure: facts and the city's figures in, findings out.

No rule says that somebody did wrong. Each is a scheme that auditors have described, with what it looks at; a finding
carries the facts, so that its sentence can be checked. ``docs/oversight.md`` says what each can and cannot see.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from accounts.cities.identity import WEEKDAYS, Calendar
from accounts.cities.oversight import AfterCash, ExactShortage, NoSales, OversightPolicy, Voids
from accounts.errors import Conflict, DomainError
from accounts.money import ZERO, Money
from payments.findings.facts import CashTaken, Counted, Done, Facts, LessAsked, Month, SaleInDrawer
from payments.findings.peers import OPENED, VOIDED, Counting, against


class AboutYourself(DomainError):
    """A finding is worked by somebody whom it is not about (rule 7 of the house)."""


class FindingEnded(Conflict):
    """Somebody explained this finding before."""


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class Rule(StrEnum):
    """The rules, by the name that a finding keeps."""

    AFTER_CASH = "less-asked-after-cash"
    SWAP = "check-for-cash"
    VOIDS = "voids-against-peers"
    NO_SALES = "no-sales-against-peers"
    LATE_VOID = "cash-void-after-leaving"
    OWN = "own-account"
    REPRINT = "reprint-then-void"
    GAP = "receipt-gap"
    SHORTAGE = "exact-shortages"
    LAPPING = "check-before-its-receipt"
    HOURS = "out-of-hours"


@dataclass(frozen=True)
class Found:
    """A finding before it is kept. ``facts`` are what its sentence says, in cents, days and codes."""

    rule: Rule
    about: str
    """What makes it this finding and no other of its rule."""
    severity: Severity
    subjects: tuple[int, ...]
    on: date
    facts: dict[str, object] = field(default_factory=dict)
    amount: Money | None = None
    account_id: int | None = None
    payment_id: int | None = None
    drawer_id: int | None = None

    @property
    def key(self) -> str:
        return f"{self.rule}:{self.about}"


@dataclass(frozen=True)
class Setting:
    """The city's figures, its office hours and its time zone."""

    policy: OversightPolicy
    calendar: Calendar
    zone: ZoneInfo

    def day(self, at: datetime) -> date:
        """The day at city hall."""
        return at.astimezone(self.zone).date()


def judge(facts: Facts, setting: Setting) -> list[Found]:
    """Everything that the rules point at, each finding once."""
    found = {one.key: one for rule in _RULES for one in rule(facts, setting)}
    return list(found.values())


def _after_cash(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.after_cash
    if terms is None:
        return
    taken: dict[int, list[CashTaken]] = defaultdict(list)
    for cash in facts.cash:
        taken[cash.account_id].append(cash)
    for less in facts.less:
        near = [
            one for one in taken[less.account_id] if timedelta() <= less.at - one.at <= timedelta(days=terms.days)
        ]
        if near and (severity := _how_near(less, near[-1], terms)):
            yield _less_found(less, near[-1], severity, setting)


def _how_near(less: LessAsked, cash: CashTaken, terms: AfterCash) -> Severity | None:
    """High where one hand took the cash and made the charge smaller, low where others did and it is much."""
    if cash.cashier in less.people:
        return Severity.HIGH if less.amount.dollars >= terms.at_least else None
    by_others = terms.by_others_at_least
    return Severity.LOW if by_others is not None and less.amount.dollars >= by_others else None


def _less_found(less: LessAsked, cash: CashTaken, severity: Severity, setting: Setting) -> Found:
    return Found(
        Rule.AFTER_CASH, f"adjustment {less.adjustment_id}", severity, _people(*less.people, cash.cashier),
        setting.day(less.at),
        {"cash_cents": cash.amount.cents, "cash_on": setting.day(cash.at).isoformat(),
         "less_cents": less.amount.cents, "less_on": setting.day(less.at).isoformat(),
         "days": (less.at - cash.at).days, "same_person": cash.cashier in less.people},
        amount=less.amount, account_id=less.account_id, payment_id=cash.payment_id,
    )  # fmt: skip


def _swap(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.swap
    for count in facts.counts if terms else ():
        if terms and _is_swap(count) and count.checks.dollars >= terms.at_least:
            yield Found(
                Rule.SWAP, f"count {count.count_id}", Severity.HIGH, (count.cashier,), count.on,
                {"cash_short_cents": -count.cash.cents, "checks_over_cents": count.checks.cents},
                amount=count.checks, drawer_id=count.drawer_id,
            )  # fmt: skip


def _is_swap(count: Counted) -> bool:
    return count.checks > ZERO and count.cash == -count.checks


def _lapping(facts: Facts, setting: Setting) -> Iterator[Found]:
    """A check lay in the drawer on one day, and was receipted by the same cashier on a later one."""
    terms = setting.policy.lapping
    for count in facts.counts if terms else ():
        for check in facts.checks if _is_swap(count) else ():
            later = (setting.day(check.at) - count.on).days
            if terms and check.cashier == count.cashier and check.amount == count.checks and 0 < later <= terms.days:
                yield Found(
                    Rule.LAPPING, f"count {count.count_id} payment {check.payment_id}", Severity.HIGH,
                    (count.cashier,), setting.day(check.at),
                    {"counted_on": count.on.isoformat(), "receipted_on": setting.day(check.at).isoformat(),
                     "check_cents": check.amount.cents, "days": later},
                    amount=check.amount, payment_id=check.payment_id, drawer_id=count.drawer_id,
                )  # fmt: skip


def _voids(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.voids
    if terms:
        yield from _above_peers(facts, Rule.VOIDS, terms, terms.least_voids, VOIDED)


def _no_sales(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.no_sales
    if terms:
        yield from _above_peers(facts, Rule.NO_SALES, terms, terms.least, OPENED)


def _above_peers(facts: Facts, rule: Rule, terms: Voids | NoSales, least: int, what: Counting) -> Iterator[Found]:
    """Months in which somebody did more of something for each payment than everybody else."""
    months: dict[date, list[Month]] = defaultdict(list)
    for one in facts.months:
        if one.payments >= terms.least_payments:
            months[one.month].append(one)
    for month, everybody in months.items():
        for one in everybody:
            peers = [(other.payments, what.of(other)) for other in everybody if other is not one]
            mine = (one.payments, what.of(one))
            if peers and mine[1] >= least and (said := against(mine, peers, terms, what)):
                yield Found(
                    rule, f"{month:%Y-%m} cashier {one.cashier}", Severity.MEDIUM, (one.cashier,), month,
                    {"payments": mine[0], what.name: mine[1], **said},
                )  # fmt: skip


def _late_voids(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.voids
    for void in facts.voids if terms else ():
        minutes = int((void.at - void.taken_at).total_seconds()) // 60
        if terms and void.cash > ZERO and minutes >= terms.left_after_minutes:
            yield Found(
                Rule.LATE_VOID, f"payment {void.payment_id}", Severity.MEDIUM, _people(void.cashier, void.by),
                setting.day(void.at), {"cash_cents": void.cash.cents, "minutes": minutes},
                amount=void.cash, payment_id=void.payment_id,
            )  # fmt: skip


def _reprints(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.reprint
    for one in facts.reprints if terms else ():
        if terms and timedelta() <= one.undone_at - one.at <= timedelta(days=terms.days):
            yield Found(
                Rule.REPRINT, f"payment {one.payment_id}", Severity.MEDIUM,
                _people(one.by, one.undone_by, one.cashier), setting.day(one.undone_at),
                {"receipt": one.receipt, "reprinted_on": setting.day(one.at).isoformat(),
                 "taken_back_on": setting.day(one.undone_at).isoformat(),
                 "minutes": int((one.undone_at - one.at).total_seconds()) // 60},
                amount=one.amount, payment_id=one.payment_id,
            )  # fmt: skip


def _own(facts: Facts, setting: Setting) -> Iterator[Found]:
    for work in facts.own if setting.policy.own_account else ():
        severity = Severity.MEDIUM if work.act == "payment" else Severity.HIGH
        yield Found(
            Rule.OWN, f"{work.act} {work.act_id} account {work.account_id} by {work.actor}", severity, (work.actor,),
            setting.day(work.at), {"work": work.act, "relation": work.relation, "link": work.link},
            account_id=work.account_id, payment_id=work.act_id if work.act == "payment" else None,
        )  # fmt: skip


def _gaps(facts: Facts, setting: Setting) -> Iterator[Found]:
    for gap in facts.gaps if setting.policy.receipt_gaps else ():
        yield Found(
            Rule.GAP, f"{gap.series}-{gap.year} {gap.first}", Severity.HIGH, (), gap.seen_on,
            {"series": gap.series, "year": str(gap.year), "first": gap.first, "last": gap.last},
        )  # fmt: skip


def _shortages(facts: Facts, setting: Setting) -> Iterator[Found]:
    terms = setting.policy.exact_shortage
    if terms is None:
        return
    sales: dict[int, list[SaleInDrawer]] = defaultdict(list)
    for sale in facts.sales:
        sales[sale.drawer_id].append(sale)
    exact: dict[int, list[Counted]] = defaultdict(list)
    for count in facts.counts:
        short = -count.cash
        if short.dollars >= terms.at_least and any(sale.cash == short for sale in sales[count.drawer_id]):
            exact[count.cashier].append(count)
    for cashier, counts in exact.items():
        if near := _within(counts, terms):
            yield Found(
                Rule.SHORTAGE, f"cashier {cashier} count {near[-1].count_id}", Severity.MEDIUM, (cashier,),
                near[-1].on,
                {"times": len(near), "days": terms.days,
                 "shortages": ", ".join(f"{one.on.isoformat()} {-one.cash}" for one in near)},
                amount=Money(-sum(one.cash.cents for one in near)), drawer_id=near[-1].drawer_id,
            )  # fmt: skip


def _within(counts: list[Counted], terms: ExactShortage) -> list[Counted]:
    """The first so many counts that lie near enough to each other; none where there are none."""
    ordered = sorted(counts, key=lambda count: (count.on, count.count_id))
    for place in range(terms.times, len(ordered) + 1):
        near = ordered[place - terms.times : place]
        if (near[-1].on - near[0].on).days <= terms.days:
            return near
    return []


def _hours(facts: Facts, setting: Setting) -> Iterator[Found]:
    """One finding for a person and a day, with the first such act."""
    outside: dict[tuple[int, date], list[Done]] = defaultdict(list)
    for done in facts.done if setting.policy.out_of_hours else ():
        if not _is_open(done.at.astimezone(setting.zone), setting):
            outside[done.actor, setting.day(done.at)].append(done)
    for (actor, day), acts in outside.items():
        first = min(acts, key=lambda act: act.at)
        yield Found(
            Rule.HOURS, f"{day.isoformat()} by {actor}", Severity.LOW, (actor,), day,
            {"work": first.act, "at": first.at.astimezone(setting.zone).strftime("%H:%M"), "acts": len(acts)},
            payment_id=first.act_id if first.act == "payment" else None,
        )  # fmt: skip


def _is_open(local: datetime, setting: Setting) -> bool:
    terms, hours = setting.policy.out_of_hours, setting.calendar.office_hours.get(WEEKDAYS[local.weekday()])
    if hours is None or terms is None or not setting.calendar.is_business_day(local.date()):
        return False
    opens, closes = (datetime.combine(local.date(), time.fromisoformat(at), setting.zone)
                     for at in (hours.opens, hours.closes))  # fmt: skip
    return opens - timedelta(minutes=terms.minutes_before) <= local <= closes + timedelta(minutes=terms.minutes_after)


def _people(*actors: int) -> tuple[int, ...]:
    return tuple(sorted(set(actors)))


_RULES: tuple[Callable[[Facts, Setting], Iterable[Found]], ...] = (
    _after_cash, _swap, _lapping, _voids, _no_sales, _late_voids, _reprints, _own, _gaps, _shortages, _hours,
)  # fmt: skip
