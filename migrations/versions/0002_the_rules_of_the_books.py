"""The rules of the books: queue, triggers, the posting step."""

from pathlib import Path

from alembic import op
from procrastinate.schema import SchemaManager

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQL = Path(__file__).parent.parent / "sql"
APPEND_ONLY = (
    "adjustments", "allocations", "attempt_events", "attempt_lines", "audit_entries", "city_approvals",
    "city_releases", "consent_revocations", "consents", "journals", "license_declarations", "payments", "postings",
    "receipts", "remittance_lines", "source_effects",
)  # fmt: skip


def upgrade() -> None:
    # The driver's own cursor: procedural SQL is full of percent signs and colons that are not parameters.
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute(SchemaManager.get_schema())
        cursor.execute((SQL / "0002_books.sql").read_text())
        cursor.execute((SQL / "0002_posting.sql").read_text())
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )
