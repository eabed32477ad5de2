"""What a resident's sign-in is: addresses as compared, ways in, limits, and what is refused. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta

from accounts.errors import Conflict, DomainError
from portal.identity.throttles import Limits

PASSWORD, LINK, PASSKEY = "password", "link", "passkey"
SIGN_IN, OLD_EMAIL, NEW_EMAIL = "sign-in", "old-email", "new-email"
"""Kinds of mailed links."""
AT_COUNTER, FROM_COUNTER = "at-counter", "from-counter"
"""Why a link is mailed, where the counter asked: to the former mailbox, to the new one."""
LINK_LIFE = timedelta(hours=1)
CHANGE_LIFE = timedelta(days=1)
"""So long both mailboxes have to say yes to a change of address."""
COUNTER_LIFE = timedelta(days=14)
"""So long a second person may take to approve what was asked at the counter."""
ANSWER_LIFE = timedelta(days=7)
"""So long after the time to object the new mailbox may say yes."""
HALF_LIFE = timedelta(minutes=10)
"""So long after the first proof the second one may be given."""
TRIES = Limits((10, timedelta(minutes=15)), (60, timedelta(hours=1)), (100, timedelta(days=1)))
"""Refusals after which nobody gets in from there (NIST SP 800-63B, 5.2.2: at most a hundred for one name)."""
MAILS = Limits((3, timedelta(minutes=15)), (20, timedelta(hours=1)), (10, timedelta(days=1)))
"""Mails that are sent to one address, and for one client, however often somebody asks."""
LONGEST_EMAIL = 254
"""RFC 5321, 4.5.3.1.3: what fits between the brackets of a path."""
LONGEST_NAME = 40
MOST_PASSKEYS = 10
_ADDRESS = re.compile(r"[!-?A-~]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}", re.IGNORECASE)
_NOT_IN_IT = re.compile(r"[\s,;:<>()\[\]\\\"]")


class NotLetIn(DomainError):
    """Nothing is said about why: unknown address, no password, the wrong one, or the wrong code."""


class TooManyTries(DomainError):
    """Too many refusals from here or for this address. Said of unknown addresses too."""


class TooManyMails(DomainError):
    """Enough mails were asked for from here or for this address. Said of unknown addresses too."""


class LinkOver(DomainError):
    """The link was used, is too old, was overtaken by another one, or never was."""


class BeginAgain(DomainError):
    """The first proof was too long ago, or was given in another browser."""


class EmailTaken(DomainError):
    """Meanwhile the address has a sign-in of its own. Said to its mailbox only."""


class SameEmail(DomainError):
    """It is the address that they have."""


class SamePerson(DomainError):
    """Who asked for it at the counter does not approve it."""


class NotAtTheCounter(DomainError):
    """Only a holder with an address, whom the account's name shows, is known at the counter."""


class RecoveryOver(Conflict):
    """Approved, refused, stopped or too old already."""


class NoEmailYet(DomainError):
    """A password needs an e-mail address to be typed before it."""


class LastWayIn(DomainError):
    """Without this nothing is left by which its person could sign in."""


class IdentityTaken(DomainError):
    """The provider's identity belongs to another sign-in; identities are never moved."""


class WrongCode(DomainError):
    """The code of the authenticator app does not fit."""


class NoSecondStep(DomainError):
    """There is no app and no passkey that could be asked for."""


class PasskeyRefused(DomainError):
    """The browser's answer does not prove the passkey, is too late, or is of one that is not known here."""


class TooManyPasskeys(DomainError):
    """As many as there may be: ``facts["most"]``."""


@dataclass(frozen=True)
class Ways:
    """By what somebody can sign in."""

    has_email: bool
    has_password: bool
    passkeys: int
    identities: int

    @property
    def are_enough(self) -> bool:
        """A proved address is a way of its own: a link is mailed there."""
        return self.has_email or self.passkeys > 0 or self.identities > 0


def address_of(typed: str) -> str:
    """An e-mail address as compared: small letters, without space around it; what cannot be one is nobody's ("").

    The local part is compared without case too, as every large provider does; it is mailed as compared.
    """
    address = typed.strip().lower()
    fits = len(address) <= LONGEST_EMAIL and _ADDRESS.fullmatch(address) and not _NOT_IN_IT.search(address)
    local = address.partition("@")[0]
    return address if fits and ".." not in local and not local.startswith(".") and not local.endswith(".") else ""
