"""The inbox of the second person: who sees what, what is shown before it is decided, and what is refused in words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import text

from accounts.approvals import service as approvals
from accounts.approvals.service import Done, Proposed
from accounts.database import transaction
from accounts.fees.rules import PostFee
from accounts.mergers.rules import Merging
from accounts.releases import service as releases
from accounts.staff.rules import Authority, Grant, authority
from portal.acts import acts_of
from tests.page_client import PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.people import SINCE, actor_of, staff_of

TABLES = ("journals", "charges", "proposals", "proposal_decisions")


@dataclass
class Office:
    """A clerk who asked for something, and the people who may decide it."""

    scene: Scene
    account: Known
    clerk: PageClient
    chief: PageClient

    def by(self, client: PageClient, role: str) -> Authority:
        return authority(self.scene.city, actor_of(self.scene, client), "", [Grant(role, SINCE)], self.scene.today)

    def ask(
        self,
        quantity: int = 3,
        rate: str = "cut-lock",
        *,
        client: PageClient | None = None,
        role: str = "clerk",
        reason: str = "as they asked",
    ) -> int:
        """A fee (three locks) that waits for a second person, or is done at once; its proposal's id."""
        wired = self.scene.wired
        command = PostFee(customer_account_id=self.account.id, rate=rate, quantity=quantity)
        by = self.by(client or self.clerk, role)
        asked = approvals.propose(wired.sessions, acts_of(wired), command, by, reason=reason, clock=self.scene.clock)
        assert isinstance(asked, Proposed | Done)
        return asked.proposal_id

    def books(self) -> dict[str, int]:
        return {name: self.scene.scalar(f"SELECT count(*) FROM {name}") for name in TABLES}

    def last(self, act: str) -> Any:
        return self.scene.rows(f"SELECT actor_id, details FROM audit_entries WHERE act = '{act}' ORDER BY id")[-1]


@pytest.fixture
def office(scene: Scene) -> Office:
    return Office(scene, scene.open("utility", 50_00), staff_of(scene, "clerk"), staff_of(scene, "supervisor"))


@pytest.mark.parametrize("lang", ["en", "es"])
def test_a_second_person_sees_it_whole_and_approves_it(scene: Scene, office: Office, lang: str) -> None:
    proposal = office.ask(reason="Cut three locks on Elm Street.")
    chief, words = office.chief, WORDS[lang]
    page = chief.get("/staff/approvals", lang=lang)
    assert office.account.number in page.text
    row = page.soup.select_one(f'a[href="/staff/approvals/{proposal}"]')
    assert row is not None
    assert row["data-key"] == "1"
    page = chief.get(f"/staff/approvals/{proposal}")
    for said in ("Cut three locks on Elm Street.", "Clerk", office.account.number, *words["shown"]):
        assert said in page.text, said
    assert page.text.count("$") >= 6, "before, after and each step"
    page = chief.get(f"/staff/approvals/{proposal}/approve")
    assert words["effect"] in page.text
    before = office.books()
    page = chief.submit(words["approve"], {words["note"]: "fine"}, budget=60)
    assert page.location == f"/staff/approvals/{proposal}"
    page = chief.follow()
    assert words["done"] in page.text
    assert "fine" in page.text
    assert office.books() == {**before, "journals": before["journals"] + 1, "charges": before["charges"] + 3,
                              "proposal_decisions": before["proposal_decisions"] + 1}  # fmt: skip
    assert not page.soup.select(f'a[href$="/{proposal}/approve"]')
    seen = scene.rows(
        "SELECT details FROM audit_entries WHERE act = 'account-seen' AND details->>'page' = 'approvals_show'"
    )
    assert seen, "who looked at a proposal has looked at its account"


