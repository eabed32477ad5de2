"""Steps that open customer accounts, and change what is known of them: set-based, the one way that accounts begin."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.bulk import copy_rows, reserve_ids
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.proofs import proof_forms
from accounts.customer_accounts.rules import new_reference, number_key, proof_digest
from accounts.customer_accounts.sources import CONTACT_FIELDS, PROTECTION, STATUS, Settled, settle, status_text
from accounts.customers.models import CustomerKind
from accounts.money import Money
from accounts.premises.rules import address_key

KEPT_PROOFS = "last_payment"
"""A kind of proof that gathers instead of being replaced: earlier amounts stay good."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who holds the account. ``name`` must not be empty."""

    name: str
    kind: CustomerKind = CustomerKind.PERSON
    last_name: str = ""
    email: str = ""
    phone: str = ""
    mailing_address: str = ""
    language: str = "en"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service is taken or the business stands. The same street line and ZIP is the same premises."""

    address: str
    city: str = ""
    state: str = "CA"
    zip_code: str = ""
    parcel: str = ""
    dwelling_units: int = 1

    @property
    def key(self) -> tuple[str, str]:
        return address_key(self.address), self.zip_code[:5]


@dataclass(frozen=True, slots=True)
class NewAccount:
    """An account to open. ``numbers`` are (number, source) it is known by too; ``proofs`` (kind, text) are hashed."""

    kind: AccountKind
    holder: Holder
    place: Place | None = None
    customer_id: int | None = None
    """An existing customer; ``holder`` is then not written."""
    system_of_record: str = "ventanilla"
    source_system: str = "ventanilla"
    source_key: str | None = None
    status: str = "open"
    opened_on: date | None = None
    closed_on: date | None = None
    is_protected: bool = False
    last_paid: Money | None = None
    numbers: tuple[tuple[str, str], ...] = ()
    proofs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class OpenedAccount:
    """What opening gave: our ids and our reference."""

    id: int
    reference: str
    customer_id: int
    premises_id: int | None


def open_accounts(session: Session, accounts: Sequence[NewAccount], *, proof_key: bytes) -> list[OpenedAccount]:
    """Step: open accounts, with customers, premises, other numbers and proofs; results in the order given.

    The account's id is the serial of its reference, so two at once never draw the same.
    """
    ids = reserve_ids(session, "customer_accounts", len(accounts))
    customers = _open_customers(session, accounts)
    premises = place_ids(session, [account.place for account in accounts])
    opened = [
        OpenedAccount(id_, new_reference(account.kind.value, id_), customer, place)
        for id_, account, customer, place in zip(ids, accounts, customers, premises, strict=True)
    ]
    copy_rows(
        session,
        "customer_accounts",
        (
            "id", "kind", "reference", "customer_id", "premises_id", "system_of_record", "source_system",
            "source_key", "status", "opened_on", "closed_on", "is_protected", "credit_cents", "last_paid_cents",
        ),
        (_account_row(new, account) for new, account in zip(opened, accounts, strict=True)),
    )  # fmt: skip
    copy_rows(
        session,
        "account_aliases",
        ("customer_account_id", "number", "number_key", "source"),
        (row for new, account in zip(opened, accounts, strict=True) for row in _aliases(new.id, account)),
    )
    copy_rows(
        session,
        "account_proofs",
        ("customer_account_id", "kind", "digest"),
        (row for new, account in zip(opened, accounts, strict=True) for row in _proofs(new.id, account, proof_key)),
    )
    return opened


def _account_row(new: OpenedAccount, account: NewAccount) -> tuple[object, ...]:
    return (
        new.id, account.kind.value, new.reference, new.customer_id, new.premises_id, account.system_of_record,
        account.source_system, account.source_key, account.status, account.opened_on, account.closed_on,
        account.is_protected, 0, account.last_paid.cents if account.last_paid else None,
    )  # fmt: skip


def _open_customers(session: Session, accounts: Sequence[NewAccount]) -> list[int]:
    ids = iter(reserve_ids(session, "customers", sum(account.customer_id is None for account in accounts)))
    result = [account.customer_id or next(ids) for account in accounts]
    copy_rows(
        session,
        "customers",
        ("id", "kind", "name", "last_name", "email", "phone", "mailing_address", "language"),
        (
            (id_, h.kind.value, h.name, h.last_name, h.email, h.phone, h.mailing_address, h.language)
            for id_, account in zip(result, accounts, strict=True)
            if account.customer_id is None and (h := account.holder)
        ),
    )
    return result


def place_ids(session: Session, places: Sequence[Place | None]) -> list[int | None]:
    """Step: the premises of each place, found by street line and ZIP or made; nothing for no place."""
    wanted = {place.key: place for place in places if place is not None}
    if not wanted:
        return [None] * len(places)
    rows = session.execute(
        text(
            "SELECT address_key, left(zip_code, 5), min(id) FROM premises"
            " WHERE address_key = ANY (:keys) GROUP BY 1, 2"
        ),
        {"keys": [street for street, _ in wanted]},
    )
    known: dict[tuple[str, str], int] = {(street, zip_code): id_ for street, zip_code, id_ in rows}
    new = [(key, place) for key, place in wanted.items() if key not in known]
    ids = reserve_ids(session, "premises", len(new))
    known.update({key: id_ for id_, (key, _) in zip(ids, new, strict=True)})
    copy_rows(
        session,
        "premises",
        ("id", "address", "city", "state", "zip_code", "parcel", "dwelling_units", "address_key"),
        ((known[key], p.address, p.city, p.state, p.zip_code, p.parcel, p.dwelling_units, key[0]) for key, p in new),
    )
    return [known[place.key] if place else None for place in places]


def _aliases(account_id: int, account: NewAccount) -> Iterator[tuple[object, ...]]:
    seen: set[str] = set()
    for number, source in account.numbers:
        if (key := number_key(number)) and key not in seen:
            seen.add(key)
            yield account_id, number, key, source


def _proofs(account_id: int, account: NewAccount, key: bytes) -> Iterator[tuple[object, ...]]:
    for kind, form in _forms(account.proofs):
        yield account_id, kind, proof_digest(key, account_id, kind, form)


def _forms(proofs: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    """Every (kind, form) under which the proofs are accepted, each once."""
    return list(dict.fromkeys((kind, form) for kind, proof in proofs for form in proof_forms(kind, proof)))


_CHANGE_CUSTOMERS = text("""
    UPDATE customers c
       SET name = n.name, kind = n.kind, last_name = n.last_name, email = n.email, phone = n.phone,
           mailing_address = n.mailing_address, language = n.language, version = c.version + 1
      FROM (SELECT k.id, coalesce(x.name, k.name) AS name, x.kind,
                   coalesce(nullif(x.last_name, ''), k.last_name) AS last_name,
                   coalesce(nullif(x.email, ''), k.email) AS email, coalesce(nullif(x.phone, ''), k.phone) AS phone,
                   coalesce(nullif(x.mailing_address, ''), k.mailing_address) AS mailing_address,
                   coalesce(x.language, k.language) AS language
              FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (account bigint, name text, kind text,
                   last_name text, email text, phone text, mailing_address text, language text)
              JOIN customer_accounts a ON a.id = x.account
              JOIN customers k ON k.id = a.customer_id) AS n
     WHERE c.id = n.id
       AND (c.name, c.kind, c.last_name, c.email, c.phone, c.mailing_address, c.language)
           IS DISTINCT FROM (n.name, n.kind, n.last_name, n.email, n.phone, n.mailing_address, n.language)""")
_CHANGE_ACCOUNTS = text("""
    UPDATE customer_accounts a
       SET premises_id = coalesce(x.premises, a.premises_id), status = coalesce(x.status, a.status),
           opened_on = coalesce(x.opened_on, a.opened_on),
           closed_on = CASE WHEN x.status IS NULL THEN a.closed_on ELSE x.closed_on END,
           is_protected = coalesce(x.is_protected, a.is_protected),
           last_paid_cents = coalesce(x.last_paid, a.last_paid_cents)
      FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (account bigint, premises bigint, status text,
           opened_on date, closed_on date, is_protected boolean, last_paid bigint)
     WHERE a.id = x.account""")
_FORGET_PROOFS = text("""
    DELETE FROM account_proofs p
     USING unnest(CAST(:accounts AS bigint[]), CAST(:kinds AS text[])) AS x (account, kind)
     WHERE p.customer_account_id = x.account AND p.kind = x.kind""")
_ADD_PROOFS = text("""
    INSERT INTO account_proofs (customer_account_id, kind, digest)
    SELECT * FROM unnest(CAST(:accounts AS bigint[]), CAST(:kinds AS text[]), CAST(:digests AS bytea[]))
        ON CONFLICT DO NOTHING""")
_ADD_ALIASES = text("""
    INSERT INTO account_aliases (customer_account_id, number, number_key, source)
    SELECT * FROM unnest(CAST(:accounts AS bigint[]), CAST(:numbers AS text[]), CAST(:keys AS text[]),
                         CAST(:sources AS text[]))
        ON CONFLICT DO NOTHING""")


def change_accounts(session: Session, changes: Sequence[tuple[int, NewAccount]], *, proof_key: bytes) -> Settled:
    """Step: take over what a source now says of accounts that are open (id, as stated now).

    A blank never erases what is known, numbers are only ever added, and proofs replace those of their kind
    (amounts of last payments gather). What the counter changed since is kept; see ``sources``.
    """
    if not changes:
        return Settled()
    settled = settle(session, {id_: _statement(account) for id_, account in changes})
    places = place_ids(session, [account.place for _, account in changes])
    session.execute(
        _CHANGE_CUSTOMERS, {"rows": json.dumps([_customer_change(id_, a, settled) for id_, a in changes])}
    )
    rows = [_account_change(id_, a, place, settled) for (id_, a), place in zip(changes, places, strict=True)]
    session.execute(_CHANGE_ACCOUNTS, {"rows": json.dumps(rows)})
    forms = [(id_, kind, form) for id_, a in changes for kind, form in _forms(a.proofs)]
    stated = [(id_, kind, form) for id_, kind, form in forms if not settled.keeps_proof(id_, kind)]
    replaced = list({(id_, kind) for id_, kind, _ in stated if kind != KEPT_PROOFS})
    session.execute(
        _FORGET_PROOFS, {"accounts": [id_ for id_, _ in replaced], "kinds": [kind for _, kind in replaced]}
    )
    add_proofs(session, stated, proof_key=proof_key)
    numbers = [row for id_, account in changes for row in _aliases(id_, account)]
    accounts, texts, keys, sources = ([row[place] for row in numbers] for place in range(4))
    session.execute(_ADD_ALIASES, {"accounts": accounts, "numbers": texts, "keys": keys, "sources": sources})
    return settled


def add_proofs(session: Session, forms: Sequence[tuple[int, str, str]], *, proof_key: bytes) -> None:
    """Step: accept these (account, kind, form) as proofs; those that are known stay as they are."""
    session.execute(
        _ADD_PROOFS,
        {
            "accounts": [id_ for id_, _, _ in forms],
            "kinds": [kind for _, kind, _ in forms],
            "digests": [proof_digest(proof_key, id_, kind, form) for id_, kind, form in forms],
        },
    )


def _statement(account: NewAccount) -> dict[str, str]:
    """What a source says, in the words in which it is compared with ours."""
    holder = account.holder
    return {
        **{name: getattr(holder, name) for name in CONTACT_FIELDS},
        STATUS: status_text(account.status, account.closed_on),
        PROTECTION: "yes" if account.is_protected else "no",
    }


def _customer_change(id_: int, account: NewAccount, settled: Settled) -> dict[str, object]:
    contact = {name: getattr(account.holder, name) for name in CONTACT_FIELDS if not settled.keeps(id_, name)}
    return {"account": id_, "kind": account.holder.kind.value, **contact}


def _account_change(id_: int, account: NewAccount, premises_id: int | None, settled: Settled) -> dict[str, object]:
    return {
        "account": id_,
        "premises": premises_id,
        "status": None if settled.keeps(id_, STATUS) else account.status,
        "opened_on": account.opened_on.isoformat() if account.opened_on else None,
        "closed_on": account.closed_on.isoformat() if account.closed_on else None,
        "is_protected": None if settled.keeps(id_, PROTECTION) else account.is_protected,
        "last_paid": account.last_paid.cents if account.last_paid else None,
    }
