"""Residents who are signed in, with one account and with two hundred, and the pages that they open."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import insert

from accounts.account_links.models import AccountLink
from accounts.database import transaction
from bench.place import Place
from portal.identity.residents.cookies import NAME
from portal.identity.residents.mailed_links import new_sign_in
from portal.identity.residents.signing_in import begin_session
from portal.identity.sessions import Screen

MANY = 200


def signed_in(place: Place, accounts: Sequence[int], now: datetime) -> str:
    """The cookie of somebody who has these accounts in their list."""
    with transaction(place.sessions) as session:
        person = new_sign_in(session, "en")
        session.execute(
            insert(AccountLink),
            [
                {
                    "actor_id": person.actor_id, "customer_account_id": account, "standing": "holder",
                    "rights": ["see", "pay", "manage"], "gets_copies": True, "nickname": "", "proven_by": "proof",
                    "linked_at": now,
                }
                for account in accounts
            ],
        )  # fmt: skip
        began = begin_session(session, person, "link", Screen("198.51.100.20", "bench"), now)
    return f"{NAME}={began.token}"