WORDS: dict[str, Any] = {
    "en": {
        "shown": ["Before", "After", "How it was worked out", "Waiting for a second person"],
        "effect": "is added to what is owed.",
        "approve": "Approve and do it",
        "note": "Note",
        "done": "Approved and done.",
    },
    "es": {
        "shown": ["Antes", "Después", "Cómo se calculó", "En espera de una segunda persona"],
        "effect": "se suman a lo que se debe.",
        "approve": "Aprobar y hacerlo",
        "note": "Nota",
        "done": "Aprobado y hecho.",
    },
}


def test_the_inbox_is_for_me_by_me_and_all_and_says_why_not(scene: Scene, office: Office) -> None:
    mine = office.ask(client=office.chief, role="license_officer", reason="mine")
    hers = office.ask(rate="meter-pull")
    page = office.chief.get("/staff/approvals")
    assert links(page) == [hers]
    assert links(office.chief.get("/staff/approvals?whose=by-me")) == [mine]
    page = office.chief.get("/staff/approvals?whose=all")
    assert links(page) == [mine, hers]
    assert "You asked for this yourself. Somebody else has to decide it." in page.text
    assert links(office.chief.get("/staff/approvals?whose=all&act=refund")) == []
    assert links(office.chief.get("/staff/approvals?whose=all&act=fee&after=junk")) == [mine, hers]
    page = office.clerk.get("/staff/approvals")
    assert links(page) == [mine, hers]
    assert "Your roles do not decide acts of this kind." in page.text
    page = office.clerk.get(f"/staff/approvals/{hers}")
    assert "Who may decide it: Supervisor, Finance officer." in page.text
    assert not page.soup.select('a[href$="/approve"], a[href$="/reject"]')
    office.clerk.get(f"/staff/approvals/{hers}/approve", expect=403)
    assert office.chief.get(f"/staff/approvals/{mine}/approve", expect=303).location == f"/staff/approvals/{mine}"


def links(page: Any) -> list[int]:
    found = [str(link["href"]) for link in page.soup.select("main table a[href*='/staff/approvals/']")]
    return [int(href.rsplit("/", 1)[-1]) for href in found]


def test_the_inbox_goes_on_page_by_page_in_as_many_statements(scene: Scene, office: Office) -> None:
    few = len(office.chief.get("/staff/approvals").statements)
    with transaction(scene.sessions) as session:
        session.execute(
            MANY,
            {"account": office.account.id, "by": actor_of(scene, office.clerk), "evidence": json.dumps(EVIDENCE)},
        )
    page = office.chief.get("/staff/approvals?whose=all")
    assert len(links(page)) == 50
    assert len(page.statements) <= few
    onward = page.soup.select_one('nav.pages a[rel="next"]')
    assert onward is not None
    rest = office.chief.get(str(onward["href"]))
    assert len(links(rest)) == 10
    assert not set(links(page)) & set(links(rest))


EVIDENCE = {"before": {}, "after": {}, "steps": [], "notes": [], "asks_second": [], "world": {}, "given": {}}
MANY = text("""
    INSERT INTO proposals (act, subject_kind, subject_id, customer_account_id, payload, evidence, effect_cents, world,
                           waits, reason, proposed_by, proposed_at)
    SELECT 'fee', 'account', '1', :account, '{"rate": "cut-lock"}', CAST(:evidence AS jsonb), n, '', true, 'many',
           :by, now()
      FROM generate_series(1, 60) AS n""")


def test_what_is_ones_own_or_too_large_is_refused_in_words_written_down_and_changes_nothing(
    scene: Scene, office: Office
) -> None:
    own = office.ask(client=office.chief, role="license_officer")
    large = office.ask(rate="meter-pull")
    scene.run_as_owner("SET LOCAL session_replication_role = replica; "
                       f"UPDATE proposals SET effect_cents = 999999 WHERE id = {large}")  # fmt: skip
    token = office.chief.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    assert token is not None
    sent = {"csrf_token": str(token["value"]), "reason": "because"}
    before = office.books()
    for proposal, refusal, sentence in (
        (own, "SamePerson", "This needs a second person. You cannot do both parts yourself."),
        (large, "OverLimit", "This is above your limit. Someone with a higher limit has to decide."),
    ):
        for verb in ("approve", "reject"):
            page = office.chief.post(f"/staff/approvals/{proposal}/{verb}", sent, expect=422, budget=40)
            assert len(page.errors) == 1
            assert page.errors[0].startswith(sentence)
            assert office.last("decision-refused").details["refusal"] == refusal
            assert office.last("decision-refused").actor_id == actor_of(scene, office.chief)
    assert office.books() == before
    page = office.chief.get(f"/staff/approvals/{large}")
    assert "This is above your limit of $2,500.00." in page.text
    assert "Who may decide it: Finance officer." in page.text


