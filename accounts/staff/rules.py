"""Who may do what, and up to which amount. Pure: a role is the city's data, a grant is a person's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from accounts.cities.rules import City
from accounts.cities.staffing import ActKind, Permission, StaffPolicy
from accounts.errors import DomainError
from accounts.money import ZERO, Money

__all__ = [
    "ActKind",
    "Authority",
    "Grant",
    "NotAllowed",
    "OverLimit",
    "Permission",
    "StaffPolicy",
    "administrator_roles",
    "authority",
]


class NotAllowed(DomainError):
    """This person's roles do not hold the permission that the act needs: ``facts["permission"]``."""


class OverLimit(DomainError):
    """Above what this person may do or decide: ``facts["act"]``, ``facts["amount"]``, ``facts["limit"]``."""


@dataclass(frozen=True, slots=True)
class Grant:
    """A role that a person holds, from one day through another (both included; without an end until taken back)."""

    role: str
    since: date
    until: date | None = None

    def covers(self, on: date) -> bool:
        return self.since <= on and (self.until is None or on <= self.until)


@dataclass(frozen=True)
class Authority:
    """What one person may do on one day. Amounts by act: ``alone`` without a second person, ``decide`` as the second.

    An act that neither names is one that this person may do for nothing only: its limit is zero.
    """

    actor_id: int
    handle: str
    permissions: frozenset[Permission] = frozenset()
    alone: Mapping[ActKind, Money] = field(default_factory=dict)
    decide: Mapping[ActKind, Money] = field(default_factory=dict)

    def may(self, permission: Permission) -> bool:
        """Does one of this person's roles hold the permission?"""
        return permission in self.permissions

    def must(self, permission: Permission) -> None:
        """Raise :class:`NotAllowed` unless :meth:`may`."""
        if not self.may(permission):
            raise NotAllowed(f"{self.handle} may not {permission}", permission=permission)

    def may_alone(self, act: ActKind, amount: Money) -> bool:
        """May this person do the act for this amount (its size, whatever its sign) without a second person?"""
        return act in self.alone and abs(amount.cents) <= self.alone[act].cents

    def may_decide(self, act: ActKind, amount: Money) -> bool:
        """May this person approve or reject the act for this amount, when somebody else proposed it?"""
        return act in self.decide and abs(amount.cents) <= self.decide[act].cents

    def must_decide(self, act: ActKind, amount: Money) -> None:
        """Raise :class:`NotAllowed` for an act that is none of theirs, :class:`OverLimit` above their limit."""
        if act not in self.decide:
            raise NotAllowed(f"{self.handle} does not decide {act}", permission=Permission.APPROVALS_DECIDE, act=act)
        if not self.may_decide(act, amount):
            limit = self.decide.get(act, ZERO)
            raise OverLimit(f"{self.handle} decides {act} up to {limit}", act=act, amount=amount, limit=limit)


def administrator_roles(city: City, on: date) -> frozenset[str]:
    """The roles whose holders may manage staff, by the policy of the day."""
    roles = city.staff_policy(on).roles
    return frozenset(role.code for role in roles if Permission.STAFF_MANAGE in role.permissions)


def authority(city: City, actor_id: int, handle: str, grants: Iterable[Grant], on: date) -> Authority:
    """What the grants in force on a day come to, under the staff policy of that day: the sum of the roles.

    A role that the policy no longer knows gives nothing.
    """
    held = {grant.role for grant in grants if grant.covers(on)}
    policy = city.staff_policy(on)
    roles = [role for role in policy.roles if role.code in held]
    alone: dict[ActKind, Money] = {}
    decide: dict[ActKind, Money] = {}
    for role in roles:
        for limit in role.limits:
            for table, amount in ((alone, limit.alone_up_to), (decide, limit.decide_up_to)):
                if amount is not None:
                    table[limit.act] = max(table.get(limit.act, ZERO), amount)
    permissions = frozenset(permission for role in roles for permission in role.permissions)
    return Authority(actor_id, handle, permissions, alone, decide)
