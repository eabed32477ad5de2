"""What the use cases of this feature are given, and what they tell features above."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from accounts.cities.desk import DeskPolicy
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.customer_accounts.opening import Terms
from accounts.database import Sessions


@dataclass(frozen=True)
class Applied:
    """What a change did: field → value, before and after."""

    change_id: int
    customer_id: int
    accounts: tuple[int, ...]
    before: Mapping[str, str]
    after: Mapping[str, str]
    version: int


Follower = Callable[[Session, Applied], None]
"""A step of a feature above that must know of a changed customer, in the same transaction."""


@dataclass(frozen=True)
class ChangeDesk:
    """What changes need beside the form. ``followers`` are steps of features above."""

    sessions: Sessions
    clock: Clock
    city: City
    proof_key: bytes
    followers: tuple[Follower, ...] = ()

    @property
    def policy(self) -> DeskPolicy:
        """The counter's rules of today."""
        return self.city.desk_policy(self.clock.today())

    @property
    def terms(self) -> Terms:
        """What opening and closing accounts go by today."""
        return Terms(self.city, self.clock.today(), self.proof_key)
