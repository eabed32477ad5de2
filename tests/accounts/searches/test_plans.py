"""A search goes by its indexes, whatever the database knows of its tables or does not know."""

from __future__ import annotations

from collections import Counter

import pytest
from sqlalchemy import text

from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.database import Sessions, reading, transaction
from accounts.money import Money
from accounts.searches.queries import search
from tests.accounts.searches.town import KEY, opened

pytestmark = pytest.mark.long

MANY = 2_000
# What this connection did and has not handed in yet.
SCANS = text("""
    SELECT relname, pg_stat_get_xact_numscans(oid) FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND pg_stat_get_xact_numscans(oid) > 0""")
TABLES = text("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
ALL_TURNS = "ix_search_documents_words_"


@pytest.fixture
def city(sessions: Sessions) -> Sessions:
    """Enough that reading a table whole is dearer than its index; nothing was analyzed."""
    with transaction(sessions) as session:
        accounts = [
            NewAccount(
                AccountKind.UTILITY,
                Holder(f"Maria Number{n}", email=f"m{n}@example.org", phone=f"209-555-{n:04d}"),
                Place(f"{n} Elm Street", zip_code="95300"),
                numbers=((f"B-{n:05d}", "billing"),),
                last_paid=Money(n),
            )
            for n in range(MANY)
        ]
        open_accounts(session, accounts, proof_key=KEY)
        opened(session, "Robert Whitfield", kind="citation", plate="7ABC123", owes=Money(52_00))
    return sessions


@pytest.mark.parametrize(
    ("asked", "index"),
    [
        ("maria", ALL_TURNS),
        ("whit", ALL_TURNS),
        ("whitfeild", "ix_search_spellings_begins"),
        ("77 elm street", ALL_TURNS),
        ("b-00077", "ix_account_aliases_number_begins"),
        ("10000", "ix_customer_accounts_reference_begins"),
        ("209-555-0077", "ix_customers_phone"),
        ("555-0077", "ix_customers_phone_local"),
        ("m77@example.org", "ix_customers_email"),
        ("7abc123", "ix_citations_plate"),
        ("$52", "ix_charges_open_cents"),
        ("$0.77", "ix_customer_accounts_last_paid"),
    ],
)
@pytest.mark.parametrize("analyzed", [False, True])
def test_it_goes_by_the_index(city: Sessions, asked: str, index: str, analyzed: bool) -> None:
    if analyzed:
        with transaction(city) as session:
            session.execute(text("ANALYZE"))
    scanned = scans(city, asked)
    with reading(city) as session:
        whole = {table: scanned[table] for table in session.scalars(TABLES) if table in scanned}
    # The few that are shown are read at last, from tables that are short here.
    assert set(whole) <= {"customer_accounts", "licenses"}
    assert set(whole.values()) <= {1}
    assert any(name.startswith(index) for name in scanned)


def scans(sessions: Sessions, asked: str) -> Counter[str]:
    """How often a search read each table whole, and each index."""
    with reading(sessions) as session:
        before = Counter(dict(session.execute(SCANS).all()))
        assert search(session, asked, sees_protected=True, sees_restricted=True).hits
        return Counter(dict(session.execute(SCANS).all())) - before


def test_of_a_common_name_only_the_first_turns_are_taken(city: Sessions) -> None:
    def turns(asked: str) -> int:
        return sum(name.startswith(ALL_TURNS) for name in scans(city, asked))

    assert turns("maria") < 8
    assert turns("whitfield") == 16
