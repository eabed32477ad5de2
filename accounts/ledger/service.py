"""Steps that write the books: ``post`` and ``reverse``. Nothing else writes postings."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.errors import Conflict, NotFound
from accounts.ledger.models import Journal, LedgerAccount, Posting
from accounts.ledger.rules import JournalDraft, Line, Source, check_balance, merged

_OPEN_DAY = text("SELECT open_business_day(:wanted)")
_WRITE = text("SELECT journal_write(CAST(:journal AS jsonb))")


def open_business_day(session: Session, wanted: date) -> date:
    """Step: the business day a posting of this date goes into, locked against closing until commit."""
    day: date = session.execute(_OPEN_DAY, {"wanted": wanted}).scalar_one()
    return day


def as_record(draft: JournalDraft, business_day: date) -> dict[str, object]:
    """A draft as ``journal_write`` takes it; raises :class:`~accounts.ledger.rules.Unbalanced`."""
    lines = merged(draft.lines)
    check_balance(lines)
    return {
        "business_day": business_day.isoformat(),
        "effective_on": draft.effective_on.isoformat(),
        "kind": draft.kind,
        "memo": draft.memo,
        "actor_id": draft.actor_id,
        "reverses_id": draft.reverses_id,
        "source_kind": draft.source.kind,
        "source_id": draft.source.id,
        "effect": draft.source.effect,
        "postings": [
            {"line_no": number, "code": line.code, "cents": line.amount.cents, "account": line.customer_account_id}
            for number, line in enumerate(lines, start=1)
        ],
    }


def post(session: Session, draft: JournalDraft, *, business_day: date | None = None) -> int:
    """Step: post a journal and return its id.

    Raises ``IntegrityError`` if this (source, effect) was posted before: the caller lost a race and may look again.
    """
    day = business_day or open_business_day(session, draft.effective_on)
    record = as_record(draft, day)
    return int(session.execute(_WRITE, {"journal": json.dumps(record)}).scalar_one())


def lines_of(session: Session, journal_id: int) -> tuple[Line, ...]:
    """Step: what a journal posted, in its order."""
    rows = session.execute(
        select(LedgerAccount.code, Posting.fund, Posting.amount_cents, Posting.customer_account_id)
        .join(LedgerAccount, LedgerAccount.id == Posting.ledger_account_id)
        .where(Posting.journal_id == journal_id)
        .order_by(Posting.line_no)
    )
    return tuple(Line(code, fund, amount, account) for code, fund, amount, account in rows)


def reverse(session: Session, journal_id: int, *, actor_id: int, on: date, memo: str) -> int:
    """Step: post the mirror of a journal, linked to it; at most once, and never of a reversal itself."""
    first = session.get(Journal, journal_id)
    if first is None:
        raise NotFound(f"no journal {journal_id}")
    if first.reverses_id is not None:
        raise Conflict("a reversal is not reversed; post a right journal instead")
    lines = tuple(replace(line, amount=-line.amount) for line in lines_of(session, journal_id))
    return post(
        session,
        JournalDraft(
            kind=f"{first.kind}-reversal",
            source=Source("journal", str(journal_id), "reverse"),
            effective_on=on,
            actor_id=actor_id,
            lines=lines,
            memo=memo,
            reverses_id=journal_id,
        ),
    )
