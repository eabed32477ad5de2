"""Which address a request came from, when proxies stand in front: trusted by configuration, never by a header."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True)
class TrustedProxies:
    """Either a number of proxies that every request passes, or the networks that they live in; by default none."""

    hops: int = 0
    networks: tuple[Network, ...] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """``2`` or ``10.0.0.0/8, 2001:db8::/32``; raises ``ValueError`` with what is wrong."""
        text = text.strip()
        if text.isascii() and text.isdigit():
            return cls(hops=int(text))
        return cls(networks=tuple(ipaddress.ip_network(part.strip()) for part in text.split(",") if part.strip()))

    def address_of(self, remote: str, forwarded_for: str = "") -> str:
        """The nearest address that is not a trusted proxy; what stands left of it may be invented and is not read.

        ``remote`` is the connection's own address, ``forwarded_for`` the ``X-Forwarded-For`` header.
        """
        chain = [part.strip() for part in forwarded_for.split(",") if part.strip()]
        client = remote
        for used, claimed in enumerate(reversed(chain)):
            if not self._trusts(client, used) or _parsed(claimed) is None:
                break
            client = claimed
        parsed = _parsed(client)
        return client if parsed is None else str(parsed)

    def _trusts(self, address: str, used: int) -> bool:
        if self.hops:
            return used < self.hops
        parsed = _parsed(address)
        return parsed is not None and any(parsed in network for network in self.networks)


def client_of(address: str) -> str:
    """What throttles count by: an IPv4 address, or the /64 of an IPv6 address (one household has a whole /64)."""
    parsed = _parsed(address)
    if parsed is None:
        return "unknown"
    if parsed.version == 4:
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))


def _parsed(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """An address, ports and brackets taken off, IPv4 inside IPv6 unpacked; ``None`` when it is none."""
    if address.startswith("["):
        address = address[1:].partition("]")[0]
    elif address.count(":") == 1:
        address = address.partition(":")[0]
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return getattr(parsed, "ipv4_mapped", None) or parsed
