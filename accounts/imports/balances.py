"""Balances that a source states: charges when they are new, adjustments or exceptions when they change.

A stated balance is never written over ours (``Who owns the balance`` in docs/architecture.md).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy import text

from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.exceptions.service import NewException, open_exceptions
from accounts.imports.adjustments import Adjust, Standing, adjust, standings
from accounts.imports.records import Batch
from accounts.imports.rules import AdjustBy, Fault, Unexplained, explain
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line
from accounts.money import ZERO, Money

EXTERNAL_JOURNAL = "import"
OPENING_JOURNAL = "opening"


@dataclass(frozen=True, slots=True)
class Stated:
    """What a source says is open. ``part`` tells balances of one row apart; allocation ranks by ``charge_kind``."""

    part: str
    charge_kind: str
    amount: Money
    billed_on: date
    due_on: date
    delinquent_on: date
    description: Mapping[str, str]
    bill_id: int | None = None
    line: str = ""
    """The part whose revenue line it is, if not ``part``."""
    workings: Mapping[str, object] = field(default_factory=dict)
    """Whatever the source says about how it came to the amount."""


@dataclass(frozen=True, slots=True)
class Restated:
    """A balance stated before (``was``) and now (in ``now``)."""

    account_id: int
    key: str
    was: Money
    now: Stated


def dates(batch: Batch, billed_on: date, due_on: date | None, delinquent_on: date | None) -> tuple[date, date, date]:
    """Billed, due and delinquent dates: the file's, or due by the profile's days and delinquent the day after."""
    due = due_on or billed_on + timedelta(days=batch.profile.due_days)
    return billed_on, due, delinquent_on or due + timedelta(days=1)


def owed(stated: Sequence[Stated]) -> dict[str, int]:
    """The memory of stated balances, in cents by part."""
    return {balance.part: balance.amount.cents for balance in stated}


def identity(batch: Batch, key: str, part: str, *, external: bool) -> tuple[str, str]:
    """Source system and key of a charge. A charge on a line of our own is ours, wherever it was brought in from."""
    source_key = f"{key}:{part}" if part else key
    if external:
        return batch.profile.source_system, source_key
    return "ventanilla", f"{batch.profile.source_system}:{source_key}"


def bring_in(batch: Batch, stated: Sequence[tuple[int, str, Stated]]) -> None:
    """Step: raise new balances (account, key of the row, balance) as charges; negative ones become credit."""
    debts: dict[str, list[NewCharge]] = {EXTERNAL_JOURNAL: [], OPENING_JOURNAL: []}
    for account_id, key, balance in stated:
        if balance.amount > ZERO:
            charge, external = _charge(batch, account_id, key, balance)
            debts[EXTERNAL_JOURNAL if external else OPENING_JOURNAL].append(charge)
    for kind, charges in debts.items():
        if charges:
            raise_charges(
                batch.session,
                charges,
                source=batch.source(kind),
                kind=kind,
                effective_on=batch.today,
                actor_id=batch.actor_id,
                memo=batch.profile.name,
            )
    _bring_in_credits(batch, [(account, balance) for account, _, balance in stated if balance.amount < ZERO])


def _charge(batch: Batch, account_id: int, key: str, balance: Stated) -> tuple[NewCharge, bool]:
    code, terms = batch.line(balance.line or balance.part)
    system, source_key = identity(batch, key, balance.part, external=terms.is_external)
    charge = NewCharge(
        customer_account_id=account_id,
        bill_id=balance.bill_id,
        revenue_line=code,
        kind=balance.charge_kind,
        fund=terms.fund,
        receivable=terms.receivable,
        revenue=terms.other_side(),
        amount=balance.amount,
        description=dict(balance.description),
        billed_on=balance.billed_on,
        due_on=balance.due_on,
        delinquent_on=balance.delinquent_on,
        working={"imported": {"profile": batch.profile.name, "key": key, **balance.workings}},
        city_release_id=batch.terms.release_id,
        source_system=system,
        source_key=source_key,
    )
    return charge, terms.is_external


_ADD_CREDIT = text("""
    UPDATE customer_accounts a SET credit_cents = a.credit_cents + x.cents
      FROM (SELECT account, sum(cents) AS cents
              FROM unnest(CAST(:accounts AS bigint[]), CAST(:cents AS bigint[])) AS u (account, cents)
             GROUP BY account) AS x
     WHERE a.id = x.account""")
_KINDS = {"utilities": "utility", "licenses": "license", "citations": "citation"}


def _bring_in_credits(batch: Batch, overpaid: Sequence[tuple[int, Stated]]) -> None:
    if not overpaid:
        return
    terms = batch.terms.credits[_KINDS[batch.profile.kind]]
    lines: list[Line] = []
    for account_id, balance in overpaid:
        lines.append(Line(terms.opening_equity, terms.fund, -balance.amount))
        lines.append(Line(terms.ledger_account, terms.fund, balance.amount, account_id))
    draft = JournalDraft("opening", batch.source("credits"), batch.today, batch.actor_id, tuple(lines))
    ledger.post(batch.session, draft)
    amounts = [-balance.amount.cents for _, balance in overpaid]
    batch.session.execute(_ADD_CREDIT, {"accounts": [account for account, _ in overpaid], "cents": amounts})


def restate(batch: Batch, restated: Sequence[Restated]) -> None:
    """Step: take over balances that their owner states otherwise than before, as far as that explains itself."""
    changed = [item for item in restated if item.was != item.now.amount]
    if not changed:
        return
    keys = [identity(batch, item.key, item.now.part, external=True)[1] for item in changed]
    known = standings(batch, [item.account_id for item in changed], keys)
    raised: list[tuple[int, str, Stated]] = []
    adjusted: list[Adjust] = []
    puzzles: list[NewException] = []
    for item, source_key in zip(changed, keys, strict=True):
        standing = known.get(source_key)
        external = batch.line(item.now.line or item.now.part)[1].is_external
        if external and standing is None and item.was == ZERO and item.now.amount > ZERO:
            raised.append((item.account_id, item.key, item.now))
            continue
        finding = (
            explain(item.was.cents, item.now.amount.cents, standing.open_cents, standing.paid)
            if external and standing is not None and item.now.amount >= ZERO
            else Unexplained()
        )
        if isinstance(finding, AdjustBy) and standing is not None:
            key = f"{source_key}:{batch.mark}"
            reason = f"{batch.profile.source_system} states {item.now.amount}, stated {item.was} before"
            adjusted.append(Adjust(standing, Money(finding.cents), reason, key))
        elif isinstance(finding, Unexplained):
            puzzles.append(_puzzle(batch, item, standing))
    bring_in(batch, raised)
    adjust(batch, adjusted)
    batch.report.differences += len(puzzles)
    open_exceptions(batch.session, puzzles)


def _puzzle(batch: Batch, item: Restated, standing: Standing | None) -> NewException:
    """A difference that nobody can explain from here."""
    return NewException(
        "balance-difference",
        f"{batch.profile.source_system}:{item.key}:{item.now.part}:{item.was}:{item.now.amount}",
        {
            "stated_before": str(item.was),
            "stated_now": str(item.now.amount),
            "open_here": str(Money(standing.open_cents)) if standing else None,
            "paid_here": str(Money(sum(standing.paid))) if standing else None,
            "profile": batch.profile.name,
        },
        "Compare the account with its owner's system; adjust by hand, with a reason, what is wrong here.",
        item.account_id,
    )


def fault_of(batch: Batch, amounts: Mapping[str, Money | None]) -> Fault | None:
    """A credit balance of an external line cannot be brought in: it stands with its owner."""
    for part, amount in amounts.items():
        if amount is not None and amount < ZERO and batch.line(part)[1].is_external:
            return Fault(part, "a credit balance of an external line stays with the system that owns it")
    return None
