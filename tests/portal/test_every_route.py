"""The whole route map: who may open what, by which method, and what a stranger gets. A route in no table fails."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from accounts.requests import guests
from accounts.requests.guests import Wish
from payments.pay_links import service as pay_links
from payments.pay_links.rules import Asked
from payments.pay_links.service import NewLink
from payments.terms import bounds_of
from portal import guest_requests, permissions
from portal.config import Mode
from portal.permissions import permission_of
from tests.accounts.counter import person as person_of
from tests.database import TestDatabase
from tests.page_client import Page, PageClient, check_headers
from tests.portal.notices.counter import paper_token_of, stop_token_of
from tests.portal.resident.routes import RESIDENT_ROUTES
from tests.portal.scene import Known, Scene, add, leave, make_scene
from tests.portal.staff.routes import STAFF_ROUTES
from tests.sandbox_server import Sandbox, pay_hosted_page


@dataclass(frozen=True)
class Route:
    """A route as it is meant. ``by`` is what opens it: nothing, a proof given in this visit, or a link we gave."""

    rule: str
    methods: str = "GET"
    by: str = "anyone"
    is_private: bool = True
    has_csrf: bool = True


ROUTES = {
    "static": Route("/static/<path:filename>", is_private=False),
    "health.healthz": Route("/healthz"),
    "health.readyz": Route("/readyz"),
    "pulse.metrics": Route("/metrics", by="token"),
    "webhooks.processor": Route("/webhooks/processor", "POST", by="signature", has_csrf=False),
    "webhooks.texts": Route("/webhooks/texts", "POST", by="signature", has_csrf=False),
    "webhooks.text_statuses": Route("/webhooks/texts/status", "POST", by="signature", has_csrf=False),
    "city.choose_language": Route("/language/<code>"),
    "city.styles": Route("/city.css", is_private=False),
    "city.seal": Route("/seal.svg", is_private=False),
    "public.home": Route("/"),
    "public.help_show": Route("/help"),
    "public.privacy_show": Route("/privacy"),
    "public.lookups_find": Route("/pay", "GET POST"),
    "public.lookups_ask_code": Route("/pay/code", "GET POST"),
    "public.lookups_enter_code": Route("/pay/code/enter", "GET POST"),
    "public.lookups_find_number": Route("/find-my-number", "GET POST"),
    "public.lookups_number_asked": Route("/find-my-number/asked"),
    "public.accounts_show": Route("/accounts/<reference>", "GET POST", by="proof"),
    "public.bills_show": Route("/accounts/<reference>/bill", by="proof"),
    "public.bills_pdf": Route("/accounts/<reference>/bill.pdf", by="proof"),
    "public.baskets_show": Route("/basket", "GET POST"),
    "public.baskets_remove": Route("/basket/<reference>/remove", "POST", by="proof"),
    "public.pay_links_show": Route("/l/<token>", "GET POST", by="pay link"),
    "public.requests_new": Route("/ask", "GET POST"),
    "public.requests_mailed": Route("/ask/mail-sent"),
    "public.requests_find": Route("/ask/status", "GET POST"),
    "public.requests_begin": Route("/ask/begin/<token>", "GET POST", by="begin link"),
    "public.requests_show": Route("/ask/requests/<token>", "GET POST", by="request link"),
    "public.requests_page": Route("/ask/requests/<token>/pages/<int:number>", "GET POST", by="request link"),
    "public.requests_papers": Route("/ask/requests/<token>/documents", "GET POST", by="request link"),
    "public.requests_document": Route("/ask/requests/<token>/documents/<int:paper_id>", by="request link"),
    "public.requests_check": Route("/ask/requests/<token>/check", "GET POST", by="request link"),
    "public.requests_withdraw": Route("/ask/requests/<token>/withdraw", "GET POST", by="request link"),
    "public.requests_new_link": Route("/ask/requests/<token>/new-link", "GET POST", by="request link"),
    "public.requests_link_ended": Route("/ask/link-ended"),
    "public.requests_letter": Route("/ask/requests/<token>/letter.pdf", by="request link"),
    "public.mail_links_stop": Route("/mail/stop/<token>", "GET POST", by="stop link", has_csrf=False),
    "public.mail_links_paper": Route("/mail/paper/<token>", "GET POST", by="paper link"),
    "public.mail_links_sample": Route("/mail/paper/<token>/sample.pdf", by="paper link"),
    "public.payments_show": Route("/payments/<token>", by="payment link"),
    "public.payments_return": Route("/payments/<token>/return", by="payment link"),
    "public.payments_canceled": Route("/payments/<token>/canceled", by="payment link"),
    "public.payments_resume": Route("/payments/<token>/resume", "POST", by="payment link"),
    "public.receipt": Route("/receipts/<token>", by="receipt link"),
    "public.receipt_pdf": Route("/receipts/<token>/receipt.pdf", by="receipt link"),
    "public.receipt_verify": Route("/receipts/<token>/verify", by="receipt link"),
}
DEMO_ROUTES = {
    "demo.show": Route("/demo"),
    "demo.as_json": Route("/demo.json"),
    "demo.message": Route("/demo/messages/<name>"),
    "demo.reply": Route("/demo/messages/<name>/reply", "POST"),
    "demo.letter": Route("/demo/messages/<name>/letter"),
    "demo.attachment": Route("/demo/messages/<name>/<int:number>.pdf"),
}
OBJECTS = {name: route for name, route in ROUTES.items() if route.by == "proof" or route.by.endswith(" link")}
GETS = {name: route for name, route in ROUTES.items() if "GET" in route.methods}
POSTS = {name: route for name, route in ROUTES.items() if "POST" in route.methods and route.has_csrf}
FILLED = {"<path:filename>": "dist/portal.css", "<code>": "es", "<int:number>": "1", "<int:paper_id>": "1"}
STATIC_PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*(\.[a-z]+)?")


def routes_of(app: Flask) -> dict[str, Route]:
    return {
        rule.endpoint: Route(
            rule.rule, " ".join(sorted((rule.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}))
        )
        for rule in app.url_map.iter_rules()
    }


def path_of(route: Route, object_: str = "") -> str:
    """The address of a route, with what it names filled in."""
    path = route.rule
    for part, value in FILLED.items():
        path = path.replace(part, value)
    return re.sub(r"<\w+>", object_, path)


def rows_of_every_table(scene: Scene) -> dict[str, int]:
    """How many rows each table has, but for the audit's and counters of misses; "nothing changed" is seen by it."""
    of_ours = "schemaname = 'public' AND relname NOT IN ('audit_entries', 'resident_misses')"
    with scene.db.owner.connect() as connection:
        names = connection.scalars(text(f"SELECT relname FROM pg_stat_user_tables WHERE {of_ours}")).all()
        counts = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in names)
        return {str(name): int(count) for name, count in connection.execute(text(counts))}


