"""Passkeys (WebAuthn, level 3): added, used to sign in or as the second step, named and removed.

Who signs in by one has proved two things at once: that they have it, and (user verification is required) a
fingerprint, a face or a number that only they know.
"""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from accounts import audit
from accounts.customer_accounts.rules import keyed_digest
from accounts.database import Sessions, reading, transaction
from accounts.errors import NotFound
from portal.identity.residents.changes import note_change, own
from portal.identity.residents.models import ResidentIdentity, ResidentPasskey, ResidentSignIn
from portal.identity.residents.rules import (
    HALF_LIFE,
    LONGEST_NAME,
    MOST_PASSKEYS,
    PASSKEY,
    BeginAgain,
    LastWayIn,
    PasskeyRefused,
    TooManyPasskeys,
    Ways,
)
from portal.identity.residents.second_steps import forget_second_step, passkeys_of
from portal.identity.residents.signing_in import SUBJECT, Door, Half, SignedIn, begin_session, note_refusal
from portal.identity.residents.users import ResidentUser
from portal.identity.sessions import Screen

LONGEST_ANSWER = 16_000
_NOT_AN_ANSWER = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True)
class Party:
    """Who we are to a passkey: the host of our address, as browsers hold it to (RP ID), and the address itself."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True)
class Asked:
    """What a browser is asked, as JSON, and the challenge that its answer must hold."""

    options: str
    challenge: bytes


def party_of(base_url: str, name: str) -> Party | None:
    """None where the address is one by number: browsers give no passkey to those."""
    parts = urlsplit(base_url)
    host = parts.hostname or ""
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return Party(host, name, f"{parts.scheme}://{parts.netloc}") if host else None
    return None


def ask_to_add(sessions: Sessions, door: Door, party: Party, user: ResidentUser, label: str) -> Asked:
    """What a browser is asked for a new passkey, which none of those there are may be."""
    with reading(sessions) as session:
        held = session.scalars(
            select(ResidentPasskey.credential_id).where(ResidentPasskey.sign_in_id == user.sign_in_id)
        ).all()
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=_handle(door, user.sign_in_id),
        user_name=label,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in held],
    )
    return Asked(webauthn.options_to_json(options), options.challenge)


def ask(party: Party) -> Asked:
    """What a browser is asked for a sign-in: any passkey of ours, so that nothing is said of who has one."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id, user_verification=UserVerificationRequirement.REQUIRED
    )
    return Asked(webauthn.options_to_json(options), options.challenge)


def add(
    sessions: Sessions, door: Door, party: Party, user: ResidentUser, challenge: bytes, *, answer: str, name: str,
    now: datetime,
) -> None:  # fmt: skip
    """Use case: a new passkey by the browser's answer. Raises :class:`PasskeyRefused` or :class:`TooManyPasskeys`."""
    try:
        made = webauthn.verify_registration_response(
            credential=_parsed(answer),
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
        )
    except _NOT_AN_ANSWER as error:
        raise PasskeyRefused(type(error).__name__) from error
    with transaction(sessions) as session:
        found = own(session, user)
        if passkeys_of(session, found.id) >= MOST_PASSKEYS:
            raise TooManyPasskeys(most=MOST_PASSKEYS)
        taken = select(ResidentPasskey.id).where(ResidentPasskey.credential_id == made.credential_id)
        if session.scalar(taken) is not None:
            raise PasskeyRefused("known already")
        session.add(
            ResidentPasskey(
                sign_in_id=found.id, credential_id=made.credential_id, public_key=made.credential_public_key,
                sign_count=made.sign_count, name=name.strip()[:LONGEST_NAME], added_at=now,
            )
        )  # fmt: skip
        note_change(session, door, found, "passkey-added")


def sign_in(
    sessions: Sessions, door: Door, party: Party, challenge: bytes, answer: str, *, screen: Screen, now: datetime,
    half: Half | None = None,
) -> SignedIn:  # fmt: skip
    """Use case: let in who has the passkey; with ``half`` as the second step of the person who gave the first.

    Raises :class:`PasskeyRefused`, which is written down, or :class:`BeginAgain`.
    """
    if half is not None and not half.at <= now <= half.at + HALF_LIFE:
        raise BeginAgain("the first proof was too long ago")
    with transaction(sessions) as session:
        found = None
        try:
            given = _parsed(answer)
            passkey, found = _whose(session, base64url_to_bytes(given["rawId"]), half)
            _verify(door, party, challenge, given, passkey=passkey, now=now)
        except (*_NOT_AN_ANSWER, PasskeyRefused) as error:
            refused = PasskeyRefused(type(error).__name__)
            note_refusal(session, found, refused)
        else:
            return begin_session(session, found, half.method if half else PASSKEY, screen, now)
    raise refused


