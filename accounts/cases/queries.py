"""Cases as people see them: the queue, one with everything said, those of an account, those of who asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cases.rules import Direction, Outcome, State
from accounts.cases.views import (
    Beside,
    BillChoice,
    CaseLine,
    CasePage,
    CasesPage,
    Decision,
    Happened,
    KindCount,
    Message,
    Paper,
    SignedOff,
    Wanted,
)
from accounts.cities.requests import RequestKind
from accounts.database import Reader, query
from accounts.errors import NotFound
from accounts.staff.rules import Authority, Permission

PAGE = 50
_VISIBLE = "(a.id IS NULL OR ((:protected OR NOT a.is_protected) AND (:restricted OR NOT a.is_restricted)))"
# In the order of CaseLine.
_COLUMNS = """k.id, k.number, k.kind, k.state, k.version, k.customer_account_id, a.reference,
       coalesce(a.kind, '') AS account_kind, coalesce(c.name, k.guest ->> 'name', w.display_name, '') AS holder,
       k.asked_by,
       CASE WHEN h.id IS NULL THEN coalesce(w.display_name, k.guest ->> 'name', '') ELSE c.name END AS asker,
       k.guest, k.links, k.language, k.division, k.assignee_id, coalesce(o.display_name, '') AS assignee,
       k.begun_at, k.kept_at, k.submitted_at, k.submitted_on, k.due_on, k.waiting_since, k.ended_at,
       k.draft, k.terms"""
_FROM = """cases k
  LEFT JOIN customer_accounts a ON a.id = k.customer_account_id
  LEFT JOIN customers c ON c.id = coalesce(a.customer_id, k.customer_id)
  LEFT JOIN actors w ON w.id = k.asked_by
  LEFT JOIN account_links h ON h.actor_id = k.asked_by AND h.customer_account_id = k.customer_account_id
                           AND h.standing = 'holder' AND h.ended_at IS NULL
  LEFT JOIN actors o ON o.id = k.assignee_id"""
_CHOSEN = f"""k.number IS NOT NULL AND {_VISIBLE} AND k.state = ANY (:states)
   AND (CAST(:kind AS text) IS NULL OR k.kind = :kind)
   AND (CAST(:mine AS bigint) IS NULL OR k.assignee_id = :mine)
   AND (NOT :nobodys OR k.assignee_id IS NULL)
   AND (CAST(:late_on AS date) IS NULL OR (k.due_on < :late_on AND k.state IN ('submitted', 'in-review')))"""
_QUEUE = text(f"""
    SELECT {_COLUMNS} FROM {_FROM} WHERE {_CHOSEN}
       AND (CAST(:after AS bigint) IS NULL
            OR (k.due_on, k.id) > (SELECT x.due_on, x.id FROM cases x WHERE x.id = :after))
     ORDER BY k.due_on, k.id LIMIT :most""")  # noqa: S608 - our own words
_ENDED = text(f"""
    SELECT {_COLUMNS} FROM {_FROM} WHERE {_CHOSEN}
       AND (CAST(:after AS bigint) IS NULL
            OR (k.ended_at, k.id) < (SELECT x.ended_at, x.id FROM cases x WHERE x.id = :after))
     ORDER BY k.ended_at DESC, k.id DESC LIMIT :most""")  # noqa: S608
_COUNTS = text(f"""
    SELECT k.kind, count(*), count(*) FILTER (WHERE k.due_on < :today AND k.state <> 'waiting'),
           count(*) FILTER (WHERE k.assignee_id = :me), count(*) FILTER (WHERE k.assignee_id IS NULL),
           count(*) FILTER (WHERE k.state = 'waiting')
      FROM {_FROM} WHERE k.state IN ('submitted', 'in-review', 'waiting') AND k.number IS NOT NULL AND {_VISIBLE}
     GROUP BY k.kind ORDER BY min(k.due_on), k.kind""")  # noqa: S608
_ONE = text(f"SELECT {_COLUMNS} FROM {_FROM} WHERE k.id = :id")  # noqa: S608
_BY_NUMBER = text("SELECT id FROM cases WHERE number = :number")
_OF_ACCOUNT = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
     WHERE k.customer_account_id = :account AND k.number IS NOT NULL
     ORDER BY k.state IN ('done', 'withdrawn'), k.due_on, k.id DESC LIMIT :most""")  # noqa: S608
