"""Money that came without a name: payments with an item in suspense."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, date, datetime

from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.ledger.rules import Source
from accounts.money import Money
from payments.posting import service as posting
from payments.posting.rules import Fee, Received, Tender, Tendered
from payments.posting.service import Posted
from payments.suspense.rules import Clue, suspense_item
from payments.suspense.service import note_clue
from payments.terms import order_of_policy, terms_of
from tests.factories.desk import Desk

_serial = itertools.count(1)
KEY = b"a key of fingerprints for tests"


def unknown(
    desk: Desk,
    cents: int,
    clue: Clue | None = None,
    *,
    known: Mapping[int, Money] | None = None,
    on: date | None = None,
) -> Posted:
    """A check of a lockbox: what of it is known goes to accounts, ``cents`` of it into suspense."""
    clue, known, on = clue or Clue(), known or {}, on or desk.today
    city, number = desk.ruling.city, next(_serial)
    with transaction(desk.sessions) as session:
        locked = posting.lock_accounts(session, known, desk.today)
        item = suspense_item(
            Money(cents), city.roles.suspense, city.roles.pooled_cash_fund, clue.payer, city.identity.languages
        )
        amount = Money(cents + sum(money.cents for money in known.values()))
        tender = Tender("lockbox", reference=str(number))
        received = Received(
            locked.accounts, Fee(), tender, order_of_policy(city, on),
            datetime(desk.today.year, desk.today.month, desk.today.day, 20, tzinfo=UTC), on,
            items=(item,), tendered=(Tendered(tender, amount, amount),),
        )  # fmt: skip
        posted = posting.write(
            session, received, terms_of(city), business_day=locked.business_day or desk.today,
            source=Source("test-unknown", str(number), "post"), actor_id=actor_id(session, "staff:mail"),
            channel="lockbox", language="en", series=("L1",),
        )  # fmt: skip
        note_clue(session, posted.payment_id, clue)
    return posted
