"""One item of a lockbox file: whose it is, and its money in the books, once.

The money is in the bank before anybody reads the file, so nothing stops it; but whoever is about to pay the same
online finds the page closed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import text, update
from sqlalchemy.orm import Session

from accounts import audit, kill_points
from accounts.charges.rules import AllocationOrder
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.customer_accounts.queries import by_scan_key
from accounts.customer_accounts.scan_lines import ScanLine, looks_like_one, read
from accounts.database import Sessions
from accounts.ledger.rules import Source
from accounts.money import ZERO, Money
from accounts.staff.rules import Authority
from payments.collisions.rules import Whereabouts
from payments.collisions.service import Taking, once
from payments.lockboxes.models import LockboxItem
from payments.lockboxes.rules import Part
from payments.posting import service as posting
from payments.posting.rules import Fee, Item, Received, Tender, Tendered, Terms
from payments.settlements.service import Desk
from payments.suspense.rules import Clue, suspense_item
from payments.suspense.service import note_clue

SOURCE, CHANNEL = "lockbox", "lockbox"
_LOCK_ITEM = text("""
    SELECT id, file_id, batch, item, deposited_on, amount_cents, check_number, payer, fingerprint, parts, state
      FROM lockbox_items WHERE id = :id FOR UPDATE SKIP LOCKED""")


@dataclass(frozen=True)
class LockboxDesk:
    """What importing needs. ``online`` closes payment pages; ``key`` is the key of fingerprints of checks."""

    online: Desk
    city: City
    terms: Terms
    order: Callable[[date], AllocationOrder]
    key: bytes

    @property
    def sessions(self) -> Sessions:
        return self.online.sessions

    @property
    def clock(self) -> Clock:
        return self.online.clock


@dataclass
class _Item:
    """An item as one transaction found it: locked, or none where another process has it, or had it."""

    desk: LockboxDesk
    id: int
    state: str
    row: Any = None
    amounts: Mapping[int, Money] = field(default_factory=dict)
    unknown: Money = ZERO
    memo: str = ""

    def locked(self, session: Session) -> Mapping[int, Money]:
        """How much of it is for which account."""
        row = session.execute(_LOCK_ITEM, {"id": self.id}).one_or_none()
        self.row, self.amounts = None, {}
        if row is not None and row.state == self.state:
            self.row = row
            self.amounts, self.unknown, self.memo = _whose(session, self.desk, row.parts)
        return self.amounts


def post_item(desk: LockboxDesk, by: Authority, item_id: int, state: str, *, reason: str = "") -> bool:
    """Use case: post one item, once; False where another process has it, or had it."""
    item = _Item(desk, item_id, state)
    taking = Taking(
        Whereabouts.BANKED,
        sold=item.locked,
        post=lambda session, _told: _post(session, desk, by, item, reason=reason),
        is_over=lambda posted: not posted,
        about={"item": item_id},
    )
    return once(desk.online, by, taking).result


def _post(session: Session, desk: LockboxDesk, by: Authority, item: _Item, *, reason: str) -> bool:
    row, today = item.row, desk.clock.today()
    if row is None:
        return False
    locked = posting.lock_accounts(session, item.amounts, today)
    on = min(row.deposited_on, today)
    amount, tender = Money(row.amount_cents), Tender("lockbox", reference=row.check_number)
    received = Received(
        locked.accounts, Fee(), tender, desk.order(on), desk.clock.now(), on, items=_unknown(desk, item),
        tendered=(Tendered(tender, amount, amount),),
    )  # fmt: skip
    posted = posting.write(
        session, received, desk.terms, business_day=locked.business_day or today,
        source=Source(SOURCE, f"{row.file_id}:{row.batch}:{row.item}", "post"), actor_id=by.actor_id,
        channel=CHANNEL, language=desk.city.identity.languages[0], series=desk.city.series_of(CHANNEL),
    )  # fmt: skip
    note_clue(session, posted.payment_id, Clue(row.payer, item.memo, row.fingerprint))
    session.execute(
        update(LockboxItem).where(LockboxItem.id == item.id).values(state="posted", payment_id=posted.payment_id)
    )
    if reason:
        audit.record(
            session, "lockbox-posted-after-all", subject=("payment", posted.payment_id), actor_id=by.actor_id,
            reason=reason, item=item.id,
        )  # fmt: skip
    kill_points.reached("lockboxes.item")
    return True


def _unknown(desk: LockboxDesk, item: _Item) -> tuple[Item, ...]:
    if not item.unknown:
        return ()
    roles, languages = desk.city.roles, desk.city.identity.languages
    return (suspense_item(item.unknown, roles.suspense, roles.pooled_cash_fund, item.row.payer, languages),)


def _whose(
    session: Session, desk: LockboxDesk, parts: Sequence[Sequence[object]]
) -> tuple[dict[int, Money], Money, str]:
    """What goes to which account, what to none, and the numbers on the stubs that fit nothing."""
    amounts: dict[int, Money] = {}
    unknown, memo = ZERO, []
    for part in (Part(str(stub), Money(int(str(cents)))) for stub, cents in parts):
        account = _account(session, desk, part.stub)
        if account is None:
            unknown += part.amount
            memo.append(part.stub)
        else:
            amounts[account] = amounts.get(account, ZERO) + part.amount
    return amounts, unknown, " ".join(filter(None, memo))


def _account(session: Session, desk: LockboxDesk, stub: str) -> int | None:
    """The one account that a stub names, by its scan line or its number; none where it names none, or several."""
    layouts = desk.city.scan_layouts(desk.clock.today())
    if looks_like_one(stub, layouts):
        line = read(stub, layouts)
        if not isinstance(line, ScanLine):
            return None
        stub = line.account_digits
    found = by_scan_key(session, stub, sees_protected=True, sees_restricted=True)
    own = [one for one in found if one.is_reference]
    if own:
        return own[0].id
    return found[0].id if len(found) == 1 else None