_OF_ASKER = text(f"""
    SELECT {_COLUMNS} FROM {_FROM}
     WHERE k.asked_by = :actor AND (k.state <> 'withdrawn' OR k.number IS NOT NULL)
     ORDER BY k.state IN ('done', 'withdrawn'), k.id DESC LIMIT :most""")  # noqa: S608
_WAITING = query(
    f"""
    SELECT {_COLUMNS} FROM {_FROM} WHERE k.asked_by = :actor AND k.state = 'waiting'
     ORDER BY k.waiting_since, k.id LIMIT :most""",  # noqa: S608
    *(one.name for one in fields(CaseLine)),
)
_SAID = text("""
    SELECT 'answers', version, at, answers, NULL, NULL, NULL, NULL, NULL FROM case_submissions WHERE case_id = :id
    UNION ALL
    SELECT 'event', e.version, e.at, e.details, e.event, e.before, e.after, a.display_name, NULL
      FROM case_events e LEFT JOIN actors a ON a.id = e.actor_id WHERE e.case_id = :id
    UNION ALL
    SELECT 'message', m.id, m.at, NULL, m.direction, m.text, m.language, a.display_name, m.template
      FROM case_messages m LEFT JOIN actors a ON a.id = m.actor_id WHERE m.case_id = :id
    UNION ALL
    SELECT 'paper', d.id, d.at, NULL, d.wanted, f.name, f.media_type, a.display_name, f.size::text
      FROM case_documents d JOIN documents f ON f.id = d.document_id LEFT JOIN actors a ON a.id = d.actor_id
     WHERE d.case_id = :id AND d.removed_at IS NULL
    UNION ALL
    SELECT 'sign-off', s.id, s.at, NULL, s.step, s.note, CASE WHEN s.is_fine THEN 'yes' ELSE 'no' END,
           a.display_name, NULL
      FROM case_sign_offs s LEFT JOIN actors a ON a.id = s.actor_id WHERE s.case_id = :id
    UNION ALL
    SELECT 'decision', d.number, d.at, jsonb_build_object('effect', d.effect, 'id', d.id, 'on', d.decided_on,
           'proposal', d.proposal_id, 'verdict', p.verdict, 'said', p.reason), d.outcome, d.reason, d.authority,
           a.display_name, d.decided_by::text
      FROM case_decisions d LEFT JOIN actors a ON a.id = d.decided_by
      LEFT JOIN proposal_decisions p ON p.proposal_id = d.proposal_id WHERE d.case_id = :id
    UNION ALL
    SELECT 'beside', b.id, b.begun_at, b.terms, b.number, b.state, NULL, NULL, NULL
      FROM cases k JOIN cases b ON b.asked_with = k.id OR b.id = k.asked_with
           OR (b.asked_with = k.asked_with AND b.id <> k.id)
     WHERE k.id = :id
    ORDER BY 3, 2""")
_BILLS = text("""
    SELECT b.id, b.number, b.billed_on, b.due_on, b.period_from, b.period_to FROM bills b
     WHERE b.customer_account_id = :account ORDER BY b.billed_on DESC, b.id DESC LIMIT :most""")
_MESSAGE = text("SELECT case_id, text, language FROM case_messages WHERE id = :id AND direction = 'to-resident'")


def queue(
    session: Session, by: Authority, wanted: Wanted, *, after: int | None = None, limit: int = PAGE
) -> CasesPage:
    """A page of cases that this person may see. One statement."""
    values = {
        "states": [state.value for state in wanted.states], "kind": wanted.kind, "mine": wanted.mine,
        "nobodys": wanted.nobodys, "late_on": wanted.late_on, "after": after, "most": limit + 1, **_sight(by),
    }  # fmt: skip
    statement = _ENDED if State.DONE in wanted.states else _QUEUE
    found = [_line(row) for row in session.execute(statement, values)]
    return CasesPage(tuple(found[:limit]), found[limit - 1].id if len(found) > limit else None)