def test_a_rejection_says_why_and_a_withdrawal_is_the_makers(scene: Scene, office: Office) -> None:
    first, second = office.ask(), office.ask(rate="meter-pull")
    office.chief.get(f"/staff/approvals/{first}/reject")
    before = office.books()
    page = office.chief.submit("Reject it", {"Why": "  "}, expect=422, budget=30)
    assert page.errors == ["Say why in a few words."]
    assert office.books() == before
    office.chief.get(f"/staff/approvals/{first}/reject")
    office.chief.submit("Reject it", {"Why": "Only one lock was cut."}, budget=40)
    page = office.clerk.get(f"/staff/approvals/{first}")
    assert "Only one lock was cut." in page.text
    assert "Rejected" in page.text
    assert (
        office.chief.get(f"/staff/approvals/{second}/withdraw", expect=303).location == f"/staff/approvals/{second}"
    )
    page = office.clerk.get(f"/staff/approvals/{second}")
    assert page.soup.select(f'a[href="/staff/approvals/{second}/withdraw"]')
    office.clerk.get(f"/staff/approvals/{second}/withdraw")
    office.clerk.submit("Take it back", {"Note": "Asked twice."}, budget=40)
    assert "Taken back" in office.clerk.follow().text
    counts = {**before, "proposal_decisions": before["proposal_decisions"] + 2}
    assert office.books() == counts, "no journal, no charge"


def test_somebody_elses_withdrawal_is_refused(scene: Scene, office: Office) -> None:
    proposal = office.ask()
    token = office.chief.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    assert token is not None
    before = office.books()
    page = office.chief.post(
        f"/staff/approvals/{proposal}/withdraw", {"csrf_token": str(token["value"])}, expect=422, budget=40
    )
    assert page.errors == ["Only the person who asked for this can take it back."]
    assert office.books() == before


def test_a_world_that_changed_is_explained_with_before_and_now(scene: Scene, office: Office) -> None:
    proposal = office.ask()
    office.ask(quantity=1, client=office.chief, role="supervisor")
    before = office.books()
    office.chief.get(f"/staff/approvals/{proposal}/approve")
    page = office.chief.submit("Approve and do it", {}, expect=409, budget=60)
    assert "Something changed since this was asked for. Nothing was done." in page.text
    assert "What changed" in page.text
    changed = page.soup.select_one(".compared .was")
    assert changed is not None
    assert office.books() == {**before, "proposal_decisions": before["proposal_decisions"] + 1}
    page = office.clerk.get(f"/staff/approvals/{proposal}")
    assert "Not done: something changed" in page.text
    office.chief.get(f"/staff/approvals/{proposal}/approve", expect=303)


def test_the_second_of_two_deciders_is_told_that_it_is_decided(scene: Scene, office: Office) -> None:
    proposal, other = office.ask(), staff_of(scene, "finance")
    office.chief.get(f"/staff/approvals/{proposal}/approve")
    other.get(f"/staff/approvals/{proposal}/reject")
    office.chief.submit("Approve and do it", {}, budget=60)
    before = office.books()
    page = other.submit("Reject it", {"Why": "no"}, expect=409, budget=40)
    assert "Somebody decided this before you did. Nothing was done twice." in page.text
    assert office.books() == before


