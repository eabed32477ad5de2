"""Messages by choice: channels, quiet hours, deliveries, reminders."""

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass
