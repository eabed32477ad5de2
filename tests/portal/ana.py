"""Ana, her house, and everything that can be hers; and whoever else comes to the window."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from accounts.account_links import service as links
from accounts.account_links import sharing
from accounts.account_links.rules import Offer, Right, Standing
from accounts.account_links.sharing import NewInvitation
from accounts.cases import asking, handing_in
from accounts.cases.asking import Asker
from accounts.database import transaction
from accounts.documents.rules import Sent
from accounts.requests import guests, residents
from accounts.requests.guests import Wish
from portal.identity.residents.mailed_links import Envelope, add_link
from portal.identity.residents.models import ResidentIdentity, ResidentLink, ResidentPasskey
from portal.identity.residents.rules import SIGN_IN
from portal.identity.sessions import token_digest
from tests.accounts.documents.test_documents import photo
from tests.page_client import PageClient
from tests.portal.notices.counter import paper_token_of, stop_token_of
from tests.portal.public.test_bills import billed
from tests.portal.resident.people import actor_of, resident_of, signed_in
from tests.portal.scene import Known, Scene, add, find, leave
from tests.portal.staff.people import SINCE, staff_of
from tests.portal.test_every_route import ROUTES, pay_link_to, request_links
from tests.portal.whole_map import ROLES, WHOLE_MAP, Person
from tests.sandbox_server import pay_hosted_page

ANA, SOMEBODY = "ana@example.com", "tom@example.com"
OTHERS = re.compile(r"<(?:\w+:)?(\w+)>")


@dataclass(frozen=True)
class Ana:
    """What is hers, by the name that routes have for it."""

    house: Known
    ids: dict[str, str]
    by_route: dict[str, dict[str, str]]

    def path(self, name: str) -> str:
        """The address of a route with what is Ana's filled in; "1" for what is nobody's here."""
        ids = self.ids | self.by_route.get(name, {})
        return OTHERS.sub(lambda found: ids.get(found[1], "1"), WHOLE_MAP[name].rule)


def settle_in(scene: Scene) -> Ana:
    """Ana has proved her house, let somebody in, invited another, asked for two things, and set up her sign-in."""
    house = billed(scene)
    began = signed_in(scene.sessions, scene.clock, ANA)
    now = scene.clock.now()
    links.link(scene.sessions, began.actor_id, house.id, "proof", now=now)
    share = let_in(scene, house, "lou@example.com", "see")
    waiting = _invite(scene, house, "a token that waits", "see")
    draft, sent = _case(scene, began.actor_id, house, "stop-service"), _case(scene, began.actor_id, house)
    paper = scene.scalar("SELECT min(id) FROM case_documents")
    own = _ways_in(scene, began.sign_in_id)
    ids = {
        "reference": house.reference, "filename": "dist/portal.css", "code": "es", "link_id": share,
        "invitation_id": waiting, "case_id": sent, "paper_id": paper, "session_id": _session_of(scene, began.token),
        **own,
    }  # fmt: skip
    tokens = {**_links_of_guests(scene), "resident.invitations_show": "a token that waits"}
    by_route = {name: {"token": token} for name, token in tokens.items()}
    for page in ("requests_page", "requests_papers", "requests_document", "requests_check"):
        by_route[f"resident.{page}"] = {"case_id": str(draft)}
    by_route["public.requests_document"] |= {"paper_id": _paper_of_guest(scene)}
    by_route["staff.cases_links"] = {"case_id": str(_asked_by_guest(scene, house))}
    by_route["resident.mailed_links_open"] = {"token": _mailed_link(scene, began.sign_in_id)}
    return Ana(house, {name: str(id_) for name, id_ in ids.items()}, by_route)


def let_in(scene: Scene, house: Known, email: str, *rights: str) -> int:
    """Somebody accepts Ana's invitation; the link's id."""
    actor, token = signed_in(scene.sessions, scene.clock, email).actor_id, f"token of {email}"
    _invite(scene, house, token, *rights)
    return sharing.accept(scene.sessions, actor, token, now=scene.clock.now())


def arrive(scene: Scene, ana: Ana, name: str, person: Person) -> PageClient:
    """The browser of one of the people in the table."""
    if person.is_staff:
        until = SINCE + timedelta(days=1) if person.is_gone else None
        return staff_of(scene, *(role for role in ROLES if role == person.role), until=until)
    if name == "delegate no more":
        share = let_in(scene, ana.house, SOMEBODY, "see", "pay", "manage")
        links.end(scene.sessions, actor_of(scene, ANA), share, now=scene.clock.now())
    elif name == "owner no more":
        actor = signed_in(scene.sessions, scene.clock, SOMEBODY).actor_id
        mine = links.link(scene.sessions, actor, ana.house.id, "proof", now=scene.clock.now())
        links.end(scene.sessions, actor, mine, now=scene.clock.now())
    elif name == "another resident":
        actor = signed_in(scene.sessions, scene.clock, SOMEBODY).actor_id
        links.link(scene.sessions, actor, scene.open("utility", 10_00).id, "proof", now=scene.clock.now())
    elif person.rights and not person.is_ana:
        let_in(scene, ana.house, SOMEBODY, *person.rights)
    if person.is_resident:
        return resident_of(scene, ANA if person.is_ana else SOMEBODY)
    browser = scene.guest("198.51.100.9")
    if person.has_proved:
        find(browser, ana.house)
    return browser


def _invite(scene: Scene, house: Known, token: str, *rights: str) -> int:
    offer = Offer(Standing.FAMILY, frozenset(map(Right, rights)))
    new = NewInvitation(token, "", "t•••@example.com", "en", offer)
    return sharing.invite(scene.sessions, actor_of(scene, ANA), house.id, new, now=scene.clock.now())


def _case(scene: Scene, actor: int, house: Known, kind: str = "bill-question") -> int:
    desk = scene.wired.case_desk()
    case = asking.begin(desk, Asker(actor), kind, house.id)
    if kind == "stop-service":
        paper = Sent("paper.jpg", photo())
        asking.add_document(desk, scene.wired.documents(), case, "escrow-papers", paper, actor_id=actor)
    else:
        asking.keep_answers(desk, case, {"question": "Why?"})
        handing_in.submit(desk, case)
    return case


def _asked_by_guest(scene: Scene, house: Known) -> int:
    """A question that came in from somebody without a sign-in."""
    desk = scene.wired.case_desk()
    rosa = guests.begin(desk, Wish("bill-question", "Rosa Díaz", "rosa@example.com", "", "en", house.id))
    residents.keep_answers(desk, rosa, rosa.case_id, {"question": "Why?"})
    residents.submit(desk, rosa, rosa.case_id)
    return rosa.case_id


def _paper_of_guest(scene: Scene) -> str:
    """The id of a paper that goes with the request of the guest's link."""
    case = scene.scalar("SELECT id FROM cases WHERE asked_by IS NULL")
    paper, desk = Sent("paper.jpg", photo()), scene.wired.case_desk()
    return str(asking.add_document(desk, scene.wired.documents(), case, "evidence", paper, actor_id=None))


