"""Add accounts, see them, pay one or all, share and give up: each page as its owner, and as those who are not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from accounts.account_links import service as links
from accounts.account_links import sharing
from accounts.account_links.rules import Offer, Right, Standing
from accounts.account_links.sharing import NewInvitation
from portal import share_mail
from tests.page_client import PageClient
from tests.portal.notices.people import lets_in, owe
from tests.portal.resident.people import actor_of, resident_of
from tests.portal.resident.test_every_resident_route import token_of
from tests.portal.scene import Known, Scene, lookup
from tests.sandbox_server import pay_hosted_page

AGENT = Offer(Standing.AGENT, frozenset(Right), gets_copies=True)


def linked(scene: Scene, known: Known, email: str = "ana@example.com") -> PageClient:
    """The browser of a resident who has proven this account."""
    browser = resident_of(scene, email)
    links.link(scene.sessions, actor_of(scene, email), known.id, "proof", now=scene.clock.now())
    return browser


def shared(scene: Scene, known: Known, *rights: Right, email: str = "tom@example.com") -> PageClient:
    """The browser of somebody whom Ana lets in."""
    browser, token = resident_of(scene, email), f"token of {email}"
    new = NewInvitation(token, "", "t•••@example.com", "en", Offer(Standing.FAMILY, frozenset(rights)))
    sharing.invite(scene.sessions, actor_of(scene), known.id, new, now=scene.clock.now())
    sharing.accept(scene.sessions, actor_of(scene, email), token, now=scene.clock.now())
    return browser


def add(browser: PageClient, known: Known, proof: str = "", *, expect: int = 303) -> Any:
    browser.get("/my/accounts/add")
    return browser.submit("Add this account", lookup(known.number, proof or known.proof), expect=expect)


def test_a_number_and_a_proof_put_an_account_into_the_list(scene: Scene) -> None:
    house, shop = scene.open("utility", 50_00, past_due=[20_00]), scene.open("license", 80_00)
    ana = resident_of(scene)
    assert "Add this account" in ana.get("/my").html
    for known in (house, shop):
        add(ana, known)
        assert "This account is in your list now." in ana.follow().text
    home = ana.get("/my")
    assert "$150.00" in home.text
    assert "$20.00 of it is past due" in home.text
    assert home.text.index("Elm Street") < home.text.index(shop.number), "what is due first is on top"
    assert scene.scalar("SELECT count(*) FROM account_links WHERE ended_at IS NULL") == 2


def test_a_wrong_proof_adds_nothing_and_says_no_more_than_an_unknown_number(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    ana = resident_of(scene)
    wrong = add(ana, house, "nonsense", expect=422)
    assert wrong.errors[0].startswith("We could not find a match.")
    ana.get("/my/accounts/add")
    typed = {"Account, license or citation number": "100-000-999", "Something only you would know": "nonsense"}
    unknown = ana.submit("Add this account", typed, expect=422)
    assert unknown.errors == wrong.errors
    asked = [[said for said in page.statements if "city_" not in said] for page in (wrong, unknown)]
    assert asked[0] == asked[1]
    assert scene.scalar("SELECT count(*) FROM account_links") == 0
    assert scene.scalar("SELECT count(*) FROM lookup_misses") == 2


def test_what_a_guest_has_proven_is_kept_by_one_button(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    ana = resident_of(scene)
    ana.get("/pay")
    ana.submit(
        "See what you owe",
        {"Account, license or citation number": house.number, "Something only you would know": house.proof},
        expect=303,
    )
    ana.follow()
    ana.submit("Keep it in my accounts", {}, expect=303)
    assert "This account is in your list now." in ana.follow().text
    other = scene.open("utility", 70_00)
    ana.post("/my/accounts/keep", {"csrf_token": token_of(ana), "reference": other.reference}, expect=404)
    assert scene.scalar("SELECT count(*) FROM account_links") == 1


def test_all_that_is_owed_goes_into_one_basket_by_one_button(scene: Scene) -> None:
    houses = [scene.open("utility", 50_00), scene.open("utility", 30_00), scene.open("utility", 0)]
    for known in houses:
        ana = linked(scene, known)
    ana.get("/my")
    ana.submit("Pay all 2: $80.00", {}, expect=303)
    basket = ana.follow()
    assert all(amount in basket.text for amount in ("$50.00", "$30.00"))
    assert 'value="ana@example.com"' in basket.html, "where the receipt goes is filled in"
    ana.get("/my")
    ana.post("/my/pay", {"csrf_token": token_of(ana), "reference": houses[2].reference}, expect=422)
    assert scene.scalar("SELECT count(*) FROM basket_lines") == 2


def test_two_hundred_accounts_are_paid_by_one_button(scene: Scene) -> None:
    many = scene.open_many([("utility", [10_00], [], {}) for _ in range(200)])
    ana = resident_of(scene)
    links.link_all(scene.sessions, actor_of(scene), [known.id for known in many], "proof", now=scene.clock.now())
    ana.get("/my")
    ana.submit("Pay all 200: $2,000.00", {}, expect=303)
    ana.follow()
    page = ana.submit("Go to the payment page", {}, expect=303, budget=30)
    ana.land(pay_hosted_page(page.location))
    scene.run_jobs()
    assert scene.scalar("SELECT sum(open_cents) FROM charges") == 0
    (mail,) = [mail for mail in scene.outbox.mails if mail["To"] == "ana@example.com"]
    assert "Receipt" in str(mail["Subject"])
    assert "Pay all" not in ana.get("/my").text
    assert ana.browser.get("/my/payments.csv").text.count("\n") == 201, "a line each, and their heading"


def test_an_agent_files_for_many_businesses_until_their_owner_ends_it(scene: Scene) -> None:
    shops = {owner: scene.open("license", 80_00) for owner in ("uno@example.com", "dos@example.com")}
    for owner, shop in shops.items():
        linked(scene, shop, owner)
        lets_in(scene, shop, actor_of(scene, owner), ("agent@example.com", "en"), AGENT)
    agent = resident_of(scene, "agent@example.com")
    agent.get("/my")
    agent.submit("Pay all 2: $160.00", {}, expect=303)
    first, second = shops.values()
    agent.get(f"/my/requests/new?account={first.reference}")
    agent.get(f"/my/accounts/{first.reference}/people/new", expect=404)
    owner = resident_of(scene, "uno@example.com")
    owner.get(f"/my/accounts/{first.reference}/people")
    owner.submit("Take off a•••@example.com", {}, expect=303)
    agent.get(f"/my/accounts/{first.reference}", expect=404)
    agent.get(f"/my/accounts/{second.reference}")
    agent.get("/my")
    agent.submit("Pay $80.00", {}, expect=303)


def test_what_is_due_next_is_said_with_its_amount_and_day(scene: Scene) -> None:
    house, shop = scene.open("utility", 0), scene.open("license", 0)
    for known, cents, days in ((house, 30_00, 4), (house, 20_00, 20), (shop, 80_00, 9)):
        owe(scene, known, cents, days=days)
    linked(scene, shop)
    text = linked(scene, house).get("/my").text
    first, later = (f"{day:%B} {day.day}, {day.year}" for day in (scene.today + timedelta(days=n) for n in (4, 9)))
    assert text.count(f"$30.00 of it due {first}") == 2, "of all together, and of the house"
    assert text.index(f"of it due {first}") < text.index(f"Due {later}")
    scene.clock.advance(days=5)
    later_text = resident_of(scene).get("/my").text
    assert later_text.count("$30.00 of it past due since") == 1
    assert "$30.00 of it is past due" in later_text


def test_a_payment_names_the_resident_who_began_it(scene: Scene) -> None:
    ana = linked(scene, scene.open("utility", 50_00))
    ana.get("/my")
    ana.submit("Pay $50.00", {}, expect=303)
    ana.follow()
    ana.submit("Go to the payment page", {}, expect=303, budget=30)
    started = scene.scalar("SELECT actor_id FROM attempts")
    assert started == actor_of(scene)


def test_who_may_only_see_pays_nothing_and_shares_nothing(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    linked(scene, house)
    tom = shared(scene, house, Right.SEE)
    home = tom.get("/my")
    assert "Pay $50.00" not in home.text
    page = tom.get(f"/my/accounts/{house.reference}")
    assert page.soup.select_one('input[name="choice"]') is None
    token = {"csrf_token": token_of(tom)}
    tom.post(f"/my/accounts/{house.reference}", {**token, "choice": "total"})
    tom.post("/my/pay", {**token, "reference": house.reference}, expect=404)
    tom.post("/my/pay", token, expect=422)
    tom.get(f"/my/accounts/{house.reference}/people/new", expect=404)
    assert scene.scalar("SELECT count(*) FROM basket_lines") == 0


def test_an_invitation_goes_out_by_mail_is_accepted_once_and_ended_by_the_holder(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    ana, path = linked(scene, house), f"/my/accounts/{house.reference}/people"
    ana.get(f"{path}/new")
    ana.submit("Send the invitation", {"Their e-mail address": "Tom.Reyes@example.com"}, expect=303)
    assert "t•••@example.com" in ana.follow().text.lower()
    with scene.app.app_context():
        share_mail.send_invitation(scene.wired, scene.scalar("SELECT id FROM link_invitations"))
    mail = next(mail for mail in scene.outbox.mails if mail["To"] == "Tom.Reyes@example.com")
    body = mail.get_body(("plain",))
    assert body is not None
    assert house.number not in body.get_content()
    (address,) = [word for word in body.get_content().split() if "/my/invitations/" in word]
    link = "/" + address.split("/", 3)[3]
    assert scene.guest().get(link, expect=303).location.startswith("/my/sign-in?")
    tom = resident_of(scene, "tom@example.com")
    assert house.number not in tom.get(link).text, "what it is about is seen once it is accepted"
    tom.submit("Accept", {}, expect=303)
    assert "$50.00" in tom.follow().text
    assert "too old" in resident_of(scene, "eve@example.com").get(link, expect=410).text
    ana.get(path)
    ana.submit("Take off t•••@example.com", {}, expect=303)
    tom.get(f"/my/accounts/{house.reference}", expect=404)


def test_one_calls_an_account_as_one_likes_and_gives_it_up(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    ana = linked(scene, house)
    ana.get(f"/my/accounts/{house.reference}/name")
    ana.submit("Save the name", {"What do you call this account?": "Mom’s house"}, expect=303)
    assert ana.follow().heading == "Mom’s house"
    assert "Mom’s house" in ana.get("/my").text
    ana.get(f"/my/accounts/{house.reference}/remove")
    ana.submit("Take it off", {}, expect=303)
    assert "no longer in your list" in ana.follow().text
    ana.get(f"/my/accounts/{house.reference}", expect=404)


def test_home_asks_the_database_as_often_for_two_hundred_accounts_as_for_one(scene: Scene) -> None:
    def asked(browser: PageClient) -> int:
        return len([said for said in browser.get("/my").statements if "city_" not in said])

    ana = linked(scene, scene.open("utility", 50_00))
    one = asked(ana)
    for known in scene.open_many([("utility", [10_00], [], {}) for _ in range(200)]):
        links.link(scene.sessions, actor_of(scene), known.id, "proof", now=scene.clock.now())
    assert asked(ana) == one
    home = ana.get("/my")
    assert "Page 1 of 5" in home.text
    assert "Pay all 201: $2,050.00" in home.text
    found = ana.get("/my?q=elm+1483")
    assert found.text.count("Utility account") == 1
    assert "No account of yours has these words." in ana.get("/my?q=nowhere").text
    ana.get("/my?page=99999&q=" + "x" * 500)


def test_spanish_says_it_in_spanish(scene: Scene) -> None:
    house = scene.open("utility", 50_00)
    linked(scene, house)
    ana = resident_of(scene, lang="es")
    for path in ("", "/accounts/add", "/payments", *(f"/accounts/{house.reference}{end}" for end in (
        "", "/name", "/remove", "/people", "/people/new",
    ))):  # fmt: skip
        ana.get(f"/my{path}")
