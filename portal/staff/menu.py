"""The menu of the back office: what is done every day in sight, everything else under a name. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

MONEY, ACCOUNTS, OVERSIGHT = "money", "accounts", "oversight"
GROUPS: Mapping[str, tuple[str, ...]] = {
    MONEY: (
        "mail_list", "pay_links_list", "turn_ins_list", "returned_payments_list", "suspense_list",
        "bank_deposits_list", "bank_statements_list",
    ),
    ACCOUNTS: ("openings_new", "billing_runs_list", "notices_list", "returned_mail_list", "lost_mailboxes_list"),
    OVERSIGHT: (
        "findings_list", "reports_list", "days_list", "journal_exports_list", "audit_list", "people_list",
    ),
}  # fmt: skip
"""What is under which name, in this order; all else stands in sight."""
FEW = 7
"""A menu of so many entries needs no groups."""


@dataclass(frozen=True)
class Entry:
    """A page of the menu; ``name`` is its endpoint in the blueprint, ``key`` what is pressed for it."""

    name: str
    label: str
    url: str
    key: str
    current: bool


@dataclass(frozen=True)
class Group:
    """Pages under one name; ``label`` is said by who shows it."""

    code: str
    entries: tuple[Entry, ...]

    @property
    def current(self) -> bool:
        """Whether one of them is open."""
        return any(entry.current for entry in self.entries)


def arranged(entries: Sequence[Entry]) -> list[Entry | Group]:
    """Entries in sight first, in their order, then the groups; a group of one is its entry."""
    if len(entries) <= FEW:
        return list(entries)
    by_name = {entry.name: entry for entry in entries}
    hidden = {name for names in GROUPS.values() for name in names}
    shown: list[Entry | Group] = [entry for entry in entries if entry.name not in hidden]
    for code, names in GROUPS.items():
        found = tuple(by_name[name] for name in names if name in by_name)
        if found:
            shown.append(Group(code, found) if len(found) > 1 else found[0])
    return shown
