"""Opening accounts: references, numbers, proofs, premises, and what a change may and may not do."""

from __future__ import annotations

import threading

from sqlalchemy import select, text

from accounts.customer_accounts.models import AccountAlias, AccountKind, AccountProof, CustomerAccount
from accounts.customer_accounts.proofs import proof_forms
from accounts.customer_accounts.rules import is_reference, proof_digest
from accounts.customer_accounts.service import (
    Holder,
    NewAccount,
    Place,
    change_accounts,
    open_accounts,
)
from accounts.customers.models import Customer
from accounts.database import Sessions, reading, transaction
from accounts.money import Money

KEY = b"a key for tests"


def utility(number: str, **given: object) -> NewAccount:
    values: dict[str, object] = {
        "holder": Holder("Luz García López"),
        "place": Place("12 N. Oak Street", "Rio Claro", zip_code="95300"),
        "source_system": "billing",
        "source_key": number,
        "numbers": ((number, "billing"), ("--", "billing"), (number.lower(), "older")),
        "proofs": (("last_name", "García López"), ("zip", "95300-1234")),
    }
    return NewAccount(AccountKind.UTILITY, **{**values, **given})  # type: ignore[arg-type]


def test_accounts_open_in_order_with_our_own_references(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened = open_accounts(session, [utility(f"U-{n}") for n in range(50)], proof_key=KEY)
    assert all(is_reference(account.reference) and account.reference.startswith("1") for account in opened)
    assert len({account.reference for account in opened}) == 50
    assert len({account.premises_id for account in opened}) == 1
    with reading(sessions) as session:
        keys = session.scalars(select(CustomerAccount.source_key).order_by(CustomerAccount.id)).all()
        assert list(keys) == [f"U-{n}" for n in range(50)]
        first = opened[0].id
        aliases = session.scalars(select(AccountAlias.number_key).where(AccountAlias.customer_account_id == first))
        assert list(aliases) == ["U0"]
        stored = {
            (proof.kind, proof.digest)
            for proof in session.scalars(select(AccountProof).where(AccountProof.customer_account_id == first))
        }
    given = [("last_name", "garcia lopez"), ("last_name", "GARCÍA"), ("last_name", "Lopez"), ("zip", "95300")]
    assert stored == {(kind, proof_digest(KEY, first, kind, proof)) for kind, proof in given}


def test_a_second_account_of_a_customer(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        (first,) = open_accounts(session, [utility("U-1")], proof_key=KEY)
        (second,) = open_accounts(session, [utility("U-2", customer_id=first.customer_id)], proof_key=KEY)
        assert (second.customer_id, second.premises_id) == (first.customer_id, first.premises_id)
        assert open_accounts(session, [], proof_key=KEY) == []


def test_two_at_once_never_share_a_reference(sessions: Sessions) -> None:
    start, references = threading.Barrier(4), []

    def run(name: int) -> None:
        start.wait()
        with transaction(sessions) as session:
            wanted = [utility(f"{name}-{n}", place=None) for n in range(100)]
            references.extend(account.reference for account in open_accounts(session, wanted, proof_key=KEY))

    threads = [threading.Thread(target=run, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(references)) == len(references) == 400


def test_a_change_never_erases_by_a_blank(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        holder = Holder("Luz García López", email="luz@example.org", phone="209 555 0101")
        paid = {"last_paid": Money(1000), "proofs": (("last_payment", "10.00"), ("bill_code", "AAAA"))}
        (account,) = open_accounts(session, [utility("U-1", holder=holder, **paid)], proof_key=KEY)
    now = NewAccount(
        AccountKind.UTILITY,
        Holder("Luz G. López", phone="209 555 0102"),
        status="closed",
        numbers=(("NEW-7", "billing"),),
        proofs=(("last_payment", "12.00"), ("bill_code", "BBBB")),
    )
    with transaction(sessions) as session:
        change_accounts(session, [(account.id, now)], proof_key=KEY)
        change_accounts(session, [], proof_key=KEY)
    with reading(sessions) as session:
        customer = session.scalars(select(Customer)).one()
        assert (customer.name, customer.email, customer.phone) == ("Luz G. López", "luz@example.org", "209 555 0102")
        changed = session.scalars(select(CustomerAccount)).one()
        assert (changed.status, changed.premises_id, changed.last_paid_cents) == (
            "closed", account.premises_id, Money(1000),
        )  # fmt: skip
        assert session.scalars(select(AccountAlias.number_key).order_by(AccountAlias.id)).all() == ["U1", "NEW7"]
        kinds = session.execute(text("SELECT kind, count(*) FROM account_proofs GROUP BY 1 ORDER BY 1")).all()
        assert [tuple(row) for row in kinds] == [("bill_code", 1), ("last_payment", 2)]


def test_forms_of_proofs() -> None:
    assert list(proof_forms("business_name", "Panadería López, LLC")) == ["Panadería López, LLC", "Panadería López"]
    assert list(proof_forms("business_name", "Costco")) == ["Costco", "Costco"]
    assert list(proof_forms("last_name", "Smith-O'Neil")) == ["Smith-O'Neil", "Smith", "Neil"]
    assert list(proof_forms("zip", "95300-1234")) == ["95300"]
    assert list(proof_forms("pin", "")) == []
