"""Who has which account, and what a resident's account list shows; constant in statements however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from accounts.account_links.rules import Right, Standing, digest
from accounts.customer_accounts.rules import shown
from accounts.database import Reader, query
from accounts.money import Money


@dataclass(frozen=True, slots=True)
class LinkedAccount:
    """An account that a resident has a link to, for the guard of their pages."""

    link_id: int
    account_id: int
    kind: str
    reference: str
    standing: Standing
    rights: frozenset[Right]
    nickname: str
    gets_copies: bool
    holder: str
    address: str
    """Whole: whoever has a link may see whose account it is, and where."""

    @property
    def number(self) -> str:
        """The reference as people read it."""
        return shown(self.reference)

    @property
    def title(self) -> str:
        """What the resident calls it, or where it is, or the business; nothing for what has neither."""
        return self.nickname or {"utility": self.address, "license": self.holder}.get(self.kind, "")

    def may(self, right: Right) -> bool:
        return right in self.rights


_LINK = """l.id, a.id, a.kind, a.reference, l.standing, l.rights, l.nickname, l.gets_copies, c.name,
           coalesce(p.address, '')"""
_LINK_NAMES = (
    "link_id", "account_id", "kind", "reference", "standing", "rights", "nickname", "gets_copies", "holder",
    "address",
)  # fmt: skip
_LIVE = """account_links l
      JOIN customer_accounts a ON a.id = l.customer_account_id AND l.ended_at IS NULL
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN premises p ON p.id = a.premises_id"""
_BY_REFERENCE = query(
    f"SELECT {_LINK} FROM {_LIVE} WHERE l.actor_id = :actor AND a.reference = :reference",  # noqa: S608 - ours
    *_LINK_NAMES,
)
_ALL = query(
    f"SELECT {_LINK} FROM {_LIVE} WHERE l.actor_id = :actor ORDER BY l.id",  # noqa: S608 - ours
    *_LINK_NAMES,
)


def linked_account(session: Reader, actor_id: int, reference: str) -> LinkedAccount | None:
    """The account of a reference, if this resident has a live link to it. One statement."""
    row = session.execute(_BY_REFERENCE, {"actor": actor_id, "reference": reference}).one_or_none()
    return None if row is None else _linked(row)


def linked_accounts(session: Reader, actor_id: int) -> list[LinkedAccount]:
    """All accounts of a resident, in the order in which they came. One statement."""
    return [_linked(row) for row in session.execute(_ALL, {"actor": actor_id})]


_RIGHTS = query(
    """
    SELECT rights FROM account_links
     WHERE actor_id = :actor AND customer_account_id = :account AND ended_at IS NULL""",
    "rights",
)


def rights_of(session: Reader, actor_id: int, customer_account_id: int) -> frozenset[Right]:
    """What a resident may do with an account; nothing without a link. One statement."""
    row = session.execute(_RIGHTS, {"actor": actor_id, "account": customer_account_id}).one_or_none()
    return frozenset() if row is None else frozenset(Right(right) for right in row.rights)


@dataclass(frozen=True, slots=True)
class Held:
    """An account as a resident's list shows it: theirs, so nothing of it is masked."""

    link: LinkedAccount
    status: str
    credit: Money
    owed: Money
    past_due: Money
    next_due_on: date | None
    """Of the oldest charge with something open; past or to come."""
    next_due: Money
    """What is due on that day."""


_HELD = query(
    f"""
    SELECT {_LINK}, a.status, a.credit_cents,
           coalesce(o.owed, 0), coalesce(o.past_due, 0), o.next_due_on, coalesce(o.next_due, 0)
      FROM {_LIVE}
      LEFT JOIN LATERAL (
           SELECT sum(open_cents)::bigint AS owed,
                  (sum(open_cents) FILTER (WHERE due_on < :today))::bigint AS past_due,
                  min(due_on) AS next_due_on,
                  (sum(open_cents) FILTER (WHERE due_on = first_due))::bigint AS next_due
             FROM (SELECT open_cents, due_on, min(due_on) OVER () AS first_due
                     FROM charges WHERE customer_account_id = a.id AND open_cents > 0) AS open) AS o ON true
     WHERE l.actor_id = :actor
     ORDER BY o.next_due_on NULLS LAST, a.reference""",  # noqa: S608 - our own words
    *_LINK_NAMES, "status", "credit_cents", "owed", "past_due", "next_due_on", "next_due",
)  # fmt: skip


