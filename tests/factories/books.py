"""A small chart: cash pooled in fund 900, water 510, sewer 520, the general fund 100."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors.service import actor_id
from accounts.charges.rules import AllocationOrder
from accounts.cities.models import CityApproval, CityRelease
from accounts.ledger.models import LedgerAccount, LedgerKind
from accounts.money import Money
from payments.posting.rules import Fee, LineTerms, Terms

DAY = date(2026, 11, 17)
"""The day of the ``clock`` fixture."""

POOL = "900"
_CHART = (
    ("900-1010", "900", "Cash in bank", LedgerKind.ASSET),
    ("900-1020", "900", "Cash on hand", LedgerKind.ASSET),
    ("900-1030", "900", "Processor clearing", LedgerKind.ASSET),
    ("900-2100", "900", "Due to other funds", LedgerKind.LIABILITY),
    ("900-2190", "900", "Processor suspense", LedgerKind.LIABILITY),
    ("900-4900", "900", "Service fees", LedgerKind.REVENUE),
    ("100-1000", "100", "Claim on pooled cash", LedgerKind.ASSET),
    ("100-1210", "100", "License receivables", LedgerKind.ASSET),
    ("100-1220", "100", "Citation receivables", LedgerKind.ASSET),
    ("100-2310", "100", "Customer credits", LedgerKind.LIABILITY),
    ("100-3000", "100", "Opening balances", LedgerKind.EQUITY),
    ("100-4210", "100", "License revenue", LedgerKind.REVENUE),
    ("100-4220", "100", "Fines", LedgerKind.REVENUE),
    ("100-4900", "100", "Convenience fees", LedgerKind.REVENUE),
    ("100-5100", "100", "Write-offs", LedgerKind.EXPENSE),
    ("100-5200", "100", "Card processor fees", LedgerKind.EXPENSE),
    ("510-1000", "510", "Claim on pooled cash", LedgerKind.ASSET),
    ("510-1200", "510", "Water receivables", LedgerKind.ASSET),
    ("510-2300", "510", "Customer credits", LedgerKind.LIABILITY),
    ("510-4100", "510", "Water revenue", LedgerKind.REVENUE),
    ("520-1000", "520", "Claim on pooled cash", LedgerKind.ASSET),
    ("520-1200", "520", "Sewer receivables", LedgerKind.ASSET),
    ("520-2300", "520", "Customer credits", LedgerKind.LIABILITY),
    ("520-4100", "520", "Sewer revenue", LedgerKind.REVENUE),
)
REVENUE = {"water": "510-4100", "sewer": "520-4100", "license": "100-4210", "citation": "100-4220"}
"""Revenue line → where its revenue is credited."""
LINE_OF = {"utility": "water", "license": "license", "citation": "citation"}
"""Kind of account → the revenue line that its charges have unless a test says otherwise."""

TERMS = Terms(
    lines={
        "water": LineTerms("510", "510-1200", "510-2300"),
        "sewer": LineTerms("520", "520-1200", "520-2300"),
        "license": LineTerms("100", "100-1210", "100-2310"),
        "citation": LineTerms("100", "100-1220", "100-2310"),
    },
    credit_line=LINE_OF,
    pooled_fund=POOL,
    due_to_funds="900-2100",
    claims={"100": "100-1000", "510": "510-1000", "520": "520-1000"},
    cash={"card": "900-1030", "cash": "900-1020", "check": "900-1020"},
)
ORDER = AllocationOrder(
    "policy-2026-01",
    (("*", "penalty"), ("*", "fee"), ("sewer", "*"), ("*", "*")),
    "Resolution 2026-01",
)
FEE_IN_POOL = Fee(Money(295), "900", "900-4900", {"en": "Service fee", "es": "Cargo por servicio"})
FEE_IN_FUND = Fee(Money(150), "100", "100-4900", {"en": "Convenience fee", "es": "Cargo por conveniencia"})

_ROLES = {
    "pooled_cash_fund": POOL,
    "bank": "900-1010",
    "cash_on_hand": "900-1020",
    "processor_clearing": "900-1030",
    "due_to_funds": "900-2100",
    "processor_fees": "100-5200",
    "processor_suspense": "900-2190",
    "claim_on_pooled_cash": dict(TERMS.claims),
    "customer_credits": {"utility": "510-2300", "license": "100-2310", "citation": "100-2310"},
}


def make_chart(session: Session, *, release: bool = True) -> Terms:
    """The chart above, once; unless told not to, with an approved release that names the parts accounts play.

    That release holds only what ``verify`` reads; a test of the city's rules releases the city folder instead.
    """
    if session.scalar(select(func.count()).select_from(LedgerAccount)):
        return TERMS
    session.add_all(LedgerAccount(code=code, fund=fund, name=name, kind=kind) for code, fund, name, kind in _CHART)
    if release:
        made = CityRelease(
            digest="0" * 64,
            content={"roles": _ROLES},
            proposed_by=actor_id(session, "staff:maker"),
        )
        session.add(made)
        session.flush()
        session.add(
            CityApproval(
                release_id=made.id, proposed_by=made.proposed_by, approved_by=actor_id(session, "staff:checker")
            )
        )
    session.flush()
    return TERMS
