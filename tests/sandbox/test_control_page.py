"""The control page: everything the control API can do, labeled, and refusals in words."""

from __future__ import annotations

import pytest
import requests
from bs4 import BeautifulSoup

from sandbox import faults
from sandbox.modes import MODES, sentence
from tests.sandbox.sessions import open_session
from tests.sandbox_server import TIMEOUT, Sandbox, pay_hosted_page

ACTIONS = {"webhooks/mode", "webhooks/release", "webhooks/deliver", "webhooks/roll", "clock/advance"}
ACTIONS |= {"faults", "faults/clear", "alter", "orphans"}


def page_of(sandbox: Sandbox) -> BeautifulSoup:
    """The control page as it is now."""
    answer = requests.get(f"{sandbox.url}/_sim/", timeout=TIMEOUT)
    assert answer.status_code == 200
    assert "unsafe-inline" not in answer.headers["Content-Security-Policy"]
    return BeautifulSoup(answer.text, "html.parser")


def press(sandbox: Sandbox, action: str, **form: str) -> requests.Response:
    """Sends a form of the page as a browser does."""
    headers = {"Accept": "text/html", "Sec-Fetch-Site": "same-origin"}
    return requests.post(f"{sandbox.url}/_sim/{action}", data=form, headers=headers, timeout=TIMEOUT)


def test_shows_every_lever_with_its_label(sandbox: Sandbox) -> None:
    pay_hosted_page(open_session(sandbox).url)
    sandbox.fault("slow", match="POST /v1/refunds")
    page = page_of(sandbox)
    assert {str(form["action"]).removeprefix("/_sim/") for form in page.find_all("form")} == ACTIONS
    fields = page.select("input, select")
    assert len({field["id"] for field in fields}) == len(fields)
    for field in fields:
        assert page.find("label", attrs={"for": field["id"]})
        for hint in str(field.get("aria-describedby", "")).split():
            assert page.find(id=hint)
    assert page.find("script") is None
    words = page.get_text(" ", strip=True)
    assert all(sentence(name) in words for name in MODES)
    assert all(text in words for text in faults.KINDS.values())
    assert "slow × 1 for POST /v1/refunds" in words


def test_shows_what_was_chosen_and_what_was_sent(sandbox: Sandbox) -> None:
    press(sandbox, "webhooks/mode", mode="hold")
    pay_hosted_page(open_session(sandbox).url)
    page = page_of(sandbox)
    assert [field["value"] for field in page.select("input[name=mode][checked]")] == ["hold"]
    rows = [row.get_text(" ", strip=True) for row in page.select("section:has(#deliveries) tbody tr")]
    assert len(rows) == 4
    assert rows[0].startswith("checkout.session.completed evt_")
    assert " held " in rows[0]
    press(sandbox, "webhooks/release")
    press(sandbox, "webhooks/deliver")
    assert {one["state"] for one in sandbox.deliveries()} == {"delivered"}


def test_levers_work_from_the_page(sandbox: Sandbox) -> None:
    before = sandbox.now()
    press(sandbox, "clock/advance", days="1", hours="")
    assert 86_400 <= sandbox.now() - before < 86_500
    press(sandbox, "webhooks/roll", endpoint="", secret="", hours="24")
    assert "signed with 2 secrets" in page_of(sandbox).get_text(" ", strip=True)
    press(sandbox, "faults", kind="429", count="2", seconds="", match="POST /v1/refunds")
    assert [fault["count"] for fault in sandbox.get("/faults")] == [2]
    press(sandbox, "faults/clear")
    assert sandbox.get("/faults") == []
    press(sandbox, "orphans", kind="ours", session="true", amount="700")
    assert list(sandbox.charges_by_attempt().values()) == [1]
    assert "$7.00" in page_of(sandbox).get_text(" ", strip=True)


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("webhooks/mode", {"mode": "pigeon"}),
        ("webhooks/roll", {"endpoint": "we_none"}),
        ("clock/advance", {"days": "-1"}),
        ("clock/advance", {"days": "soon"}),
        ("faults", {"kind": "fire"}),
        ("alter", {"session": "cs_none", "amount": "5"}),
        ("orphans", {"amount": "5"}),
    ],
)
def test_refusal_is_said_on_the_page(sandbox: Sandbox, action: str, form: dict[str, str]) -> None:
    before = sandbox.now()
    answer = press(sandbox, action, **form)
    assert answer.status_code == 400
    page = BeautifulSoup(answer.text, "html.parser")
    assert page.select_one("[role=alert] p")
    assert page.title
    assert page.title.text.startswith("Refused:")
    assert sandbox.now() - before < 60
    assert sandbox.client().v1.checkout.sessions.list().data == []
