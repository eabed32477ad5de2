"""Finding an account: forgiving to its holder, in either language."""

from __future__ import annotations

import pytest

from accounts.customer_accounts.rules import is_reference
from accounts.money import Money
from tests.portal.scene import BILL_CODE, BUSINESS, PLATE, ZIP, Scene, find, lookup

NO_MATCH = "We could not find a match."


def slipped(reference: str) -> str:
    """The reference with its sixth digit wrong."""
    wrong = str((int(reference[5]) + 1) % 10)
    return reference[:5] + wrong + reference[6:]


@pytest.mark.parametrize(
    "typed",
    ["{0}", "  {0}  ", "{1}", "{2}", "000{0}", "No. {1}".replace("No. ", "#"), "{1}.", "{3}"],
)
def test_punctuation_spaces_and_leading_zeros_of_a_number_do_not_matter(scene: Scene, typed: str) -> None:
    known = scene.open("utility", 50_00)
    reference = known.reference
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in reference)
    number = typed.format(reference, known.number, " ".join(reference), wide)
    assert find(scene.guest(), known, number=number).heading == "What you owe"


@pytest.mark.parametrize("typed", ["10-004217-01", "1000421701", "10 004217 01", "010/004217/01"])
def test_a_number_of_a_former_system_is_valid_for_ever(scene: Scene, typed: str) -> None:
    known = scene.open("utility", 50_00, numbers=(("0010-004217-01", "former"),))
    assert known.number in find(scene.guest(), known, number=typed).text


def test_letters_of_a_number_may_be_small(scene: Scene) -> None:
    known = scene.open("citation", 45_00, numbers=(("RC4410093", "citations"),))
    assert known.number in find(scene.guest(), known, number="rc-4410093").text


def test_a_slip_of_one_digit_is_corrected_when_the_proof_fits_and_said(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    wrong = slipped(known.reference)
    assert not is_reference(wrong)
    page = find(scene.guest(), known, number=wrong)
    assert "We corrected one digit" in page.text
    assert known.number in page.text


def test_a_slip_with_a_wrong_proof_tells_nothing_and_counts(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    guest = scene.guest()
    guest.get("/pay")
    page = guest.submit("See what you owe", lookup(slipped(known.reference), "AAAAAAAA"), expect=422)
    assert page.errors[0].startswith(NO_MATCH)
    assert known.number not in page.text
    assert scene.scalar("SELECT count(*) FROM lookup_misses") == 1


@pytest.mark.parametrize(
    ("kind", "proof"),
    [
        ("utility", BILL_CODE),
        ("utility", "k7rm-2pqx"),
        ("license", BILL_CODE),
        ("citation", PLATE),
        ("citation", "8abc 123"),
    ],
)
def test_a_proof_that_needs_no_zip_code_opens_the_account(scene: Scene, kind: str, proof: str) -> None:
    known = scene.open(kind, 50_00)
    assert find(scene.guest(), known, proof=proof).amounts[0] == "$50.00"


@pytest.mark.parametrize(
    ("kind", "proof"),
    [
        ("utility", "López Ruiz"),
        ("utility", "LOPEZ"),
        ("utility", "ruiz"),
        ("utility", "$85.20"),
        ("license", BUSINESS),
        ("license", "taqueria el sol"),
    ],
)
def test_a_weaker_proof_opens_the_account_only_beside_its_zip_code(scene: Scene, kind: str, proof: str) -> None:
    known = scene.open(kind, 50_00, last_paid=Money(85_20))
    guest = scene.guest()
    for zip_code in ("", "93707", "9370"):
        guest.get("/pay")
        guest.submit("See what you owe", lookup(known.number, proof, zip_code), expect=422)
    assert find(guest, known, proof=proof, zip_code=f"{ZIP}-1234").heading == "What you owe"


def test_an_account_without_a_zip_code_is_not_proven_by_leaving_it_out(scene: Scene) -> None:
    known = scene.open("license", 50_00, place=None)
    guest = scene.guest()
    guest.get("/pay")
    guest.submit("See what you owe", lookup(known.number, BUSINESS), expect=422)


def test_an_earlier_amount_that_an_import_kept_is_still_a_proof(scene: Scene) -> None:
    proofs = (("last_payment", "61.07"),)
    known = scene.open("utility", 50_00, proofs=proofs, last_paid=Money(85_20))
    for amount in ("61.07", "85.20"):
        find(scene.guest(), known, proof=amount, zip_code=ZIP)


@pytest.mark.parametrize(
    ("kind", "proof"),
    [("utility", PLATE), ("license", "López"), ("citation", BILL_CODE), ("utility", "0"), ("utility", "never paid")],
)
def test_a_proof_that_the_city_does_not_take_for_a_kind_opens_nothing(scene: Scene, kind: str, proof: str) -> None:
    known = scene.open(kind, 50_00)
    guest = scene.guest()
    guest.get("/pay")
    guest.submit("See what you owe", lookup(known.number, proof, ZIP), expect=422)


def test_holder_and_address_are_masked(scene: Scene) -> None:
    known = scene.open("utility", 50_00, name="Guadalupe Hernández", email="lupe@example.com", phone="559-555-0123")
    page = find(scene.guest(), known)
    assert "G••• H•••" in page.text
    for secret in ("Guadalupe", "Hernández", "Elm", ZIP, "lupe@", "0123", BILL_CODE):
        assert secret not in page.html.replace(known.number, "")


def test_empty_fields_are_named_and_what_was_typed_is_kept(scene: Scene) -> None:
    guest = scene.guest()
    guest.get("/pay")
    page = guest.submit("See what you owe", lookup("100-000-011", ""), expect=422)
    assert page.errors == ["Enter one proof from the list under the box."]
    assert 'value="100-000-011"' in page.html
    assert [statement.split(" (")[0] for statement in page.statements] == ["INSERT INTO audit_entries"]


def test_the_number_may_come_in_the_address(scene: Scene) -> None:
    assert 'value="100-000-011"' in scene.guest().get("/pay?number=100-000-011").html


def test_the_whole_look_up_speaks_spanish(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    guest = scene.guest(lang="es")
    guest.get("/pay")
    button = guest.page.soup.select_one("main form button").get_text()  # type: ignore[union-attr]
    labels = _labels(guest.page)
    page = guest.submit(button, dict(zip(labels, (known.number, "equivocado"), strict=False)), expect=422)
    assert page.errors[0] != NO_MATCH
    guest.submit(button, dict(zip(labels, (known.number, known.proof), strict=False)))
    assert "por un mes" in guest.follow().text


def test_the_switch_of_language_stays_and_leads_back(scene: Scene) -> None:
    guest = scene.guest()
    page = guest.get("/pay?number=100-000-011")
    link = page.soup.select_one('.languages a[lang="es"]')
    assert link is not None
    back = guest.land(str(link["href"]), reads="es")
    assert (back.path, back.soup.html["lang"]) == ("/pay?number=100-000-011", "es")  # type: ignore[index]
    guest.get("/help", reads="es")


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_the_switch_of_language_leads_nowhere_else(scene: Scene, to: str) -> None:
    guest = scene.guest()
    answer = guest.browser.get("/language/es", query_string={"to": to})
    assert answer.headers["Location"] == "/"


def _labels(page: object) -> list[str]:
    labels = page.soup.select("main form label")  # type: ignore[attr-defined]
    return [str(label.find(string=True)).strip() for label in labels]
