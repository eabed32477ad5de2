"""One cent is changed behind everybody's back, as the owner could: the close or ``verify`` says where."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from accounts.database import reading, transaction
from accounts.ledger.rules import JournalDraft, Line, Source
from accounts.ledger.service import post
from accounts.money import Money
from payments.bank_deposits.rules import Kind
from payments.bank_deposits.service import DepositDesk, Preparation, prepare, verify_and_seal
from payments.bank_statements import service as statements
from payments.bank_statements.service import BankDesk
from payments.closings.queries import packet
from portal.verify import verify
from tests.database import TestDatabase
from tests.factories.bank_files import Told, bai2
from tests.factories.till_days import TillDays
from tests.factories.vault import counted_of
from tests.payments.closings.days import FullDay, close, full_day

POSTING = """
    UPDATE postings SET amount_cents = amount_cents + 1 WHERE id = (
        SELECT min(p.id) FROM postings p JOIN ledger_accounts a ON a.id = p.ledger_account_id WHERE a.code = '{}')"""
BANK_LINE = "UPDATE bank_lines SET amount_cents = amount_cents + 1 WHERE {}"
FLIPS = {
    "cash posting": (POSTING.format("990-1015"), "drawer T1 of staff:rosa"),
    "its journal": (POSTING.format("990-1015"), "is off by $0.01 in fund 990"),
    "revenue posting": (POSTING.format("100-4610"), "fund 100 is off by $0.01"),
    "claim": (POSTING.format("100-1000"), "the pool: the ledger has"),
    "cash tender": (
        "UPDATE payment_tenders SET amount_cents = amount_cents + 1 WHERE id = (SELECT min(id) FROM payment_tenders)",
        "cash and checks of drawer T1 of staff:rosa (2026-11-17): the ledger has",
    ),
    "terminal tender": (
        "UPDATE payment_tenders SET amount_cents = amount_cents - 1 WHERE kind = 'terminal'",
        "terminal slips of drawer T1 of staff:rosa",
    ),
    "void": (
        "UPDATE payment_reversals SET amount_cents = amount_cents + 1",
        "cash and checks of drawer T1 of staff:rosa",
    ),
    "count": ("UPDATE drawer_counts SET cash_cents = cash_cents + 1", "count 1 of drawer T1 of staff:rosa"),
    "count and its notes": (
        """UPDATE drawer_counts SET cash_cents = cash_cents + 1, denominations = denominations
               || jsonb_build_object('1', coalesce((denominations ->> '1')::int, 0) + 1)""",
        "cash and checks of drawer T1 of staff:rosa",
    ),
    "expected": (
        "UPDATE drawer_counts SET expected = expected || jsonb_build_object('terminal', 1233)",
        "terminal slips of drawer T1 of staff:rosa",
    ),
    "batch of the count": (
        "UPDATE vault_batches SET checks_cents = checks_cents + 1 WHERE count_id IS NOT NULL",
        "the vault's batches of drawer T1 of staff:rosa",
    ),
    "batch of the drop": (
        "UPDATE vault_batches SET cash_cents = cash_cents - 1 WHERE movement_id IS NOT NULL",
        "the vault's batches of drawer T1 of staff:rosa",
    ),
    "payment": (
        "UPDATE payments SET amount_cents = amount_cents + 1 WHERE id = (SELECT min(id) FROM payments)",
        "is of $110.01, but charges, credit and items have $110.00 of it",
    ),
    "allocation": (
        "UPDATE allocations SET amount_cents = amount_cents + 1 WHERE id = (SELECT min(id) FROM allocations)",
        "is of $110.00, but charges, credit and items have $110.01 of it",
    ),
    "item": (
        "UPDATE payment_items SET amount_cents = amount_cents + 1 WHERE payment_id = 2",
        "payment 2 is of $12.34, but charges, credit and items have $12.35 of it",
    ),
    "charge": (
        "UPDATE charges SET amount_cents = amount_cents + 1 WHERE id = (SELECT min(id) FROM charges)",
        "charge 1 (",
    ),
    "open charge": (
        "UPDATE charges SET open_cents = open_cents + 1 WHERE id = (SELECT max(id) FROM charges)",
        "keeps $20.01, its history $20.00",
    ),
    "open charge, by account": (
        "UPDATE charges SET open_cents = open_cents + 1 WHERE id = (SELECT max(id) FROM charges)",
        "keeps $20.01, the books $20.00",
    ),
    "credit": ("UPDATE customer_accounts SET credit_cents = credit_cents + 1", "keeps $0.01, the books $0.00"),
    "float": (
        "UPDATE drawers SET float_cents = float_cents + 1",
        "float and change of drawer T1 of staff:rosa (2026-11-17): its count had $200.00, they are $200.01",
    ),
    "drop": ("UPDATE drawer_movements SET cash_cents = cash_cents - 1", "is of $20.01, the vault's batch of $20.00"),
    "notes of the deposit": (
        """UPDATE bank_deposits SET denominations = denominations
               || jsonb_build_object('1', coalesce((denominations ->> '1')::int, 0) + 1)""",
        "deposit 1 (B-7) has $",
    ),
    "receipt": ("UPDATE receipts SET number = number + 7 WHERE id = (SELECT max(id) FROM receipts)", "are missing"),
    "line of the bank": (
        BANK_LINE.format("kind = 'line' AND amount_cents > 0"),
        "line 2 of 2026-11-17 is of $90.04, its match of $90.03",
    ),
    "line that is only named": (
        BANK_LINE.format("kind = 'line' AND amount_cents < 0"),
        "statement 1 closes on 2026-11-17 at $1087.03, its lines make $1087.04",
    ),
    "a cent from one line to another": (
        """UPDATE bank_lines SET amount_cents = amount_cents + CASE WHEN amount_cents > 0 THEN -1 ELSE 1 END
            WHERE kind = 'line'""",
        "line 2 of 2026-11-17 is of $90.02, its match of $90.03",
    ),
    "what was before": (
        BANK_LINE.format("kind = 'opening'"),
        "statement 1 opens on 2026-11-17 at $1000.00, its lines",
    ),
    "closing balance": ("UPDATE bank_statements SET closing_cents = closing_cents + 1", "statement 1 closes on 2026"),
    "opening balance": ("UPDATE bank_statements SET opening_cents = opening_cents - 1", "statement 1 opens on 2026"),
    "match": ("UPDATE bank_match_parts SET amount_cents = amount_cents + 1", "line 2 of 2026-11-17 is of"),
    "deposit": ("UPDATE bank_deposits SET cash_cents = cash_cents + 1", "(B-7), by its own word,: the ledger has"),
    "posting of the deposit": (
        """UPDATE postings SET amount_cents = amount_cents + 1
            WHERE amount_cents < 0 AND journal_id = (SELECT journal_id FROM bank_deposits)""",
        "deposit 1 (B-7): the ledger has",
    ),
}


def flip(db: TestDatabase, change: str) -> None:
    with db.owner.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        assert connection.exec_driver_sql(change).rowcount > 0


def deposited(window: TillDays) -> FullDay:
    """The count's batch is in a sealed bag, the drop still in the vault."""
    made = full_day(window)
    desk = DepositDesk(window.sessions, window.clock, window.ruling.city)
    maker, checker = window.sofia, window.person("vera", "supervisor")
    (batch,) = window.rows("SELECT id, cash_cents, checks_cents FROM vault_batches WHERE count_id IS NOT NULL")
    counted = counted_of(batch[1], [batch[2]])
    bank = window.ruling.city.bank_accounts[0].code
    deposit = prepare(desk, Preparation(Kind.BAG, bank, (batch[0],), counted, bag_number="B-7"), maker)
    verify_and_seal(desk, deposit, counted, checker)
    stated(window, counted_cents=batch[1] + batch[2])
    return made


