"""A customer is a person or a business; what they hold are customer accounts."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, Enum, ForeignKey, Identity, Index, Text, func, text
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import IS_A_LANGUAGE, Base, begins_index


class CustomerKind(enum.Enum):
    PERSON = "person"
    BUSINESS = "business"


class Customer(Base):
    """``name`` is shown (masked to guests); ``last_name`` is the part a person proves an account with.

    One who turned out to be another one's double stays, with ``merged_into``; what they held hangs on the other.
    """

    __tablename__ = "customers"
    __table_args__ = (
        CheckConstraint("name <> ''", name="is_named"),
        CheckConstraint(IS_A_LANGUAGE, name="language_is_a_tag"),
        CheckConstraint("merged_into <> id", name="is_not_merged_into_itself"),
        Index("ix_customers_merged_into", "merged_into", postgresql_where=text("merged_into IS NOT NULL")),
        Index(
            "ix_customers_mailing_address",
            text("lower(mailing_address)"),
            postgresql_where=text("mailing_address <> ''"),
        ),
        begins_index("ix_customers_email", "lower(email)", where="email <> ''"),
        begins_index("ix_customers_phone", "search_phone(phone)", where="phone <> ''"),
        begins_index("ix_customers_phone_local", "right(search_phone(phone), 7)", where="phone <> ''"),
    )

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[CustomerKind] = mapped_column(
        Enum(CustomerKind, native_enum=False, length=12, values_callable=lambda kinds: [k.value for k in kinds])
    )
    name: Mapped[str] = mapped_column(Text)
    last_name: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    mailing_address: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(Text, default="en")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Counts changes: a form carries the one it was filled in by, and is refused when another has come since."""
    merged_into: Mapped[int | None] = mapped_column(ForeignKey("customers.id"))