def counts(session: Session, by: Authority, today: date) -> list[KindCount]:
    """What is open by kind, the kind with the earliest last day first. One statement."""
    rows = session.execute(_COUNTS, {"today": today, "me": by.actor_id, **_sight(by)})
    return [KindCount(*row) for row in rows]


def case(session: Session, case_id: int) -> CaseLine:
    """One case's head; raises ``NotFound``. One statement."""
    row = session.execute(_ONE, {"id": case_id}).one_or_none()
    if row is None:
        raise NotFound(f"no case {case_id}")
    return _line(row)


def case_id_of(session: Session, number: str) -> int:
    """The case of a number; raises ``NotFound``."""
    found = session.scalar(_BY_NUMBER, {"number": number.strip().upper()})
    if found is None:
        raise NotFound("no such number")
    return int(found)


def page(session: Session, case_id: int) -> CasePage:
    """A case with everything in it; raises ``NotFound``. Two statements."""
    line = case(session, case_id)
    parts: dict[str, list[Any]] = {}
    for row in session.execute(_SAID, {"id": case_id}):
        parts.setdefault(row[0], []).append(row)
    answers = parts.get("answers", [])
    return CasePage(
        line=line,
        answers=answers[-1][3] if answers else line.draft,
        events=tuple(Happened(r[1], r[2], r[4], r[5], r[6], r[7] or "", r[3]) for r in parts.get("event", ())),
        messages=tuple(
            Message(r[1], r[2], Direction(r[4]), r[5], r[6], r[7] or "") for r in parts.get("message", ())
        ),
        papers=tuple(Paper(r[1], r[2], r[4], r[5], r[6], int(r[8])) for r in parts.get("paper", ())),
        sign_offs=tuple(SignedOff(r[4], r[6] == "yes", r[5], r[7] or "", r[2]) for r in parts.get("sign-off", ())),
        decisions=tuple(_decision(r) for r in parts.get("decision", ())),
        beside=tuple(
            Beside(r[1], r[4], State(r[5]), RequestKind.model_validate(r[3]).name) for r in parts.get("beside", ())
        ),
    )


def of_account(session: Session, account_id: int, limit: int = PAGE) -> Sequence[CaseLine]:
    """Cases about an account, open ones first. One statement."""
    return [_line(row) for row in session.execute(_OF_ACCOUNT, {"account": account_id, "most": limit})]


def of_asker(session: Session, actor_id: int, limit: int = 200) -> Sequence[CaseLine]:
    """What a person asked for, drafts too, open ones first. One statement."""
    return [_line(row) for row in session.execute(_OF_ASKER, {"actor": actor_id, "most": limit})]


def waiting_for(reader: Reader, actor_id: int, limit: int = PAGE) -> Sequence[CaseLine]:
    """Cases that stand still until this person answers, the longest first. One statement."""
    return [_line(row) for row in reader.execute(_WAITING, {"actor": actor_id, "most": limit})]


def bills(session: Session, account_id: int, limit: int = 24) -> list[BillChoice]:
    """Bills of an account that a question may name, newest first. One statement."""
    return [BillChoice(*row) for row in session.execute(_BILLS, {"account": account_id, "most": limit})]


def message_to_resident(session: Session, message_id: int) -> tuple[int, str, str] | None:
    """(Case, text, language) of a message that the city wrote: for who tells the resident."""
    row = session.execute(_MESSAGE, {"id": message_id}).one_or_none()
    return (row[0], row[1], row[2]) if row else None


def _line(row: Any) -> CaseLine:
    values = row._asdict()
    values["state"], values["number"] = State(values["state"]), values["number"] or ""
    values["reference"] = values["reference"] or ""
    return CaseLine(**values)


def _decision(row: Any) -> Decision:
    more = row[3]
    return Decision(
        id=more["id"], number=row[1], outcome=Outcome(row[4]), reason=row[5], authority=row[6], who=row[7] or "",
        decided_by=int(row[8]), on=date.fromisoformat(more["on"]), at=row[2], effect=more["effect"],
        proposal_id=more["proposal"], verdict=more["verdict"] or "", said=more["said"] or "",
    )  # fmt: skip


def _sight(by: Authority) -> Mapping[str, Any]:
    return {"protected": by.may(Permission.PROTECTED_SEE), "restricted": by.may(Permission.RESTRICTED_SEE)}
