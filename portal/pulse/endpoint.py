"""Is the address that the processor sends its events to this server's?"""

from __future__ import annotations

from payments.gateway.base import Gateway
from payments.webhooks.rules import endpoint_problems
from portal.config import Settings
from portal.pulse.rules import Endpoint

DOOR = "/webhooks/processor"


def registered(gateway: Gateway, settings: Settings) -> Endpoint:
    """As the processor says now. Raises :class:`~payments.gateway.base.GatewayError` if it cannot be heard."""
    return Endpoint(asked=True, problems=endpoint_problems(gateway.endpoints(), f"{settings.base_url}{DOOR}"))
