"""Signatures while a secret is being replaced."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests
import stripe

from tests.sandbox.inbox import Inbox
from tests.sandbox_server import TIMEOUT, WEBHOOK_SECRET, Sandbox, running_sandbox


def fits(mail: tuple[bytes, str], secret: str) -> bool:
    """Says whether a receiver that knows this secret takes the request."""
    try:
        stripe.WebhookSignature.verify_header(mail[0].decode(), mail[1], secret, tolerance=300)
    except stripe.SignatureVerificationError:
        return False
    return True


def next_mail(sandbox: Sandbox, inbox: Inbox) -> tuple[bytes, str]:
    """Lets something happen and gives back what is told of it."""
    before = len(inbox.mails)
    sandbox.client().v1.customers.create({})
    inbox.wait_until(lambda: len(inbox.mails) > before)
    return inbox.mails[-1]


def test_both_secrets_sign_until_the_overlap_is_over(sandbox: Sandbox, inbox: Inbox) -> None:
    assert next_mail(sandbox, inbox)[1].count("v1=") == 1
    fresh = sandbox.roll_secret(hours=2)
    assert fresh.startswith("whsec_")
    during = next_mail(sandbox, inbox)
    assert during[1].count("v1=") == 2
    assert fits(during, fresh)
    assert fits(during, WEBHOOK_SECRET)
    assert not fits(during, "whsec_of_somebody_else")
    sandbox.advance(hours=1, minutes=59)
    assert fits(next_mail(sandbox, inbox), WEBHOOK_SECRET)
    sandbox.advance(minutes=2)
    after = next_mail(sandbox, inbox)
    assert after[1].count("v1=") == 1
    assert fits(after, fresh)
    assert not fits(after, WEBHOOK_SECRET)


def test_rolled_twice_and_at_once(sandbox: Sandbox, inbox: Inbox) -> None:
    second = sandbox.roll_secret(secret="whsec_second", hours=2)
    third = sandbox.roll_secret(hours=3)
    mail = next_mail(sandbox, inbox)
    assert all(fits(mail, secret) for secret in (WEBHOOK_SECRET, second, third))
    last = sandbox.roll_secret(hours=0)
    mail = next_mail(sandbox, inbox)
    assert (fits(mail, last), fits(mail, third), fits(mail, second)) == (True, False, True)


def test_spoiled_requests_have_both_values_too(sandbox: Sandbox, inbox: Inbox) -> None:
    fresh = sandbox.roll_secret()
    sandbox.webhook_mode("tampered")
    mail = next_mail(sandbox, inbox)
    assert mail[1].count("v1=") == 2
    assert not fits(mail, fresh)


@pytest.mark.parametrize("wrong", [{"endpoint": "we_none"}, {"hours": -1}, {"hours": "two"}])
def test_refused_roll_changes_nothing(sandbox: Sandbox, inbox: Inbox, wrong: dict[str, object]) -> None:
    assert requests.post(f"{sandbox.url}/_sim/webhooks/roll", json=wrong, timeout=TIMEOUT).status_code == 400
    mail = next_mail(sandbox, inbox)
    assert (mail[1].count("v1="), fits(mail, WEBHOOK_SECRET)) == (1, True)


def test_nothing_to_roll(tmp_path: Path) -> None:
    with running_sandbox(tmp_path) as sandbox:
        answer = requests.post(f"{sandbox.url}/_sim/webhooks/roll", json={}, timeout=TIMEOUT)
        assert (answer.status_code, answer.json()["error"]) == (400, "There is no endpoint yet.")


def test_the_command_line_names_the_secret_of_a_new_start(tmp_path: Path, inbox: Inbox) -> None:
    with running_sandbox(tmp_path, webhook_url=inbox.url) as sandbox:
        sandbox.roll_secret()
    with running_sandbox(tmp_path, webhook_url=inbox.url) as sandbox:
        mail = next_mail(sandbox, inbox)
        assert (mail[1].count("v1="), fits(mail, WEBHOOK_SECRET)) == (1, True)
