"""Alembic's entry: ``ventanilla migrate`` hands over an open connection of the database's owner."""

from alembic import context

from accounts.database import Cents
from portal.tables import metadata


def render_item(kind: str, item: object, _: object) -> str | bool:
    """Migrations are frozen: they name plain column types, never ours."""
    return "sa.BigInteger()" if kind == "type" and isinstance(item, Cents) else False


connection = context.config.attributes.get("connection")
if connection is None:
    raise SystemExit("Run migrations by 'ventanilla migrate': it connects as the owner, under a lock.")

context.configure(
    connection=connection,
    target_metadata=metadata,
    include_name=lambda name, kind, _: not (kind == "table" and str(name).startswith("procrastinate_")),
    compare_type=True,
    render_item=render_item,
)
with context.begin_transaction():
    context.run_migrations()
