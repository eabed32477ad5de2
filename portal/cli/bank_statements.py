"""``import bank-statement``: what the bank says, as BAI2 or CSV."""

from __future__ import annotations

import argparse

from portal.cli.commands import database
from portal.config import Settings

BANK_STATEMENT = "bank-statement"


def read_in(given: argparse.Namespace) -> int:
    """Keep what is new in a file and match what is plain; the same file again changes nothing.

    ``--profile`` is the city's code of the bank account, which a CSV file does not say.
    """
    from accounts.actors.service import actor_id
    from accounts.cities.queries import ruling
    from accounts.clock import SystemClock
    from accounts.database import transaction
    from payments.bank_statements.service import BankDesk, import_file

    with database(Settings.for_command()) as sessions:
        with transaction(sessions) as session:
            city = ruling(session).city
            actor = actor_id(session, given.actor)
        desk = BankDesk(sessions, SystemClock(city.identity.time_zone), city)
        account = "" if given.profile is None else str(given.profile)
        told = import_file(desk, given.file.name, given.file.read_bytes(), actor, bank_account=account)
    print(told.last_line())
    return 0