@dataclass
class Opened:
    """A person with an account, a payment under way and one that was made."""

    person: PageClient
    known: Known
    payment: str
    receipt: str
    pay_link: str
    begin_link: str
    request_link: str
    stop_link: str
    paper_link: str

    def path(self, route: Route) -> str:
        """The address of a route, with what this person has."""
        return path_of(route, self.name(route) if "<" in route.rule and route in OBJECTS.values() else "")

    def name(self, route: Route) -> str:
        return {
            "proof": self.known.reference,
            "payment link": self.payment,
            "receipt link": self.receipt,
            "pay link": self.pay_link,
            "begin link": self.begin_link,
            "request link": self.request_link,
            "stop link": self.stop_link,
            "paper link": self.paper_link,
        }[route.by]


@pytest.fixture
def opened(scene: Scene) -> Opened:
    person = scene.guest()
    add(person, scene.open("license", 80_00))
    receipt = person.land(pay_hosted_page(leave(person))).path.split("/")[2].split("?")[0]
    known = scene.open("utility", 50_00)
    add(person, known)
    leave(person)
    payment = scene.scalar("SELECT token FROM attempts WHERE state = 'open'")
    begin, request = request_links(scene, known)
    paid = pay_link_to(scene, scene.open("utility", 20_00))
    return Opened(person, known, payment, receipt, paid, begin, request, stop_token_of(scene), paper_token_of(scene))


def request_links(scene: Scene, known: Known) -> tuple[str, str]:
    """The tokens of links to begin a request, and to one that is begun."""
    wish = Wish("bill-appeal", "Rosa Díaz", "rosa@example.com", "", "en", known.id)
    who = guests.begin(scene.wired.case_desk(), wish)
    to_begin = guest_requests.link_to_begin(scene.wired, wish).rpartition("/")[2]
    return to_begin, guest_requests.token_of(scene.wired, who)


def pay_link_to(scene: Scene, known: Known) -> str:
    """The token of a link that a cashier made."""
    by = person_of(scene.sessions, "cashier")
    asked, token = Asked(known.id, known.owed), pay_links.new_token()
    new = NewLink("form", token, "sealed", "qr", "", "en", (asked,))
    policy = scene.city.pay_link_policy(scene.today)
    pay_links.send(scene.sessions, by, new, policy, bounds_of(scene.city), clock=scene.clock)
    return token


