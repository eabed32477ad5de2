"""Registers of citations: the account, the citation, and what is open of its fine and its penalty."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import text as sql

from accounts.bulk import copy_rows
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, open_accounts
from accounts.customers.models import CustomerKind
from accounts.imports import accounts, balances
from accounts.imports.accounts import text
from accounts.imports.balances import Stated
from accounts.imports.fields import FieldType
from accounts.imports.parsing import Vocabulary
from accounts.imports.records import Batch, Change
from accounts.imports.rules import Fault, Held, Row
from accounts.money import ZERO

T = FieldType
UNKNOWN_OWNER = "Registered owner"
"""The holder's name where the register names none."""
WORDS = {"fine": ("Fine", "Multa"), "penalty": ("Late penalty", "Recargo por pago tardío")}
_COLUMNS = (
    "customer_account_id", "issued_at", "violation_code", "violation", "location", "plate_state", "plate", "make",
    "agency",
)  # fmt: skip
_CHANGE = sql("""
    UPDATE citations c
       SET issued_at = x.issued_at, violation_code = x.violation_code, violation = x.violation,
           location = x.location, plate_state = x.plate_state, plate = x.plate, make = x.make, agency = x.agency
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (customer_account_id bigint, issued_at timestamptz,
           violation_code text, violation text, location text, plate_state text, plate text, make text, agency text)
     WHERE c.customer_account_id = x.customer_account_id""")


class Citations:
    """Rows of a register of citations."""

    vocabulary = Vocabulary(
        fields={
            **accounts.ACCOUNT, **accounts.CONTACT, **accounts.PLACE, **accounts.DATES,
            "holder": T.TEXT, "last_name": T.TEXT, "issued_on": T.DATE, "issued_time": T.TIME,
            "violation_code": T.TEXT, "violation": T.TEXT, "location": T.TEXT, "plate_state": T.TEXT, "plate": T.TEXT,
            "make": T.TEXT, "agency": T.TEXT, "fine": T.MONEY, "penalty": T.MONEY,
        },
        required=frozenset({"number", "issued_on", "issued_time", "violation_code", "violation", "fine"}),
        secret=accounts.SECRET,
    )  # fmt: skip

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Faults that a single cell does not show."""
        del batch, held
        return {row.raw.number: fault for row in rows if (fault := _fault(row))}

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[int]:
        """Open accounts with their citations, and raise what is open."""
        wanted = [self._account(batch, row) for row in rows]
        ids = [a.id for a in open_accounts(batch.session, wanted, proof_key=batch.proof_key)]
        copy_rows(
            batch.session, "citations", _COLUMNS,
            (_details(batch, id_, row) for id_, row in zip(ids, rows, strict=True)),
        )  # fmt: skip
        pairs = zip(ids, rows, strict=True)
        balances.bring_in(
            batch, [(id_, row.key, stated) for id_, row in pairs for stated in self._stated(batch, row)]
        )
        return ids

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Take over details; changed balances are explained, never written over."""
        known = [(held.customer_account_id, row) for row, held in changes if held.customer_account_id]
        stated_now = [(id_, self._account(batch, row)) for id_, row in known]
        accounts.take_over(batch, stated_now)
        details = [dict(zip(_COLUMNS, _details(batch, id_, row), strict=True)) for id_, row in known]
        batch.session.execute(_CHANGE, {"rows": json.dumps(details, default=str)})
        stated = [self._stated(batch, row) for row, _ in changes]
        balances.restate(batch, accounts.restatements(changes, stated))

    def memory(self, row: Row) -> dict[str, object]:
        """What the register stated as open."""
        parts = {part: row.fields[part].cents for part in WORDS if row.fields.get(part) is not None}
        return {"owed": parts}

    def _account(self, batch: Batch, row: Row) -> NewAccount:
        name = text(row.fields, "holder")
        who = accounts.holder(row.fields, name, CustomerKind.PERSON) if name else Holder(UNKNOWN_OWNER)
        proofs = {"plate": text(row.fields, "plate"), "last_name": text(row.fields, "last_name")}
        return accounts.new_account(batch, AccountKind.CITATION, row, who, parts=self._parts(batch), proofs=proofs)

    @staticmethod
    def _parts(batch: Batch) -> list[str]:
        return [part for part in WORDS if part in batch.profile.fields or part in batch.profile.lines]

    def _stated(self, batch: Batch, row: Row) -> list[Stated]:
        fields = row.fields
        billed, due, delinquent = balances.dates(
            batch, fields.get("billed_on") or fields["issued_on"], fields.get("due_on"), fields.get("delinquent_on")
        )
        result = []
        violation = batch.terms.violation(text(fields, "violation"))
        for part in self._parts(batch):
            if (amount := fields.get(part)) is not None:
                english, spanish = WORDS[part]
                words = {"en": f"{english}: {violation['en']}", "es": f"{spanish}: {violation['es']}"}
                result.append(Stated(part, part, amount, billed, due, delinquent, words))
        return result


def _fault(row: Row) -> Fault | None:
    for part in WORDS:
        if (amount := row.fields.get(part)) is not None and amount < ZERO:
            return Fault(part, "less than nothing")
    return accounts.fault_of(row)


def _details(batch: Batch, account_id: int, row: Row) -> tuple[object, ...]:
    fields = row.fields
    issued_at = batch.instant(fields["issued_on"], fields["issued_time"])
    return (account_id, issued_at, *(text(fields, name) for name in _COLUMNS[2:]))
