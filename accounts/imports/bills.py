"""Lines of bills and adjustments that another system made, each with its own identity."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import text as sql

from accounts.errors import NotFound
from accounts.exceptions.service import NewException, open_exceptions
from accounts.imports import adjustments, balances
from accounts.imports.accounts import restatements, text
from accounts.imports.adjustments import Adjust
from accounts.imports.balances import Stated
from accounts.imports.fields import FieldType
from accounts.imports.parsing import Vocabulary
from accounts.imports.records import Batch, Change
from accounts.imports.rules import Fault, Fields, Held, Row
from accounts.money import ZERO

T = FieldType
CHARGE_KINDS = {"service", "fee", "tax", "fine", "penalty", "opening"}
_ACCOUNTS = sql("""
    SELECT source_key, id FROM customer_accounts WHERE source_system = :system AND source_key = ANY (:keys)""")
_BILLS = sql("SELECT number, id, customer_account_id FROM bills WHERE number = ANY (:numbers)")
_ADD_BILLS = sql("""
    INSERT INTO bills (customer_account_id, number, period_from, period_to, billed_on, due_on, delinquent_on,
                       source_system, source_key)
    SELECT x.account, x.number, x.period_from, x.period_to, x.billed_on, x.due_on, x.delinquent_on, :system, x.number
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (account bigint, number text, period_from date,
           period_to date, billed_on date, due_on date, delinquent_on date)
    RETURNING number, id""")


class Bills:
    """Rows that are lines of bills: ``part`` of the bill's revenue line, what kind of charge, how much."""

    vocabulary = Vocabulary(
        fields={
            "number": T.TEXT, "bill": T.TEXT, "line": T.TEXT, "charge_kind": T.TEXT, "amount": T.MONEY,
            "description_en": T.TEXT, "description_es": T.TEXT, "period_from": T.DATE, "period_to": T.DATE,
            "billed_on": T.DATE, "due_on": T.DATE, "delinquent_on": T.DATE, "how_en": T.TEXT, "how_es": T.TEXT,
            "authority": T.TEXT,
        },
        required=frozenset({"number", "bill", "line", "amount", "billed_on", "description_en", "description_es"}),
    )  # fmt: skip

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Lines of accounts, revenue lines or kinds that there are not, and bills that are another account's."""
        del held
        accounts = _account_ids(batch, rows)
        numbers = {"numbers": [row.fields["bill"] for row in rows]}
        owners: dict[str, int] = {number: owner for number, _, owner in batch.session.execute(_BILLS, numbers)}
        faults: dict[int, Fault] = {}
        for row in rows:
            if fault := _fault(batch, row, accounts.get(row.fields["number"]), owners):
                faults[row.raw.number] = fault
        return faults

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[int]:
        """Write bills that are new and raise their lines."""
        accounts = _account_ids(batch, rows)
        bills = _bill_ids(batch, rows, accounts)
        ids = [accounts[row.fields["number"]] for row in rows]
        stated = [_stated(batch, row, bills[row.fields["bill"]]) for row in rows]
        balances.bring_in(batch, [(id_, r.key, s) for id_, r, s in zip(ids, rows, stated, strict=True)])
        return ids

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """A line that its owner states otherwise is adjusted, or becomes an exception."""
        stated = [[_stated(batch, row, None)] for row, _ in changes]
        balances.restate(batch, restatements(changes, stated))

    def memory(self, row: Row) -> dict[str, object]:
        """What was billed."""
        return {"owed": {"": row.fields["amount"].cents}}


