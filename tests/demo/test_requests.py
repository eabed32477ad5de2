"""The demo's requests stand in different states, each as ``/demo.json`` says."""

from __future__ import annotations

from accounts.cities.queries import ruling
from accounts.database import reading
from demo import requests
from demo.colleagues import Colleagues
from tests.demo.test_residents import demo, sandbox
from tests.portal.scene import Scene
from tests.portal.staff.people import signed_in, staff_of

__all__ = ["demo", "sandbox"]


def test_some_are_answered_some_wait_and_some_are_new(demo: Scene) -> None:
    signed_in(demo.sessions, demo.clock, "clerk", name="ana.ruiz")
    with reading(demo.sessions) as session:
        ruled = ruling(session)
    requests.ask(Colleagues(demo.sessions, ruled, demo.clock), demo.wired.settings.state)
    told = demo.guest().browser.get("/demo.json").get_json()["requests"]
    assert [(one["kind"], one["state"]) for one in told] == [
        ("paid-elsewhere", "submitted"), ("bill-question", "done"), ("change-address", "waiting"),
        ("bill-question", "submitted"),
    ]  # fmt: skip
    clerk = staff_of(demo, "clerk", name="olga")
    for one in told:
        assert one["number"] in clerk.get(one["page"]).text
