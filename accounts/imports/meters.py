"""Meters named by utility accounts, and files of what they showed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from sqlalchemy import text as sql

from accounts.bulk import copy_rows
from accounts.imports.accounts import text
from accounts.imports.fields import FieldType
from accounts.imports.parsing import Vocabulary
from accounts.imports.records import Batch, Change
from accounts.imports.rules import Fault, Held, Row
from accounts.premises.rules import address_key

T = FieldType
FIELDS = {
    "meter": T.TEXT, "meter_size": T.TEXT, "meter_unit": T.TEXT, "meter_dials": T.WHOLE,
    "meter_multiplier": T.DECIMAL, "meter_installed_on": T.DATE,
}  # fmt: skip
UNITS = {"CF", "CCF", "GAL"}
LEAST_MULTIPLIER, MOST_MULTIPLIER = Decimal("0.001"), Decimal(99_999)
READ_KINDS = {"actual", "estimated", "customer", "final", "reread"}
_STANDING = sql("""
    SELECT m.serial, p.address_key FROM meters m JOIN premises p ON p.id = m.premises_id
     WHERE m.serial = ANY (:serials)""")
_IDS = sql("SELECT serial, id FROM meters WHERE serial = ANY (:serials)")
_REMOVE = sql("UPDATE meters SET removed_on = :today WHERE serial = ANY (:serials) AND removed_on IS NULL")
_PREMISES = sql("SELECT id, premises_id FROM customer_accounts WHERE id = ANY (:accounts)")
_REREAD = sql("""
    UPDATE meter_reads r SET value = x.value
      FROM unnest(CAST(:meters AS bigint[]), CAST(:days AS date[]), CAST(:kinds AS text[]), CAST(:values AS bigint[]))
           AS x (meter, day, kind, value)
     WHERE r.meter_id = x.meter AND r.read_on = x.day AND r.kind = x.kind""")


def fault_of(row: Row) -> Fault | None:
    """Units and dials that a meter can have."""
    fields = row.fields
    if text(fields, "meter_unit", "CCF") not in UNITS:
        return Fault("meter_unit", f"none of {', '.join(sorted(UNITS))}")
    dials = fields.get("meter_dials")
    if dials is not None and not 3 <= dials <= 9:
        return Fault("meter_dials", "not between 3 and 9")
    multiplier = fields.get("meter_multiplier")
    if multiplier is not None and not LEAST_MULTIPLIER <= multiplier <= MOST_MULTIPLIER:
        return Fault("meter_multiplier", f"not between {LEAST_MULTIPLIER} and {MOST_MULTIPLIER:,}")
    return None


def taken_elsewhere(batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
    """Rows whose meter stands at another address: two accounts at one address may follow each other on one meter."""
    del held
    named = [row for row in rows if row.fields.get("meter")]
    serials = [row.fields["meter"] for row in named]
    where: dict[str, str] = dict(batch.session.execute(_STANDING, {"serials": serials}).all())
    faults: dict[int, Fault] = {}
    for row in named:
        key = address_key(row.fields["address"])
        if where.setdefault(row.fields["meter"], key) != key:
            faults[row.raw.number] = Fault("meter", "this meter stands at another address")
    return faults


def install(batch: Batch, pairs: Iterable[tuple[int | None, Row]]) -> None:
    """Step: meters that are not known yet, at the premises of their account."""
    wanted = {row.fields["meter"]: (premises, row) for premises, row in pairs if premises and row.fields.get("meter")}
    known = set(batch.session.scalars(_IDS, {"serials": list(wanted)}))
    copy_rows(
        batch.session,
        "meters",
        ("premises_id", "serial", "size", "unit", "dials", "multiplier", "installed_on"),
        (
            (
                premises, serial, text(row.fields, "meter_size", "3/4"), text(row.fields, "meter_unit", "CCF"),
                row.fields.get("meter_dials") or 5, row.fields.get("meter_multiplier") or Decimal(1),
                row.fields.get("meter_installed_on") or row.fields.get("opened_on") or batch.today,
            )
            for serial, (premises, row) in wanted.items()
            if serial not in known
        ),
    )  # fmt: skip


def change(batch: Batch, changes: Sequence[Change]) -> None:
    """Step: a changed serial is an exchange: the meter named before is removed today, the new one installed."""
    exchanged = [(row, held) for row, held in changes if held.content.get("meter", "") != text(row.fields, "meter")]
    if not exchanged:
        return
    old = [str(held.content["meter"]) for _, held in exchanged if held.content.get("meter")]
    batch.session.execute(_REMOVE, {"today": batch.today, "serials": old})
    accounts = [held.customer_account_id for _, held in exchanged]
    standing = batch.session.execute(_PREMISES, {"accounts": accounts})
    premises: dict[int, int | None] = dict(standing.all())
    install(batch, [(premises.get(held.customer_account_id or 0), row) for row, held in exchanged])


class Reads:
    """Rows of meter reads."""

    vocabulary = Vocabulary(
        fields={"meter": T.TEXT, "read_on": T.DATE, "value": T.WHOLE, "read_kind": T.TEXT},
        required=frozenset({"meter", "read_on", "value"}),
    )

    def refuse(self, batch: Batch, rows: Sequence[Row], held: Mapping[str, Held]) -> dict[int, Fault]:
        """Reads of meters that nobody knows, and of kinds that there are not."""
        del held
        known = set(batch.session.scalars(_IDS, {"serials": [row.fields["meter"] for row in rows]}))
        faults: dict[int, Fault] = {}
        for row in rows:
            if row.fields["meter"] not in known:
                faults[row.raw.number] = Fault("meter", "no such meter")
            elif row.fields["value"] < 0:
                faults[row.raw.number] = Fault("value", "less than nothing")
            elif text(row.fields, "read_kind", "actual") not in READ_KINDS:
                faults[row.raw.number] = Fault("read_kind", f"none of {', '.join(sorted(READ_KINDS))}")
        return faults

    def add(self, batch: Batch, rows: Sequence[Row]) -> Sequence[None]:
        """Write new reads."""
        meters = _meter_ids(batch, rows)
        copy_rows(
            batch.session, "meter_reads", ("meter_id", "read_on", "value", "kind"),
            (
                (meters[fields["meter"]], fields["read_on"], fields["value"], text(fields, "read_kind", "actual"))
                for fields in (row.fields for row in rows)
            ),
        )  # fmt: skip
        return [None] * len(rows)

    def change(self, batch: Batch, changes: Sequence[Change]) -> None:
        """A corrected read of the same meter, day and kind takes the place of the first."""
        rows = [row for row, _ in changes]
        meters = _meter_ids(batch, rows)
        batch.session.execute(
            _REREAD,
            {
                "meters": [meters[row.fields["meter"]] for row in rows],
                "days": [row.fields["read_on"] for row in rows],
                "kinds": [text(row.fields, "read_kind", "actual") for row in rows],
                "values": [row.fields["value"] for row in rows],
            },
        )

    def memory(self, row: Row) -> dict[str, object]:
        """What the meter showed."""
        return {"value": row.fields["value"]}


def _meter_ids(batch: Batch, rows: Sequence[Row]) -> dict[str, int]:
    found = batch.session.execute(_IDS, {"serials": [row.fields["meter"] for row in rows]})
    return dict(found.all())
