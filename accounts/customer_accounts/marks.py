"""Use cases that mark accounts: restricted (a safety flag), protected (Safe at Home, Gov. Code 6205)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.approvals.rules import ReasonMissing
from accounts.customer_accounts.access import locked_account, seen_account
from accounts.customer_accounts.lifecycle import AlreadySo
from accounts.customer_accounts.sources import PROTECTION, hold
from accounts.database import Sessions, transaction
from accounts.staff.rules import Authority, Permission

_RESTRICT = text("UPDATE customer_accounts SET is_restricted = :flag WHERE id = :account")
_LOCK = text("SELECT id, is_protected FROM customer_accounts WHERE customer_id = :customer ORDER BY id FOR UPDATE")
_PROTECT = text("UPDATE customer_accounts SET is_protected = :flag WHERE id = ANY (:accounts)")


def restrict(sessions: Sessions, by: Authority, account_id: int, reason: str) -> None:
    """Use case: only staff who may see restricted accounts find and open this one.

    Raises ``NotAllowed``, ``NotFound``, ``ReasonMissing``, :class:`AlreadySo`.
    """
    _restriction(sessions, by, account_id, reason, flag=True)


def unrestrict(sessions: Sessions, by: Authority, account_id: int, reason: str) -> None:
    """Use case: everybody at the counter sees the account again. Raises as :func:`restrict`."""
    _restriction(sessions, by, account_id, reason, flag=False)


def protect(sessions: Sessions, by: Authority, account_id: int, reason: str) -> list[int]:
    """Use case: the holder is protected, so no guest finds any account of theirs, whatever the proof; which ones.

    All accounts of the holder are marked: where somebody lives is told by each. Raises as :func:`restrict`.
    """
    return _protection(sessions, by, account_id, reason, flag=True)


def unprotect(sessions: Sessions, by: Authority, account_id: int, reason: str) -> list[int]:
    """Use case: the holder is not protected any more, on any account. Raises as :func:`restrict`."""
    return _protection(sessions, by, account_id, reason, flag=False)


def _restriction(sessions: Sessions, by: Authority, account_id: int, reason: str, *, flag: bool) -> None:
    words = _words(by, reason)
    with transaction(sessions) as session:
        account = locked_account(session, by, account_id)
        if account.is_restricted == flag:
            raise AlreadySo(f"account {account_id} is so already")
        session.execute(_RESTRICT, {"account": account_id, "flag": flag})
        _audit(session, "account-restricted" if flag else "account-unrestricted", [account.id], by, words, flag=flag)


def _protection(sessions: Sessions, by: Authority, account_id: int, reason: str, *, flag: bool) -> list[int]:
    words = _words(by, reason)
    with transaction(sessions) as session:
        account = seen_account(session, by, account_id)
        marked: dict[int, bool] = dict(session.execute(_LOCK, {"customer": account.customer_id}).all())
        if marked.get(account_id) is flag:
            raise AlreadySo(f"account {account_id} is so already")
        ids = [id_ for id_, is_so in marked.items() if is_so is not flag]
        hold(session, ids, {PROTECTION: "no" if flag else "yes"})
        session.execute(_PROTECT, {"accounts": ids, "flag": flag})
        _audit(session, "account-protected" if flag else "account-unprotected", ids, by, words, flag=flag)
        return ids


def _words(by: Authority, reason: str) -> str:
    by.must(Permission.ACCOUNTS_RESTRICT)
    if not (words := reason.strip()):
        raise ReasonMissing("say why")
    return words


def _audit(session: Session, act: str, ids: Sequence[int], by: Authority, reason: str, *, flag: bool) -> None:
    for id_ in ids:
        audit.record(
            session, act, subject=("account", id_), actor_id=by.actor_id, reason=reason, before=not flag, after=flag
        )
