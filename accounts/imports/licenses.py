"""Registers of business licenses: the business, its license, its terms, and what is due for them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from sqlalchemy import text as sql

from accounts.bulk import copy_rows
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import NewAccount, open_accounts
from accounts.customer_accounts.sources import Settled
from accounts.customers.models import CustomerKind
from accounts.imports import accounts, balances
from accounts.imports.accounts import text
from accounts.imports.balances import Stated
from accounts.imports.fields import FieldType
from accounts.imports.parsing import Vocabulary
from accounts.imports.records import Batch, Change
from accounts.imports.rules import Fault, Held, Row

T = FieldType
PARTS = {
    "license": ("tax", "Business license", "Licencia comercial"),
    "fee": ("fee", "Business license fees", "Cargos de la licencia comercial"),
    "penalty": ("penalty", "Late penalty", "Recargo por pago tardío"),
}
"""Amounts due by part: charge kind, and words."""
TERM_STATES = {"due", "active", "expired", "revoked", "withdrawn"}
_CHANGE = sql("""
    UPDATE licenses l
       SET business_name = coalesce(x.business_name, l.business_name), license_class = x.license_class,
           business_type = x.business_type, naics = x.naics, started_on = x.started_on,
           ceased_on = CASE WHEN x.was_closed_here THEN l.ceased_on ELSE x.ceased_on END
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (account bigint, business_name text, license_class text,
           business_type text, naics text, started_on date, ceased_on date, was_closed_here boolean)
     WHERE l.customer_account_id = x.account""")
_TERMS = sql("""
    INSERT INTO license_terms (customer_account_id, starts_on, expires_on, state)
    SELECT * FROM unnest(CAST(:accounts AS bigint[]), CAST(:starts AS date[]), CAST(:ends AS date[]),
                         CAST(:states AS text[]))
        ON CONFLICT (customer_account_id, starts_on) DO UPDATE
       SET expires_on = excluded.expires_on, state = excluded.state""")
_COLUMNS = ("business_name", "license_class", "business_type", "naics", "started_on", "ceased_on")


class Licenses:
    """Rows of a register of licenses."""

    vocabulary = Vocabulary(
        fields={
            **accounts.ACCOUNT, **accounts.CONTACT, **accounts.PLACE, **accounts.DATES,
            "business_name": T.TEXT, "license_class": T.TEXT, "business_type": T.TEXT, "naics": T.TEXT,
            "started_on": T.DATE, "ceased_on": T.DATE, "owner_last_name": T.TEXT,
            "term_starts_on": T.DATE, "term_expires_on": T.DATE, "term_state": T.TEXT,
            **{f"due_{part}": T.MONEY for part in PARTS},
        },
        required=frozenset({"number", "business_name", "license_class"}),
        secret=accounts.SECRET,
    )  # fmt: skip

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Faults that a single cell does not show."""
        del held
        return {row.raw.number: fault for row in rows if (fault := _fault(batch, row))}

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[int]:
        """Open accounts with their licenses and terms, and raise what is due."""
        wanted = [_account(batch, row) for row in rows]
        ids = [a.id for a in open_accounts(batch.session, wanted, proof_key=batch.proof_key)]
        pairs = list(zip(ids, rows, strict=True))
        copy_rows(
            batch.session, "licenses", ("customer_account_id", *_COLUMNS),
            ((id_, *_details(row).values()) for id_, row in pairs),
        )  # fmt: skip
        _write_terms(batch, pairs)
        balances.bring_in(batch, [(id_, row.key, stated) for id_, row in pairs for stated in _stated(batch, row)])
        return ids

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """Take over the register's details and terms; changed amounts due are explained or become exceptions."""
        known = [(held.customer_account_id, row) for row, held in changes if held.customer_account_id]
        stated_now = [(id_, _account(batch, row)) for id_, row in known]
        settled = accounts.take_over(batch, stated_now)
        rows = [_change_of(id_, row, settled) for id_, row in known]
        batch.session.execute(_CHANGE, {"rows": json.dumps(rows)})
        _write_terms(batch, known)
        balances.restate(batch, accounts.restatements(changes, [_stated(batch, row) for row, _ in changes]))

    def memory(self, row: Row) -> dict[str, object]:
        """What was stated as due."""
        due = {part: row.fields.get(f"due_{part}") for part in PARTS}
        return {"owed": {part: amount.cents for part, amount in due.items() if amount is not None}}


def _fault(batch: Batch, row: Row) -> Fault | None:
    fields = row.fields
    starts, expires = fields.get("term_starts_on"), fields.get("term_expires_on")
    if (starts is None) != (expires is None):
        return Fault("term_expires_on", "a term needs both of its days")
    if starts and expires <= starts:
        return Fault("term_expires_on", "the term ends before it starts", is_contradiction=True)
    if text(fields, "term_state", "active") not in TERM_STATES:
        return Fault("term_state", f"none of {', '.join(sorted(TERM_STATES))}")
    return accounts.fault_of(row) or balances.fault_of(batch, {part: fields.get(f"due_{part}") for part in PARTS})


def _account(batch: Batch, row: Row) -> NewAccount:
    fields = row.fields
    name = text(fields, "business_name")
    who = accounts.holder(fields, name, CustomerKind.BUSINESS)
    proofs = {"business_name": name, "last_name": text(fields, "owner_last_name")}
    parts = tuple(part for part in PARTS if f"due_{part}" in batch.profile.fields or part in batch.profile.lines)
    return accounts.new_account(batch, AccountKind.LICENSE, row, who, parts=parts, proofs=proofs)


def _details(row: Row) -> dict[str, object]:
    fields = row.fields
    words = {name: text(fields, name) for name in _COLUMNS[:4]}
    return {**words, "started_on": fields.get("started_on"), "ceased_on": fields.get("ceased_on")}


def _change_of(id_: int, row: Row, settled: Settled) -> dict[str, object]:
    """A name that followed its holder's at the counter, and an end that was entered there, stay."""
    change = {"account": id_, **_json_ready(_details(row)), "was_closed_here": id_ in settled.closed_here}
    return {**change, "business_name": None} if settled.keeps(id_, "name") else change


def _json_ready(details: dict[str, object]) -> dict[str, object]:
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in details.items()}


def _write_terms(batch: Batch, pairs: Iterable[tuple[int, Row]]) -> None:
    terms = [(id_, *term) for id_, row in pairs if (term := _term(batch, row))]
    if terms:
        ids, starts, ends, states = zip(*terms, strict=True)
        values = {"accounts": list(ids), "starts": list(starts), "ends": list(ends), "states": list(states)}
        batch.session.execute(_TERMS, values)


def _term(batch: Batch, row: Row) -> tuple[date, date, str] | None:
    """The term that the row states; else the license year of today, where the profile says so and it is open."""
    fields = row.fields
    state = text(fields, "term_state", "active")
    if fields.get("term_starts_on"):
        return fields["term_starts_on"], fields["term_expires_on"], state
    if batch.profile.license_year and text(fields, "status", "open") == "open":
        return *batch.terms.license_year(batch.today), state
    return None


def _stated(batch: Batch, row: Row) -> list[Stated]:
    fields = row.fields
    billed, due, delinquent = balances.dates(
        batch, fields.get("billed_on") or batch.today, fields.get("due_on"), fields.get("delinquent_on")
    )
    return [
        Stated(part, kind, amount, billed, due, delinquent, {"en": english, "es": spanish})
        for part, (kind, english, spanish) in PARTS.items()
        if (amount := fields.get(f"due_{part}")) is not None
    ]
