"""Proposals as people see them: what waits and for whom, one with its decision, and those of an account.

Accounts and customers stand above approvals, so they are read here in plain SQL. Who may not see an account
(protected, restricted) does not see a proposal that touches it, nor is it counted for them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.approvals.rules import Evidence, Hindrance, Verdict, hindrances, read_evidence
from accounts.errors import NotFound
from accounts.money import Money
from accounts.staff.rules import ActKind, Authority, Permission

PAGE = 50
_HIDDEN = """((xa.is_protected AND NOT :protected)
               OR (xa.is_restricted AND NOT :restricted))"""
_SEEN = f"""NOT EXISTS (
       SELECT FROM proposal_accounts x JOIN customer_accounts xa ON xa.id = x.customer_account_id
        WHERE x.proposal_id = p.id AND {_HIDDEN})"""
_WAITS = "p.waits AND NOT EXISTS (SELECT FROM proposal_decisions d WHERE d.proposal_id = p.id)"
_MINE = """p.proposed_by <> :me AND EXISTS (
       SELECT FROM unnest(CAST(:acts AS text[]), CAST(:limits AS bigint[])) AS l (act, cents)
        WHERE l.act = p.act AND abs(p.effect_cents) <= l.cents)"""
_COLUMNS = """p.id, p.act, p.subject_kind, p.subject_id, p.customer_account_id, p.payload, p.evidence, p.effect_cents,
       p.reason, p.proposed_by, p.proposed_at, maker.display_name AS maker,
       a.reference, a.kind AS account_kind, c.name AS holder,
       d.verdict, d.decided_by, d.decided_at, d.reason AS said, d.outcome, checker.display_name AS checker"""
_FROM = """proposals p
  JOIN actors maker ON maker.id = p.proposed_by
  LEFT JOIN customer_accounts a ON a.id = p.customer_account_id
  LEFT JOIN customers c ON c.id = a.customer_id
  LEFT JOIN proposal_decisions d ON d.proposal_id = p.id
  LEFT JOIN actors checker ON checker.id = d.decided_by"""
_INBOX = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
     WHERE {_WAITS} AND {_SEEN} AND p.id > :after
       AND (CAST(:act AS text) IS NULL OR p.act = :act)
       AND (NOT :only_mine OR ({_MINE})) AND (NOT :only_made OR p.proposed_by = :me)
     ORDER BY p.id LIMIT :most""")  # noqa: S608 - our own parts
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE p.id = :id AND {_SEEN}")  # noqa: S608
_OF_ACCOUNT = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
     WHERE p.id IN (SELECT proposal_id FROM proposal_accounts WHERE customer_account_id = :account) AND {_SEEN}
       AND (NOT :only_waiting OR ({_WAITS}))
     ORDER BY p.id DESC LIMIT :most""")  # noqa: S608
_OF_SUBJECT = text(f"""
    SELECT p.id FROM proposals p
     WHERE p.act = :act AND p.subject_kind = :kind AND p.subject_id = :id AND (:decided_too OR ({_WAITS}))
     ORDER BY p.id DESC LIMIT 1""")  # noqa: S608
_SEES = text(f"SELECT EXISTS (SELECT FROM proposals p WHERE p.id = :id AND {_SEEN})")  # noqa: S608
_SEES_ACCOUNTS = text(f"""
    SELECT NOT EXISTS (SELECT FROM customer_accounts xa WHERE xa.id = ANY (:accounts) AND {_HIDDEN})""")  # noqa: S608
_TOUCHED = text("SELECT customer_account_id FROM proposal_accounts WHERE proposal_id = :id ORDER BY 1")
_COUNTS = text(f"""
    SELECT count(*), count(*) FILTER (WHERE {_MINE}), count(*) FILTER (WHERE p.proposed_by = :me), min(p.proposed_at)
      FROM proposals p WHERE {_WAITS} AND {_SEEN}""")  # noqa: S608

_ENDED = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
     WHERE d.verdict = ANY (:verdicts) AND d.decided_at >= :since AND {_SEEN}
       AND (CAST(:maker AS bigint) IS NULL OR p.proposed_by = :maker)
       AND (CAST(:before AS bigint) IS NULL OR p.id < :before)
     ORDER BY p.id DESC LIMIT :most""")  # noqa: S608
