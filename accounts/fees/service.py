"""The act of posting a fee: priced by its rate, raised by assessments, each with a working that recomputes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.approvals.acts import Deed
from accounts.approvals.rules import Weighed, World
from accounts.assessments.rules import Dates, charge_of
from accounts.assessments.service import lock_accounts, raise_assessed
from accounts.cities.queries import RulingCity
from accounts.errors import NotFound
from accounts.fees.rules import PostFee, priced_fee
from accounts.pricing.working import PricedLine
from accounts.staff.rules import ActKind, Permission

_DAY = timedelta(days=1)
_ACCOUNT = text("""
    SELECT a.reference, a.kind, a.status, a.credit_cents,
           (SELECT coalesce(sum(open_cents), 0) FROM charges WHERE customer_account_id = a.id) AS owed,
           (SELECT count(*) FROM charges
             WHERE customer_account_id = a.id AND source_system = 'ventanilla'
               AND source_key LIKE 'fee:%' AND working ->> 'rule' = :rate) AS posted
      FROM customer_accounts a WHERE a.id = :account""")


@dataclass(frozen=True)
class _Fee:
    line: PricedLine
    dates: Dates


class PostingFees:
    """Post a fee from the catalog. Several at once are several charges, so that each can be forgiven by itself."""

    kind = ActKind.FEE
    permission = Permission.FEES_POST
    command = PostFee

    def __init__(self, ruling: RulingCity) -> None:
        self._ruling = ruling

    def world(self, session: Session, command: PostFee, today: date) -> World:
        """The account, how often this fee was posted on it, and what it costs: a form sent twice finds another."""
        lock_accounts(session, [command.customer_account_id], today)
        _, kind, status, _, _, posted = _account(session, command)
        each = priced_fee(self._ruling.city, kind, command, today).amount
        return {"status": status, f"{command.rate} posted": str(posted), f"{command.rate} costs": str(each)}

    def weigh(self, session: Session, command: PostFee, today: date) -> Weighed[_Fee]:
        """Raises ``NotInCatalog``, ``TooMany``, ``NotOurs``, and what its rate lacks."""
        city = self._ruling.city
        reference, kind, _, credit, owed, _ = _account(session, command)
        line = priced_fee(city, kind, command, today)
        catalog = city.fee_catalog(today)
        fee = catalog.fee(command.rate) if catalog else None
        due_on = today + timedelta(days=fee.due_after_days if fee else 0)
        effect = line.amount * command.quantity
        before = {"reference": reference, "owed_cents": int(owed), "credit_cents": credit}
        return Weighed(
            plan=_Fee(line, Dates(today, due_on, due_on + _DAY)),
            subject=("account", str(command.customer_account_id)),
            effect=effect,
            accounts=(command.customer_account_id,),
            before=before,
            after={**before, "owed_cents": int(owed) + effect.cents},
            steps=line.working.steps * command.quantity,
        )

    def execute(self, session: Session, command: PostFee, weighed: Weighed[_Fee], deed: Deed) -> dict[str, object]:
        """Ids of the charges."""
        city, fee = self._ruling.city, weighed.plan
        charges = [
            charge_of(
                city,
                self._ruling.release_id,
                command.customer_account_id,
                fee.line,
                fee.dates,
                source_key=f"fee:{deed.proposal_id}:{number}",
            )
            for number in range(1, command.quantity + 1)
        ]
        ids = raise_assessed(
            session, city, charges, source=deed.source("raise"), kind="fee", effective_on=deed.today,
            actor_id=deed.actor_id,
        )  # fmt: skip
        return {"charge_ids": ids}


def _account(session: Session, command: PostFee) -> tuple[str, str, str, int, int, int]:
    row = session.execute(_ACCOUNT, {"account": command.customer_account_id, "rate": command.rate}).one_or_none()
    if row is None:
        raise NotFound(f"no account {command.customer_account_id}")
    reference, kind, status, credit, owed, posted = row
    return reference, kind, status, credit, owed, posted
