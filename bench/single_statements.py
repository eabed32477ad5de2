"""The same payment as a careful developer would write it without the house's functions: one statement for each row.

Same locks in the same order, same tables, same rows, one transaction for each payment.
"""

from __future__ import annotations

import json
import secrets
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import psycopg

from bench.settling import EVIDENCE
from payments.posting.rules import Terms

Connection = psycopg.Connection[tuple[Any, ...]]
_ATTEMPT = """SELECT amount_cents, fee_cents, fee_terms, policy, actor_id, channel, language, state
                FROM attempts WHERE id = %s FOR UPDATE"""
_LINES = "SELECT customer_account_id, amount_cents FROM attempt_lines WHERE attempt_id = %s"
_DAY = "SELECT state FROM business_days WHERE day = %s FOR SHARE"
_ACCOUNT = "SELECT kind, reference, credit_cents FROM customer_accounts WHERE id = %s FOR UPDATE"
_CHARGES = """SELECT id, revenue_line, kind, fund, description, open_cents, due_on FROM charges
               WHERE customer_account_id = %s AND open_cents > 0 ORDER BY id FOR UPDATE"""
_JOURNAL = """INSERT INTO journals (business_day, effective_on, kind, memo, actor_id)
              VALUES (%s, %s, 'payment', '', %s) RETURNING id"""
_SOURCE = """INSERT INTO source_effects (source_kind, source_id, effect, journal_id)
             VALUES ('payment_intent', %s, 'settle', %s)"""
_POSTING = """INSERT INTO postings (journal_id, line_no, ledger_account_id, fund, amount_cents, customer_account_id)
              VALUES (%s, %s, %s, %s, %s, %s)"""
_ALLOCATION = "INSERT INTO allocations (journal_id, charge_id, amount_cents, policy) VALUES (%s, %s, %s, %s)"
_CHARGE = "UPDATE charges SET open_cents = open_cents - %s, version = version + 1 WHERE id = %s"
_PAID = "UPDATE customer_accounts SET credit_cents = credit_cents + 0, last_paid_cents = %s WHERE id = %s"
_PAYMENT = """INSERT INTO payments (attempt_id, channel, tender, tender_brand, tender_last4, tender_reference,
                                    amount_cents, fee_cents, business_day, paid_at, journal_id, actor_id)
              VALUES (%s, %s, 'card', 'visa', '4242', %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_SUCCEEDED = "UPDATE attempts SET state = 'succeeded', asked_at = now(), payment_intent_id = %s WHERE id = %s"
_EVENT = """INSERT INTO attempt_events (attempt_id, event, old_state, new_state, forced, evidence)
            VALUES (%s, 'paid', %s, 'succeeded', false, %s)"""
_NO_LONGER_PENDING = "DELETE FROM pending_payments WHERE owner_kind = 'attempt' AND owner_id = %s"
_SERIES = """INSERT INTO receipt_series AS s (series, year, last_number) VALUES (%s, %s, 1)
             ON CONFLICT (series, year) DO UPDATE SET last_number = s.last_number + 1 RETURNING last_number"""
_RECEIPT = """INSERT INTO receipts (payment_id, series, year, number, token, language, total_cents, content,
                                    issued_at)
              VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s) RETURNING id"""
_FACT = """SELECT procrastinate_defer_jobs_v1(ARRAY[
               ROW('facts', 'receipt_issued', 0, NULL, NULL, %s::jsonb, NULL)::procrastinate_job_to_defer_v1])"""


@dataclass(frozen=True)
class Counter:
    """What the developer keeps at hand."""

    connection: Connection
    terms: Terms
    ledger: dict[str, int]
    series: Sequence[str]
    today: date


def counter(address: str, terms: Terms, series: Sequence[str], today: date) -> Counter:
    """A connection, and the chart read once."""
    connection = psycopg.connect(address, options="-c timezone=UTC -c lock_timeout=5s")
    ledger = dict(connection.execute("SELECT code, id FROM ledger_accounts").fetchall())
    connection.commit()
    return Counter(connection, terms, ledger, series, today)


def settle(at: Counter, attempt_id: str) -> None:
    """Lock, pay every charge of the attempt's account, write down everything, commit."""
    run, intent, now = at.connection.execute, f"pi_{attempt_id[3:]}", datetime.now(UTC)
    cents, fee, fee_terms, policy, actor, channel, language, state = _one(run(_ATTEMPT, (attempt_id,)))
    account, paid = _one(run(_LINES, (attempt_id,)))
    run(_DAY, (at.today,)).fetchone()
    kind, reference, _credit = _one(run(_ACCOUNT, (account,)))
    charges = run(_CHARGES, (account,)).fetchall()
    (journal,) = _one(run(_JOURNAL, (at.today, at.today, actor)))
    run(_SOURCE, (intent, journal))
    for number, (code, fund, amount, whose) in enumerate(_lines(at.terms, charges, account, fee, fee_terms), 1):
        run(_POSTING, (journal, number, at.ledger[code], fund, amount, whose))
    for charge in charges:
        run(_ALLOCATION, (journal, charge[0], charge[5], policy["version"]))
        run(_CHARGE, (charge[5], charge[0]))
    run(_PAID, (paid, account))
    payment_row = (attempt_id, channel, intent, cents, fee, at.today, now, journal, actor)
    (payment,) = _one(run(_PAYMENT, payment_row))
    run(_SUCCEEDED, (intent, attempt_id))
    run(_EVENT, (attempt_id, state, json.dumps(EVIDENCE)))
    run(_NO_LONGER_PENDING, (attempt_id,))
    series = at.series[zlib.crc32(intent.encode()) % len(at.series)]
    (number,) = _one(run(_SERIES, (series, at.today.year)))
    account_told = {"kind": kind, "reference": reference, "paid_cents": cents, **_told(charges, policy["version"])}
    content = json.dumps({"accounts": [account_told], **_totals(cents, fee, fee_terms, policy)})
    receipt_row = (
        payment, series, at.today.year, number, secrets.token_urlsafe(24), language, cents + fee, content, now,
    )  # fmt: skip
    (receipt,) = _one(run(_RECEIPT, receipt_row))
    run(_FACT, (json.dumps({"receipt_id": receipt}),))
    at.connection.commit()


