"""Steps that raise charges: set-based, one journal for all that come together (a bill run, an import batch)."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.charges.rules import NewCharge
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft, Line, Source

_INSERT = text("""
    INSERT INTO charges (customer_account_id, bill_id, revenue_line, kind, fund, receivable, description,
                         amount_cents, open_cents, billed_on, due_on, delinquent_on, working, city_release_id,
                         source_system, source_key, journal_id)
    SELECT x.customer_account_id, x.bill_id, x.revenue_line, x.kind, x.fund, x.receivable, x.description,
           x.cents, x.cents, x.billed_on, x.due_on, x.delinquent_on, x.working, x.city_release_id,
           x.source_system, x.source_key, :journal_id
      FROM jsonb_to_recordset(CAST(:charges AS jsonb)) AS x (
           customer_account_id bigint, bill_id bigint, revenue_line text, kind text, fund text, receivable text,
           description jsonb, cents bigint, billed_on date, due_on date, delinquent_on date, working jsonb,
           city_release_id bigint, source_system text, source_key text)
    RETURNING id""")


def raise_charges(
    session: Session,
    charges: Sequence[NewCharge],
    *,
    source: Source,
    kind: str,
    effective_on: date,
    actor_id: int,
    memo: str = "",
) -> list[int]:
    """Step: raise charges under one journal (receivable debited, revenue credited); returns their ids in order."""
    journal_id = ledger.post(
        session,
        JournalDraft(kind, source, effective_on, actor_id, tuple(_lines(charges)), memo),
    )
    rows = session.execute(
        _INSERT, {"journal_id": journal_id, "charges": json.dumps([_record(charge) for charge in charges])}
    )
    return list(rows.scalars())


def _lines(charges: Iterable[NewCharge]) -> Iterable[Line]:
    for charge in charges:
        yield Line(charge.receivable, charge.fund, charge.amount, charge.customer_account_id)
        yield Line(charge.revenue, charge.fund, -charge.amount)


def _record(charge: NewCharge) -> dict[str, object]:
    return {
        "customer_account_id": charge.customer_account_id,
        "bill_id": charge.bill_id,
        "revenue_line": charge.revenue_line,
        "kind": charge.kind,
        "fund": charge.fund,
        "receivable": charge.receivable,
        "description": charge.description,
        "cents": charge.amount.cents,
        "billed_on": charge.billed_on.isoformat(),
        "due_on": charge.due_on.isoformat(),
        "delinquent_on": charge.delinquent_on.isoformat(),
        "working": charge.working,
        "city_release_id": charge.city_release_id,
        "source_system": charge.source_system,
        "source_key": charge.source_key,
    }
