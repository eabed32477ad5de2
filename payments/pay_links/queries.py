"""Links as the counter and whoever opens one see them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.customer_accounts.rules import shown
from accounts.customers.rules import masked_name
from accounts.database import Reader, query
from accounts.money import Money, total
from accounts.premises.rules import masked_address
from payments.attempts.rules import State
from payments.baskets.rules import Surplus
from payments.pay_links.rules import ENDED, Facts, Standing, digest, standing
from payments.receipts.rules import number_text

PAGE = 25
_COLUMNS = (
    "id", "channel", "to_masked", "language", "sealed", "sender_id", "sender", "sale_id", "created_at", "expires_at",
    "opened_at", "canceled_at", "canceled_by", "basket_id", "attempt_token", "attempt_id", "attempt_state",
    "series", "year", "number", "receipt_id",
)  # fmt: skip
_LINK = """
    SELECT l.id, l.channel, l.to_masked, l.language, l.sealed, l.sender_id, s.display_name, l.sale_id, l.created_at,
           l.expires_at, l.opened_at, l.canceled_at, coalesce(c.display_name, ''), l.basket_id,
           coalesce(paid.token, last.token), coalesce(paid.id, last.id), coalesce(paid.state, last.state),
           paid.series, paid.year, paid.number, paid.receipt_id
      FROM pay_links l
      JOIN actors s ON s.id = l.sender_id
      LEFT JOIN actors c ON c.id = l.canceled_by
      LEFT JOIN LATERAL (SELECT token, id, state FROM attempts WHERE basket_id = l.basket_id
                          ORDER BY created_at DESC, id DESC LIMIT 1) last ON true
      LEFT JOIN LATERAL (SELECT a.token, a.id, a.state, r.series, r.year, r.number, r.id AS receipt_id
                           FROM attempts a JOIN payments p ON p.attempt_id = a.id
                           JOIN receipts r ON r.payment_id = p.id
                          WHERE a.basket_id = l.basket_id ORDER BY p.id LIMIT 1) paid ON true"""
_HIDDEN = """EXISTS (
        SELECT FROM pay_link_lines h JOIN customer_accounts x ON x.id = h.customer_account_id
         WHERE h.pay_link_id = l.id
           AND ((x.is_protected AND NOT :sees_protected) OR (x.is_restricted AND NOT :sees_restricted)))"""
_ONE = query(f"{_LINK} WHERE l.id = :id AND NOT {_HIDDEN}", *_COLUMNS)
_BY_TOKEN = query(f"{_LINK} WHERE l.token_sha256 = :digest", *_COLUMNS)
_OF_SALE = query(f"{_LINK} WHERE l.sale_id = :sale ORDER BY l.id", *_COLUMNS)
_PAGE = query(
    f"""{_LINK} WHERE (CAST(:before AS bigint) IS NULL OR l.id < :before)
      AND (CAST(:sender AS bigint) IS NULL OR l.sender_id = :sender) AND NOT {_HIDDEN}
    ORDER BY l.id DESC LIMIT :most""",
    *_COLUMNS,
)
_LINES = query(
    """
    SELECT i.pay_link_id, i.customer_account_id, i.amount_cents, a.kind, a.reference, c.name,
           coalesce(p.address, ''), (SELECT coalesce(sum(open_cents), 0)::bigint FROM charges
                                      WHERE customer_account_id = a.id)
      FROM pay_link_lines i
      JOIN customer_accounts a ON a.id = i.customer_account_id
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE i.pay_link_id = ANY (:links) ORDER BY i.id""",
    "link", "account", "cents", "kind", "reference", "name", "address", "owed",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class LinkLine:
    """So much on one account. ``holder`` and ``label`` are masked: the page of the link is open to who holds it."""

    account_id: int
    kind: str
    reference: str
    holder: str
    label: str
    amount: Money
    owed: Money
    """On the account now."""

    @property
    def number(self) -> str:
        return shown(self.reference)

    @property
    def surplus(self) -> Surplus:
        return Surplus(self.account_id, self.amount, self.owed)

    @property
    def masked(self) -> str:
        """Only the end of the number."""
        return f"•••{self.reference[-3:]}"


@dataclass(frozen=True, slots=True)
class LinkView:
    """A link as it stands."""

    id: int
    standing: Standing
    channel: str
    to_masked: str
    language: str
    sealed: str
    sender_id: int
    sender: str
    sale_id: int | None
    created_at: datetime
    expires_at: datetime
    canceled_by: str
    basket_id: int | None
    attempt_token: str
    """Of the attempt that paid it, or of its newest; empty where nobody went on to pay."""
    attempt_id: str
    receipt_number: str
    receipt_id: int | None
    """Once it is paid."""
    lines: tuple[LinkLine, ...]

    @property
    def amount(self) -> Money:
        """Without any service fee."""
        return total(line.amount for line in self.lines)

    @property
    def has_ended(self) -> bool:
        return self.standing in ENDED


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Newest first; ``next_before`` is the key of the next page, if there is one."""

    links: tuple[LinkView, ...]
    next_before: int | None


