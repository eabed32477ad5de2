"""Payments that wait for their money: attempts promised set-based, one for each account, with a fee."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import text

from accounts.actors.service import SYSTEM, actor_id
from accounts.database import transaction
from accounts.money import Money
from bench.place import Place
from payments.terms import checkout_rules

FEE_CENTS = 295
_ATTEMPTS = text("""
    INSERT INTO attempts (id, token, channel, actor_id, language, email, amount_cents, fee_cents, fee_terms, currency,
                          city_release_id, policy, state, idempotency_key, request, created_at, sent_at, expires_at)
    SELECT 'pa_' || :mark || customer_account_id, :mark || customer_account_id, 'web', :actor, 'en', '',
           sum(open_cents), :fee, CAST(:fee_terms AS jsonb), 'usd', :release, CAST(:policy AS jsonb), 'sending',
           'co:' || :mark || customer_account_id, '{}', now(), now(), now() + interval '1 hour'
      FROM charges WHERE customer_account_id = ANY (:accounts) AND open_cents > 0
     GROUP BY customer_account_id""")
_LINES = text("""
    INSERT INTO attempt_lines (attempt_id, customer_account_id, amount_cents, choice, quoted, targets)
    SELECT 'pa_' || :mark || customer_account_id, customer_account_id, sum(open_cents), 'total',
           jsonb_agg(jsonb_build_object('charge', id, 'version', version, 'open', open_cents) ORDER BY id), '[]'
      FROM charges WHERE customer_account_id = ANY (:accounts) AND open_cents > 0
     GROUP BY customer_account_id""")
_PENDING = text("""
    INSERT INTO pending_payments (customer_account_id, owner_kind, owner_id, amount_cents, expires_at)
    SELECT customer_account_id, 'attempt', attempt_id, amount_cents, now() + interval '1 hour'
      FROM attempt_lines WHERE customer_account_id = ANY (:accounts) AND attempt_id LIKE 'pa_' || :mark || '%'""")


def promise(place: Place, accounts: Sequence[int], mark: str) -> list[str]:
    """An attempt for all that each account owes; their ids, in the order of the accounts."""
    rules = checkout_rules(place.city, Money(100_00), place.clock.today())
    policy = {
        "version": rules.order.version,
        "authority": rules.order.authority,
        "ranks": [list(rank) for rank in rules.order.ranks],
    }
    facts = {"mark": mark, "accounts": list(accounts)}
    with transaction(place.sessions) as session:
        more = {
            "actor": actor_id(session, SYSTEM),
            "fee": FEE_CENTS,
            "fee_terms": json.dumps({name: part for name, part in rules.fee.terms.items() if name != "working"}),
            "release": place.city.release_id,
            "policy": json.dumps(policy),
        }
        session.execute(_ATTEMPTS, {**facts, **more})
        session.execute(_LINES, facts)
        session.execute(_PENDING, facts)
    return [f"pa_{mark}{account}" for account in accounts]
