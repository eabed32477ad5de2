"""Take a document in: look at what it is, draw it anew, write it, name it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from accounts.cities.requests import DocumentPolicy
from accounts.documents.images import drawn_anew
from accounts.documents.models import Document
from accounts.documents.rules import PDF, NotTaken, Sent, Taken, check_size, media_type, shown_name
from accounts.documents.store import DocumentStore


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
    document = Document(
        sha256=store.keep(taken.content), media_type=taken.media_type, name=taken.name, size=len(taken.content),
        sent_by=sent_by, at=now,
    )  # fmt: skip
    session.add(document)
    session.flush()
    return document.id
