"""Closed days are what they were when they were sealed."""

from __future__ import annotations

from sqlalchemy.orm import Session

from accounts.seals import queries
from portal.sealing import PARTS

NAME = "closed days are sealed, and the seals hold"


def figure(session: Session) -> str:
    """How far the books are sealed, and the head of the chain: written down elsewhere, it proves all before it."""
    chain = queries.chain(session)
    return f"{chain.seals} of {chain.days} days sealed, head {chain.head.name if chain.head else 'none'}"


def violations(session: Session, head: str = "") -> list[str]:
    """The first broken day and what differs in it, then the others; and a noted ``head`` that stands no more."""
    broken = [str(day) for day in queries.broken_days(session, PARTS)]
    if broken:
        broken[0] = f"the first broken day is {broken[0]}"
    problem = queries.head_problem(session, head) if head else ""
    return [*broken, problem] if problem else broken