def test_every_route_is_in_the_table_and_is_as_the_table_says(
    db: TestDatabase, sandbox: Sandbox, tmp_path: Path
) -> None:
    made = make_scene(db, sandbox, tmp_path)
    meant = {
        name: Route(route.rule, route.methods)
        for name, route in {**ROUTES, **RESIDENT_ROUTES, **STAFF_ROUTES}.items()
    }
    assert routes_of(made.app) == meant
    demo = make_scene(db, sandbox, tmp_path, mode=Mode.DEMO, released=False)
    everything = {**ROUTES, **RESIDENT_ROUTES, **STAFF_ROUTES, **DEMO_ROUTES}
    assert routes_of(demo.app) == {name: Route(route.rule, route.methods) for name, route in everything.items()}
    for name in everything:
        assert permission_of(demo.app, name) is not None, f"{name} does not say who may open it"


def test_addresses_are_in_kebab_case() -> None:
    for route in {**ROUTES, **RESIDENT_ROUTES, **STAFF_ROUTES, **DEMO_ROUTES}.values():
        for part in route.rule.strip("/").split("/"):
            assert not part or part.startswith("<") or STATIC_PART.fullmatch(part), route.rule


def test_a_view_that_does_not_say_who_may_open_it_is_refused() -> None:
    app = Flask("test")
    permissions.init(app)
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")
    answer = app.test_client().get("/forgotten")
    assert answer.status_code == 403
    assert b"secret" not in answer.data


def test_what_says_something_about_somebody_is_never_cached(opened: Opened, scene: Scene) -> None:
    for name, route in GETS.items():
        with opened.person.browser.get(opened.path(route)) as answer:
            assert answer.status_code < 500 or name == "health.readyz", name
            if route.is_private:
                check_headers(Page(route.rule, answer.status_code, answer.headers, b"", ()), scene.sandbox.url)
            else:
                assert "no-store" not in answer.headers.get("Cache-Control", ""), name
                assert "Set-Cookie" not in answer.headers, name


def test_other_methods_are_not_known(opened: Opened) -> None:
    for route in ROUTES.values():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE", "TRACE"} - set(route.methods.split()):
            with opened.person.browser.open(opened.path(route), method=method) as answer:
                assert answer.status_code in (400, 405), f"{method} {route.rule}"


def test_a_form_without_its_token_changes_nothing(opened: Opened, scene: Scene) -> None:
    typed = {
        "number": opened.known.number,
        "proof": opened.known.proof,
        "choice": "total",
        "name": "A",
        "address": "B",
    }
    before = rows_of_every_table(scene)
    for route in POSTS.values():
        for token in ({}, {"csrf_token": ""}, {"csrf_token": "invented"}, {"csrf_token": token_of(scene)}):
            page = opened.person.post(opened.path(route), {**typed, **token}, expect=400)
            assert page.heading == "This page was open for too long"
        assert rows_of_every_table(scene) == before, route.rule


def test_a_stranger_learns_nothing_not_even_that_it_is_there(opened: Opened, scene: Scene) -> None:
    stranger = scene.guest("198.51.100.3")
    data = {"csrf_token": token_of(scene, stranger), "choice": "total"}
    before = rows_of_every_table(scene)
    for route in OBJECTS.values():
        right = opened.name(route)
        # A proof belongs to a visit; a link is its own key, so that a stranger's is any other than the right one.
        tried = right if route.by == "proof" else right[:-1] + ("A" if right[-1] != "A" else "B")
        for method in route.methods.split():
            answers = []
            for object_ in (tried, "1" * len(right)):
                path = path_of(route, object_)
                page = stranger.get(path, expect=404) if method == "GET" else stranger.post(path, data, expect=404)
                answers.append((page.bare(object_), page.statements))
            assert answers[0] == answers[1], f"{method} {route.rule}"
    assert rows_of_every_table(scene) == before


def token_of(scene: Scene, client: PageClient | None = None) -> str:
    """The CSRF token of somebody's visit."""
    field = (client or scene.guest("198.51.100.3")).get("/pay").soup.select_one('input[name="csrf_token"]')
    assert field is not None
    return str(field["value"])


@pytest.mark.parametrize("reference", ["%2e%2e", "' OR 1=1 --", "1" * 500, "0", "-1", "１００００００１１", "%00"])
def test_odd_references_are_just_not_found(scene: Scene, reference: str) -> None:
    answer = scene.guest().browser.get(f"/accounts/{reference}")
    assert answer.status_code == 404


def test_the_demo_pages_exist_in_the_demo_only(scene: Scene) -> None:
    for route in DEMO_ROUTES.values():
        path = route.rule.replace("<name>", "x").replace("<int:number>", "0")
        assert scene.guest().browser.get(path).status_code == 404
