"""The one box finds what was meant, best first, in one statement, and shows nobody what they may not see."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Engine, event, text

from accounts.database import Sessions, one_by_one, reading, transaction
from accounts.money import Money
from accounts.searches.queries import MOST_FOUND, Hit, search
from accounts.searches.rules import Fit, Matched, TooLittle
from tests.accounts.searches.town import crowd, look, names, only, opened, restrict


@pytest.fixture
def town(sessions: Sessions) -> Sessions:
    with transaction(sessions) as session:
        opened(
            session, "María López Ruiz", "1482 North Elm Street", email="Maria.Lopez@example.org",
            phone="(209) 555-0123", owes=Money(61_20), numbers=(("10-000123-04", "billing"), ("U70003/1", "older")),
            last_paid=Money(88_10),
        )  # fmt: skip
        opened(session, "José Hernández", "9 Avenida del Río, Apt 4", phone="+1 209 555 9876 x12", zip_code="95341")
        opened(session, "Panadería López", "210 Canal St", kind="license", business="La Espiga LLC")
        opened(session, "Robert O'Brien", kind="citation", plate="7ABC123", numbers=(("RC4410013", "parking"),))
        opened(session, "Guadalupe Whitfield", "77 Oak Lane")
    return sessions


@pytest.mark.parametrize(
    ("asked", "found", "matched", "fit"),
    [
        ("María López Ruiz", "María López Ruiz", Matched.NAME, Fit.EXACT),
        ("Ruiz Lopez", "María López Ruiz", Matched.NAME, Fit.EXACT),
        ("RUIZ, MARIA", "María López Ruiz", Matched.NAME, Fit.EXACT),
        ("maria lopez rui", "María López Ruiz", Matched.NAME, Fit.BEGINS),
        ("Maria R", "María López Ruiz", Matched.NAME, Fit.BEGINS),
        ("hern", "José Hernández", Matched.NAME, Fit.BEGINS),
        ("Whitfeild", "Guadalupe Whitfield", Matched.NAME, Fit.SLIP),
        ("Witfield", "Guadalupe Whitfield", Matched.NAME, Fit.SLIP),
        ("Whittfield guadaluep", "Guadalupe Whitfield", Matched.NAME, Fit.SLIP),
        ("guad whitfield", "Guadalupe Whitfield", Matched.NAME, Fit.SLIP),
        ("Hernándes Jose", "José Hernández", Matched.NAME, Fit.SLIP),
        ("obrien", "Robert O'Brien", Matched.NAME, Fit.EXACT),
        ("O’Brien", "Robert O'Brien", Matched.NAME, Fit.EXACT),
        ("la espiga", "Panadería López", Matched.NAME, Fit.EXACT),
        ("panaderia espiga", "Panadería López", Matched.NAME, Fit.EXACT),
        ("1482 n elm st", "María López Ruiz", Matched.ADDRESS, Fit.EXACT),
        ("1482 North Elm Street", "María López Ruiz", Matched.ADDRESS, Fit.EXACT),
        ("elm street 1482", "María López Ruiz", Matched.ADDRESS, Fit.EXACT),
        ("1482 elm stre", "María López Ruiz", Matched.ADDRESS, Fit.BEGINS),
        ("148", "María López Ruiz", Matched.ADDRESS, Fit.BEGINS),
        ("avenida del rio", "José Hernández", Matched.ADDRESS, Fit.EXACT),
        ("9 del rio unit 4", "José Hernández", Matched.ADDRESS, Fit.EXACT),
        ("hernandez 95341", "José Hernández", Matched.WORDS, Fit.EXACT),
        ("maria elm", "María López Ruiz", Matched.WORDS, Fit.EXACT),
        ("10-000123-04", "María López Ruiz", Matched.NUMBER, Fit.EXACT),
        ("10 000123 04", "María López Ruiz", Matched.NUMBER, Fit.EXACT),
        ("1000012304", "María López Ruiz", Matched.NUMBER, Fit.EXACT),
        ("u70003-1", "María López Ruiz", Matched.NUMBER, Fit.EXACT),
        ("rc-4410013", "Robert O'Brien", Matched.NUMBER, Fit.EXACT),
        ("RC441", "Robert O'Brien", Matched.NUMBER, Fit.BEGINS),
        ("7abc 123", "Robert O'Brien", Matched.PLATE, Fit.EXACT),
        ("7ABC", "Robert O'Brien", Matched.PLATE, Fit.BEGINS),
        ("209-555-0123", "María López Ruiz", Matched.PHONE, Fit.EXACT),
        ("2095550123", "María López Ruiz", Matched.PHONE, Fit.EXACT),
        ("+1 (209) 555 0123", "María López Ruiz", Matched.PHONE, Fit.EXACT),
        ("555-0123", "María López Ruiz", Matched.PHONE, Fit.EXACT),
        ("209 555 01", "María López Ruiz", Matched.PHONE, Fit.BEGINS),
        ("(209) 555-9876", "José Hernández", Matched.PHONE, Fit.EXACT),
        ("maria.lopez@example.org", "María López Ruiz", Matched.EMAIL, Fit.EXACT),
        ("Maria.Lopez@exam", "María López Ruiz", Matched.EMAIL, Fit.BEGINS),
        ("maria.lop", "María López Ruiz", Matched.NAME, Fit.BEGINS),
        ("$61.20", "María López Ruiz", Matched.AMOUNT, Fit.EXACT),
        ("61.20", "María López Ruiz", Matched.AMOUNT, Fit.EXACT),
        ("88.10", "María López Ruiz", Matched.LAST_PAYMENT, Fit.EXACT),
    ],
)
def test_one_box_finds_by_anything(town: Sessions, asked: str, found: str, matched: Matched, fit: Fit) -> None:
    hit = only(town, asked)
    assert (hit.holder, hit.matched, hit.fit) == (found, matched, fit)


@pytest.mark.parametrize(
    "asked",
    ["Smith", "lopez smith", "1483 elm", "14 elm", "209-555-0124", "999-00", "$61.21", "nobody@example.org",
     "7ABC124", "xx", "mra", "whitfield zz", "guadalupe whitfield z", "zz whitfield"],
)  # fmt: skip
def test_what_is_not_there_is_not_found(town: Sessions, asked: str) -> None:
    assert look(town, asked).hits == ()


@pytest.mark.parametrize(
    ("asked", "reason"),
    [("", TooLittle.NOTHING), ("  ", TooLittle.NOTHING), ("l", TooLittle.ONE_LETTER),
     ("?!", TooLittle.ONLY_PUNCTUATION)],
)  # fmt: skip
def test_too_little_finds_nothing_and_says_why(town: Sessions, asked: str, reason: TooLittle) -> None:
    result = look(town, asked)
    assert (result.hits, result.more, result.too_little) == ((), False, reason)


def test_a_hit_says_what_a_list_needs(town: Sessions) -> None:
    hit = only(town, "u70003.1")
    assert hit == Hit(
        account_id=hit.account_id, kind="utility", reference=hit.reference, status="open", is_protected=False,
        is_restricted=False, holder="María López Ruiz", address="1482 North Elm Street", owed=Money(61_20),
        matched=Matched.NUMBER, fit=Fit.EXACT, rank=1, said="U70003/1",
    )  # fmt: skip
    assert (hit.masked_holder, hit.masked_address) == ("M••• L••• R•••", "1••• N•••")
    assert only(town, "555-9876").said == "+1 209 555 9876 x12"
    assert (only(town, "espiga").holder, only(town, "espiga").business) == ("Panadería López", "La Espiga LLC")


def test_our_own_reference_is_found_in_any_form_and_when_one_digit_is_wrong(town: Sessions) -> None:
    reference = only(town, "Whitfield").reference
    spaced = f"{reference[:3]}-{reference[3:6]}-{reference[6:]}"
    assert {only(town, form).fit for form in (reference, spaced, f" {reference} ")} == {Fit.EXACT}
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    assert [(hit.holder, hit.fit) for hit in look(town, wrong).hits] == [("Guadalupe Whitfield", Fit.SLIP)]
    assert (only(town, f"261020-{reference}").holder) == "Guadalupe Whitfield"


def test_better_fits_come_first_then_open_ones_then_those_that_owe(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened(session, "Ana Lopes")
        opened(session, "Ana Lopezgarcia")
        opened(session, "Ana Lopez", status="closed", owes=Money(5_00))
        opened(session, "Bea Lopez")
        opened(session, "Carl Lopez", owes=Money(5_00))
    assert names(sessions, "lopez") == ["Carl Lopez", "Bea Lopez", "Ana Lopez", "Ana Lopezgarcia", "Ana Lopes"]
    assert [hit.rank for hit in look(sessions, "lopez").hits] == [1, 2, 3, 4, 5]


def test_holders_come_before_streets_and_enough_that_fit_before_any_that_almost_do(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened(session, "Dora Smith", "12 Lopez Street")
        crowd(session, ["Ana Lopes", *[f"Lopez {letter * 3}" for letter in "abcdef"]])
    assert names(sessions, "lopez") == [*[f"Lopez {letter * 3}" for letter in "abcdef"], "Dora Smith"]


def test_an_account_that_fits_in_two_ways_is_listed_once_by_the_better(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        opened(session, "Maria Lopez", "555 Lopez Street", numbers=(("555", "billing"),))
    assert only(sessions, "555").matched is Matched.NUMBER
    assert only(sessions, "lopez").matched is Matched.NAME


def test_a_last_word_that_begins_many_is_compared_in_what_the_others_have_found(sessions: Sessions) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    with transaction(sessions) as session:
        crowd(session, [f"Ana Mar{one}{two}" for one in letters for two in "ab"] + ["Luz Marvel", "Luz Oak"])
    assert names(sessions, "luz mar") == names(sessions, "luz marv") == ["Luz Marvel"]
    assert names(sessions, "mar luz") == []
    assert len(look(sessions, "ana mar").hits) == 20


def test_there_may_be_more_than_are_shown(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        crowd(session, [f"Maria Number{number}" for number in range(25)])
    first, all_ = look(sessions, "maria"), look(sessions, "maria", limit=25)
    assert (len(first.hits), first.more) == (20, True)
    assert (len(all_.hits), all_.more) == (25, False)


def test_of_a_common_name_only_some_are_weighed_but_an_exact_one_is_not_missed(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        crowd(session, [*["Maria Garcia"] * 2 * MOST_FOUND, "Maria Unica"])
    result = look(sessions, "maria")
    assert (len(result.hits), result.more) == (20, True)
    assert names(sessions, "maria unica") == ["Maria Unica"]
    assert "Maria Unica" in names(sessions, "maria un")


EMAIL, PHONE = {"email": "hid@example.org"}, {"phone": "559-555-0199"}
PLATE, NUMBERS = {"kind": "citation", "plate": "9HID99"}, {"numbers": (("H1234", "billing"),)}
HIDDEN: dict[str, dict[str, Any]] = {
    "maria zacarias": {}, "zacarais": {}, "maria zac": {}, "99 hidden": {"address": "99 Hidden Way"},
    "$77.01": {"owes": Money(77_01)}, "88.02": {"last_paid": Money(88_02)}, "hid@example.org": EMAIL, "hid@ex": EMAIL,
    "559-555-0199": PHONE, "555-0199": PHONE, "9HID99": PLATE, "9HID": PLATE, "H-1234": NUMBERS, "H-12": NUMBERS,
    "{reference}": {}, "{start}": {}, "{slip}": {},
}  # fmt: skip


@pytest.mark.parametrize("how", ["protected", "restricted"])
@pytest.mark.parametrize("asked", HIDDEN)
def test_what_one_may_not_see_is_neither_shown_nor_counted(sessions: Sessions, asked: str, how: str) -> None:
    given: dict[str, Any] = {**HIDDEN[asked], "is_protected": how == "protected"}
    with transaction(sessions) as session:
        account = opened(session, "Maria Zacarias", given.pop("address", "1 Other Road"), **given)
        reference = session.scalar(text("SELECT reference FROM customer_accounts")) or ""
    if how == "restricted":
        restrict(sessions, account)
    wrong = reference[:-1] + str((int(reference[-1]) + 1) % 10)
    typed = asked.format(reference=reference, start=reference[:6], slip=wrong)
    with reading(sessions) as session:
        for protected, restricted in ((False, False), (how != "protected", how != "restricted")):
            result = search(session, typed, sees_protected=protected, sees_restricted=restricted, limit=1)
            assert (result.hits, result.more) == ((), False)
        found = search(session, typed, sees_protected=how == "protected", sees_restricted=how == "restricted")
    assert [hit.account_id for hit in found.hits] == [account]


def test_hidden_accounts_neither_fill_the_list_nor_keep_a_slip_from_being_forgiven(sessions: Sessions) -> None:
    with transaction(sessions) as session:
        crowd(session, ["Maria Lopez"] * 30, is_protected=True)
        opened(session, "Maria Lopes")
    with reading(sessions) as session:
        result = search(session, "maria lopez", sees_protected=False, sees_restricted=False)
    assert ([hit.holder for hit in result.hits], result.more) == (["Maria Lopes"], False)


@contextmanager
def counting(engine: Engine) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        statements.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(engine, "before_cursor_execute", note)


@pytest.mark.parametrize("asked", ["maria", "maria lopze", "100-000-428", "209-555-0123", "$5", "x@y.org"])
def test_a_search_is_one_statement_however_many_accounts_there_are(sessions: Sessions, asked: str) -> None:
    def statements_with(accounts: int) -> int:
        with transaction(sessions) as session:
            crowd(session, [f"Maria Lopez {number}" for number in range(accounts)], last_paid=Money(5_00))
        with counting(sessions.kw["bind"]) as statements:
            look(sessions, asked)
        return len(statements)

    assert statements_with(10) == statements_with(290) == 1


def test_it_also_runs_outside_of_a_transaction(town: Sessions) -> None:
    with one_by_one(town) as reader:
        result = search(reader, "whitfield", sees_protected=True, sees_restricted=True)
    assert [hit.holder for hit in result.hits] == ["Guadalupe Whitfield"]