def _one(cursor: psycopg.Cursor[tuple[Any, ...]]) -> tuple[Any, ...]:
    row = cursor.fetchone()
    if row is None:
        raise LookupError("no such row")
    return row


def _lines(terms: Terms, charges: Sequence[Any], account: int, fee: int, fee_terms: Any) -> list[tuple[Any, ...]]:
    """Code, fund, cents and whose, as the house posts them."""
    by_fund: dict[str, int] = {}
    lines: list[tuple[Any, ...]] = []
    for _, line, _, fund, _, cents, _ in charges:
        lines.append((terms.lines[line].receivable, fund, -cents, account))
        by_fund[fund] = by_fund.get(fund, 0) + cents
    if fee:
        lines.append((fee_terms["code"], fee_terms["fund"], -fee, None))
        by_fund[fee_terms["fund"]] = by_fund.get(fee_terms["fund"], 0) + fee
    lines.append((terms.cash["card"], terms.pooled_fund, sum(by_fund.values()), None))
    dues = -sum(cents for fund, cents in by_fund.items() if fund != terms.pooled_fund)
    lines.append((terms.due_to_funds, terms.pooled_fund, dues, None))
    lines += [(terms.claims[fund], fund, cents, None) for fund, cents in by_fund.items() if fund != terms.pooled_fund]
    return lines


def _told(charges: Sequence[Any], version: str) -> dict[str, Any]:
    lines = [
        {
            "revenue_line": line, "kind": what, "description": words, "due_on": due.isoformat(), "cents": amount,
            "policy": version,
        }
        for _, line, what, _, words, amount, due in charges
    ]  # fmt: skip
    return {"lines": lines, "credit_cents": 0, "new_balance_cents": 0}


def _totals(cents: int, fee: int, fee_terms: Any, policy: Any) -> dict[str, Any]:
    return {
        "fee": {"name": fee_terms["name"], "cents": fee} if fee else None,
        "tender": {"kind": "card", "brand": "visa", "last4": "4242"},
        "policy": {"version": policy["version"], "authority": policy["authority"]},
        "amount_cents": cents, "total_cents": cents + fee,
    }  # fmt: skip
