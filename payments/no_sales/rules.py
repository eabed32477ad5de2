"""Why a drawer may be opened without a sale. Pure."""

from __future__ import annotations

from accounts.errors import DomainError


class NoSuchReason(DomainError):
    """The city has no such reason to open a drawer without a sale."""
