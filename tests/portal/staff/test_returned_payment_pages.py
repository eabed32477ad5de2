"""Posting what the bank sent back, page by page: found by its advice, looked at, posted once; the payer is told."""

from __future__ import annotations

import itertools
from io import BytesIO

from pypdf import PdfReader

from accounts.actors.service import actor_id
from accounts.database import transaction
from accounts.money import Money
from payments.drawers import service as drawers
from payments.drawers import verdicts
from payments.drawers.rules import Counted
from payments.sales import service as sales
from payments.sales.drafts import AccountLine, Draft, TenderLine
from payments.sales.service import Saving, Take
from tests.accounts.counter import person
from tests.factories.window import FLOAT, pennies
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene, find
from tests.portal.staff.people import staff_of

LOOK = "See what it comes to"
_forms = itertools.count(1)


def checked(scene: Scene, known: Known, cents: int, number: str = "1042", till: str = "T1") -> int:
    """A check that was taken for an account, in a drawer that is closed; the tender."""
    rosa, tomas = person(scene.sessions, "cashier", "rosa"), person(scene.sessions, "cashier", "tomas")
    sofia = person(scene.sessions, "supervisor", "sofia")
    cash, desk = scene.wired.cash_desk(), scene.wired.sale_desk()
    drawer = drawers.open_drawer(cash, rosa, till, scene.city.till(till).receipt_series, FLOAT)
    drawers.verify_float(cash, tomas, drawer, FLOAT)
    draft = Draft(
        (AccountLine(known.id, Money(cents)),), (),
        (TenderLine("check", Money(cents), Money(cents), number, "Bank of the Valley"),),
    )  # fmt: skip
    sale = sales.save(desk, rosa, Saving(f"returned-{next(_forms)}", draft, "en"))
    taken = sales.take(desk, rosa, Take(sale.id, drawer))
    count = drawers.count(cash, rosa, drawer, Counted(pennies(200_00), 1, Money(cents), Money(0)))
    verdicts.accept(cash, sofia, count.id, "")
    return int(scene.scalar("SELECT id FROM payment_tenders WHERE payment_id = :id", id=taken.payment_id))


def posted(clerk: PageClient, tender: int, reason: str = "NSF") -> str:
    clerk.get(f"/staff/returned-payments/new/{tender}")
    clerk.submit(LOOK, {"Reason that the bank gives": reason}, expect=200, budget=30)
    return clerk.submit("Post it", budget=60).location


def test_a_clerk_finds_looks_posts_and_the_payer_is_mailed(scene: Scene) -> None:
    known = scene.open("utility", 80_00, language="es")
    tender = checked(scene, known, 80_00)
    clerk = staff_of(scene, "clerk")
    clerk.get("/staff/returned-payments")
    found = clerk.get("/staff/returned-payments/find?number=1042&amount=80.00")
    assert f"/staff/returned-payments/new/{tender}" in found.html
    assert "Amount and number fit" in clerk.get(
        "/staff/returned-payments/find?amount=80.00&text=RTN+ITEM+0001042"
    ).text  # fmt: skip
    clerk.get(f"/staff/returned-payments/new/{tender}")
    look = clerk.submit(LOOK, {"Reason that the bank gives": "NSF"}, expect=200, budget=30)
    assert "The bank took back $80.00." in look.text
    assert "Fee of $25.00" in look.text
    assert scene.scalar("SELECT count(*) FROM returned_payments") == 0
    done = clerk.submit("Post it", budget=60)
    assert scene.balance(known) == Money(105_00)
    action, data = clerk.filled_last
    again = clerk.post(action, data, expect=303, budget=60)
    assert again.location == done.location
    assert scene.balance(known) == Money(105_00)
    scene.run_jobs()
    mail = scene.outbox.mails[-1]
    assert (mail["To"], mail["Content-Language"]) == ("holder1@example.com", "es")
    body = mail.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "$105.00" in body
    assert "Fondos insuficientes" in body
    sent = scene.rows("SELECT kind, state FROM messages_sent ORDER BY id DESC LIMIT 1")[0]
    assert tuple(sent) == ("payment-returned", "sent")
    clerk.get(done.location, lang="es")
    shown = clerk.get(done.location, lang="en")
    assert "NSF: Not enough money in the account" in shown.text
    clerk.get("/staff/returned-payments", lang="es")
    letter = clerk.browser.get(f"{done.location}/letters/{known.id}.pdf")
    assert letter.data.startswith(b"%PDF")
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'returned-letter-printed'") == 1
    timeline = clerk.get(f"/staff/accounts/{known.reference}/timeline", lang="en", budget=20)
    assert "Posted a payment that came back" in timeline.text
    clerk.get(done.location)
    clerk.submit("Write it down", {"Note": "They say it is there now"}, budget=40)
    assert "They say it is there now" in clerk.get(done.location).text
    assert scene.scalar("SELECT count(*) FROM presentments") == 1