def rename(sessions: Sessions, user: ResidentUser, passkey_id: int, name: str) -> None:
    """Use case: what its person calls a passkey. Raises :class:`NotFound` if it is not theirs."""
    with transaction(sessions) as session:
        theirs = update(ResidentPasskey).where(
            ResidentPasskey.id == passkey_id, ResidentPasskey.sign_in_id == user.sign_in_id
        )
        renamed = theirs.values(name=name.strip()[:LONGEST_NAME]).returning(ResidentPasskey.id)
        if session.scalar(renamed) is None:
            raise NotFound(f"no passkey {passkey_id} of theirs")
        audit.record(session, "passkey-renamed", subject=(SUBJECT, user.sign_in_id), actor_id=user.actor_id)


def remove(sessions: Sessions, door: Door, user: ResidentUser, passkey_id: int) -> None:
    """Use case: a passkey is good no longer. Raises :class:`NotFound` if it is not theirs, and :class:`LastWayIn`.

    A second step that nothing is left for is over.
    """
    with transaction(sessions) as session:
        found = own(session, user)
        gone = delete(ResidentPasskey).where(ResidentPasskey.id == passkey_id, ResidentPasskey.sign_in_id == found.id)
        if session.scalar(gone.returning(ResidentPasskey.id)) is None:
            raise NotFound(f"no passkey {passkey_id} of theirs")
        must_keep_a_way(session, found)
        note_change(session, door, found, "passkey-removed")
        if found.asks_second and found.totp_secret is None and not passkeys_of(session, found.id):
            forget_second_step(session, door, found)


def must_keep_a_way(session: Session, found: ResidentSignIn) -> None:
    """Step: raise :class:`LastWayIn` where nothing is left to sign in by."""
    identities = session.scalars(select(ResidentIdentity.id).where(ResidentIdentity.sign_in_id == found.id)).all()
    ways = Ways(bool(found.email), bool(found.password_hash), passkeys_of(session, found.id), len(identities))
    if not ways.are_enough:
        raise LastWayIn("nothing is left to sign in by")


def _whose(session: Session, credential_id: bytes, half: Half | None) -> tuple[ResidentPasskey, ResidentSignIn]:
    row = session.execute(
        select(ResidentPasskey, ResidentSignIn)
        .join(ResidentSignIn, ResidentSignIn.id == ResidentPasskey.sign_in_id)
        .where(ResidentPasskey.credential_id == credential_id)
        .with_for_update()
    ).one_or_none()
    if row is None or (half is not None and row[1].id != half.sign_in_id):
        raise PasskeyRefused("not known here, or somebody else's")
    return row[0], row[1]


def _verify(
    door: Door, party: Party, challenge: bytes, given: Mapping[str, Any], *, passkey: ResidentPasskey, now: datetime
) -> None:
    """Raises what ``webauthn`` raises; a counter that did not go up (a copied passkey) is among it."""
    handle = given["response"].get("userHandle")
    if handle and base64url_to_bytes(handle) != _handle(door, passkey.sign_in_id):
        raise PasskeyRefused("made for somebody else")
    proved = webauthn.verify_authentication_response(
        credential=dict(given),
        expected_challenge=challenge,
        expected_rp_id=party.id,
        expected_origin=party.origin,
        credential_public_key=passkey.public_key,
        credential_current_sign_count=passkey.sign_count,
        require_user_verification=True,
    )
    passkey.sign_count, passkey.used_at = proved.new_sign_count, now


def _parsed(answer: str) -> dict[str, Any]:
    given = json.loads(answer[:LONGEST_ANSWER])
    if not isinstance(given, dict) or not isinstance(given.get("response"), dict):
        raise PasskeyRefused("no answer")
    return given


def _handle(door: Door, sign_in_id: int) -> bytes:
    """What a passkey knows its person by: nothing that says who they are."""
    return keyed_digest(door.secret, f"passkey of {sign_in_id}".encode())
