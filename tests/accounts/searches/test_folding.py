"""What is kept is folded in the database as what is typed is folded here."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from accounts.database import Sessions, reading
from accounts.searches.queries import search
from accounts.searches.rules import folded, phone_digits

# Letters that this Python does not know yet may decompose in the database.
KNOWN = st.text(st.characters(exclude_categories=["Cn", "Cs"], exclude_characters="\x00"), max_size=60)
LIKELY = st.text("aáÀñßøØłÆ'’`´ -.,#&0129xX١Ж王\u0301\u1680\u3000ﬁ", max_size=40)
EVERYTHING = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)


@EVERYTHING
@given(st.lists(KNOWN | LIKELY, min_size=20, max_size=60))
def test_names_are_kept_as_they_are_sought(sessions: Sessions, texts: list[str]) -> None:
    with reading(sessions) as session:
        kept = session.scalars(
            text(
                "SELECT search_folded(t) FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS x (t, n) ORDER BY n"
            ),
            {"texts": texts},
        )
        assert [tuple(words.split()) for words in kept] == [folded(each) for each in texts]


@EVERYTHING
@given(st.lists(LIKELY | KNOWN, min_size=20, max_size=60))
def test_telephone_numbers_are_kept_as_they_are_sought(sessions: Sessions, texts: list[str]) -> None:
    with reading(sessions) as session:
        kept = session.scalars(
            text("SELECT search_phone(t) FROM unnest(CAST(:texts AS text[])) WITH ORDINALITY AS x (t, n) ORDER BY n"),
            {"texts": texts},
        )
        assert list(kept) == [phone_digits(each) for each in texts]


@EVERYTHING
@given(st.lists(KNOWN | LIKELY, min_size=5, max_size=20))
def test_every_name_makes_a_document(sessions: Sessions, texts: list[str]) -> None:
    statement = text("SELECT tsvector_to_array(search_document(:text, NULL, :text, :text))")
    with reading(sessions) as session:
        for each in texts:
            words = session.scalar(statement, {"text": each})
            assert set(words or ()) == {*folded(f"{each} "), *folded(f"{each} {each[:5]}")}


@EVERYTHING
@given(st.text(max_size=80))
def test_nothing_that_can_be_typed_breaks_the_search(sessions: Sessions, asked: str) -> None:
    with reading(sessions) as session:
        assert search(session, asked, sees_protected=False, sees_restricted=False).hits == ()
