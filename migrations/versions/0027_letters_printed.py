"""Letters that somebody printed stand in the log of messages, beside mails and text messages."""

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

CHECKS = (
    ("messages_sent", "channel_is_known", "channel IN ('mail', 'text', 'letter')"),
    (
        "messages_sent", "state_is_known",
        "state IN ('queued', 'sending', 'delayed', 'sent', 'delivered', 'failed', 'bounced', 'dropped', 'printed')",
    ),
    (
        "message_events", "event_is_known",
        "event IN ('queued', 'put-off', 'delayed', 'sent', 'delivered', 'failed', 'bounced', 'dropped', 'printed')",
    ),
)  # fmt: skip
PRINTED = "(channel = 'letter') = (state = 'printed')"


def upgrade() -> None:
    for table, name, condition in CHECKS:
        op.drop_constraint(op.f(f"ck_{table}_{name}"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_{name}"), table, condition)
    op.create_check_constraint(op.f("ck_messages_sent_letters_are_printed"), "messages_sent", PRINTED)
