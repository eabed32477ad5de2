"""Where each payment went, and its receipt: mailed again, printed as a duplicate, both written down."""

from __future__ import annotations

from io import BytesIO

import pytest
from pypdf import PdfReader

from tests.factories.window import Window, cash, check
from tests.payments.returned_payments.returning import paid, post
from tests.portal.scene import Scene
from tests.portal.staff.files import desk_of, hide, move, path, pay_at_counter, pay_online, take_back
from tests.portal.staff.people import actor_of, staff_of
from tests.portal.test_messages_sent import words_of


def test_where_each_payment_went_is_said_with_credit(scene: Scene) -> None:
    known = scene.open("utility", 50_00, 20_00)
    pay_at_counter(scene, known, 90_00)
    page = staff_of(scene, "clerk").get(path(known, "/payments"))
    where = [" ".join(item.get_text(" ").split()) for item in page.soup.select(".where li")]
    assert [text.rsplit(" ", 1)[1] for text in where] == ["$50.00", "$20.00", "$20.00"]
    assert where[-1].startswith("Credit for later charges")
    assert "T1-" in page.text


def test_a_payment_that_was_moved_says_so_on_both_accounts(scene: Scene) -> None:
    wrong, right = scene.open("utility", 50_00), scene.open("utility", 50_00)
    receipt = pay_at_counter(scene, wrong, 50_00)
    move(scene, receipt, wrong, right, 30_00)
    clerk = staff_of(scene, "clerk")
    left = clerk.get(path(wrong, "/payments"))
    assert "Moved on" in left.text
    assert right.number in left.text
    assert left.amounts == ["$20.00", "$30.00", "$20.00"]
    came = clerk.get(path(right, "/payments"))
    assert wrong.number in came.text
    assert came.amounts == ["$50.00", "$30.00", "$30.00", "$30.00"], "of the whole receipt; here; moved; on a charge"
    hide(scene, wrong)
    hidden = clerk.get(path(right, "/payments"))
    assert wrong.number not in hidden.text
    assert "an account that is not shown to you" in hidden.text
    assert "Payment moved" in clerk.get(path(right, "/timeline")).text


def test_a_payment_that_was_reversed_says_so(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    receipt = pay_at_counter(scene, known, 50_00)
    take_back(scene, receipt, "Returned by the bank")
    clerk = staff_of(scene, "clerk")
    for part in ("/payments", f"/receipts/{receipt}", "/timeline"):
        page = clerk.get(path(known, part))
        assert "Returned by the bank" in page.text
        assert "eversed" in page.text


def test_a_check_that_came_back_leaves_what_was_paid_otherwise(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    window = Window(desk_of(scene))
    post(window, paid(window, {known.id: 50_00}, [cash(20_00), check(30_00)]))
    clerk = staff_of(scene, "clerk", name="ana")
    page = clerk.get(path(known, "/payments"))
    assert "Taken back on" in page.text
    assert page.amounts == ["$20.00", "$30.00", "$20.00"], "here now; taken back; still on the charge"
    assert "$30.00" in clerk.get(path(known)).text


def test_a_receipt_of_other_accounts_is_not_in_this_file(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 60_00)
    receipt = pay_at_counter(scene, other, 60_00)
    clerk = staff_of(scene, "clerk")
    for part in ("", "/send", "/duplicate.pdf"):
        clerk.get(path(known, f"/receipts/{receipt}{part}"), expect=404)
        clerk.get(path(known, f"/receipts/999999{part}"), expect=404)


@pytest.mark.parametrize(("language", "word"), [("en", "DUPLICATE"), ("es", "DUPLICADO")])
def test_a_duplicate_is_marked_and_written_down(scene: Scene, language: str, word: str) -> None:
    known = scene.open("utility", 50_00)
    receipt = pay_at_counter(scene, known, 50_00)
    cashier = staff_of(scene, "cashier")
    page = cashier.get(path(known, f"/receipts/{receipt}/duplicate.pdf?language={language}"))
    assert page.headers["Content-Type"] == "application/pdf"
    assert word in PdfReader(BytesIO(page.body)).pages[0].extract_text()
    (line,) = scene.rows("SELECT actor_id, subject_id, details FROM audit_entries WHERE act = 'receipt-reprinted'")
    assert line.actor_id == actor_of(scene, cashier)
    assert line.subject_id == str(known.id)
    assert line.details["language"] == language


@pytest.mark.parametrize(
    ("values", "to"),
    [
        ({}, "payer@example.com"),
        ({"The holder": True}, "holder1@example.com"),
        ({"Another address": True, "Another e-mail": "new@example.org"}, "new@example.org"),
    ],
)
def test_a_receipt_is_mailed_again_in_the_payers_language(
    scene: Scene, values: dict[str, str | bool], to: str
) -> None:
    known = scene.open("utility", 50_00)
    receipt = pay_online(scene, known)
    scene.run_as_owner("ALTER TABLE receipts DISABLE TRIGGER append_only")
    scene.run_as_owner("UPDATE receipts SET language = 'es'")
    scene.run_as_owner("ALTER TABLE receipts ENABLE TRIGGER append_only")
    scene.run_jobs()
    cashier = staff_of(scene, "cashier")
    cashier.get(path(known, f"/receipts/{receipt}/send"))
    cashier.submit("Send it", values)
    page = cashier.follow()
    assert f"{to[0]}•••@{to.partition('@')[2]}" in page.text
    scene.run_jobs()
    mail = scene.outbox.mails[-1]
    assert mail["To"] == to
    assert "Recibo" in mail["Subject"]
    assert "Saldo nuevo" in words_of(mail)
    sent = cashier.get(path(known, "/messages"))
    assert "Receipt, sent again" in sent.text
    assert "Cashier" in sent.text
    assert to not in sent.text


@pytest.mark.parametrize("other", ["", "nowhere", "a b@example.com", "4242424242424242@example.com"])
def test_a_bad_address_sends_nothing(scene: Scene, other: str) -> None:
    known = scene.open("utility", 50_00)
    receipt = pay_at_counter(scene, known, 50_00)
    scene.run_jobs()
    cashier = staff_of(scene, "cashier")
    cashier.get(path(known, f"/receipts/{receipt}/send"))
    page = cashier.submit("Send it", {"Another address": True, "Another e-mail": other}, expect=422)
    assert page.errors
    assert "4242" not in page.html
    assert scene.facts() == []
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act = 'receipt-sent-again'") == 0


def test_a_receipt_with_a_hidden_account_is_neither_printed_nor_sent(scene: Scene) -> None:
    known, secret = scene.open("utility", 50_00), scene.open("license", 60_00)
    receipt = pay_online(scene, known, secret)
    hide(scene, secret)
    clerk = staff_of(scene, "clerk")
    page = clerk.get(path(known, f"/receipts/{receipt}"))
    assert secret.number not in page.text
    assert "not shown to you" in page.text
    assert page.soup.select('a[href*="duplicate"], a[href*="/send"]') == []
    for part in ("/send", "/duplicate.pdf"):
        clerk.get(path(known, f"/receipts/{receipt}{part}"), expect=404)
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act LIKE 'receipt-%'") == 0
    staff_of(scene, "supervisor").get(path(known, f"/receipts/{receipt}/duplicate.pdf"))


def test_who_may_not_send_receipts_is_not_offered_it(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    receipt = pay_at_counter(scene, known, 50_00)
    page = staff_of(scene, "auditor").get(path(known, f"/receipts/{receipt}"))
    assert page.soup.select('a[href*="duplicate"], a[href*="/send"]') == []
