"""``status``: is anything waiting for a person?"""

from __future__ import annotations

import argparse
import json
from typing import TYPE_CHECKING, Any

from portal.cli.commands import add_command, database
from portal.config import Settings

if TYPE_CHECKING:
    from accounts.clock import Clock
    from accounts.database import Sessions
    from portal.pulse.rules import Endpoint


def add_commands(commands: Any) -> None:
    """Declare it."""
    status = add_command(
        commands,
        "status",
        "Say on one screen how the window is doing; the exit status is 1 if anything needs a person.",
        example="ventanilla status || mail -s 'The window needs you' treasurer@example.gov",
        run=_status,
    )
    status.add_argument("--json", action="store_true", help="the same for machines, with the figures")


def _status(given: argparse.Namespace) -> int:
    from accounts.database import reading
    from portal.pulse.readings import read_pulse
    from portal.pulse.report import as_json, screen
    from portal.pulse.rules import judged

    settings = Settings.for_command()
    endpoint = _endpoint(settings)
    with database(settings) as sessions:
        clock = _clock(sessions)
        with reading(sessions) as session:
            pulse = read_pulse(session, clock.now(), clock.today())
    lines = judged(pulse, endpoint)
    print(json.dumps(as_json(lines, pulse), indent=2) if given.json else screen(lines, pulse, settings.base_url))
    return 1 if any(line.needs for line in lines) else 0


def _clock(sessions: Sessions) -> Clock:
    from accounts.cities.queries import NoRulingCity, ruling
    from accounts.clock import SystemClock
    from accounts.database import reading

    try:
        with reading(sessions) as session:
            return SystemClock(ruling(session).city.identity.time_zone)
    except NoRulingCity:
        return SystemClock()


def _endpoint(settings: Settings) -> Endpoint:
    """What the processor says; it is a part of the status that it cannot be heard."""
    from payments.gateway.base import GatewayError
    from payments.gateway.stripe import StripeGateway
    from portal.pulse.endpoint import registered
    from portal.pulse.rules import Endpoint

    if not settings.stripe_key:
        return Endpoint(asked=False)
    gateway = StripeGateway(settings.stripe_key, settings.stripe_webhook_secrets, settings.stripe_api_base)
    try:
        return registered(gateway, settings)
    except GatewayError as error:
        return Endpoint(asked=True, problems=(f"The processor could not be heard: {error}.",))
