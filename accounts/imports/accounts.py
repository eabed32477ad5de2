"""Fields and steps that the three kinds of customer accounts share."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence

from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.rules import number_key
from accounts.customer_accounts.service import Holder, NewAccount, Place, change_accounts
from accounts.customer_accounts.sources import CONTACT_FIELDS, Difference, Settled
from accounts.customers.models import CustomerKind
from accounts.exceptions.service import NewException, open_exceptions
from accounts.imports.balances import Restated, Stated
from accounts.imports.fields import FieldType
from accounts.imports.records import Batch, Change
from accounts.imports.rules import Fault, Fields, Held, Row
from accounts.money import ZERO, Money

T = FieldType
CONTACT = {"email": T.TEXT, "phone": T.TEXT, "language": T.TEXT, "mailing_address": T.TEXT}
PLACE = {
    "address": T.TEXT, "city": T.TEXT, "state": T.TEXT, "zip": T.TEXT, "parcel": T.TEXT, "dwelling_units": T.WHOLE,
}  # fmt: skip
ACCOUNT = {
    "number": T.TEXT, "former_number": T.TEXT, "status": T.TEXT, "opened_on": T.DATE, "closed_on": T.DATE,
    "protected": T.YES_NO, "bill_code": T.TEXT, "pin": T.TEXT, "last_payment": T.MONEY,
}  # fmt: skip
DATES = {"billed_on": T.DATE, "due_on": T.DATE, "delinquent_on": T.DATE}
SECRET = frozenset({"pin", "bill_code", "last_payment", "plate"})
STATUSES = {"open", "closed"}
LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
"""A tag (BCP 47); who reads one that the city does not offer is written to in its first."""


def text(fields: Fields, name: str, default: str = "") -> str:
    """A text field, or ``default`` where it is blank or not in the profile."""
    value = fields.get(name)
    return default if value is None else str(value)


def place(fields: Fields) -> Place | None:
    """The premises of a row, if it has a street address."""
    if not (address := text(fields, "address")):
        return None
    return Place(
        address, text(fields, "city"), text(fields, "state", "CA"), text(fields, "zip"), text(fields, "parcel"),
        fields.get("dwelling_units") or 1,
    )  # fmt: skip


def holder(fields: Fields, name: str, kind: CustomerKind) -> Holder:
    """The customer of a row."""
    return Holder(
        name, kind, text(fields, "last_name"), text(fields, "email"), text(fields, "phone"),
        text(fields, "mailing_address"), text(fields, "language", "en"),
    )  # fmt: skip


def new_account(
    batch: Batch, kind: AccountKind, row: Row, who: Holder, *, parts: Iterable[str], proofs: Mapping[str, str]
) -> NewAccount:
    """A row as an account to open (or as it is now stated), with the proofs that every kind has added."""
    fields, source = row.fields, batch.profile.source_system
    paid: Money | None = fields.get("last_payment")
    everything = {
        **proofs,
        "bill_code": text(fields, "bill_code"),
        "pin": text(fields, "pin"),
        "zip": text(fields, "zip"),
    }
    everything["last_payment"] = str(paid) if paid is not None and paid > ZERO else ""
    return NewAccount(
        kind=kind,
        holder=who,
        place=place(fields),
        system_of_record=batch.system_of_record(tuple(parts)),
        source_system=source,
        source_key=row.key,
        status=text(fields, "status", "open"),
        opened_on=fields.get("opened_on"),
        closed_on=fields.get("closed_on"),
        is_protected=bool(fields.get("protected")),
        last_paid=paid,
        numbers=tuple((text(fields, name), source) for name in ("number", "former_number") if text(fields, name)),
        proofs=tuple((kind_, proof) for kind_, proof in everything.items() if proof),
    )


def take_over(batch: Batch, stated: Sequence[tuple[int, NewAccount]]) -> Settled:
    """Step: what changed rows say of accounts; a third statement of what the counter changed becomes an exception."""
    settled = change_accounts(batch.session, stated, proof_key=batch.proof_key)
    open_exceptions(batch.session, [_differing(batch, difference) for difference in settled.differences])
    batch.report.kept += len(settled.differences)
    return settled


def _differing(batch: Batch, found: Difference) -> NewException:
    """What a protected person's source states is not written into a queue that others work."""
    words = {"stated_before": found.before, "stated_now": found.stated, "here": found.ours}
    digest = hashlib.sha256(found.stated.encode()).hexdigest()[:16]
    return NewException(
        "contact-differs" if found.field in CONTACT_FIELDS else "account-differs",
        f"{found.account_id}:{found.field}:{digest}",
        {"field": found.field, "profile": batch.profile.name, **({} if found.is_protected else words)},
        "Ask the holder or the owner of the register which is right, and change the account or tell the register.",
        found.account_id,
    )


def fault_of(row: Row) -> Fault | None:
    """What no account can be opened with."""
    fields = row.fields
    if not number_key(text(fields, "number")):
        return Fault("number", "neither letters nor digits")
    if text(fields, "status", "open") not in STATUSES:
        return Fault("status", "neither open nor closed")
    if not LANGUAGE.fullmatch(text(fields, "language", "en")):
        return Fault("language", "no tag of a language, such as es")
    if fields.get("dwelling_units") == 0 or (fields.get("dwelling_units") or 1) < 0:
        return Fault("dwelling_units", "less than one")
    return None


def restatements(changes: Iterable[Change], stated: Iterable[list[Stated]]) -> list[Restated]:
    """Balances of changed rows beside what they were; a part that was not there before was nothing."""
    return [
        Restated(held.customer_account_id, row.key, _before(held, balance.part), balance)
        for (row, held), balances in zip(changes, stated, strict=True)
        for balance in balances
        if held.customer_account_id is not None
    ]


def _before(held: Held, part: str) -> Money:
    return Money(int(held.content.get("owed", {}).get(part, 0)))
