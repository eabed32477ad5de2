"""Receipts to test with: one of three accounts as the posting step freezes it, and one of many."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from accounts.customer_accounts.rules import new_reference
from payments.receipts.rules import ReceiptPage, read_content

TOKEN = "Zm9yLXRlc3RzLW9ubHktMDEyMzQ1Njc4"
ISSUED_AT = datetime(2026, 11, 18, 2, 5, tzinfo=UTC)
"""Still Tuesday, 17 November, at city hall."""


def line(en: str, es: str, cents: int, *, policy: str = "2020-1", revenue_line: str = "water") -> dict[str, Any]:
    return {
        "revenue_line": revenue_line,
        "kind": "service",
        "description": {"en": en, "es": es},
        "due_on": "2026-11-30",
        "cents": cents,
        "policy": policy,
    }


def account(kind: str, serial: int, *lines: dict[str, Any], credit: int = 0, new_balance: int = 0) -> dict[str, Any]:
    return {
        "kind": kind,
        "reference": new_reference(kind, serial),
        "paid_cents": sum(part["cents"] for part in lines) + credit,
        "lines": list(lines),
        "credit_cents": credit,
        "new_balance_cents": new_balance,
    }


def frozen(*accounts: dict[str, Any], fee: int = 0, tender: dict[str, str] | None = None) -> dict[str, Any]:
    """Content as ``receipt_content`` writes it."""
    amount = sum(part["paid_cents"] for part in accounts)
    return {
        "accounts": list(accounts),
        "fee": {
            "name": {"en": "Card payment service fee", "es": "Cargo por servicio de pago con tarjeta"},
            "cents": fee,
        }
        if fee
        else None,
        "tender": tender or {"kind": "card", "brand": "visa", "last4": "4242"},
        "policy": {"version": "2020-1", "authority": "Resolution 2019-102"},
        "amount_cents": amount,
        "total_cents": amount + fee,
    }


def three_kinds() -> dict[str, Any]:
    """A water bill paid in part, a license paid in full and a citation paid with a little too much."""
    return frozen(
        account(
            "utility",
            42,
            line("Water, October 2026", "Agua, octubre de 2026", 6_512),
            line("Sewer, October 2026", "Alcantarillado, octubre de 2026", 4_180, revenue_line="sewer"),
            new_balance=2_790,
        ),
        account(
            "license",
            7,
            line(
                "Business license tax 2026-2027",
                "Impuesto de licencia comercial 2026-2027",
                18_500,
                policy="explicit",
            ),
        ),
        account("citation", 9, line("Expired meter", "Parquímetro vencido", 4_800), credit=200),
        fee=667,
    )


def tendered(kind: str, cents: int, *, given: int = 0, **more: str) -> dict[str, Any]:
    """A tender as the posting step freezes it."""
    base = {"kind": kind, "brand": "", "last4": "", "reference": ""}
    return {**base, **more, "cents": cents, "given_cents": given or cents}


def split_tenders() -> dict[str, Any]:
    """Water, four copies and a park, by check, by a terminal's card, and in cash with change."""
    bill = account("utility", 42, line("Water, October 2026", "Agua, octubre de 2026", 16_500), new_balance=1_250)
    park = {"en": "Park reservation", "es": "Reservación de parque"}
    items = [
        {"code": "copy", "name": {"en": "Copy, per page", "es": "Copia, por página"}, "quantity": 4, "cents": 100,
         "project": ""},
        {"code": "park-reservation", "name": park, "quantity": 1, "cents": 4_500, "project": "PK-101"},
    ]  # fmt: skip
    tenders = [
        tendered("check", 10_000, reference="1043"),
        tendered("terminal", 5_100, brand="visa", last4="4242", reference="000871"),
        tendered("cash", 6_000, given=10_000),
    ]
    whole = frozen(bill, tender={"kind": "split", "brand": "", "last4": ""})
    return {**whole, "items": items, "tenders": tenders, "amount_cents": 21_100, "total_cents": 21_100}


def many(count: int) -> dict[str, Any]:
    """A property manager's basket."""
    return frozen(
        *(
            account("utility", 1000 + n, line("Water, October 2026", "Agua, octubre de 2026", 5_000 + n))
            for n in range(count)
        )
    )


def page(content: dict[str, Any] | None = None, **changes: Any) -> ReceiptPage:
    """A receipt page of this content."""
    given: dict[str, Any] = {
        "id": 1,
        "token": TOKEN,
        "number": "W1-2026-000123",
        "issued_at": ISSUED_AT,
        "language": "en",
        "content": read_content(content or three_kinds()),
        "channel": "web",
        "attempt_id": "pa_01JD0000000000000000000000",
        "email": "payer@example.com",
    }
    return ReceiptPage(**given | changes)