def held_by(session: Reader, actor_id: int, today: date) -> list[Held]:
    """Every account of a resident with what is open on it, what is due first on top. One statement."""
    return [
        Held(
            _linked(row), row.status, Money(row.credit_cents), Money(row.owed),
            Money(row.past_due), row.next_due_on, Money(row.next_due),
        )
        for row in session.execute(_HELD, {"actor": actor_id, "today": today})
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Share:
    """Somebody on an account, or invited to it, as its other people and the counter see them.

    A resident is named by ``actor_id``; who they are, sign-ins know.
    """

    id: int
    actor_id: int | None
    to_masked: str
    standing: Standing
    rights: frozenset[Right]
    gets_copies: bool
    proven_by: str
    since: datetime
    shared_by: int | None
    """The link of whoever let them in; of an invitation, whoever asked."""
    expires_at: datetime | None = None

    @property
    def is_invitation(self) -> bool:
        return self.actor_id is None


_SHARES = query(
    """
    SELECT id, actor_id, '' AS to_masked, standing, rights, gets_copies, proven_by, linked_at, shared_by,
           NULL::timestamptz AS expires_at
      FROM account_links WHERE customer_account_id = :account AND ended_at IS NULL
    UNION ALL
    SELECT id, NULL, to_masked, standing, rights, gets_copies, 'invitation', invited_at, link_id, expires_at
      FROM link_invitations
     WHERE customer_account_id = :account AND accepted_at IS NULL AND withdrawn_at IS NULL AND expires_at > :now
     ORDER BY 8, 1""",
    "id", "actor_id", "to_masked", "standing", "rights", "gets_copies", "proven_by", "since", "shared_by",
    "expires_at",
)  # fmt: skip


def shares_of(session: Reader, customer_account_id: int, now: datetime) -> list[Share]:
    """Everybody on an account and everybody invited to it, the longest first. One statement."""
    return [
        Share(
            row.id, row.actor_id, row.to_masked, Standing(row.standing), _rights(row.rights), row.gets_copies,
            row.proven_by, row.since, row.shared_by, row.expires_at,
        )
        for row in session.execute(_SHARES, {"account": customer_account_id, "now": now})
    ]  # fmt: skip


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What somebody is shown who holds the link of an invitation."""

    id: int
    account_id: int
    kind: str
    reference: str
    address: str
    standing: Standing
    rights: frozenset[Right]
    gets_copies: bool
    expires_at: datetime
    is_open: bool


_INVITATION = query(
    """
    SELECT i.id, a.id AS account_id, a.kind, a.reference, coalesce(p.address, '') AS address, i.standing, i.rights,
           i.gets_copies, i.expires_at,
           i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > :now AS is_open
      FROM link_invitations i
      JOIN customer_accounts a ON a.id = i.customer_account_id
      LEFT JOIN premises p ON p.id = a.premises_id
     WHERE i.token_sha256 = :digest""",
    "id", "account_id", "kind", "reference", "address", "standing", "rights", "gets_copies", "expires_at", "is_open",
)  # fmt: skip


def invitation(session: Reader, token: str, now: datetime) -> InvitationView | None:
    """The invitation of a token, open or over; none for a token that is nobody's. One statement."""
    row = session.execute(_INVITATION, {"digest": digest(token), "now": now}).one_or_none()
    if row is None:
        return None
    values = row._asdict()
    return InvitationView(**{**values, "standing": Standing(values["standing"]), "rights": _rights(values["rights"])})


@dataclass(frozen=True, slots=True)
class Waiting:
    """An invitation that is to be mailed."""

    id: int
    account_id: int
    kind: str
    standing: Standing
    language: str
    sealed: str
    invited_by: int
    expires_at: datetime


_WAITING = query(
    """
    SELECT i.id, a.id AS account_id, a.kind, i.standing, i.language, i.sealed, i.invited_by, i.expires_at
      FROM link_invitations i JOIN customer_accounts a ON a.id = i.customer_account_id
     WHERE i.id = :id AND i.accepted_at IS NULL AND i.withdrawn_at IS NULL AND i.expires_at > :now""",
    "id", "account_id", "kind", "standing", "language", "sealed", "invited_by", "expires_at",
)  # fmt: skip


def waiting_invitation(session: Reader, invitation_id: int, now: datetime) -> Waiting | None:
    """An invitation that nobody has accepted or taken back, for the job that mails it. One statement."""
    row = session.execute(_WAITING, {"id": invitation_id, "now": now}).one_or_none()
    return None if row is None else Waiting(**{**row._asdict(), "standing": Standing(row.standing)})


def _rights(codes: list[str]) -> frozenset[Right]:
    return frozenset(Right(code) for code in codes)


def _linked(row: Sequence[Any]) -> LinkedAccount:
    link_id, account_id, kind, reference, standing, rights, *rest = row[: len(_LINK_NAMES)]
    nickname, gets_copies, holder, address = rest
    return LinkedAccount(
        link_id,
        account_id,
        kind,
        reference,
        Standing(standing),
        _rights(rights),
        nickname,
        gets_copies,
        holder,
        address,
    )
