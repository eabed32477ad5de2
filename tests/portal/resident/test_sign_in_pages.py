"""Register, sign in by password or by a mailed link, sign out: the same for addresses known and unknown."""

from __future__ import annotations

import pytest

from tests.page_client import Page
from tests.portal.resident.people import PASSWORD, actor_of, link_in, resident_of, signed_in
from tests.portal.scene import Scene, add

WORDS = {
    "en": ("Send me the link", "E-mail", "Finish and sign in", "Password", "My accounts", "Sign in", "Sign out"),
    "es": (
        "Enviarme el enlace", "Correo electrónico", "Terminar e iniciar sesión", "Contraseña", "Mis cuentas",
        "Iniciar sesión", "Cerrar sesión",
    ),
}  # fmt: skip


def without_release(page: Page) -> list[str]:
    """What was asked of the database, but for the city's release, which is read every few seconds."""
    return [said for said in page.statements if "city_" not in said]


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_person_registers_signs_out_and_in_again(scene: Scene, lang: str) -> None:
    send, email, finish, password, accounts, sign_in, sign_out = WORDS[lang]
    ana = scene.guest(lang=lang)
    ana.get("/my/register")
    assert ana.submit(send, {email: " Ana.Torres@Example.com "}).location == "/my/mail-sent"
    ana.follow()
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins") == 0, "it exists only once the link is opened"
    scene.run_jobs()
    (mail,) = scene.outbox.mails
    assert mail["To"] == "ana.torres@example.com"
    assert mail["Content-Language"] == lang
    ana.get(link_in(scene))
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins") == 0, "programs that look into mail follow links"
    page = ana.submit(finish, {password: PASSWORD}, budget=30)
    assert page.location == "/my"
    page = ana.follow()
    assert page.heading == accounts
    (row,) = scene.rows("SELECT * FROM resident_sign_ins")
    assert (row.email, row.language) == ("ana.torres@example.com", lang)
    assert row.password_hash.startswith("$argon2id$")
    actor = scene.rows("SELECT kind, handle, display_name FROM actors WHERE id = :id", id=row.actor_id)[0]
    assert actor.kind == "resident"
    assert "ana" not in (actor.handle + actor.display_name).lower()
    ana.submit(sign_out)
    ana.follow()
    assert ana.get("/my", expect=303).location.startswith("/my/sign-in")
    ana.follow()
    ana.submit(sign_in, {email: "ANA.TORRES@example.com", password: PASSWORD}, budget=20)
    assert ana.follow().heading == accounts
    acts = [line.act for line in scene.rows("SELECT act FROM audit_entries WHERE actor_id = :id ORDER BY id",
                                            id=row.actor_id)]  # fmt: skip
    assert acts == ["resident-registered", "signed-in", "signed-out", "signed-in"]


def test_registering_and_asking_for_a_link_answer_alike_for_known_and_unknown(scene: Scene) -> None:
    signed_in(scene.sessions, scene.clock, "known@example.com")
    for path, _why in (("/my/register", "register"), ("/my/sign-in/link", "sign-in")):
        pages, facts = [], []
        for number, email in enumerate(("known@example.com", "strange@example.com")):
            client = scene.guest(f"203.0.113.{number}")
            client.get(path)
            sent = client.submit("Send me the link", {"E-mail": email})
            shown = client.follow()
            pages.append((sent.status, sent.location, sent.bare(email), without_release(sent), shown.bare(email)))
            facts.append([(name, sorted(args)) for name, args in scene.facts()][-1])
        assert pages[0] == pages[1]
        assert facts[0] == facts[1]
        assert not [1 for _name, args in scene.facts() if "example.com" in str(args)], "no address waits in the queue"
    scene.run_jobs()
    assert [mail["Subject"] for mail in scene.outbox.mails] == [
        "Your sign-in link", "Confirm your e-mail address"
    ] * 2  # fmt: skip