def stated(window: TillDays, counted_cents: int) -> None:
    """The bank tells of the deposit on the very day, and of a charge that is only named."""
    desk = BankDesk(window.sessions, window.clock, window.ruling.city)
    finance = window.person("fiona", "finance")
    told = [Told(counted_cents, "301", customer_reference="B-7"), Told(-3_00, "698", text="ANALYSIS FEE")]
    statements.import_file(desk, "file", bai2(window.today, 1_000_00, told), finance.actor_id)
    for cents, category in ((1_000_00, "brought-forward"), (-3_00, "unknown")):
        ((line,),) = window.rows("SELECT id FROM bank_lines WHERE amount_cents = :cents", cents=cents)
        statements.name(desk, line, category, "asked the bank", finance)


@pytest.mark.parametrize("what", FLIPS)
def test_the_close_refuses_and_names_where(window: TillDays, db: TestDatabase, what: str) -> None:
    change, said = FLIPS[what]
    deposited(window)
    window.next_day()
    flip(db, change)
    done = close(window)
    assert done.seals == ()
    assert done.waiting is not None
    assert any(said in reason for reason in done.waiting.reasons), done.waiting.reasons
    assert window.rows("SELECT count(*) FROM closing_packets") == [(0,)]
    assert window.rows("SELECT count(*) FROM day_seals") == [(0,)]


