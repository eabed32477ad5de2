"""Steps that make two records one, and two again; and the act that two people put them through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.acts import Deed
from accounts.approvals.rules import Note, Weighed, World
from accounts.customer_accounts.sources import CONTACT_FIELDS, hold
from accounts.customers.models import Customer
from accounts.errors import NotFound, SamePerson
from accounts.mergers.models import Merger, MergerAccount, MergerEnd, MergerRole
from accounts.mergers.rules import (
    AlreadyMerged,
    DifferentKinds,
    MergedFurther,
    Merging,
    NotMerged,
    SameCustomer,
    same_name,
)
from accounts.money import ZERO
from accounts.staff.rules import ActKind, Permission

_ACCOUNTS = text("""
    SELECT id, customer_id, reference FROM customer_accounts WHERE customer_id = ANY (:customers)
     ORDER BY id FOR UPDATE""")
_ROLES = text("SELECT id FROM premises_roles WHERE customer_id = :customer ORDER BY id FOR UPDATE")
_GIVE = text("UPDATE customer_accounts SET customer_id = :customer WHERE id = ANY (:accounts)")
_GIVE_ROLES = text("UPDATE premises_roles SET customer_id = :customer WHERE id = ANY (:roles)")
_STANDING = text("""
    SELECT m.id FROM mergers m WHERE m.from_id = :from AND m.into_id = :into
       AND NOT EXISTS (SELECT FROM merger_ends e WHERE e.merger_id = m.id)""")
_MOVED = text("SELECT customer_account_id FROM merger_accounts WHERE merger_id = :merger ORDER BY 1")
_MOVED_ROLES = text("SELECT premises_role_id FROM merger_roles WHERE merger_id = :merger ORDER BY 1")
_AGREED = text("""
    DELETE FROM source_statements s USING customer_accounts a, customers c
     WHERE s.customer_account_id = ANY (:accounts) AND a.id = s.customer_account_id AND c.id = a.customer_id
       AND s.field = ANY (:fields) AND s.stated = to_jsonb(c) ->> s.field""")


@dataclass(frozen=True)
class Deciders:
    """Who asked, who agreed, why and when."""

    actor_id: int
    approved_by: int
    reason: str
    at: datetime


def merge(session: Session, from_id: int, into_id: int, by: Deciders) -> int:
    """Step: make one record of two; what the first holds hangs on the second, which keeps its own name and contact.

    The first stays, with its own name, contact and history. Its accounts go on being proven as before, and what their
    sources state of it is no news for the other. Returns the merger's id. Raises :class:`SameCustomer`,
    :class:`DifferentKinds`, :class:`AlreadyMerged` or ``NotFound``.
    """
    first, second = _two(session, from_id, into_id)
    _may_merge(first, second)
    merger = Merger(
        from_id=from_id, into_id=into_id, reason=by.reason, actor_id=by.actor_id, approved_by=by.approved_by, at=by.at
    )
    session.add(merger)
    session.flush()
    accounts = [id_ for id_, _ in _accounts(session, [from_id])[from_id]]
    roles = list(session.scalars(_ROLES, {"customer": from_id}))
    session.add_all(MergerAccount(merger_id=merger.id, customer_account_id=account) for account in accounts)
    session.add_all(MergerRole(merger_id=merger.id, premises_role_id=role) for role in roles)
    hold(session, accounts, _differing(first, second))
    first.merged_into = into_id
    _give(session, accounts, roles, to=second, also=first)
    _audit(session, "customers-merged", merger, accounts, by)
    return merger.id


def unmerge(session: Session, from_id: int, into_id: int, by: Deciders) -> int:
    """Step: make two records of one again; what the merger moved goes back, what came since stays where it is.

    Returns the merger's id. Raises :class:`NotMerged`, :class:`MergedFurther` or ``NotFound``.
    """
    first, second = _two(session, from_id, into_id)
    merger = _standing(session, first, second)
    accounts = list(session.scalars(_MOVED, {"merger": merger.id}))
    roles = list(session.scalars(_MOVED_ROLES, {"merger": merger.id}))
    session.add(
        MergerEnd(merger_id=merger.id, reason=by.reason, actor_id=by.actor_id, approved_by=by.approved_by, at=by.at)
    )
    first.merged_into = None
    _give(session, accounts, roles, to=first, also=second)
    session.execute(_AGREED, {"accounts": accounts, "fields": list(CONTACT_FIELDS)})
    _audit(session, "merger-undone", merger, accounts, by)
    return merger.id


def world(session: Session, from_id: int, into_id: int) -> World:
    """Step: lock both customers, then their accounts, each in order; and how they stand."""
    customers = _two(session, from_id, into_id)
    accounts = _accounts(session, [from_id, into_id])
    found: dict[str, str] = {}
    for customer in customers:
        found[f"customer {customer.id} version"] = str(customer.version)
        found[f"customer {customer.id} merged into"] = str(customer.merged_into or "")
        found[f"customer {customer.id} accounts"] = " ".join(reference for _, reference in accounts[customer.id])
    return found


class MergerAct:
    """The act of making two records one, or two again. It moves no money, and always takes two."""

    kind = ActKind.MERGER
    permission = Permission.CUSTOMERS_MERGE
    command = Merging

    def world(self, session: Session, command: Merging, today: date) -> World:
        """Both customers and their accounts, locked."""
        del today
        return world(session, command.from_id, command.into_id)

    def weigh(self, session: Session, command: Merging, today: date) -> Weighed[None]:
        """Raises what :func:`merge` or :func:`unmerge` would."""
        del today
        first, second = _two(session, command.from_id, command.into_id)
        accounts = _accounts(session, [first.id, second.id])
        moving = [reference for _, reference in accounts[first.id]]
        if command.undo:
            merger = _standing(session, first, second)
            moved = set(session.scalars(_MOVED, {"merger": merger.id}))
            moving = [reference for id_, reference in accounts[second.id] if id_ in moved]
        else:
            _may_merge(first, second)
        owner, other = (second.id, first.id) if command.undo else (first.id, second.id)
        alike = same_name(first.kind.value, first.name, second.name)
        return Weighed(
            plan=None,
            subject=("customer", str(command.into_id)),
            effect=ZERO,
            accounts=tuple(id_ for customer in (first.id, second.id) for id_, _ in accounts[customer]),
            before={"customer": owner, "accounts": moving},
            after={"customer": other, "accounts": moving},
            notes=() if alike else (Note("names-differ"),),
            asks_second=("always",),
        )

    def execute(self, session: Session, command: Merging, weighed: Weighed[None], deed: Deed) -> dict[str, object]:
        """Merge, or take it back."""
        del weighed
        if deed.checker_id is None:
            raise SamePerson("a merger takes two people")
        step = unmerge if command.undo else merge
        by = Deciders(deed.maker_id, deed.checker_id, deed.reason, deed.now)
        return {"merger_id": step(session, command.from_id, command.into_id, by)}


def _two(session: Session, from_id: int, into_id: int) -> tuple[Customer, Customer]:
    """Both, locked in the order of their ids, so that two mergers of the same two cannot wait for each other."""
    if from_id == into_id:
        raise SameCustomer(f"customer {from_id} is one already")
    wanted = select(Customer).where(Customer.id.in_([from_id, into_id])).order_by(Customer.id).with_for_update()
    found = {customer.id: customer for customer in session.scalars(wanted.execution_options(populate_existing=True))}
    for id_ in (from_id, into_id):
        if id_ not in found:
            raise NotFound(f"no customer {id_}")
    return found[from_id], found[into_id]


def _may_merge(first: Customer, second: Customer) -> None:
    for customer in (first, second):
        if customer.merged_into is not None:
            raise AlreadyMerged(f"customer {customer.id} is merged", customer=customer.id, into=customer.merged_into)
    if first.kind is not second.kind:
        raise DifferentKinds(f"{first.kind.value} and {second.kind.value}")


def _standing(session: Session, first: Customer, second: Customer) -> Merger:
    merger_id = session.scalar(_STANDING, {"from": first.id, "into": second.id})
    if merger_id is None or first.merged_into != second.id:
        raise NotMerged(f"customer {first.id} is not merged into {second.id}")
    if second.merged_into is not None:
        raise MergedFurther(f"customer {second.id} is merged", into=second.merged_into)
    return session.get_one(Merger, merger_id)


def _accounts(session: Session, customers: Sequence[int]) -> dict[int, list[tuple[int, str]]]:
    """(Id, reference) by customer, locked in the order of the ids."""
    found: dict[int, list[tuple[int, str]]] = {customer: [] for customer in customers}
    for id_, customer, reference in session.execute(_ACCOUNTS, {"customers": list(customers)}):
        found[customer].append((id_, reference))
    return found


def _differing(first: Customer, second: Customer) -> Mapping[str, str]:
    """What the sources of the first go on stating, where the second's is another."""
    mine = {name: getattr(first, name) for name in CONTACT_FIELDS}
    return {name: value for name, value in mine.items() if value and value != getattr(second, name)}


def _give(session: Session, accounts: Sequence[int], roles: Sequence[int], *, to: Customer, also: Customer) -> None:
    session.flush()
    session.execute(_GIVE, {"customer": to.id, "accounts": list(accounts)})
    session.execute(_GIVE_ROLES, {"customer": to.id, "roles": list(roles)})
    to.version += 1
    also.version += 1
    session.flush()


def _audit(session: Session, act: str, merger: Merger, accounts: Sequence[int], by: Deciders) -> None:
    """A line on each of the two and on each account that moved."""
    before, after = merger.from_id, merger.into_id
    if act == "merger-undone":
        before, after = after, before
    details: dict[str, object] = {"reason": by.reason, "merger": merger.id, "asked_by": by.actor_id}
    subjects = [("customer", merger.from_id), ("customer", merger.into_id), *(("account", a) for a in accounts)]
    for subject in subjects:
        audit.record(session, act, subject=subject, actor_id=by.approved_by, before=before, after=after, **details)
