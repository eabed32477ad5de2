"""Whether somebody may see a receipt whole, to which payment it belongs, and whether it is on paper already."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.orm import Session

from payments.receipts.rules import number_text

_SEEN = text("""
    SELECT p.id AS payment_id, p.actor_id, r.language, r.series, r.year, r.number, held.ids,
           (SELECT min(s.drawer_id) FROM payment_tenders s WHERE s.payment_id = p.id) AS drawer_id,
           EXISTS (SELECT FROM audit_entries e
                    WHERE e.subject_kind = 'receipt' AND e.subject_id = CAST(r.id AS text)
                      AND e.act IN ('receipt-printed', 'receipt-reprinted')) AS is_printed
      FROM receipts r
      JOIN payments p ON p.id = r.payment_id
     CROSS JOIN LATERAL (
           SELECT coalesce(array_agg(a.id ORDER BY told.place), '{}') AS ids,
                  bool_or((a.is_protected AND NOT :sees_protected)
                          OR (a.is_restricted AND NOT :sees_restricted)) AS hides
             FROM jsonb_array_elements(r.content -> 'accounts') WITH ORDINALITY AS told (account, place)
             JOIN customer_accounts a ON a.reference = told.account ->> 'reference') AS held
     WHERE r.id = :receipt AND held.hides IS NOT TRUE""")


@dataclass(frozen=True)
class SeenReceipt:
    """What the back office knows of a receipt beside its words."""

    receipt_id: int
    number: str
    payment_id: int
    taken_by: int
    language: str
    account_ids: tuple[int, ...]
    drawer_id: int | None
    """Of a payment that a person took."""
    is_printed: bool
    """It was on paper before: the next print is a duplicate."""


def seen_receipt(
    session: Session, receipt_id: int, *, sees_protected: bool, sees_restricted: bool
) -> SeenReceipt | None:
    """A receipt on which whoever asks may see every account; None for any other. One statement."""
    asked = {"receipt": receipt_id, "sees_protected": sees_protected, "sees_restricted": sees_restricted}
    row = session.execute(_SEEN, asked).one_or_none()
    if row is None:
        return None
    return SeenReceipt(
        receipt_id=receipt_id,
        number=number_text(row.series, row.year, row.number),
        payment_id=row.payment_id,
        taken_by=row.actor_id,
        language=row.language,
        account_ids=tuple(row.ids),
        drawer_id=row.drawer_id,
        is_printed=row.is_printed,
    )
