"""``import lockbox``: the checks that a bank took in for the city."""

from __future__ import annotations

import argparse
from collections.abc import Callable

from portal.cli.commands import database
from portal.config import Settings

LOCKBOX = "lockbox"


def read_in(given: argparse.Namespace, progress: Callable[[int, int], None]) -> int:
    """Post each check once; the same command goes on where an import died. Of several profiles, one is named."""
    from accounts.actors.service import actor_id
    from accounts.cities.queries import ruling
    from accounts.clock import SystemClock
    from accounts.database import transaction
    from accounts.errors import DomainError
    from accounts.staff.rules import Authority, Permission
    from payments.lockboxes.service import import_file
    from payments.terms import lockbox_desk
    from portal.wiring import gateway_of, online_desk

    settings = Settings.from_environment()
    with database(settings) as sessions:
        with transaction(sessions) as session:
            city = ruling(session).city
            by = Authority(actor_id(session, given.actor), given.actor, frozenset({Permission.MAIL_LOG}))
        known = [profile.code for profile in city.lockbox_profiles]
        if given.profile is None and len(known) != 1:
            raise DomainError(f"import lockbox needs --profile, one of: {', '.join(known)}")
        profile = known[0] if given.profile is None else str(given.profile)
        clock = SystemClock(city.identity.time_zone)
        online = online_desk(settings, sessions, gateway_of(settings), clock, city)
        desk = lockbox_desk(online, city, settings.proof_key.encode())
        done = import_file(desk, by, given.file, profile, progress=progress)
    print("\n".join(done.lines()))
    return 0
