"""Links that guests are mailed: to begin a request once their address is proved, and to come back to it.

A link is encrypted and carries all that it opens, so that nothing is kept of an address that nobody proved. Asking
for one does the same for addresses and numbers known and unknown: a job finds out whether there is anything to send.
"""

from __future__ import annotations

import base64
import json
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from accounts import audit
from accounts.database import transaction
from accounts.outbox import SOMEBODY_WAITS, announce
from accounts.requests import guests
from accounts.requests.guests import Guest, Wish
from portal.identity.residents.models import ResidentMiss
from portal.identity.residents.rules import MAILS, LinkOver, TooManyMails
from portal.identity.throttles import Throttle
from portal.identity.vault import Unreadable, Vault
from portal.wiring import Wiring

TO_BEGIN, TO_CASE, WAITING = "links to begin a request", "links to a request", "mail to guests that waits"
"""Purposes of vaults: a link of one kind opens nothing as the other."""
BEGIN_WITHIN, OPEN_FOR = timedelta(days=1), timedelta(days=30)
ASKED, LINK_ASKED = "guest_request_asked", "guest_link_asked"
"""Facts: a guest wants to begin a request; somebody wants a new link to one (``sealed``)."""


def ask(wired: Wiring, wish: Wish, client: str) -> None:
    """Use case: a link to begin a request is mailed. Nothing is kept of it but that a mail was asked for.

    Raises what :func:`accounts.requests.guests.check` refuses, and ``TooManyMails``.
    """
    guests.check(wired.case_desk(), wish)
    _send(wired, ASKED, wish.email, client, json.dumps(asdict(wish)))


def ask_for_link(wired: Wiring, number: str, email: str, client: str, *, language: str) -> None:
    """Use case: a new link to the request of this number, to the address that asked for it and to no other.

    Raises ``TooManyMails``, for what there is and for what there is not.
    """
    _send(wired, LINK_ASKED, email, client, json.dumps([number, email, language]))


def wanted(wired: Wiring, sealed: str) -> Wish:
    """Of a job: what a guest wants to begin. Raises ``Unreadable``."""
    return Wish(**json.loads(wired.vault(WAITING).open(sealed.encode())))


def looked_for(wired: Wiring, sealed: str) -> tuple[str, str, str]:
    """Of a job: number, address and language of who looks for a request. Raises ``Unreadable``."""
    number, email, language = json.loads(wired.vault(WAITING).open(sealed.encode()))
    return number, email, language


def link_to_begin(wired: Wiring, wish: Wish) -> str:
    """The address that is mailed; good for :data:`BEGIN_WITHIN`."""
    until = wired.clock.now() + BEGIN_WITHIN
    token = _token(wired.vault(TO_BEGIN), [until.timestamp(), asdict(wish)])
    return f"{wired.settings.base_url}/ask/begin/{token}"


def link_to_case(wired: Wiring, guest: Guest) -> str:
    """The address of a guest's request; good for :data:`OPEN_FOR`."""
    return f"{wired.settings.base_url}/ask/requests/{token_of(wired, guest)}"


def token_of(wired: Wiring, guest: Guest) -> str:
    """What names a guest's request in an address."""
    until = wired.clock.now() + OPEN_FOR
    return _token(wired.vault(TO_CASE), [until.timestamp(), asdict(guest)])


def wish_of(wired: Wiring, token: str) -> Wish:
    """What a link begins; raises :class:`~portal.identity.residents.rules.LinkOver`."""
    return Wish(**_opened(wired.vault(TO_BEGIN), token, wired.clock.now()))


def guest_of(wired: Wiring, token: str) -> Guest:
    """Whose link it is, and to which request; raises :class:`~portal.identity.residents.rules.LinkOver`."""
    return Guest(**_opened(wired.vault(TO_CASE), token, wired.clock.now()))


def _send(wired: Wiring, fact: str, email: str, client: str, said: str) -> None:
    throttle = Throttle(ResidentMiss, wired.proof_key, "mail to guests", MAILS)
    sealed = wired.vault(WAITING).lock(said.encode()).decode()
    now = wired.clock.now()
    with transaction(wired.sessions) as session:
        seat, name = throttle.client(client), throttle.name(email)
        may_ask = throttle.may_try(session, seat, name, now)
        if may_ask:
            throttle.count(session, seat, name, now)
            announce(session, fact, priority=SOMEBODY_WAITS, sealed=sealed)
        act = "guest-mail-asked" if may_ask else "guest-mail-refused"
        audit.record(session, act, subject=("guest", "unknown"), actor_id=None)
    if not may_ask:
        raise TooManyMails()


def _token(vault: Vault, said: object) -> str:
    return vault.lock(json.dumps(said).encode()).decode().rstrip("=")


def _opened(vault: Vault, token: str, now: datetime) -> dict[str, Any]:
    """What a token says; one that is written otherwise than we write it is none of ours."""
    try:
        padded = token.encode("ascii") + b"=" * (-len(token) % 4)
        until, said = json.loads(vault.open(padded))
        is_ours = base64.urlsafe_b64encode(base64.urlsafe_b64decode(padded)) == padded
    except (Unreadable, ValueError) as error:
        raise LinkOver("not ours") from error
    if not is_ours or "=" in token or now.timestamp() > until:
        raise LinkOver("too old, or altered")
    found: dict[str, Any] = said
    return found
