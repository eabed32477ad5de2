"""The second step of signing in: an authenticator app or a passkey, and recovery codes for the day they are lost."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.database import Sessions, transaction
from portal.identity import recovery_codes
from portal.identity.factors import new_totp_secret, step_of
from portal.identity.residents.changes import end_other_screens, note_change, own
from portal.identity.residents.models import ResidentPasskey, ResidentRecoveryCode, ResidentSignIn
from portal.identity.residents.rules import BeginAgain, NoSecondStep, WrongCode
from portal.identity.residents.signing_in import WHOSE, Door
from portal.identity.residents.users import ResidentUser
from portal.identity.vault import Unreadable


@dataclass(frozen=True)
class NewApp:
    """An app that is being set up: the secret for its eyes, and the same sealed, for the form to carry along."""

    secret: str
    sealed: str


def new_app(door: Door, user: ResidentUser) -> NewApp:
    """A new secret; nothing is kept until the app has proved that it has it."""
    secret = new_totp_secret()
    return NewApp(secret, door.factors.lock(json.dumps([user.sign_in_id, secret]).encode()).decode())


def app_in(door: Door, user: ResidentUser, sealed: str) -> NewApp:
    """The app that a form carries along. Raises :class:`BeginAgain` for another's, or one that nobody sealed."""
    try:
        sign_in_id, secret = json.loads(door.factors.open(sealed.encode(errors="replace")))
    except (Unreadable, ValueError, TypeError) as error:
        raise BeginAgain("not sealed here") from error
    if sign_in_id != user.sign_in_id:
        raise BeginAgain("sealed for somebody else")
    return NewApp(secret, sealed)


def set_up_app(
    sessions: Sessions, door: Door, user: ResidentUser, app: NewApp, code: str, *, now: datetime
) -> list[str]:
    """Use case: from now on a code of this app is asked for; returns ten recovery codes, shown only now.

    Raises :class:`WrongCode`. Other screens are signed out.
    """
    with transaction(sessions) as session:
        found = own(session, user)
        step = step_of(app.secret, code, now, 0)
        if step is None:
            raise WrongCode("not the code of this app")
        found.totp_secret, found.totp_step = door.factors.lock(app.secret.encode()), step
        found.asks_second = True
        end_other_screens(session, user, now)
        note_change(session, door, found, "second-step-on")
        return new_codes(session, door, found.id)


def ask_for_passkey(sessions: Sessions, door: Door, user: ResidentUser, now: datetime) -> list[str]:
    """Use case: from now on a passkey is asked for after a password or a mailed link; returns the recovery codes.

    Raises :class:`NoSecondStep` where there is none.
    """
    with transaction(sessions) as session:
        found = own(session, user)
        if not passkeys_of(session, found.id):
            raise NoSecondStep("no passkey")
        found.asks_second = True
        end_other_screens(session, user, now)
        note_change(session, door, found, "second-step-on")
        return new_codes(session, door, found.id)


def turn_off(sessions: Sessions, door: Door, user: ResidentUser) -> None:
    """Use case: a password or a mailed link is enough again; the app and the recovery codes are forgotten."""
    with transaction(sessions) as session:
        found = own(session, user)
        if found.asks_second:
            forget_second_step(session, door, found)


def renew_codes(sessions: Sessions, door: Door, user: ResidentUser) -> list[str]:
    """Use case: ten new recovery codes; the old ones are good no longer. Raises :class:`NoSecondStep`."""
    with transaction(sessions) as session:
        found = own(session, user)
        if not found.asks_second:
            raise NoSecondStep("no second step is asked for")
        note_change(session, door, found, "recovery-codes-renewed")
        return new_codes(session, door, found.id)


def forget_second_step(session: Session, door: Door, found: ResidentSignIn) -> None:
    """Step: as if there had never been one."""
    found.asks_second, found.totp_secret = False, None
    recovery_codes.forget(session, ResidentRecoveryCode, found.id)
    note_change(session, door, found, "second-step-off")


def passkeys_of(session: Session, sign_in_id: int) -> int:
    """How many passkeys somebody has."""
    counted = select(func.count()).where(ResidentPasskey.sign_in_id == sign_in_id)
    return int(session.scalars(counted.select_from(ResidentPasskey)).one())


def new_codes(session: Session, door: Door, sign_in_id: int) -> list[str]:
    """Step: ten recovery codes instead of those there were."""
    return recovery_codes.renew(session, ResidentRecoveryCode, door.secret, sign_in_id, WHOSE)
