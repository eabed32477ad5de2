"""A guess of a look-up is counted in one round trip."""

from pathlib import Path

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"


def upgrade() -> None:
    # The driver's own cursor: procedural SQL is full of percent signs and colons that are not parameters.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute((SQL / "0006_guesses.sql").read_text())
