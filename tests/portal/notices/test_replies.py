"""Texts that people send us: STOP holds in any language, START ends it, a reply may be half of a consent."""

from __future__ import annotations

import pytest

from accounts.message_choices.queries import Person
from accounts.message_choices.rules import Way, WrongCode
from accounts.message_choices.service import ask_number, confirm_number
from portal.notices.reports import signature_of
from portal.notices.text_codes import CONSENT_VERSION, MOST_CODES_A_DAY, PURPOSE, asked, consent_words
from portal.notices.walks import due_soon
from tests.portal.notices.people import NUMBER, at, forget_facts, log, owe, resident, run, texts_to, wants
from tests.portal.notices.test_bounces import TOKEN
from tests.portal.scene import Known, Scene

FROM = "+15595550123"
CONSENTS = """SELECT c.kind, c.language, c.text_version, c.text_sha256, c.method, e.reason
                FROM consents c LEFT JOIN consent_revocations e ON e.consent_id = c.id ORDER BY c.id"""


def say(scene: Scene, body: str, sid: str = "SM1", token: str = TOKEN) -> tuple[int, str]:
    """Somebody texts this; status and what is answered."""
    object.__setattr__(scene.wired.settings, "twilio_token", TOKEN)
    fields = [("MessageSid", sid), ("From", FROM), ("Body", body)]
    headers = {"X-Twilio-Signature": signature_of(token, f"{scene.wired.settings.base_url}/webhooks/texts", fields)}
    answer = scene.app.test_client().post("/webhooks/texts", data=dict(fields), headers=headers)
    return answer.status_code, answer.text


@pytest.fixture
def ana(scene: Scene) -> tuple[int, Known]:
    """A resident who is told by text of what is due in three days."""
    known = scene.open("utility", 0, email="holder@example.com")
    owe(scene, known, 40_00, days=3)
    at(scene, 11)
    actor = resident(scene, known, "holder@example.com", lang="es")
    texts_to(scene, actor, language="es")
    wants(scene, actor, due_soon=Way.TEXT)
    return actor, known


def test_a_consent_keeps_its_words_their_language_and_how_it_was_given(scene: Scene, ana: tuple[int, Known]) -> None:
    (kept,) = scene.rows(CONSENTS)
    with scene.app.app_context():
        said = consent_words(scene.city, "es")
    assert (kept.kind, kept.language, kept.text_version, kept.method) == ("texts", "es", CONSENT_VERSION, "code")
    assert bytes(kept.text_sha256) == said.digest
    assert "ALTO" in said.words


@pytest.mark.parametrize("body", ["STOP", "stop.", "Alto", "ALTO POR FAVOR", "no más", "unsubscribe", "Opt out"])
def test_stop_keeps(scene: Scene, ana: tuple[int, Known], body: str) -> None:
    status, answer = say(scene, body)
    assert status == 200
    assert ("ALTA" in answer) or ("START" in answer)
    assert [row.reason for row in scene.rows(CONSENTS)] == ["stopped by text"]
    due_soon(scene.wired)
    run(scene)
    assert scene.outbox.texts == []
    assert [row.channel for row in log(scene)] == ["mail"], "what was to go by text goes by mail"


def test_a_text_that_was_queued_before_the_stop_does_not_leave(scene: Scene, ana: tuple[int, Known]) -> None:
    due_soon(scene.wired)
    say(scene, "ALTO")
    run(scene)
    assert scene.outbox.texts == []
    assert log(scene)[0].state == "dropped"


def test_a_stop_is_not_lifted_by_another_code(scene: Scene, ana: tuple[int, Known]) -> None:
    say(scene, "STOP")
    texts_to(scene, ana[0])
    due_soon(scene.wired)
    run(scene)
    assert scene.outbox.texts == []


def test_start_ends_a_stop_with_a_consent_of_its_own(scene: Scene, ana: tuple[int, Known]) -> None:
    say(scene, "STOP", "SM1")
    status, answer = say(scene, "ALTA", "SM2")
    assert status == 200
    assert "ALTO" in answer
    assert [(row.method, row.reason) for row in scene.rows(CONSENTS)] == [
        ("code", "stopped by text"),
        ("reply", None),
    ]
    due_soon(scene.wired)
    run(scene)
    assert [number for number, _ in scene.outbox.texts] == [FROM]


def test_a_reply_is_the_second_half_of_a_consent(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    actor = resident(scene, known, "holder@example.com")
    at(scene, 11)
    now, parts = scene.wired.clock.now(), scene.wired
    with scene.app.app_context():
        one = asked(parts.vault(PURPOSE), scene.city, NUMBER, "en")
    ask_number(scene.sessions, parts.proof_key, Person(actor_id=actor), one, by=actor, now=now, minutes=15)
    assert one.code not in str(scene.facts()), "the queue is no place for a code"
    run(scene)
    ((_, body),) = scene.outbox.texts
    assert one.code in body
    assert scene.rows(CONSENTS) == []
    say(scene, "Yes please")
    assert [(row.method, row.reason) for row in scene.rows(CONSENTS)] == [("reply", None)]


def test_the_same_text_twice_is_kept_once_and_answered_alike(scene: Scene, ana: tuple[int, Known]) -> None:
    assert say(scene, "STOP") == say(scene, "STOP")
    assert scene.scalar("SELECT count(*) FROM texts_received") == 1
    assert scene.scalar("SELECT count(*) FROM address_events") == 1


@pytest.mark.parametrize(("body", "part"), [("HELP", "209"), ("ayuda", "209"), ("How are you?", "209")])
def test_help_and_anything_else_are_answered(scene: Scene, body: str, part: str) -> None:
    status, answer = say(scene, body)
    assert status == 200
    assert part in answer
    assert "How are you" not in str(scene.rows("SELECT * FROM texts_received"))


def test_a_text_that_is_not_signed_changes_nothing(scene: Scene, ana: tuple[int, Known]) -> None:
    assert say(scene, "STOP", token="another")[0] == 403
    assert [row.reason for row in scene.rows(CONSENTS)] == [None]
    assert scene.rows("SELECT * FROM texts_received") == []


def test_a_code_is_guessed_at_a_few_times_only(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    actor = resident(scene, known, "holder@example.com")
    now, parts, person = scene.clock.now(), scene.wired, Person(actor_id=actor)
    with scene.app.app_context():
        one = asked(parts.vault(PURPOSE), scene.city, NUMBER, "en")
    ask_number(scene.sessions, parts.proof_key, person, one, by=actor, now=now, minutes=15)
    for _ in range(5):
        with pytest.raises(WrongCode):
            confirm_number(scene.sessions, parts.proof_key, person, "000000x", by=actor, now=now)
    with pytest.raises(WrongCode):
        confirm_number(scene.sessions, parts.proof_key, person, one.code, by=actor, now=now)
    assert scene.rows(CONSENTS) == []


def test_nobody_s_telephone_is_flooded_with_codes(scene: Scene) -> None:
    known = scene.open("utility", 0, email="holder@example.com")
    actor = resident(scene, known, "holder@example.com")
    at(scene, 11)
    for _ in range(MOST_CODES_A_DAY + 2):
        with scene.app.app_context():
            one = asked(scene.wired.vault(PURPOSE), scene.city, NUMBER, "en")
        ask_number(
            scene.sessions, scene.wired.proof_key, Person(actor_id=actor), one, by=actor,
            now=scene.wired.clock.now(), minutes=15,
        )  # fmt: skip
        run(scene)
    forget_facts(scene)
    assert len(scene.outbox.texts) == MOST_CODES_A_DAY