def link(
    session: Reader, link_id: int, now: datetime, *, sees_protected: bool, sees_restricted: bool
) -> LinkView | None:
    """A link; none where there is none, or one with an account that the reader may not see. Two statements."""
    sight = {"sees_protected": sees_protected, "sees_restricted": sees_restricted}
    return _first(session, session.execute(_ONE, {"id": link_id, **sight}).all(), now)


def link_by_token(session: Reader, token: str, now: datetime) -> LinkView | None:
    """The link that somebody holds; none for a token that we never gave. Two statements."""
    return _first(session, session.execute(_BY_TOKEN, {"digest": digest(token)}).all(), now)


def for_sale(session: Reader, sale_id: int, now: datetime) -> tuple[LinkView, ...]:
    """The links of a sale at the window, the first one first. Two statements."""
    return _views(session, session.execute(_OF_SALE, {"sale": sale_id}).all(), now)


def links(
    session: Reader,
    now: datetime,
    *,
    sees_protected: bool,
    sees_restricted: bool,
    sender_id: int | None = None,
    before: int | None = None,
    limit: int = PAGE,
) -> LinkPage:
    """One page of links, of one sender or of all. Two statements."""
    values = {
        "before": before, "sender": sender_id, "most": limit + 1,
        "sees_protected": sees_protected, "sees_restricted": sees_restricted,
    }  # fmt: skip
    found = _views(session, session.execute(_PAGE, values).all(), now)
    return LinkPage(found[:limit], found[limit - 1].id if len(found) > limit else None)


def _first(session: Reader, rows: Sequence[Any], now: datetime) -> LinkView | None:
    return next(iter(_views(session, rows, now)), None)


def _views(session: Reader, rows: Sequence[Any], now: datetime) -> tuple[LinkView, ...]:
    lines: dict[int, list[LinkLine]] = defaultdict(list)
    if rows:
        for row in session.execute(_LINES, {"links": [row.id for row in rows]}):
            lines[row.link].append(_line(row))
    return tuple(_view(row, lines, now) for row in rows)


def _line(row: Any) -> LinkLine:
    label = masked_address(row.address) if row.address else ""
    return LinkLine(
        row.account, row.kind, row.reference, masked_name(row.name), label, Money(row.cents), Money(row.owed)
    )


def _view(row: Any, lines: Mapping[int, list[LinkLine]], now: datetime) -> LinkView:
    state = State(row.attempt_state) if row.attempt_state else None
    facts = Facts(row.expires_at, row.opened_at, row.canceled_at, state, row.receipt_id is not None)
    return LinkView(
        id=row.id,
        standing=standing(facts, now),
        channel=row.channel,
        to_masked=row.to_masked,
        language=row.language,
        sealed=row.sealed,
        sender_id=row.sender_id,
        sender=row.sender,
        sale_id=row.sale_id,
        created_at=row.created_at,
        expires_at=row.expires_at,
        canceled_by=row.canceled_by,
        basket_id=row.basket_id,
        attempt_token=row.attempt_token or "",
        attempt_id=row.attempt_id or "",
        receipt_number=number_text(row.series, row.year, row.number) if row.series else "",
        receipt_id=row.receipt_id,
        lines=tuple(lines.get(row.id, ())),
    )
