"""What the proof of the books says when something was changed behind our back."""

from __future__ import annotations

import pytest
from sqlalchemy import Engine, text

from tests.factories.bank_files import Told
from tests.payments.bank_statements.conftest import Bank
from tests.payments.payouts.conftest import Books

FLIPPED = [
    ("vault_batches", "cash_cents = cash_cents + 1", "went to the vault"),
    ("payment_tenders", "amount_cents = amount_cents + 1", "is closed: it took"),
    ("bank_deposits", "cash_cents = cash_cents + 1", "its batches come to"),
    ("bank_lines", "amount_cents = amount_cents + 1", "the lines so far come to"),
    ("bank_match_parts", "amount_cents = amount_cents + 1", "its match"),
]


@pytest.mark.parametrize(("table", "change", "said"), FLIPPED, ids=[case[0] for case in FLIPPED])
def test_one_cent_anywhere_is_named(bank: Bank, owner_engine: Engine, table: str, change: str, said: str) -> None:
    bank.vault.sealed(50_00, [20_00])
    bank.vault.later(days=1)
    bank.tells(Told(70_00, "301"))
    back = change.replace("+", "-")

    def flip(to: str) -> None:
        with owner_engine.begin() as connection:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
            connection.execute(text(f"UPDATE {table} SET {to}"))
            connection.execute(text(f"ALTER TABLE {table} ENABLE TRIGGER USER"))

    flip(change)
    found = Books.wrong(bank.vault)  # type: ignore[arg-type]
    flip(back)
    assert said in " ".join(sentence for sentences in found.values() for sentence in sentences)