def test_signing_in_answers_alike_for_known_and_unknown(scene: Scene) -> None:
    signed_in(scene.sessions, scene.clock, "known@example.com", password=PASSWORD)
    signed_in(scene.sessions, scene.clock, "links@example.com")
    pages = []
    for number, email in enumerate(("known@example.com", "links@example.com", "strange@example.com", "no address")):
        client = scene.guest(f"203.0.113.{number}")
        client.get("/my/sign-in")
        typed = {"email": email, "password": "not the right one", "csrf_token": token(client.page)}
        if email == "no address":
            page = client.submit("Sign in", {"E-mail": email, "Password": "x"}, expect=422)
            assert page.errors == ["Enter a whole e-mail address, like name@example.com."]
            continue
        page = client.post("/my/sign-in", typed, expect=422)
        pages.append((page.bare(email), without_release(page)))
    assert pages[0] == pages[1] == pages[2]
    assert scene.scalar("SELECT count(*) FROM resident_misses") == 3
    whose = [
        line.subject_id
        for line in scene.rows("SELECT * FROM audit_entries WHERE act = 'sign-in-refused' ORDER BY id")
    ]
    assert len(whose) == 3
    assert whose[2] == "unknown"


def token(page: Page | None) -> str:
    assert page is not None
    field = page.soup.select_one('main input[name="csrf_token"]')
    assert field is not None
    return str(field["value"])


@pytest.mark.parametrize("email", ["known@example.com", "strange@example.com"])
def test_too_many_tries_shut_the_door_for_a_while(scene: Scene, email: str) -> None:
    signed_in(scene.sessions, scene.clock, "known@example.com", password=PASSWORD)
    client = scene.guest()
    for _ in range(10):
        client.get("/my/sign-in")
        client.submit("Sign in", {"E-mail": email, "Password": "wrong"}, expect=422)
    client.get("/my/sign-in")
    page = client.submit("Sign in", {"E-mail": email, "Password": PASSWORD}, expect=429)
    assert page.errors == ["There were too many tries. Wait fifteen minutes, then try again."]
    scene.clock.advance(minutes=16)
    status = 303 if email.startswith("known") else 422
    client.submit("Sign in", {"E-mail": email, "Password": PASSWORD}, expect=status, budget=20)


@pytest.mark.parametrize("email", ["known@example.com", "strange@example.com"])
def test_an_address_is_not_flooded(scene: Scene, email: str) -> None:
    signed_in(scene.sessions, scene.clock, "known@example.com")
    client = scene.guest()
    for _ in range(3):
        client.get("/my/sign-in/link")
        client.submit("Send me the link", {"E-mail": email})
    client.get("/my/sign-in/link")
    page = client.submit("Send me the link", {"E-mail": email}, expect=429)
    assert page.errors == ["We have sent several messages already. Wait fifteen minutes, then ask again."]
    assert len(scene.facts()) == 3


def test_a_link_is_good_once_not_for_long_and_ends_the_others(scene: Scene) -> None:
    began = signed_in(scene.sessions, scene.clock, "ana@example.com")
    client = scene.guest()
    for _ in range(2):
        client.get("/my/sign-in/link")
        client.submit("Send me the link", {"E-mail": "ana@example.com"})
    scene.run_jobs()
    first, second = link_in(scene, 0), link_in(scene, 1)
    client.get(second)
    client.submit("Sign in", budget=20)
    client.follow()
    for path in (first, second, "/my/links/invented"):
        assert client.get(path, expect=404).heading == "This link is not good any more"
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins") == 1
    assert actor_of(scene) == began.actor_id
    client.get("/my/sign-in/link")
    client.submit("Send me the link", {"E-mail": "ana@example.com"})
    scene.run_jobs()
    client.get(link_in(scene))
    scene.clock.advance(minutes=61)
    assert client.submit("Sign in", expect=404).heading == "This link is not good any more"


