"""Refusals: what the domain will not do, by name. Sentences for people are made in ``portal.messages``."""

from __future__ import annotations


class DomainError(Exception):
    """A refusal with a name; nothing was changed. ``facts`` are values that its sentence may show."""

    def __init__(self, message: str = "", **facts: object) -> None:
        super().__init__(message or type(self).__name__)
        self.facts = facts


class NotFound(DomainError):
    """No such record, or none that this person may know of."""


class Conflict(DomainError):
    """The world changed since the person looked; look again."""


class SamePerson(DomainError):
    """Maker and checker must differ (rule 7 of the house)."""
