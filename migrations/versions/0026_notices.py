"""Messages by choice: channels, quiet hours, deliveries, reminders."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

APPEND_ONLY = ("address_events", "message_accounts", "message_events", "texts_received")
LANGUAGE = "language ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$'"


def upgrade() -> None:
    _choices()
    _answers()
    _log()
    _announcing()
    _languages()
    with op.get_bind().connection.cursor() as cursor:
        for table in APPEND_ONLY:
            cursor.execute(
                f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
                "FOR EACH ROW EXECUTE FUNCTION refuse_change();"
                f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
                "FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();"
            )


def _choices() -> None:
    op.create_table(
        "message_recipients",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("customer_id", sa.BigInteger()),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("quiet_from", sa.BigInteger()),
        sa.Column("quiet_until", sa.BigInteger()),
        sa.Column("text_number", sa.Text(), nullable=False),
        sa.Column("text_consent_id", sa.BigInteger()),
        sa.CheckConstraint(
            "num_nonnulls(customer_id, actor_id) = 1", name=op.f("ck_message_recipients_is_one_person")
        ),
        sa.CheckConstraint(
            "(quiet_from IS NULL) = (quiet_until IS NULL) AND quiet_until < quiet_from"
            " AND quiet_until >= 0 AND quiet_from < 1440",
            name=op.f("ck_message_recipients_quiet_is_a_night"),
        ),
        sa.CheckConstraint(
            "(text_number = '') = (text_consent_id IS NULL)", name=op.f("ck_message_recipients_texts_have_consent")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_message_recipients_customer_id")),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_message_recipients_actor_id")),
        sa.ForeignKeyConstraint(
            ["text_consent_id"], ["consents.id"], name=op.f("fk_message_recipients_text_consent_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_recipients")),
        sa.UniqueConstraint("customer_id", name=op.f("uq_message_recipients_customer_id")),
        sa.UniqueConstraint("actor_id", name=op.f("uq_message_recipients_actor_id")),
    )
    op.create_index(
        "ix_message_recipients_text_number", "message_recipients", ["text_number"],
        postgresql_where=sa.text("text_number <> ''"),
    )  # fmt: skip
    op.create_table(
        "message_choices",
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("way", sa.Text(), nullable=False),
        sa.CheckConstraint("way IN ('mail', 'text', 'both', 'none')", name=op.f("ck_message_choices_way_is_known")),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["message_recipients.id"], name=op.f("fk_message_choices_recipient_id")
        ),
        sa.PrimaryKeyConstraint("recipient_id", "kind", name=op.f("pk_message_choices")),
    )
    op.create_table(
        "use_levels",
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Numeric(12, 2), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.CheckConstraint("level > 0", name=op.f("ck_use_levels_level_is_positive")),
        sa.CheckConstraint("unit IN ('CF', 'CCF', 'GAL')", name=op.f("ck_use_levels_unit_is_known")),
        sa.ForeignKeyConstraint(["recipient_id"], ["message_recipients.id"], name=op.f("fk_use_levels_recipient_id")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_use_levels_customer_account_id")
        ),
        sa.PrimaryKeyConstraint("recipient_id", "customer_account_id", name=op.f("pk_use_levels")),
    )
    op.create_index(op.f("ix_use_levels_customer_account_id"), "use_levels", ["customer_account_id"])


def _answers() -> None:
    op.create_table(
        "text_confirmations",
        sa.Column("recipient_id", sa.BigInteger(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("text_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("wrong", sa.BigInteger(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["recipient_id"], ["message_recipients.id"], name=op.f("fk_text_confirmations_recipient_id")
        ),
        sa.PrimaryKeyConstraint("recipient_id", name=op.f("pk_text_confirmations")),
    )
    op.create_index(op.f("ix_text_confirmations_number"), "text_confirmations", ["number"])
    op.create_table(
        "address_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("to_masked", sa.Text(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger()),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("channel IN ('mail', 'text')", name=op.f("ck_address_events_channel_is_known")),
        sa.CheckConstraint(
            "event IN ('bounced', 'refused', 'stopped', 'started', 'lifted')",
            name=op.f("ck_address_events_event_is_known"),
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["actors.id"], name=op.f("fk_address_events_actor_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_events")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_address_events_digest_id"), "address_events", ["digest", "id"])
    op.create_table(
        "texts_received",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("from_masked", sa.Text(), nullable=False),
        sa.Column("meaning", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "meaning IN ('stop', 'start', 'help', 'other')", name=op.f("ck_texts_received_meaning_is_known")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_texts_received")),
        sa.UniqueConstraint("provider_id", name=op.f("uq_texts_received_provider_id")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_texts_received_digest_id"), "texts_received", ["digest", "id"])


def _log() -> None:
    """One line for each try and account becomes a message, its accounts and its events."""
    _log_tables()
    with op.get_bind().connection.cursor() as cursor:
        cursor.execute("""
            DROP TRIGGER append_only ON messages_sent;
            DROP TRIGGER append_only_truncate ON messages_sent;
            INSERT INTO message_accounts (message_id, customer_account_id)
                SELECT id, customer_account_id FROM messages_sent;
            INSERT INTO message_events (message_id, event, code, at)
                SELECT id, CASE outcome WHEN 'refused' THEN 'failed' ELSE outcome END, '', at FROM messages_sent;
            ALTER TABLE messages_sent DROP CONSTRAINT ck_messages_sent_outcome_is_known;
            UPDATE messages_sent SET outcome = 'failed' WHERE outcome = 'refused';
            ALTER TABLE messages_sent RENAME COLUMN outcome TO state;
            DROP INDEX ix_messages_sent_customer_account_id_id;
            ALTER TABLE messages_sent DROP COLUMN customer_account_id;
        """)
    op.create_check_constraint(
        op.f("ck_messages_sent_state_is_known"), "messages_sent",
        "state IN ('queued', 'sending', 'delayed', 'sent', 'delivered', 'failed', 'bounced', 'dropped')",
    )  # fmt: skip
    for name, kind in (
        ("key", sa.Text()), ("due_at", sa.DateTime(timezone=True)), ("customer_id", sa.BigInteger()),
        ("actor_id", sa.BigInteger()), ("to_digest", sa.LargeBinary()), ("claimed_at", sa.DateTime(timezone=True)),
    ):  # fmt: skip
        op.add_column("messages_sent", sa.Column(name, kind))
    for name in ("topic", "provider_ref"):
        op.add_column("messages_sent", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.create_foreign_key(op.f("fk_messages_sent_customer_id"), "messages_sent", "customers", ["customer_id"], ["id"])
    op.create_foreign_key(op.f("fk_messages_sent_actor_id"), "messages_sent", "actors", ["actor_id"], ["id"])
    op.create_unique_constraint(op.f("uq_messages_sent_key"), "messages_sent", ["key"])
    for name, columns, where in (
        ("uq_messages_sent_topic_once", ["topic", "to_digest"], "topic <> ''"),
        ("ix_messages_sent_provider_ref", ["provider_ref"], "provider_ref <> ''"),
        ("ix_messages_sent_waiting", ["due_at"], "state IN ('queued', 'sending')"),
        ("ix_messages_sent_actor_id_id", ["actor_id", "id"], "actor_id IS NOT NULL"),
        ("ix_messages_sent_customer_id", ["customer_id"], "customer_id IS NOT NULL"),
        ("ix_messages_sent_digest", ["to_digest", "id"], "to_digest IS NOT NULL"),
    ):
        op.create_index(name, "messages_sent", columns, unique=name.startswith("uq"), postgresql_where=sa.text(where))


def _log_tables() -> None:
    op.create_table(
        "message_accounts",
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("customer_account_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["message_id"], ["messages_sent.id"], name=op.f("fk_message_accounts_message_id")),
        sa.ForeignKeyConstraint(
            ["customer_account_id"], ["customer_accounts.id"], name=op.f("fk_message_accounts_customer_account_id")
        ),
        sa.PrimaryKeyConstraint("message_id", "customer_account_id", name=op.f("pk_message_accounts")),
        info={"append_only": True},
    )
    op.create_index(
        op.f("ix_message_accounts_customer_account_id_message_id"), "message_accounts",
        ["customer_account_id", "message_id"],
    )  # fmt: skip
    op.create_table(
        "message_events",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), server_default="", nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "event IN ('queued', 'put-off', 'delayed', 'sent', 'delivered', 'failed', 'bounced', 'dropped')",
            name=op.f("ck_message_events_event_is_known"),
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages_sent.id"], name=op.f("fk_message_events_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message_events")),
        info={"append_only": True},
    )
    op.create_index(op.f("ix_message_events_message_id_id"), "message_events", ["message_id", "id"])


def _announcing() -> None:
    """A fact that is to be followed later: a text that would ring at night waits for the morning."""
    op.execute("""
        CREATE FUNCTION announce_fact_in(fact text, details jsonb, priority integer, seconds double precision)
        RETURNS bigint LANGUAGE sql AS $$
            SELECT (procrastinate_defer_jobs_v1(ARRAY[
                ROW('facts', fact, priority, NULL, NULL, details, now() + make_interval(secs => seconds))
                ::procrastinate_job_to_defer_v1
            ]))[1];
        $$""")


def _languages() -> None:
    """Which languages there are is the city's to say; the database knows what a tag of one looks like (BCP 47)."""
    for table in ("customers", "resident_sign_ins", "staff_sign_ins"):
        op.drop_constraint(op.f(f"ck_{table}_language_is_offered"), table, type_="check")
        op.create_check_constraint(op.f(f"ck_{table}_language_is_a_tag"), table, LANGUAGE)
