"""Accounts that owe, opened by the real steps, of a kind that the city's own folder knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from accounts.actors.service import actor_id
from accounts.charges.rules import NewCharge
from accounts.charges.service import raise_charges
from accounts.citations.models import Citation
from accounts.cities.chart import RevenueLine
from accounts.cities.rules import City
from accounts.clock import Clock
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.rules import shown
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.customers.models import CustomerKind
from accounts.database import Sessions, transaction
from accounts.ledger.rules import Source
from accounts.licenses.models import License
from accounts.money import Money
from accounts.utilities.models import UtilityAccount
from drills.payer import Bill

PROOF, AMOUNT = "K7RM2PQX", "45.67"
OWN = "ventanilla"


class NothingToDrill(Exception):
    """The city has no kind of account on which the drill could pay something."""


@dataclass(frozen=True)
class Ground:
    """The kind of account that is paid in this city, its proof, and what it is charged for."""

    kind: AccountKind
    proof_kind: str
    lines: dict[str, RevenueLine]

    @classmethod
    def of(cls, city: City) -> Ground:
        """The first kind with a proof that stands alone and with lines whose balance is ours."""
        for kind in AccountKind:
            lookup = city.lookups.get(kind.value)
            alone = [proof.kind for proof in lookup.proofs if not proof.needs_zip] if lookup else []
            ours = {
                code: line
                for code, line in city.revenue_lines.items()
                if line.account_kind == kind.value and line.system_of_record == OWN
            }
            if alone and ours:
                return cls(kind, alone[0], dict(list(ours.items())[:2]))
        raise NothingToDrill("The city has no account with a proof that needs no ZIP code and a line of its own.")

    @property
    def proof(self) -> str:
        """What its holder types."""
        return AMOUNT if self.proof_kind == "last_payment" else PROOF


def open_bill(sessions: Sessions, city: City, proof_key: str, serial: int, *, cents: int, clock: Clock) -> Bill:
    """An account that owes ``cents`` in twenty days."""
    ground, today = Ground.of(city), clock.today()
    new = NewAccount(
        kind=ground.kind,
        holder=Holder(name=f"Drill Payer {serial}", kind=CustomerKind.PERSON, last_name=f"Payer {serial}"),
        place=Place(f"{1000 + serial} Elm Street", city.identity.name.in_("en"), zip_code="93706"),
        proofs=((ground.proof_kind, ground.proof),),
        opened_on=today - timedelta(days=400),
    )
    with transaction(sessions) as session:
        (opened,) = open_accounts(session, [new], proof_key=proof_key.encode())
        session.add(_details(ground.kind, city, opened.id, clock.now()))
        share, rest = divmod(cents, len(ground.lines))
        charges = [
            _charge(opened.id, code, line, share + (rest if place == 0 else 0), today)
            for place, (code, line) in enumerate(ground.lines.items())
        ]
        raise_charges(
            session,
            charges,
            source=Source("drill-bill", str(serial), "raise"),
            kind="bill",
            effective_on=today,
            actor_id=actor_id(session, "system"),
        )
    return Bill(opened.id, shown(opened.reference), ground.proof, cents)


def _details(kind: AccountKind, city: City, account_id: int, now: datetime) -> UtilityAccount | License | Citation:
    if kind is AccountKind.UTILITY:
        return UtilityAccount(customer_account_id=account_id)
    if kind is AccountKind.LICENSE:
        held = city.license_classes[0].code
        return License(customer_account_id=account_id, business_name="Drill Taquería", license_class=held)
    return Citation(
        customer_account_id=account_id,
        issued_at=now - timedelta(days=20),
        violation_code="80.69",
        violation="Street sweeping",
        plate=PROOF,
    )


def _charge(account_id: int, code: str, line: RevenueLine, cents: int, today: date) -> NewCharge:
    due_on = today + timedelta(days=20)
    return NewCharge(
        customer_account_id=account_id,
        revenue_line=code,
        kind="service",
        fund=line.fund,
        receivable=line.receivable,
        revenue=line.revenue,
        amount=Money(cents),
        description={"en": f"{code} for a month", "es": f"{code} por un mes"},
        billed_on=today,
        due_on=due_on,
        delinquent_on=due_on + timedelta(days=1),
        working={"imported": {"profile": "drill", "key": ""}},
    )
