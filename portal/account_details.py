"""What a page tells about an account beyond its charges: bills and use, license and term, or violation."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from accounts.customer_accounts.queries import AccountHead


def details_of(session: Session, head: AccountHead, today: date) -> Any:
    """The details of the account's kind; constant statements however long its history."""
    del session, head, today
    return None
