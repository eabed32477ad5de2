"""Where the ledger and the bank stand on a day, and every difference between them by name."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.money import ZERO, Money, total
from payments.bank_statements.ours import KNOWN, LEGS

IN_TRANSIT = {
    "deposit": "deposits",
    "terminal": "deposits",
    "payout": "payouts",
    "payout-return": "payouts",
    "returned": "returns",
    "lockbox": "lockboxes",
}
"""Kind of ours → the difference that it is, until the bank shows it."""
_SUMS = text(f"""
    WITH legs AS (SELECT g.*, j.business_day FROM ({LEGS}) g JOIN journals j ON j.id = g.journal_id
                   WHERE j.business_day <= :through),
         stated AS (SELECT CASE WHEN count(*) > 0 THEN least(max(s.through_on), :through) END AS through
                      FROM bank_statements s WHERE s.ledger_account = :ledger AND s.from_on <= :through),
         unmatched AS (
            SELECT g.*, j.reverses_id FROM legs g JOIN journals j ON j.id = g.journal_id
             WHERE NOT EXISTS (SELECT FROM bank_matched_journals m JOIN bank_matches b ON b.id = m.match_id
                                 JOIN bank_lines l ON l.id = b.line_id
                                WHERE m.journal_id = g.journal_id AND m.ledger_account = :ledger
                                  AND l.on_day <= :through)),
         transit AS (
            SELECT coalesce(k.kind, 'other') AS kind, g.cents,
                   stated.through IS NULL OR g.business_day > stated.through AS is_later
              FROM unmatched g CROSS JOIN stated LEFT JOIN ({KNOWN}) k ON k.journal_id = g.journal_id
             WHERE NOT EXISTS (SELECT FROM unmatched o WHERE o.journal_id = g.reverses_id)
               AND NOT EXISTS (SELECT FROM unmatched o WHERE o.reverses_id = g.journal_id)),
         booked AS (
            SELECT p.match_id, sum(p.amount_cents) AS cents
              FROM bank_match_parts p JOIN journals j ON j.id = p.journal_id
             WHERE j.business_day <= :through GROUP BY p.match_id),
         lines AS (
            SELECT l.amount_cents, l.amount_cents - coalesce(b.cents, 0) AS unbooked,
                   CASE WHEN m.match_id IS NOT NULL THEN 'booked-later'
                        ELSE (SELECT n.category FROM bank_namings n WHERE n.line_id = l.id
                               ORDER BY n.number DESC LIMIT 1) END AS name
              FROM bank_lines l LEFT JOIN bank_matched_lines m ON m.line_id = l.id
              LEFT JOIN booked b ON b.match_id = m.match_id
             WHERE l.ledger_account = :ledger AND l.on_day <= :through)
    SELECT 'ledger' AS what, '' AS name, coalesce(sum(cents), 0)::bigint AS cents, count(*) AS number FROM legs
     UNION ALL SELECT 'statement', '', coalesce(sum(amount_cents), 0)::bigint, count(*) FROM lines
     UNION ALL SELECT 'transit', CASE WHEN kind = 'other' AND is_later THEN 'later' ELSE kind END,
                      sum(cents)::bigint, count(*) FROM transit GROUP BY 2
     UNION ALL SELECT 'line', coalesce(name, ''), sum(unbooked)::bigint, count(*) FROM lines
                WHERE unbooked <> 0 GROUP BY 2""")  # noqa: S608 - our own words
_STATED = text("""
    SELECT max(s.through_on) FROM bank_statements s
     WHERE s.ledger_account = :ledger AND s.from_on <= :through""")


@dataclass(frozen=True)
class BankPosition:
    """The ledger account of a bank on a day, and what the bank's own balance is off by, item by item.

    ``ledger`` = ``statement`` + what is on its way to the bank − what the bank has and the books have not, and
    ``residual`` is what of that nobody has named. What is on its way is signed as in the ledger; ``unbooked_lines``
    and ``named`` as on the statement.
    """

    ledger_account: str
    through: date
    stated_through: date | None
    """The last day that a statement tells of; none where the bank has never been heard."""
    ledger: Money
    statement: Money
    deposits_in_transit: Money
    payouts_in_transit: Money
    returns_in_transit: Money
    lockboxes_in_transit: Money
    not_yet_stated: Money
    """Other journals of days that no statement tells of yet."""
    unbooked_lines: Money
    """Lines of the bank whose journals are of later days."""
    named: tuple[tuple[str, Money], ...]
    """By category of the city, what the bank has that is only named."""
    unmatched: Money
    """Other journals of days that a statement tells of, and that no line meets."""
    unnamed_lines: Money
    """Lines of the bank that nobody has explained."""
    unmatched_count: int
    unnamed_count: int

    @property
    def residual(self) -> Money:
        """What nobody has named; the books close at zero only."""
        on_their_way = total(
            (self.deposits_in_transit, self.payouts_in_transit, self.returns_in_transit, self.lockboxes_in_transit,
             self.not_yet_stated)
        )  # fmt: skip
        bank_only = self.unbooked_lines + total(amount for _, amount in self.named)
        return self.ledger - self.statement - on_their_way + bank_only

    @property
    def is_explained(self) -> bool:
        """No residual, and nothing unnamed that happens to cancel out."""
        return not self.residual and not self.unmatched_count and not self.unnamed_count


def position(session: Session, bank_ledger_code: str, through: date) -> BankPosition:
    """Where the ledger account of a bank and the bank's statement stand at the end of a day. Two statements."""
    given = {"ledger": bank_ledger_code, "through": through}
    stated: date | None = session.execute(_STATED, given).scalar()
    found: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in session.execute(_SUMS, given):
        found[row.what][row.name] = row
    transit: dict[str, Money] = defaultdict(lambda: ZERO)
    for kind, row in found["transit"].items():
        transit[IN_TRANSIT.get(kind, kind)] += Money(row.cents)
    lines = found["line"]
    return BankPosition(
        ledger_account=bank_ledger_code,
        through=through,
        stated_through=min(stated, through) if stated else None,
        ledger=Money(found["ledger"][""].cents),
        statement=Money(found["statement"][""].cents),
        deposits_in_transit=transit["deposits"],
        payouts_in_transit=transit["payouts"],
        returns_in_transit=transit["returns"],
        lockboxes_in_transit=transit["lockboxes"],
        not_yet_stated=transit["later"],
        unbooked_lines=_cents(lines.get("booked-later")),
        named=tuple(
            (name, Money(row.cents)) for name, row in sorted(lines.items()) if name not in {"", "booked-later"}
        ),
        unmatched=transit["other"],
        unnamed_lines=_cents(lines.get("")),
        unmatched_count=_number(found["transit"].get("other")),
        unnamed_count=_number(lines.get("")),
    )


def _cents(row: Any) -> Money:
    return Money(row.cents) if row is not None else ZERO


def _number(row: Any) -> int:
    return int(row.number) if row is not None else 0
