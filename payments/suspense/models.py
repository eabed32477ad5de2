"""What is known of who sent money, whom it was found to belong to, and rules by which such money is recognized.

A payment has money in suspense when it was posted with an item of the code ``suspense``. How much of it is still
there is what its journals leave on the suspense account; see ``queries``.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Identity, Index, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import APPEND_ONLY, Base, Cents
from accounts.money import Money


class SuspenseClue(Base):
    """What a check said of who wrote it. Bank and account number are kept as a keyed HMAC only."""

    __tablename__ = "suspense_clues"
    __table_args__ = (
        Index(None, "fingerprint"),
        APPEND_ONLY,
    )

    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"), primary_key=True)
    payer: Mapped[str] = mapped_column(Text, default="", server_default="")
    """As it is written on the check."""
    memo: Mapped[str] = mapped_column(Text, default="", server_default="")
    """What else was written: a memo line, a number that fits nothing."""
    fingerprint: Mapped[bytes | None]
    """Of the check's bank and account number (``rules.fingerprint``)."""


class Identification(Base):
    """Money out of suspense: to an account, back to its sender, or back into suspense. One journal each.

    ``number`` counts those of a payment: two people at once would take the same one, and one is refused.
    """

    __tablename__ = "identifications"
    __table_args__ = (
        UniqueConstraint("payment_id", "number"),
        UniqueConstraint("undoes_id"),
        CheckConstraint("outcome IN ('account', 'sender')", name="outcome_is_known"),
        CheckConstraint("(outcome = 'account') = (customer_account_id IS NOT NULL)", name="account_has_one"),
        CheckConstraint("amount_cents > 0", name="amount_is_positive"),
        Index(None, "customer_account_id"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id"))
    number: Mapped[int]
    outcome: Mapped[str] = mapped_column(Text)
    customer_account_id: Mapped[int | None] = mapped_column(ForeignKey("customer_accounts.id"))
    amount_cents: Mapped[Money] = mapped_column(Cents)
    undoes_id: Mapped[int | None] = mapped_column(ForeignKey("identifications.id"))
    """Of one that takes another back: the money is in suspense again."""
    journal_id: Mapped[int] = mapped_column(ForeignKey("journals.id"), unique=True)
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"), unique=True)
    at: Mapped[datetime]


class MatchingRule(Base):
    """Checks like this belong to this account: by the bank account they are drawn on, or by the payer's name."""

    __tablename__ = "matching_rules"
    __table_args__ = (
        CheckConstraint("(fingerprint IS NULL) <> (payer_key = '')", name="is_by_one_thing"),
        CheckConstraint("reason <> ''", name="reason_is_given"),
        Index(None, "fingerprint"),
        Index(None, "payer_key"),
        APPEND_ONLY,
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    fingerprint: Mapped[bytes | None]
    payer_key: Mapped[str] = mapped_column(Text, default="", server_default="")
    payer: Mapped[str] = mapped_column(Text, default="", server_default="")
    """The name on the check that the rule was made of, for people."""
    customer_account_id: Mapped[int] = mapped_column(ForeignKey("customer_accounts.id"))
    made_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    made_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)


class MatchingRuleEnd(Base):
    """A rule was withdrawn: from then on it suggests nothing."""

    __tablename__ = "matching_rule_ends"
    __table_args__ = (
        CheckConstraint("reason <> ''", name="reason_is_given"),
        APPEND_ONLY,
    )

    rule_id: Mapped[int] = mapped_column(ForeignKey("matching_rules.id"), primary_key=True)
    ended_by: Mapped[int] = mapped_column(ForeignKey("actors.id"))
    ended_at: Mapped[datetime]
    reason: Mapped[str] = mapped_column(Text)