_ALONE = text(f"""
    SELECT p.proposed_by, maker.display_name, count(*), sum(abs(p.effect_cents))
      FROM proposal_decisions d JOIN proposals p ON p.id = d.proposal_id JOIN actors maker ON maker.id = p.proposed_by
     WHERE d.verdict = 'alone' AND d.decided_at >= :since AND {_SEEN}
     GROUP BY p.proposed_by, maker.display_name ORDER BY 3 DESC, 2""")  # noqa: S608


@dataclass(frozen=True)
class Decision:
    """How a proposal ended."""

    verdict: Verdict
    decided_by: int
    checker: str
    decided_at: datetime
    reason: str
    outcome: Mapping[str, Any]


@dataclass(frozen=True)
class ProposalView:
    """A proposal as the person who looks at it sees it; ``maker`` and ``checker`` are names."""

    id: int
    act: ActKind
    subject: tuple[str, str]
    customer_account_id: int | None
    reference: str
    account_kind: str
    holder: str
    """Empty where it touches no account."""
    payload: Mapping[str, Any]
    evidence: Evidence
    effect: Money
    reason: str
    proposed_by: int
    maker: str
    proposed_at: datetime
    decision: Decision | None
    hindrances: tuple[Hindrance, ...]
    """Why this person may not decide it; empty where they may, and where it is decided."""

    @property
    def is_waiting(self) -> bool:
        return self.decision is None

    @property
    def may_decide(self) -> bool:
        return self.is_waiting and not self.hindrances

    def age(self, now: datetime) -> timedelta:
        """For how long it has been waiting (or had been, when it was decided)."""
        return (self.decision.decided_at if self.decision else now) - self.proposed_at


@dataclass(frozen=True)
class Inbox:
    """A page of what waits, oldest first; ``after`` asks for the next one, nothing where there is none."""

    proposals: tuple[ProposalView, ...]
    after: int | None


@dataclass(frozen=True)
class Ended:
    """A page of what has ended, newest first; ``before`` asks for the next one, nothing where there is none."""

    proposals: tuple[ProposalView, ...]
    before: int | None


@dataclass(frozen=True)
class AloneBy:
    """How many acts one person did without a second one, and the sizes of their effects together."""

    actor_id: int
    name: str
    acts: int
    moved: Money


@dataclass(frozen=True)
class Counts:
    """What waits, of all that this person may see."""

    waiting: int
    mine_to_decide: int
    made_by_me: int
    oldest_at: datetime | None


def inbox(
    session: Session,
    by: Authority,
    *,
    act: ActKind | None = None,
    only_mine: bool = False,
    only_made: bool = False,
    after: int = 0,
    most: int = PAGE,
) -> Inbox:
    """What waits for a second person, oldest first: all, what ``by`` may decide, or what ``by`` proposed.

    One statement.
    """
    asked = {"act": act, "only_mine": only_mine, "only_made": only_made, "after": after, "most": most + 1}
    rows = session.execute(_INBOX, {**asked, **_eyes(by), **_limits(by)}).all()
    found = tuple(_view(row, by) for row in rows[:most])
    return Inbox(found, found[-1].id if len(rows) > most else None)


def ended(
    session: Session,
    by: Authority,
    verdicts: Collection[Verdict],
    *,
    since: datetime,
    maker_id: int | None = None,
    before: int | None = None,
    most: int = PAGE,
) -> Ended:
    """What ended so since an instant, of everybody or of one maker, newest first. One statement."""
    asked = {"verdicts": list(verdicts), "since": since, "maker": maker_id, "before": before, "most": most + 1}
    rows = session.execute(_ENDED, {**asked, **_eyes(by)}).all()
    found = tuple(_view(row, by) for row in rows[:most])
    return Ended(found, found[-1].id if len(rows) > most else None)


