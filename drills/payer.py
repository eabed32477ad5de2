"""A person without JavaScript: finds an account, leaves for the processor's page, pays there, comes back."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

import requests

from drills.forms import Form, read

TIMEOUT = (3, 40)
GOOD_CARD, DECLINED_CARD, ASKING_CARD = "4242424242424242", "4000000000000002", "4000002760003184"


class NotPaid(AssertionError):
    """The processor's page, or the portal's, did not take what was typed; the message is its error summary."""


def card_fields(card: str = GOOD_CARD, **changes: str) -> dict[str, str]:
    """What a person types, valid save for what is changed."""
    cvc = "1234" if card.startswith("3") and len(card) == 15 else "123"
    return {"number": card, "exp": "12 / 34", "cvc": cvc, "name": "Ana Prueba", "zip": "92101", **changes}


def pay_hosted_page(
    url: str, card: str = GOOD_CARD, *, authenticate: bool = True, language: str = "en", **changes: str
) -> str:
    """Fills in the hosted form and gives back where a success leads, without going there.

    On a decline or a form error it raises :class:`NotPaid` with the page's error summary.
    """
    with requests.Session() as browser:
        browser.headers["Accept-Language"] = language
        page = browser.get(url, timeout=TIMEOUT)
        answer = submit_form(browser, page, card_fields(card, **changes))
        while "/authenticate/" in (place := location(answer)):
            challenge = browser.get(place, timeout=TIMEOUT)
            answer = submit_form(browser, challenge, {"result": "complete" if authenticate else "fail"})
        if "/c/pay/" in place:
            answer = browser.get(place, timeout=TIMEOUT)
        if not location(answer):
            raise NotPaid(problems_of(answer))
        return location(answer)


def submit_form(
    browser: requests.Session, page: requests.Response, values: dict[str, str], having: str = ""
) -> requests.Response:
    """Posts the page's first form (that has a field ``having``) with these values, and follows nothing."""
    page.raise_for_status()
    fitting = [form for form in read(page.text).forms if not having or having in form.names]
    if not fitting:
        raise NotPaid(f"There is no form at {page.url}: {problems_of(page)}")
    return _post(browser, page, fitting[0], values)


def location(answer: requests.Response) -> str:
    """Where an answer leads, or nothing."""
    place = answer.headers.get("Location", "")
    return urljoin(answer.url, place) if place else ""


def problems_of(answer: requests.Response) -> str:
    """The error summary of a page, or its heading."""
    found = read(answer.text)
    return found.summary or found.heading or answer.text[:200]


def _post(
    browser: requests.Session, page: requests.Response, form: Form, values: dict[str, str]
) -> requests.Response:
    target = urljoin(page.url, form.action or page.url)
    return browser.post(target, data={**form.fields, **values}, allow_redirects=False, timeout=TIMEOUT)


@dataclass(frozen=True)
class Bill:
    """An account that owes, as its holder knows it."""

    account_id: int
    number: str
    proof: str
    cents: int


class Payer:
    """One person's browser on the portal."""

    def __init__(self, portal: str) -> None:
        self.portal = portal
        self.browser = requests.Session()

    def choose(self, bill: Bill) -> None:
        """Find the account, and put all that it owes into the basket."""
        answer = self._send("/pay", "proof", {"number": bill.number, "proof": bill.proof})
        self._send(location(answer), "choice", {})

    def leave(self, email: str = "payer@example.com") -> str:
        """From the basket to the processor's page: its address, or the payment's own page if it was not opened."""
        return location(self._send("/basket", "quoted", {"email": email}))

    def go_to_pay(self, bill: Bill) -> str:
        """All of it: the address of the processor's page."""
        self.choose(bill)
        return self.leave()

    def come_back(self, url: str) -> str:
        """Follow a link of the portal to its end; the heading of the page there."""
        page = self.browser.get(url, timeout=TIMEOUT)
        page.raise_for_status()
        return read(page.text).heading

    def resume(self, url: str) -> str:
        """Press the button of an unfinished payment's page; where it leads."""
        page = self.browser.get(url, timeout=TIMEOUT)
        return location(submit_form(self.browser, page, {}, "csrf_token"))

    def _send(self, path: str, having: str, values: dict[str, str]) -> requests.Response:
        page = self.browser.get(urljoin(self.portal, path), timeout=TIMEOUT)
        answer = submit_form(self.browser, page, values, having)
        if not location(answer):
            raise NotPaid(f"{answer.url}: {problems_of(answer)}")
        return answer