def test_a_weak_first_password_is_refused_and_the_link_still_holds(scene: Scene) -> None:
    client = scene.guest()
    client.get("/my/register")
    client.submit("Send me the link", {"E-mail": "ana.torres@example.com"})
    scene.run_jobs()
    client.get(link_in(scene))
    for weak in ("short", "password1234", "ana.torres@example.com"):
        page = client.submit("Finish and sign in", {"Password": weak}, expect=422)
        assert len(page.errors) == 1
    assert scene.scalar("SELECT count(*) FROM resident_sign_ins") == 0
    client.submit("Finish and sign in", {}, budget=30)
    assert scene.scalar("SELECT password_hash FROM resident_sign_ins") == ""


def test_signing_in_keeps_the_visit_and_changes_the_token(scene: Scene) -> None:
    signed_in(scene.sessions, scene.clock, "ana@example.com", password=PASSWORD)
    client, known = scene.guest(), scene.open("utility", 50_00)
    add(client, known)
    before = client.cookie("ventanilla-my")
    client.get("/my/sign-in")
    form = token(client.page)
    client.submit("Sign in", {"E-mail": "ana@example.com", "Password": PASSWORD}, budget=20)
    assert before is None
    first = client.cookie("ventanilla-my")
    client.follow()
    assert known.number in client.get("/basket").text
    client.post("/my/sign-in", {"csrf_token": form, "email": "x@y.zz", "password": "x"}, expect=400)
    client.get("/my/sign-in?again=1")
    client.submit("Sign in", {"E-mail": "ana@example.com", "Password": PASSWORD}, budget=20)
    assert client.cookie("ventanilla-my") != first
    (running,) = scene.rows("SELECT id FROM resident_sessions WHERE ended_at IS NULL AND method = 'password'")
    assert running.id == scene.scalar("SELECT max(id) FROM resident_sessions"), "the session before it has ended"
    client.follow()
    client.submit("Sign out")
    assert known.number not in client.get("/basket").text
    client.get(f"/accounts/{known.reference}", expect=404)


def test_a_session_ends_when_nobody_uses_it_and_after_a_day(scene: Scene) -> None:
    client = resident_of(scene)
    for _ in range(3):
        scene.clock.advance(minutes=25)
        client.get("/my")
    scene.clock.advance(minutes=31)
    page = client.get("/my", expect=303)
    assert "ended=1" in page.location
    page = client.follow()
    assert "You were signed out" in page.text
    client = resident_of(scene)
    for _ in range(30):
        scene.clock.advance(minutes=25)
        page = client.get("/my", expect=None)  # type: ignore[arg-type]
    assert page.status == 303


def test_the_token_is_kept_as_its_digest_and_no_address_is_logged(
    scene: Scene, capsys: pytest.CaptureFixture[str]
) -> None:
    signed_in(scene.sessions, scene.clock, "ana@example.com", password=PASSWORD)
    client = scene.guest()
    client.get("/my/sign-in")
    client.submit("Sign in", {"E-mail": "ana@example.com", "Password": "wrong"}, expect=422)
    client.submit("Sign in", {"E-mail": "ana@example.com", "Password": PASSWORD}, budget=20)
    client.get("/my/sign-in/link")
    client.submit("Send me the link", {"E-mail": "somebody@example.com"})
    scene.run_jobs()
    held = client.cookie("ventanilla-my") or ""
    assert held
    digests = [bytes(row.token_digest) for row in scene.rows("SELECT token_digest FROM resident_sessions")]
    assert held.encode() not in digests
    said = "".join(capsys.readouterr())
    for secret in ("ana@example.com", "somebody@example.com", PASSWORD, held, link_in(scene).rpartition("/")[2]):
        assert secret not in said
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE details::text LIKE '%@%'") == 0


@pytest.mark.parametrize("to", ["//evil.example", "https://evil.example/", "/staff/", "/my\\x", "/my/sign-in", "/"])
def test_a_sign_in_never_leads_elsewhere(scene: Scene, to: str) -> None:
    signed_in(scene.sessions, scene.clock, "ana@example.com", password=PASSWORD)
    client = scene.guest()
    client.get("/my/sign-in?to=/my")
    typed = {"csrf_token": token(client.page), "email": "ana@example.com", "password": PASSWORD, "to": to}
    assert client.post("/my/sign-in", typed, expect=303, budget=20).location == "/my"
