"""The content security policy lets people leave for the payment page, and a stricter one would not."""

from __future__ import annotations

from typing import Any

from e2e.conftest import Guests
from e2e.people import LEAVE
from e2e.window import Window


def test_case_42_the_redirect_to_the_payment_page_is_allowed(window: Window, guests: Guests) -> None:
    guest = guests("en")
    policies: list[str] = []
    guest.page.on("response", lambda got: policies.append(got.headers.get("content-security-policy", "")))
    guest.fills_basket(window.accounts.water)
    guest.leaves_to_pay()
    ours = [policy for policy in policies if "form-action" in policy and window.sandbox.url in policy]
    assert ours
    assert not any("unsafe-inline" in policy for policy in ours)


def test_case_42_control_a_stricter_policy_stops_the_button(window: Window, guests: Guests) -> None:
    """The control: were this to work, the test above would prove nothing."""
    guest = guests("en")
    guest.fills_basket(window.accounts.water)
    answer = window.application

    def stricter(environ: dict[str, Any], start: Any) -> Any:
        def begin(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            theirs = f" https://checkout.stripe.com {window.sandbox.url}"
            return start(status, [(name, value.replace(theirs, "")) for name, value in headers], *rest)

        return answer(environ, begin)

    window.application = stricter
    guest.page.reload()
    with guest.page.expect_console_message(lambda said: "form-action" in said.text):
        guest.button(LEAVE).click()
    assert guest.page.url == f"{window.url}/basket"
    assert any("form-action" in complaint for complaint in guest.complaints)
    guest.complaints.clear()
