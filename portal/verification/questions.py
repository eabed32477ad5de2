"""A question to the books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Question:
    """``figure`` returns one line of text; ``violators`` returns one sentence for each thing that is wrong."""

    name: str
    figure: str
    violators: str
    parameters: Mapping[str, object] = field(default_factory=dict)


ROLES = """
    roles AS (
        SELECT r.content -> 'roles' AS parts
          FROM city_releases r JOIN city_approvals a ON a.release_id = r.id),
    clearing AS (
        SELECT l.id FROM ledger_accounts l
         WHERE l.code IN (SELECT parts ->> 'processor_clearing' FROM roles)),
    due_to AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'due_to_funds' FROM roles)),
    bank AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'bank' FROM roles)),
    cash_on_hand AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'cash_on_hand' FROM roles)),
    terminal_clearing AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'terminal_clearing' FROM roles)),
    processor_fees AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'processor_fees' FROM roles)),
    suspense AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'suspense' FROM roles)),
    processor_suspense AS (
        SELECT l.id FROM ledger_accounts l WHERE l.code IN (SELECT parts ->> 'processor_suspense' FROM roles)),
    claims AS (
        SELECT l.id FROM ledger_accounts l
         WHERE l.code IN (SELECT c.value FROM roles, jsonb_each_text(parts -> 'claim_on_pooled_cash') AS c))
"""
"""Ledger accounts by the part they play in any approved release of the city (a part may move to a new code).

Every question may read from these.
"""
