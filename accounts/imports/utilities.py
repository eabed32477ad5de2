"""Files of utility accounts: who, where, services and their rates, the meter, and the balance brought forward."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from accounts.bulk import copy_rows
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import NewAccount, open_accounts
from accounts.customers.models import CustomerKind
from accounts.imports import accounts, balances, meters, services
from accounts.imports.accounts import text
from accounts.imports.balances import Stated
from accounts.imports.fields import FieldType
from accounts.imports.parsing import Vocabulary
from accounts.imports.records import Batch, Change
from accounts.imports.rules import Fault, Held, Row

T = FieldType
PARTS = ("water", "sewer", "refuse", "storm")
TOTAL = "balance"
"""One balance for the whole account: its revenue line is the profile's ``lines.balance``."""
CARRIED = {"en": "Balance brought forward", "es": "Saldo anterior"}
HOLDER_KINDS = {kind.value for kind in CustomerKind}


class Utilities:
    """Rows of utility accounts."""

    vocabulary = Vocabulary(
        fields={
            **accounts.ACCOUNT, **accounts.CONTACT, **accounts.PLACE, **accounts.DATES,
            **services.FIELDS, **meters.FIELDS,
            "holder": T.TEXT, "holder_kind": T.TEXT, "last_name": T.TEXT,
            "customer_class": T.TEXT, "cycle": T.TEXT, "route": T.TEXT,
            TOTAL: T.MONEY, **{f"balance_{part}": T.MONEY for part in PARTS},
        },
        required=frozenset({"number", "holder", "address"}),
        secret=accounts.SECRET,
    )  # fmt: skip

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Faults that a single cell does not show, meters that stand elsewhere among them."""
        faults = {row.raw.number: fault for row in rows if (fault := _fault(batch, row))}
        taken = meters.taken_elsewhere(batch, [row for row in rows if row.raw.number not in faults], held)
        return {**taken, **faults}

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[int]:
        """Open accounts with services and meters, and raise the balances brought forward."""
        wanted = [_account(batch, row) for row in rows]
        opened = open_accounts(batch.session, wanted, proof_key=batch.proof_key)
        ids = [account.id for account in opened]
        pairs = list(zip(ids, rows, strict=True))
        copy_rows(
            batch.session, "utility_accounts", ("customer_account_id", "cycle", "route", "customer_class"),
            (
                (id_, text(fields, "cycle"), text(fields, "route"), text(fields, "customer_class", "residential"))
                for id_, fields in ((id_, row.fields) for id_, row in pairs)
            ),
        )  # fmt: skip
        services.start(batch, pairs)
        meters.install(batch, zip((account.premises_id for account in opened), rows, strict=True))
        balances.bring_in(batch, [(id_, row.key, stated) for id_, row in pairs for stated in _stated(batch, row)])
        return ids

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Take over contacts, services and meters; a changed balance is explained or becomes an exception."""
        known = [(held.customer_account_id, row) for row, held in changes if held.customer_account_id]
        stated_now = [(id_, _account(batch, row)) for id_, row in known]
        settled = accounts.take_over(batch, stated_now)
        services.change(batch, [(id_, row) for id_, row in known if id_ not in settled.closed_here])
        meters.change(batch, changes)
        balances.restate(batch, accounts.restatements(changes, [_stated(batch, row) for row, _ in changes]))

    def memory(self, row: Row) -> dict[str, object]:
        """The balances and the meter that were stated."""
        names = {TOTAL: TOTAL, **{part: f"balance_{part}" for part in PARTS}}
        owed = {part: row.fields[name].cents for part, name in names.items() if row.fields.get(name) is not None}
        return {"owed": owed, "meter": text(row.fields, "meter")}


def _fault(batch: Batch, row: Row) -> Fault | None:
    fields = row.fields
    if text(fields, "holder_kind", "person") not in HOLDER_KINDS:
        return Fault("holder_kind", "neither person nor business")
    amounts = {TOTAL: fields.get(TOTAL), **{part: fields.get(f"balance_{part}") for part in PARTS}}
    if amounts[TOTAL] is not None and any(amounts[part] is not None for part in PARTS):
        return Fault(TOTAL, "a balance beside balances by service: which one rules?", is_contradiction=True)
    return (
        accounts.fault_of(row) or services.fault_of(row) or meters.fault_of(row) or balances.fault_of(batch, amounts)
    )


def _account(batch: Batch, row: Row) -> NewAccount:
    fields = row.fields
    kind = CustomerKind(text(fields, "holder_kind", "person"))
    who = accounts.holder(fields, text(fields, "holder"), kind)
    proofs = {"last_name": text(fields, "last_name")}
    if kind is CustomerKind.BUSINESS:
        proofs["business_name"] = text(fields, "holder")
    parts = [part for part in PARTS if f"balance_{part}" in batch.profile.fields or part in batch.profile.lines]
    parts += [TOTAL] if TOTAL in batch.profile.fields else []
    return accounts.new_account(batch, AccountKind.UTILITY, row, who, parts=parts, proofs=proofs)


def _stated(batch: Batch, row: Row) -> list[Stated]:
    fields = row.fields
    billed, due, delinquent = balances.dates(
        batch, fields.get("billed_on") or batch.today, fields.get("due_on"), fields.get("delinquent_on")
    )
    names = {TOTAL: TOTAL, **{part: f"balance_{part}" for part in PARTS}}
    return [
        Stated(part, "opening", amount, billed, due, delinquent, CARRIED)
        for part, name in names.items()
        if (amount := fields.get(name)) is not None
    ]
