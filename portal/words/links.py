"""As what somebody has an account, and what they may do with it, in words."""

from __future__ import annotations

from collections.abc import Iterable

from flask_babel import lazy_gettext as _l

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


def rights_words(rights: Iterable[Right]) -> str:
    """What they may do, as a list in the order see, pay, manage."""
    given = frozenset(rights)
    return ", ".join(str(words) for right, words in RIGHTS.items() if right in given)
