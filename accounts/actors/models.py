"""One row per person, partner or machine that can be named as maker, checker or doer."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, Enum, Identity, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from accounts.database import Base


class ActorKind(enum.Enum):
    RESIDENT = "resident"
    STAFF = "staff"
    PARTNER = "partner"
    SYSTEM = "system"


class Actor(Base):
    """Never deleted: books and audit point here. ``handle`` is a stable name such as ``system`` or ``staff:rosa``."""

    __tablename__ = "actors"
    __table_args__ = (CheckConstraint("handle = lower(handle) AND handle <> ''", name="handle_is_lower_case"),)

    id: Mapped[int] = mapped_column(Identity(always=True), primary_key=True)
    kind: Mapped[ActorKind] = mapped_column(
        Enum(ActorKind, native_enum=False, length=12, values_callable=lambda kinds: [k.value for k in kinds])
    )
    handle: Mapped[str] = mapped_column(Text, unique=True)
    display_name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
