"""Ask an OpenID provider who somebody is: authorization code with PKCE, state and nonce, by Authlib.

The library checks the ID token: its signature by the provider's published keys, issuer, audience, nonce and expiry.
What it does not check is checked here: that the provider is the one of the settings, and speaks no plain http when
its issuer does not. No transaction is open while a provider is asked (money rule 2 holds for every network call).
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskIntegration
from authlib.integrations.flask_client.apps import FlaskOAuth2App
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from flask import request, session
from joserfc.errors import JoseError
from requests import RequestException

from accounts.database import forbid_open_transaction
from accounts.errors import DomainError
from portal import logs
from portal.identity.providers import ProviderTerms

SIGNED_BY = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA", "Ed25519")
"""Signatures that only the provider can make: never "none", never an HMAC by a secret that two know."""
CLOCKS_APART_SECONDS = 60
ON_ITS_WAY_SECONDS = 600
"""For so long somebody may stay at the provider's page."""
_KNOWN_FOR_SECONDS = 24 * 3600
"""After so long a provider is asked again where its pages are. A key that is not known is looked for at once."""
_SECONDS_TO_ANSWER = (4, 10)
_STATES = "_state_"
"""How Authlib names in the session what it remembers of a person on their way."""
_LONGEST_SUBJECT = 255
"""OpenID Connect Core 1.0, section 2."""
_LONGEST_NAME = 120
_log = logs.logger(__name__)


class ProviderAway(DomainError):
    """The provider does not answer, or not in a way that makes sense; passwords still work."""


class ProviderRefused(DomainError):
    """No identity came of it: refused or given up there, too late, used before, forged, expired, or not for us."""


@dataclass(frozen=True)
class Vouched:
    """Whom a provider vouched for: the subject within the issuer is who they are, the rest is how they are called."""

    issuer: str
    subject: str
    groups: tuple[str, ...]
    username: str
    name: str
    email: str


class Provider(FlaskOAuth2App):  # type: ignore[misc]
    """Authlib's client for one provider, told by its discovery document where to ask."""

    server_metadata: dict[str, Any]

    def __init__(self, terms: ProviderTerms) -> None:
        super().__init__(
            FlaskIntegration(terms.setting),
            terms.name,
            client_id=terms.client_id,
            client_secret=terms.client_key or terms.client_secret,
            client_auth_methods=[PrivateKeyJWT()],
            authorize_params={"acr_values": terms.acr_values} if terms.acr_values else None,
            server_metadata_url=f"{terms.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={
                "scope": terms.scope,
                "code_challenge_method": "S256",
                "default_timeout": _SECONDS_TO_ANSWER,
            },
        )
        self.terms = terms

    def load_server_metadata(self) -> dict[str, Any]:
        """What the provider says of itself, checked each time that it was asked; raises :class:`ProviderAway`."""
        held = self.server_metadata
        if time.time() - held.get("_loaded_at", 0) < _KNOWN_FOR_SECONDS:
            return held
        self.server_metadata = {}
        found: dict[str, Any] = super().load_server_metadata()
        try:
            self._check(found)
        except ProviderAway:
            self.server_metadata = {}
            raise
        offered = found.get("id_token_signing_alg_values_supported") or ()
        found["id_token_signing_alg_values_supported"] = [one for one in offered if one in SIGNED_BY] or ["RS256"]
        ways = found.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        if self.terms.client_key:
            self.client_kwargs["token_endpoint_auth_method"] = PrivateKeyJWT.name
        elif "client_secret_basic" not in ways and "client_secret_post" in ways:
            self.client_kwargs["token_endpoint_auth_method"] = "client_secret_post"  # noqa: S105 - a way, no secret
        return found

    def _check(self, found: Mapping[str, Any]) -> None:
        if found.get("issuer") != self.terms.issuer:
            raise ProviderAway(f"the provider {self.name} says that it is another issuer")
        for page in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            url = found.get(page)
            if not isinstance(url, str) or not url.startswith(("https://", "http://")):
                raise ProviderAway(f"the provider {self.name} has no {page}")
            if self.terms.issuer.startswith("https://") and not url.startswith("https://"):
                raise ProviderAway(f"the provider {self.name} has a {page} without https")


def begin(provider: Provider, redirect_uri: str, to: str) -> str:
    """The address of the provider's page. What its answer is held against, and ``to``, stay in the signed cookie.

    One sign-in is under way in a browser: one that was begun before is over. Raises :class:`ProviderAway`.
    """
    forbid_open_transaction()
    _forget_all()
    with _in_plain_words(provider.name):
        made = provider.create_authorization_url(redirect_uri)
        url = str(made.pop("url"))
        provider.save_authorize_data(redirect_uri=redirect_uri, to=to, began_at=int(time.time()), **made)
    return url


def finish(provider: Provider) -> tuple[Vouched, str]:
    """Whom the provider vouches for by the answer that this request brings, and where they wanted to go.

    An answer is good once. Raises :class:`ProviderRefused` or :class:`ProviderAway`.
    """
    forbid_open_transaction()
    begun = provider.framework.get_state_data(session, request.args.get("state")) or {}
    if request.args.get("iss", provider.terms.issuer) != provider.terms.issuer:
        _forget_all()
        raise ProviderRefused("the answer names another issuer (RFC 9207)")
    if time.time() - begun.get("began_at", 0) > ON_ITS_WAY_SECONDS:
        _forget_all()
        raise ProviderRefused("not begun here, or too long ago")
    try:
        with _in_plain_words(provider.name):
            token = provider.authorize_access_token(
                claims_options={
                    "iss": {"essential": True, "value": provider.terms.issuer},
                    "aud": {"essential": True, "value": provider.terms.client_id},
                },
                leeway=CLOCKS_APART_SECONDS,
            )
    finally:
        _forget_all()
    return _vouched(provider.terms, token.get("userinfo") or {}), str(begun.get("to", ""))


def _forget_all() -> None:
    for key in [key for key in session if key.startswith(_STATES)]:
        session.pop(key)


def _vouched(terms: ProviderTerms, claims: Mapping[str, Any]) -> Vouched:
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_SUBJECT or not subject.isprintable():
        raise ProviderRefused("no subject")
    groups = claims.get(terms.groups_claim) or ()
    listed = [groups] if isinstance(groups, str) else groups
    return Vouched(
        issuer=terms.issuer,
        subject=subject,
        groups=tuple(one for one in listed if isinstance(one, str)) if isinstance(listed, list | tuple) else (),
        username=_words(claims, "preferred_username") or _words(claims, "email"),
        name=_words(claims, "name"),
        email=_words(claims, "email"),
    )


def _words(claims: Mapping[str, Any], name: str) -> str:
    value = claims.get(name)
    printable = "".join(filter(str.isprintable, value)) if isinstance(value, str) else ""
    return printable.strip()[:_LONGEST_NAME]


@contextmanager
def _in_plain_words(name: str) -> Iterator[None]:
    """Whatever goes wrong with a provider is one of two refusals; the log says more, and no secret."""
    try:
        yield
    except RequestException as error:
        _log.warning("provider away", provider=name, error=type(error).__name__)
        raise ProviderAway(f"{name} does not answer") from error
    except (AuthlibBaseError, JoseError) as error:
        _log.warning("provider refused", provider=name, error=type(error).__name__, code=error.error)
        raise ProviderRefused(f"{name}: {type(error).__name__}") from error
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        _log.warning("provider makes no sense", provider=name, error=type(error).__name__)
        raise ProviderAway(f"{name} answers what makes no sense") from error