def _ways_in(scene: Scene, sign_in_id: int) -> dict[str, int]:
    now = scene.clock.now()
    passkey = ResidentPasskey(sign_in_id=sign_in_id, credential_id=b"c", public_key=b"k", name="Phone", added_at=now)
    identity = ResidentIdentity(sign_in_id=sign_in_id, issuer="https://id.example", subject="a", linked_at=now)
    with transaction(scene.sessions) as session:
        session.add_all([passkey, identity])
        session.flush()
        return {"passkey_id": passkey.id, "identity_id": identity.id}


def _session_of(scene: Scene, token: str) -> int:
    digest = token_digest(token)
    return int(scene.scalar("SELECT id FROM resident_sessions WHERE token_digest = :digest", digest=digest))


def _mailed_link(scene: Scene, sign_in_id: int) -> str:
    door = scene.wired.resident_door()
    link = ResidentLink(kind=SIGN_IN, sign_in_id=sign_in_id, language="en")
    now = scene.clock.now()
    with transaction(scene.sessions) as session:
        sealed = add_link(session, door, link, ANA, now=now, until=now + timedelta(hours=1))
    return Envelope.opened(door.addresses, sealed).token


def _links_of_guests(scene: Scene) -> dict[str, str]:
    """The names of public routes that a link opens, each with a link that is good."""
    guest = scene.guest()
    add(guest, scene.open("license", 80_00))
    receipt = guest.land(pay_hosted_page(leave(guest))).path.split("/")[2].split("?")[0]
    add(guest, scene.open("utility", 50_00))
    leave(guest)
    begin, request = request_links(scene, scene.open("utility", 30_00))
    opens = {
        "begin link": begin,
        "request link": request,
        "payment link": str(scene.scalar("SELECT token FROM attempts WHERE state = 'open'")),
        "receipt link": receipt,
        "pay link": pay_link_to(scene, scene.open("utility", 20_00)),
        "stop link": stop_token_of(scene),
        "paper link": paper_token_of(scene),
    }
    return {name: opens[route.by] for name, route in ROUTES.items() if route.by in opens}
