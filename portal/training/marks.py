"""The mark that a database carries: for training, or not. Written once, at the first start or by ``migrate``."""

from __future__ import annotations

from sqlalchemy import Connection, text

from accounts.database import engine_for
from portal.config import Settings
from portal.training.rules import REAL, TRAINING, refusal

_MARKED = text("SELECT purpose FROM installation_marks")
_HAS_RECEIPTS = text("SELECT EXISTS (SELECT FROM receipts)")
_MARK = text("INSERT INTO installation_marks (id, purpose) VALUES (1, :purpose) ON CONFLICT (id) DO NOTHING")


def claim(settings: Settings) -> None:
    """Refuse to start on a database that is meant for something else; mark one that says nothing yet.

    Raises ``SystemExit`` with a sentence.
    """
    claim_url(settings.database_url, training=settings.training)


def claim_url(url: str, *, training: bool) -> None:
    """:func:`claim` for a database by its address."""
    engine = engine_for(url, pool_size=1, application="ventanilla-mark")
    try:
        with engine.begin() as connection:
            _claim(connection, training=training)
    finally:
        engine.dispose()


def _claim(connection: Connection, *, training: bool) -> None:
    marked = connection.scalar(_MARKED)
    if marked is None:
        why = refusal(None, training=training, has_receipts=bool(connection.scalar(_HAS_RECEIPTS)))
        if not why:
            connection.execute(_MARK, {"purpose": TRAINING if training else REAL})
            marked = connection.scalar(_MARKED)  # another process may have been first
    if why := refusal(marked, training=training, has_receipts=marked is None):
        raise SystemExit(f"Ventanilla does not start:\n  - {why}")
