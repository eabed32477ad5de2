"""As what somebody has an account, and what they may do with it, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from accounts.account_links.queries import Share
from accounts.account_links.rules import Right, Standing

STANDINGS = {
    Standing.HOLDER: _l("Account holder"),
    Standing.OWNER: _l("Owner of the property"),
    Standing.TENANT: _l("Tenant"),
    Standing.AGENT: _l("Bookkeeper or manager"),
    Standing.FAMILY: _l("Family or household"),
}
RIGHTS = {
    Right.SEE: _l("See the account"),
    Right.PAY: _l("Pay it"),
    Right.MANAGE: _l("Ask and change"),
}
RIGHTS_AT_LENGTH = {
    Right.PAY: _l("Pay the bills"),
    Right.MANAGE: _l("Make requests and choose messages"),
}


def standing_words(standing: Standing) -> str:
    """As what."""
    return str(STANDINGS[standing])


def rights_words(rights: Iterable[Right], *, gets_copies: bool = False) -> str:
    """What they may do, as a list in the order see, pay, manage; then that messages go to them too."""
    given = frozenset(rights)
    said = [str(words) for right, words in RIGHTS.items() if right in given]
    return ", ".join([*said, *([_("Gets copies")] if gets_copies else [])])


@dataclass(frozen=True)
class PersonView:
    """Somebody on an account, or invited, as its page shows them."""

    id: int
    who: str
    is_me: bool
    is_invitation: bool
    is_holder: bool
    standing: str
    rights: str
    since: datetime


def person_view(share: Share, known: Mapping[int, str], *, me: int | None = None) -> PersonView:
    """``known``: masked addresses by actor; ``me``: who reads."""
    return PersonView(
        id=share.id,
        who=share.to_masked if share.actor_id is None else known.get(share.actor_id, ""),
        is_me=me is not None and share.actor_id == me,
        is_invitation=share.is_invitation,
        is_holder=share.standing is Standing.HOLDER,
        standing=standing_words(share.standing),
        rights=rights_words(share.rights, gets_copies=share.gets_copies),
        since=share.since,
    )