PACKET = "UPDATE closing_packets SET content = x.c, sha256 = encode(sha256(convert_to(x.c, 'UTF8')), 'hex')"
AFTER = {
    "cash posting": (FLIPS["cash posting"][0], "packet of 2026-11-17: accounts 990-1015"),
    "cash tender": (FLIPS["cash tender"][0], "packet of 2026-11-17: tenders cash"),
    "count": (FLIPS["count"][0], "packet of 2026-11-17: drawers"),
    "batch": (FLIPS["batch of the count"][0], "packet of 2026-11-17: batches"),
    "deposit": (FLIPS["deposit"][0], "packet of 2026-11-17: deposits"),
    "packet": (
        f"{PACKET} FROM (SELECT replace(content, ':6800', ':6801') AS c FROM closing_packets) x",
        "packet of 2026-11-17: tenders cash: cents is 6801, the books have 6800",
    ),
    "packet's word alone": (
        f"{PACKET} FROM (SELECT replace(content, 'system', 'nobody') AS c FROM closing_packets) x",
        "2026-11-17: its packet is another than the audit's",
    ),
    "no packet": ("DELETE FROM closing_packets", "2026-11-17: its packet is gone; the audit knows it"),
}


@pytest.mark.parametrize("what", AFTER)
def test_verify_names_the_packet_and_the_seal(window: TillDays, db: TestDatabase, what: str) -> None:
    change, said = AFTER[what]
    deposited(window)
    window.next_day()
    assert len(close(window).seals) == 1
    flip(db, change)
    with reading(window.sessions) as session:
        wrong = {check.name: check.violations for check in verify(session) if check.violations}
    assert any(said in found for violations in wrong.values() for found in violations), wrong
    if what != "count":
        assert any("2026-11-17" in found for found in wrong["closed days are sealed, and the seals hold"])


def test_cash_that_no_drawer_holds_has_a_name_and_money_at_the_bank_too(window: TillDays) -> None:
    """Journals by hand are named in the packet, not hidden; the bank's are known as not stated yet."""
    made = full_day(window)
    with transaction(window.sessions) as session:
        lines = (Line("990-1015", "990", Money(5_00)), Line("990-1010", "990", Money(-5_00)))
        draft = JournalDraft("by-hand", Source("test", "1", "post"), window.today, window.sofia.actor_id, lines)
        post(session, draft)
    window.next_day()
    assert len(close(window).seals) == 1
    with reading(window.sessions) as session:
        named = packet(session, made.day).content["differences"]
    assert {"code": "no-drawer", "place": "on-hand", "cents": 5_00, "facts": {"kind": "by-hand"}} in named
    assert [(one["code"], one["cents"]) for one in named if one["place"] == "bank"] == [("not-yet-stated", -5_00)]