class Adjustments:
    """Rows that change what a line of a bill asks; ``charge`` is the key of that line in the same source system."""

    vocabulary = Vocabulary(
        fields={"adjustment": T.TEXT, "number": T.TEXT, "charge": T.TEXT, "amount": T.MONEY, "reason": T.TEXT},
        required=frozenset({"adjustment", "number", "charge", "amount", "reason"}),
    )

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Adjustments of nothing, and of charges that are not there."""
        known = adjustments.standings(
            batch, _account_ids(batch, rows).values(), [row.fields["charge"] for row in rows]
        )
        faults: dict[int, Fault] = {}
        for row in rows:
            if not row.fields["amount"]:
                faults[row.raw.number] = Fault("amount", "nothing")
            elif row.fields["charge"] not in known:
                faults[row.raw.number] = Fault("charge", "no such charge of this source system")
            elif row.key in held and held[row.key].digest != row.digest:
                faults[row.raw.number] = Fault("adjustment", "was posted with another content", is_contradiction=True)
        return faults

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[int]:
        """Post adjustments; one that would take a charge below zero becomes an exception instead."""
        accounts = _account_ids(batch, rows)
        known = adjustments.standings(batch, accounts.values(), [row.fields["charge"] for row in rows])
        open_cents = {key: standing.open_cents for key, standing in known.items()}
        fitting: list[Adjust] = []
        puzzles: list[NewException] = []
        for row in rows:
            key, amount = row.fields["charge"], row.fields["amount"]
            if open_cents[key] + amount.cents < 0:
                puzzles.append(_below_zero(batch, row, known[key].account_id, open_cents[key]))
                continue
            open_cents[key] += amount.cents
            fitting.append(Adjust(known[key], amount, row.fields["reason"], row.key))
        adjustments.adjust(batch, fitting)
        batch.report.differences += len(puzzles)
        open_exceptions(batch.session, puzzles)
        return [known[row.fields["charge"]].account_id for row in rows]

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Nothing: what was posted stays, and ``refuse`` has turned the row away."""

    def memory(self, row: Row) -> dict[str, object]:
        """What was posted."""
        return {"cents": row.fields["amount"].cents}


def _fault(batch: Batch, row: Row, account_id: int | None, owners: dict[str, int]) -> Fault | None:
    fields = row.fields
    if account_id is None:
        return Fault("number", "no such account of this source system")
    if owners.setdefault(fields["bill"], account_id) != account_id:
        return Fault("bill", "this bill is another account's")
    if fields["amount"] <= ZERO:
        return Fault("amount", "a line of a bill asks for something; send a credit as an adjustment")
    if text(fields, "charge_kind", "service") not in CHARGE_KINDS:
        return Fault("charge_kind", f"none of {', '.join(sorted(CHARGE_KINDS))}")
    try:
        batch.line(fields["line"])
    except NotFound as error:
        return Fault("line", str(error))
    return None


def _account_ids(batch: Batch, rows: Sequence[Row]) -> dict[str, int]:
    keys = [row.fields["number"] for row in rows]
    found = batch.session.execute(_ACCOUNTS, {"system": batch.profile.key_source, "keys": keys})
    return dict(found.all())


def _bill_ids(batch: Batch, rows: Sequence[Row], accounts: Mapping[str, int]) -> dict[str, int]:
    wanted = {row.fields["bill"]: row for row in rows}
    known = {number: id_ for number, id_, _ in batch.session.execute(_BILLS, {"numbers": list(wanted)})}
    records: list[dict[str, Any]] = []
    for number, row in wanted.items():
        if number not in known:
            fields = row.fields
            billed, due, late = balances.dates(
                batch, fields["billed_on"], fields.get("due_on"), fields.get("delinquent_on")
            )
            records.append({
                "account": accounts[fields["number"]], "number": number, "period_from": fields.get("period_from"),
                "period_to": fields.get("period_to"), "billed_on": billed, "due_on": due, "delinquent_on": late,
            })  # fmt: skip
    if records:
        values = {"rows": json.dumps(records, default=str), "system": batch.profile.source_system}
        known.update(dict(batch.session.execute(_ADD_BILLS, values).all()))
    return known


def _stated(batch: Batch, row: Row, bill_id: int | None) -> Stated:
    fields = row.fields
    billed, due, late = balances.dates(batch, fields["billed_on"], fields.get("due_on"), fields.get("delinquent_on"))
    words = {"en": fields["description_en"], "es": fields["description_es"]}
    kind = text(fields, "charge_kind", "service")
    return Stated("", kind, fields["amount"], billed, due, late, words, bill_id, fields["line"], _workings(fields))


def _workings(fields: Fields) -> dict[str, object]:
    """How the source came to the amount, in its own words, and by whose authority; nothing where it does not say."""
    english, spanish = text(fields, "how_en"), text(fields, "how_es")
    said: dict[str, object] = {}
    if english or spanish:
        said["how"] = {"en": english or spanish, "es": spanish or english}
    if authority := text(fields, "authority"):
        said["authority"] = authority
    return said


def _below_zero(batch: Batch, row: Row, account_id: int, open_cents: int) -> NewException:
    return NewException(
        "balance-difference",
        f"{batch.profile.source_system}:{row.key}",
        {"adjustment": str(row.fields["amount"]), "open_cents": open_cents, "charge": row.fields["charge"]},
        "The adjustment takes off more than is open: money paid here may have to go back. Decide by hand.",
        account_id,
    )
