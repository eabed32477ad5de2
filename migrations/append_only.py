"""Make tables append-only: what every migration from 0021 on asks for its own. Earlier ones say it themselves."""

from __future__ import annotations

from alembic import op


def keep_append_only(*tables: str) -> None:
    """No row of these tables is changed or deleted, nor are they emptied, whoever asks (``refuse_change``)."""
    for table in tables:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION refuse_change()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