def test_a_proposal_on_a_hidden_account_is_not_there(scene: Scene, office: Office) -> None:
    proposal = office.ask()
    scene.run_as_owner(f"UPDATE customer_accounts SET is_protected = true WHERE id = {office.account.id}")
    assert links(office.clerk.get("/staff/approvals")) == []
    missing = office.clerk.get("/staff/approvals/999999", expect=404)
    hidden = office.clerk.get(f"/staff/approvals/{proposal}", expect=404)
    assert missing.bare("999999", str(proposal)) == hidden.bare("999999", str(proposal))
    assert links(office.chief.get("/staff/approvals")) == [proposal]
    office.chief.get(f"/staff/approvals/{proposal}")


def test_a_release_of_the_city_is_shown_as_what_changes(scene: Scene, office: Office) -> None:
    city = scene.city.model_dump(mode="json")
    city["identity"]["phone"] = "(209) 555-0199"
    changed = type(scene.city).model_validate(city)
    finance = staff_of(scene, "finance")
    proposed = releases.propose(
        scene.sessions, changed, office.by(staff_of(scene, "administrator"), "administrator"),
        reason="a new number", clock=scene.clock,
    )  # fmt: skip
    page = finance.get(f"/staff/approvals/{proposed.proposal_id}")
    row = next(row for row in page.soup.select(".compared tbody tr") if "identity.phone" in row.get_text())
    assert "(209) 555-0199" in row.get_text()
    assert "No money moves." in page.text
    finance.get(f"/staff/approvals/{proposed.proposal_id}/approve")
    finance.submit("Approve and do it", {}, budget=200)
    assert "Release" in finance.follow(budget=40).text


def test_a_merger_names_both_records_and_is_a_look_at_all_their_accounts(scene: Scene, office: Office) -> None:
    twin = scene.open("utility", name="Maria G. Lopez")
    first, second = (
        scene.scalar(f"SELECT customer_id FROM customer_accounts WHERE id = {known.id}")
        for known in (office.account, twin)
    )
    by, merging = office.by(office.clerk, "clerk"), Merging(from_id=second, into_id=first)
    asked = approvals.propose(
        scene.sessions, acts_of(scene.wired), merging, by, reason="the same person", clock=scene.clock
    )
    page = office.chief.get(f"/staff/approvals/{asked.proposal_id}")
    for said in ("María López Ruiz", "Maria G. Lopez", "Make one record of two", "No money moves.", twin.number):
        assert said in page.text, said
    seen = scene.rows("SELECT subject_id FROM audit_entries WHERE act = 'account-seen' ORDER BY id")
    assert {row.subject_id for row in seen} == {str(office.account.id), str(twin.id)}


def test_what_was_done_alone_is_there_for_who_supervises_and_for_oneself(scene: Scene, office: Office) -> None:
    done = office.ask(quantity=1)
    other = staff_of(scene, "clerk", name="olga")
    theirs = office.ask(quantity=1, client=other)
    waits = office.ask()
    assert waits
    assert links(office.chief.get("/staff/deeds")) == [theirs, done]
    assert links(office.chief.get(f"/staff/deeds?person={actor_of(scene, other)}")) == [theirs]
    assert links(office.clerk.get("/staff/deeds")) == [done]
    assert links(office.clerk.get(f"/staff/deeds?person={actor_of(scene, other)}")) == [done], "only one's own"
    assert links(staff_of(scene, "auditor").get("/staff/deeds")) == [theirs, done]
    scene.clock.advance(days=31)
    assert links(staff_of(scene, "supervisor").get("/staff/deeds")) == []


def test_what_was_decided_tells_how(scene: Scene, office: Office) -> None:
    proposal = office.ask()
    office.chief.get(f"/staff/approvals/{proposal}/reject")
    office.chief.submit("Reject it", {"Why": "Only one lock was cut."}, budget=40)
    page = office.clerk.get("/staff/approvals/decided")
    assert links(page) == [proposal]
    assert "Only one lock was cut." in page.text
    assert "Rejected" in page.text
