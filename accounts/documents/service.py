"""Take a document in: look at what it is, draw it anew, write it, name it. And erase one that nobody needs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts.cities.requests import DocumentPolicy
from accounts.documents.images import drawn_anew
from accounts.documents.models import Document
from accounts.documents.rules import PDF, NotTaken, Sent, Taken, check_size, media_type, shown_name
from accounts.documents.store import DocumentStore, digest_of

_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('document:' || :digest, 0))")
"""Whoever writes a file and whoever deletes the same one take turns, until commit."""


def examined(policy: DocumentPolicy, sent: Sent, already: int) -> Taken:
    """The file as it is kept; outside of any transaction, as it takes time.

    ``already``: how many its matter has. Raises what :mod:`accounts.documents.rules` and
    :func:`~accounts.documents.images.drawn_anew` refuse.
    """
    check_size(policy, sent, already)
    kind = media_type(sent.content)
    if kind not in policy.types:
        raise NotTaken(f"the city takes no {kind}", found=kind)
    content, made = (sent.content, PDF) if kind == PDF else drawn_anew(sent.content, kind, policy)
    return Taken(shown_name(sent.name, made), made, content)


def keep(session: Session, store: DocumentStore, taken: Taken, *, sent_by: int | None, now: datetime) -> int:
    """Step: write the file, then the row that names it; the document's id."""
    session.execute(_TAKE_TURNS, {"digest": digest_of(taken.content)})
    document = Document(
        sha256=store.keep(taken.content), media_type=taken.media_type, name=taken.name, size=len(taken.content),
        sent_by=sent_by, at=now,
    )  # fmt: skip
    session.add(document)
    session.flush()
    return document.id


def erase(session: Session, store: DocumentStore, ids: Sequence[int], *, now: datetime) -> int:
    """Step: what these documents are called is forgotten, and their files are deleted, but those that others sent
    too; how many files.

    A file goes before the commit: cut here, its row is there to be erased again.
    """
    rows = session.scalars(
        select(Document).where(Document.id.in_(ids), Document.erased_at.is_(None)).order_by(Document.sha256)
    ).all()
    for digest in sorted({row.sha256 for row in rows}):
        session.execute(_TAKE_TURNS, {"digest": digest})
    for row in rows:
        row.name, row.erased_at = "", now
    session.flush()
    digests = {row.sha256 for row in rows}
    needed = set(
        session.scalars(select(Document.sha256).where(Document.sha256.in_(digests), Document.erased_at.is_(None)))
    )
    for digest in sorted(digests - needed):
        store.delete(digest)
    return len(digests - needed)
