"""What is kept in codes is said in words: every act of the audit, every kind of exception, every kind of act."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask_babel import force_locale

from accounts.approvals.rules import Note, Verdict
from accounts.customer_accounts.rules import new_reference
from accounts.money import Money
from accounts.staff.rules import ActKind
from payments.attempts.rules import State
from portal.i18n import short_datetime
from portal.words import acts, audit, audit_of_pages, exceptions, states, values
from portal.words.names import name_of
from tests.portal.scene import Scene
from tests.portal.staff.routes import STAFF_ROUTES

ROOT = Path(__file__).parents[3]
RECORDERS = {"record", "_audit", "refuse_and_write_down"}
OPENERS = {"NewException", "open_exception"}
NOT_ACTS = {"city_release", "business_day"}


def said_in_code(names: set[str]) -> Iterator[tuple[str, bool]]:
    """The first words given to these functions, and whether they are whole (else: how they begin)."""
    for folder in ("accounts", "payments", "portal"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _name(node.func) in names:
                    for given in node.args[:3]:
                        yield from _words(given)


def _name(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _words(given: ast.expr) -> Iterator[tuple[str, bool]]:
    if isinstance(given, ast.IfExp):
        yield from _words(given.body)
        yield from _words(given.orelse)
    elif isinstance(given, ast.Constant) and isinstance(given.value, str):
        yield given.value, True
    elif isinstance(given, ast.JoinedStr) and given.values and isinstance(given.values[0], ast.Constant):
        yield str(given.values[0].value), False


def test_every_act_that_is_written_down_has_words() -> None:
    for act, is_whole in said_in_code(RECORDERS):
        if " " in act or act in NOT_ACTS:
            continue
        known = act in audit.ACTS if is_whole else any(code.startswith(act) for code in audit.ACTS)
        assert known, f"the audit has no words for {act!r}: add them to portal/words/audit.py"


def test_every_kind_of_exception_has_words() -> None:
    kinds = {kind for kind, is_whole in said_in_code(OPENERS) if is_whole and " " not in kind}
    assert len(kinds) > 10
    assert kinds <= set(exceptions.KINDS), f"add words to portal/words/exceptions.py: {kinds - set(exceptions.KINDS)}"


def test_every_kind_of_act_verdict_and_state_has_words() -> None:
    assert set(acts.ACTS) == set(ActKind)
    assert set(acts.VERDICTS) == set(Verdict)
    assert set(states.ATTEMPTS) == set(State)


@pytest.fixture
def english(scene: Scene) -> Iterator[Flask]:
    with scene.app.test_request_context(), force_locale("en"):
        yield scene.app


def test_values_are_written_as_people_write_them(english: Flask) -> None:
    assert str(values.said("owed_cents", -1850)) == '<span class="money">-$18.50</span>'
    assert str(values.said("charge 17 open", "42.00")) == '<span class="money">$42.00</span>'
    assert values.said("quantity", "12.50") == "12.50"
    is_pinned = True
    assert values.said("pinned", is_pinned) == "Yes"
    assert values.said("due_on", "2026-11-20") == "November 20, 2026"
    assert values.said("paid_at", "2026-11-20T18:04:05+00:00") == "November 20, 2026, 10:04 AM"
    assert (
        values.said("accounts", [new_reference("utility", serial) for serial in (1, 42)])
        == "100-000-011, 100-000-423"
    )
    assert values.said("description", {"en": "Water", "es": "Agua"}) == "Water"
    assert values.said("after", "staff:rosa") == "rosa"
    assert values.said("verified_by", "bill-code") == "Bill code"
    assert values.said("role", "license_officer") == "License officer"
    assert values.said("division", "gone-since") == "Gone since"
    assert values.said("x", "<b>") == "&lt;b&gt;"
    assert values.said("x", None) == values.said("x", "") == ""
    assert str(values.breakable("rates[water].versions[2].rate")) == "rates[water]<wbr>.versions[2]<wbr>.rate"
    assert str(values.breakable("Friday, 8 a.m. to 4 p.m.")) == "Friday, 8 a.m. to 4 p.m."


def test_every_page_of_the_back_office_has_a_name(english: Flask) -> None:
    nouns = {
        endpoint: [noun for noun in audit_of_pages.PAGES if endpoint.startswith(f"staff.{noun}_")]
        for endpoint in STAFF_ROUTES
    }
    assert [endpoint for endpoint, found in nouns.items() if not found] == []
    assert audit.page_name("staff.follow_ups_hand_on") == "Follow-ups"
    assert audit.page_name("adjustments_take_back") == "Adjustments"
    assert audit.page_name("public.new_things_show") == "New things"


def test_what_differs_is_named_with_what_it_belongs_to(english: Flask) -> None:
    before = {"owed_cents": 5000, "charges": [{"charge_id": 7, "description": {"en": "Late fee"}, "open_cents": 900}]}
    after = {"owed_cents": 4100, "charges": [{"charge_id": 7, "description": {"en": "Late fee"}, "open_cents": 0}]}
    found = values.compared(before, after, always=("credit_cents",))
    assert [row.label for row in found] == ["Owed", "Late fee · Open"]
    assert [row.label for row in values.compared("open", "closed")] == [""]
    assert values.compared(None, None) == []
    facts = values.facts({"by_type": {"charge_refund": {"count": 2}}, "why": None, "note": "x"}, leave=("note",))
    assert [(fact.label, fact.value) for fact in facts] == [("Charge refund · How many", "2")]
    assert name_of("credit of 100000011") == "Credit of 100-000-011"
    assert name_of("some_new-thing") == "Some new thing"


def test_ages_and_effects(english: Flask) -> None:
    assert [values.age(timedelta(seconds=seconds)) for seconds in (5, 300, 7200, 200_000)] == [
        "less than a minute", "5 minutes", "2 hours", "2 days",
    ]  # fmt: skip
    assert acts.effect_text(ActKind.WAIVER, Money(-4200)) == "$42.00 is taken off what is owed."
    assert acts.effect_text(ActKind.FEE, Money(4200)) == "$42.00 is added to what is owed."
    assert acts.effect_text(ActKind.MERGER, Money(0)) == "No money moves."
    assert short_datetime(datetime(2026, 11, 22, 9, 40, tzinfo=UTC), "America/Los_Angeles") == "Nov 22, 2026, 1:40 AM"


@pytest.mark.parametrize("lang", ["en", "es"])
def test_notes_are_sentences_even_when_nobody_knows_them(scene: Scene, lang: str) -> None:
    charge = {
        "charge_id": 3,
        "description": {"en": "Late <fee>", "es": "Mora <fee>"},
        "cents": 900,
        "open_cents": 900,
    }
    due = {"due_on": date(2026, 11, 1).isoformat()}
    notes = [
        Note("becomes-credit", {"cents": 500}),
        Note("payment-on-its-way", {"cents": 500, "since": "2026-11-20T18:04:05+00:00", "owner": "pa_1"}),
        Note("penalty-to-look-at", {**charge, "would_be_cents": 100}),
        Note("penalty-to-look-at", charge),
        Note("reopens-past-due", {**charge, **due}),
        Note("names-differ"),
        Note("some-new-note", {"some_thing": "x"}),
    ]
    with scene.app.test_request_context(), force_locale(lang):
        words = [str(acts.note_words(note)) for note in notes]
    assert all(words)
    assert not any("<fee>" in one or "%(" in one for one in words)
    assert sum('class="money"' in one for one in words) == 5