def done_alone(session: Session, by: Authority, since: datetime) -> list[AloneBy]:
    """Who did how many acts alone since an instant, most first. One statement."""
    rows = session.execute(_ALONE, {"since": since, **_eyes(by)})
    return [AloneBy(maker, name, count, Money(int(cents))) for maker, name, count, cents in rows]


def proposal(session: Session, proposal_id: int, by: Authority) -> ProposalView:
    """One, waiting or decided; raises ``NotFound`` where there is none that this person may see. One statement."""
    row = session.execute(_ONE, {"id": proposal_id, **_eyes(by)}).one_or_none()
    if row is None:
        raise NotFound(f"no proposal {proposal_id}")
    return _view(row, by)


def proposals_of(
    session: Session, account_id: int, by: Authority, *, only_waiting: bool = False, most: int = PAGE
) -> list[ProposalView]:
    """Acts on an account, newest first: waiting, decided, and done alone; or only what waits. One statement."""
    asked = {"account": account_id, "only_waiting": only_waiting, "most": most}
    rows = session.execute(_OF_ACCOUNT, {**asked, **_eyes(by)})
    return [_view(row, by) for row in rows]


def counts(session: Session, by: Authority) -> Counts:
    """How much waits, and how much of it for this person. One statement."""
    return Counts(*session.execute(_COUNTS, {**_eyes(by), **_limits(by)}).one())


def waiting_for(session: Session, act: ActKind, subject: tuple[str, str]) -> int | None:
    """The newest proposal about something that waits."""
    return _of_subject(session, act, subject, decided_too=False)


def newest_of(session: Session, act: ActKind, subject: tuple[str, str]) -> int | None:
    """The newest proposal about something, waiting or decided."""
    return _of_subject(session, act, subject, decided_too=True)


def touched(session: Session, proposal_id: int) -> list[int]:
    """The accounts that a proposal touches: who looks at it looks at them."""
    return list(session.scalars(_TOUCHED, {"id": proposal_id}))


def may_see(session: Session, proposal_id: int, by: Authority) -> bool:
    """Is this a proposal whose accounts the person may all see?"""
    return bool(session.scalar(_SEES, {"id": proposal_id, **_eyes(by)}))


def may_see_accounts(session: Session, accounts: Collection[int], by: Authority) -> bool:
    """May the person see all these accounts?"""
    return not accounts or bool(session.scalar(_SEES_ACCOUNTS, {"accounts": list(accounts), **_eyes(by)}))


def _of_subject(session: Session, act: ActKind, subject: tuple[str, str], *, decided_too: bool) -> int | None:
    asked = {"act": act, "kind": subject[0], "id": subject[1], "decided_too": decided_too}
    found: int | None = session.scalar(_OF_SUBJECT, asked)
    return found


def _eyes(by: Authority) -> dict[str, bool]:
    return {"protected": by.may(Permission.PROTECTED_SEE), "restricted": by.may(Permission.RESTRICTED_SEE)}


def _limits(by: Authority) -> dict[str, Any]:
    limits = by.decide if by.may(Permission.APPROVALS_DECIDE) else {}
    return {"me": by.actor_id, "acts": list(limits), "limits": [limit.cents for limit in limits.values()]}


def _view(row: Any, by: Authority) -> ProposalView:
    act, effect = ActKind(row.act), Money(row.effect_cents)
    decision = None
    if row.verdict is not None:
        decision = Decision(Verdict(row.verdict), row.decided_by, row.checker, row.decided_at, row.said, row.outcome)
    return ProposalView(
        id=row.id,
        act=act,
        subject=(row.subject_kind, row.subject_id),
        customer_account_id=row.customer_account_id,
        reference=row.reference or "",
        account_kind=row.account_kind or "",
        holder=row.holder or "",
        payload=row.payload,
        evidence=read_evidence(row.evidence),
        effect=effect,
        reason=row.reason,
        proposed_by=row.proposed_by,
        maker=row.maker,
        proposed_at=row.proposed_at,
        decision=decision,
        hindrances=() if decision else hindrances(by, act, effect, row.proposed_by),
    )
