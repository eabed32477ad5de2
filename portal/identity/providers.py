"""OpenID providers as the settings name them: where they are, who we are to them, and what their groups stand for."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

NAME = re.compile(r"[a-z][a-z0-9-]{0,20}")
JOIN_BY_GROUPS = "groups"
SCOPE = "openid profile email"
STAFF, RESIDENTS = "STAFF_OIDC", "RESIDENT_OIDC"
"""How the settings name the providers of the two; each has its own."""
_FOR_BOTH = ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "CLIENT_KEY_FILE", "LABEL", "SCOPE", "ACR_VALUES")
SETTINGS = {STAFF: (*_FOR_BOTH, "GROUPS_CLAIM", "ROLES", "JOIN"), RESIDENTS: _FOR_BOTH}


@dataclass(frozen=True, kw_only=True)
class ProviderTerms:
    """One provider. ``roles`` are pairs of a group, as its claim names it, and a role of the city."""

    name: str
    label: str
    """What its button is called."""
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_key: str = field(default="", repr=False)
    """A private key (PEM) by which we sign who we are (RFC 7523), for providers that take no secret."""
    acr_values: str = ""
    """How surely the provider should know who somebody is, in its own words."""
    family: str = STAFF
    scope: str = SCOPE
    groups_claim: str = "groups"
    roles: tuple[tuple[str, str], ...] = ()
    join: str = ""
    """``groups``: who has a group that stands for a role is taken on as they first come. Else: linked by hand."""

    @property
    def setting(self) -> str:
        """How its settings begin."""
        return prefix(self.name, self.family)

    def roles_of(self, groups: Iterable[str]) -> tuple[str, ...]:
        """The roles that these groups stand for, each once."""
        held = set(groups)
        return tuple(dict.fromkeys(role for group, role in self.roles if group in held))


def prefix(name: str, family: str = STAFF) -> str:
    """``entra-id`` → ``STAFF_OIDC_ENTRA_ID_``."""
    return f"{family}_{name.upper().replace('-', '_')}_"


def parsed(name: str, given: Mapping[str, str], family: str = STAFF) -> ProviderTerms:
    """A provider from its settings, ``given`` by what follows the prefix; unjudged, but for the map of groups.

    Raises ``ValueError`` with a sentence.
    """
    return ProviderTerms(
        family=family,
        client_key=_key(given.get("CLIENT_KEY_FILE", ""), f"{prefix(name, family)}CLIENT_KEY_FILE"),
        acr_values=given.get("ACR_VALUES", ""),
        name=name,
        label=given.get("LABEL", "") or name.replace("-", " ").title(),
        issuer=given.get("ISSUER", ""),
        client_id=given.get("CLIENT_ID", ""),
        client_secret=given.get("CLIENT_SECRET", ""),
        scope=given.get("SCOPE", "") or SCOPE,
        groups_claim=given.get("GROUPS_CLAIM", "") or "groups",
        roles=_roles(given.get("ROLES", ""), f"{prefix(name, family)}ROLES"),
        join=given.get("JOIN", ""),
    )


def problems_of(providers: Sequence[ProviderTerms], *, is_production: bool) -> list[str]:
    """Why nobody could or should sign in by these: one sentence each."""
    problems = []
    for one in providers:
        missing = [f"{one.setting}{name.upper()}" for name in ("issuer", "client_id") if not getattr(one, name)]
        missing += [] if one.client_secret or one.client_key else [f"{one.setting}CLIENT_SECRET"]
        if missing:
            problems.append(f"{', '.join(missing)} must be set: {one.family} names {one.name}.")
        if one.client_secret and one.client_key:
            problems.append(f"{one.setting}CLIENT_SECRET and {one.setting}CLIENT_KEY_FILE are set: one is enough.")
        problems += _issuer_problems(one, is_production=is_production)
        if one.join not in ("", JOIN_BY_GROUPS):
            problems.append(f"{one.setting}JOIN must be {JOIN_BY_GROUPS}, or be left out.")
        if one.join and not one.roles:
            problems.append(f"{one.setting}JOIN needs {one.setting}ROLES: without a role nobody is taken on.")
        if "openid" not in one.scope.split():
            problems.append(f"{one.setting}SCOPE must hold openid.")
    for what in ("name", "issuer"):
        values = [getattr(one, what) for one in providers if getattr(one, what)]
        problems += [
            f"{providers[0].family} has two providers with the {what} {value}."
            for value in sorted(set(values))
            if values.count(value) > 1
        ]
    return problems


def _issuer_problems(one: ProviderTerms, *, is_production: bool) -> list[str]:
    parts = urlsplit(one.issuer)
    if not one.issuer:
        return []
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or parts.username:
        return [f"{one.setting}ISSUER must be the provider's address as its discovery says it, such as https://..."]
    if is_production and parts.scheme != "https":
        return [f"{one.setting}ISSUER must begin with https:// in production."]
    return []


def _key(path: str, setting: str) -> str:
    if not path:
        return ""
    try:
        text = Path(path).read_text()
    except (OSError, UnicodeDecodeError) as error:
        raise ValueError(f"{setting} names a file that cannot be read ({type(error).__name__}).") from error
    if "PRIVATE KEY" not in text:
        raise ValueError(f"{setting} names a file that holds no private key in PEM.")
    return text


def _roles(text: str, setting: str) -> tuple[tuple[str, str], ...]:
    """``Finance=finance, City Clerks=clerk``: the last ``=`` parts group and role, for a group may hold some.

    With semicolons between them a group may hold commas, as a name in a directory does.
    """
    pairs = []
    for part in filter(None, (part.strip() for part in text.split(";" if ";" in text else ","))):
        group, found, role = (piece.strip() for piece in part.rpartition("="))
        if not (found and group and role):
            raise ValueError(f"{setting} must be pairs such as Finance=finance, City Clerks=clerk; {part!r} is none.")
        pairs.append((group, role))
    return tuple(pairs)