def test_what_was_not_looked_at_is_not_posted(scene: Scene) -> None:
    known = scene.open("utility", 80_00)
    tender = checked(scene, known, 80_00)
    clerk = staff_of(scene, "clerk")
    path = f"/staff/returned-payments/new/{tender}"
    clerk.get(path)
    assert clerk.submit(LOOK, expect=422, budget=30).errors == ["Choose one from the list."]
    clerk.get(path)
    late = {"Reason that the bank gives": "NSF", "Day on the bank’s advice": "2040-01-01"}
    assert "cannot be the day" in clerk.submit(LOOK, late, expect=422, budget=30).errors[0]
    clerk.get(path)
    clerk.submit(LOOK, {"Reason that the bank gives": "NSF"}, expect=200, budget=30)
    changed = clerk.submit("Post it", {"Reason that the bank gives": "STOP"}, expect=422, budget=60)
    assert changed.errors == ["Something changed after you looked. Nothing was done. Look again, then go on."]
    assert scene.scalar("SELECT count(*) FROM returned_payments") == 0
    assert scene.balance(known) == Money(0)
    clerk.get("/staff/returned-payments/new/99999", expect=404)
    clerk.get("/staff/returned-payments/99999", expect=404)


def test_the_second_return_is_cash_only_and_another_person_lifts_it(scene: Scene) -> None:
    known = scene.open("utility", 90_00)
    first, second = checked(scene, known, 40_00), checked(scene, known, 50_00, "1043", "T2")
    clerk = staff_of(scene, "clerk", name="clara")
    posted(clerk, first)
    posted(clerk, second)
    file = clerk.get(f"/staff/accounts/{known.reference}")
    assert "Cash only until" in file.text
    flag = scene.scalar("SELECT id FROM cash_only_flags")
    lift = f"/staff/accounts/{known.reference}/cash-only/{flag}/lift"
    assert "somebody else lifts it" in clerk.get(lift).text
    cashier = staff_of(scene, "cashier", name="rosa")
    assert lift not in cashier.get(f"/staff/accounts/{known.reference}").html
    other = staff_of(scene, "supervisor", name="sofia")
    other.get(lift)
    assert other.submit("Take checks again", {"Why": ""}, expect=422, budget=20).errors == ["Say why in a few words."]
    other.get(lift, lang="es")
    other.submit("Volver a aceptar cheques", {"Por qué": "Bank's mistake"}, budget=30)
    assert "Cash only until" not in clerk.get(f"/staff/accounts/{known.reference}").text
    assert scene.scalar("SELECT count(*) FROM cash_only_lifts") == 1


def test_a_holder_without_mail_gets_a_letter(scene: Scene) -> None:
    known = scene.open("license", 60_00, email="", language="es")
    clerk = staff_of(scene, "clerk")
    url = posted(clerk, checked(scene, known, 60_00))
    scene.run_jobs()
    assert not [mail for mail in scene.outbox.mails if "devuelto" in str(mail["Subject"])]
    assert "No e-mail address: print the letter" in clerk.get(url).text
    made = clerk.browser.get(f"{url}/letters/{known.id}.pdf")
    said = " ".join(PdfReader(BytesIO(made.data)).pages[0].extract_text().split())
    code = " ".join(said.split("código de la factura ", 1)[1].replace(".", " ").split()[:2])
    assert known.number in find(scene.guest(), known, proof=code).text, "number and code of the letter open it"
    (line,) = scene.rows(
        "SELECT kind, channel, state, language, customer_account_id FROM messages_sent m"
        " JOIN message_accounts a ON a.message_id = m.id"
    )
    assert tuple(line) == ("payment-returned", "letter", "printed", "es", known.id)
    messages = clerk.get(f"/staff/accounts/{known.reference}/messages").text
    assert "Notice of a returned payment" in messages
    assert "Letter" in messages


def test_the_list_asks_as_often_however_long_it_is(scene: Scene) -> None:
    clerk = staff_of(scene, "clerk")
    with transaction(scene.sessions) as session:
        actor_id(session, "system")
    counts = []
    for _number in range(2):
        known = scene.open("utility", 30_00, past_due=(20_00,))
        posted(clerk, checked(scene, known, 50_00, str(2000 + _number)))
        counts.append(len(clerk.get("/staff/returned-payments").statements))
    assert counts[0] == counts[1]
