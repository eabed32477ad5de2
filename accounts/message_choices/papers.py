"""Use cases of bills without paper: agreed to online, asked for at the counter and confirmed by mail, and ended."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.consents.models import Consent, ConsentRevocation
from accounts.database import Sessions, transaction
from accounts.message_choices.queries import PAPERLESS, PAPERLESS_ASKED, Person, paperless
from accounts.message_choices.rules import NotPaperless, OfferOver
from accounts.message_choices.service import ConsentText, end_consent

_LOCK = text("SELECT id FROM customer_accounts WHERE id = :account FOR NO KEY UPDATE")
OFFER_DAYS = 30
"""So long a mail that asks for the confirmation can be answered."""


def go_paperless(
    sessions: Sessions, account_id: int, words: ConsentText, *, by: int, now: datetime, evidence: Mapping[str, object]
) -> int:
    """Use case: bills of an account come by mail to the person's address only; the consent's id.

    E-SIGN, 15 USC 7001(c): the words say what is given up, how it is ended, how paper is asked for and what is
    needed to read the bills; ``evidence`` says how they showed that they can (a bill opened in this browser).
    """
    with transaction(sessions) as session:
        held = paperless(session, [account_id]).get(account_id)
        if held is not None and held.actor_id == by:
            return held.consent_id
        row = Consent(
            kind=PAPERLESS, text_version=words.version, language=words.language, text_sha256=words.digest,
            actor_id=by, customer_account_id=account_id, method="web", evidence=dict(evidence), agreed_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(session, "paperless-begun", subject=("account", account_id), actor_id=by, consent=row.id)
        return row.id


def confirm_paperless(sessions: Sessions, asked_id: int, *, now: datetime, evidence: Mapping[str, object]) -> int:
    """Use case: who asked at the counter confirms from the mail that they got; the account.

    A word at the counter alone is no consent: it must be confirmed electronically, in a way that shows that its giver
    can read what comes (15 USC 7001(c)(1)(C)(ii)). Again changes nothing. Raises :class:`rules.OfferOver` for one
    that is too old, was taken back, or was asked of a person who has the account no more.
    """
    with transaction(sessions) as session:
        asked = session.get(Consent, asked_id)
        if asked is None or asked.kind != PAPERLESS_ASKED or asked.customer_account_id is None:
            raise OfferOver(f"nothing was asked as {asked_id}")
        account_id = asked.customer_account_id
        session.execute(_LOCK, {"account": account_id})
        if account_id in paperless(session, [account_id]):
            return account_id
        is_over = session.get(ConsentRevocation, asked_id) is not None
        if is_over or now - asked.agreed_at > timedelta(days=OFFER_DAYS):
            raise OfferOver(f"asked as {asked_id}, and over")
        row = Consent(
            kind=PAPERLESS, text_version=asked.text_version, language=asked.language, text_sha256=asked.text_sha256,
            actor_id=asked.actor_id, customer_account_id=account_id, method="link",
            evidence={**asked.evidence, **evidence, "asked": asked.id, "way": asked.method}, agreed_at=now,
        )  # fmt: skip
        session.add(row)
        session.flush()
        audit.record(session, "paperless-begun", subject=("account", account_id), consent=row.id, by_mail=True)
        return account_id


def end_paperless(sessions: Sessions, account_id: int, *, by: int, now: datetime, reason: str = "") -> None:
    """Use case: bills come on paper again, from the next one on; raises :class:`rules.NotPaperless`."""
    with transaction(sessions) as session:
        stop_paperless(session, account_id, by=by, now=now, reason=reason)


def stop_paperless(session: Session, account_id: int, *, by: int, now: datetime, reason: str) -> None:
    """Step of :func:`end_paperless`; what was asked for and not confirmed ends with it."""
    waits = Consent.kind == PAPERLESS_ASKED
    _end(session, waits & (Consent.customer_account_id == account_id), by, now, reason)
    if not _end(session, (Consent.kind == PAPERLESS) & (Consent.customer_account_id == account_id), by, now, reason):
        raise NotPaperless(f"account {account_id}")
    _audit(session, [account_id], by, reason)


def paper_again(session: Session, person: Person, *, by: int, now: datetime, reason: str) -> list[int]:
    """Step: somebody is not reached by mail any more, so bills for which they gave up paper come on paper again.

    The accounts.
    """
    if person.actor_id is not None:
        theirs = Consent.actor_id == person.actor_id
    else:
        theirs = Consent.evidence["customer"].as_string() == str(person.customer_id)
    accounts = _end(session, (Consent.kind == PAPERLESS) & theirs, by, now, reason)
    _audit(session, accounts, by, reason)
    return accounts


def _end(session: Session, which: ColumnElement[bool], by: int, now: datetime, reason: str) -> list[int]:
    ended = select(ConsentRevocation).where(ConsentRevocation.consent_id == Consent.id).exists()
    held = session.scalars(select(Consent).where(which, ~ended).order_by(Consent.id)).all()
    for consent in held:
        end_consent(session, consent.id, by, now, reason)
    return list(dict.fromkeys(one.customer_account_id for one in held if one.customer_account_id is not None))


def _audit(session: Session, accounts: list[int], by: int, reason: str) -> None:
    for account_id in accounts:
        audit.record(session, "paperless-ended", subject=("account", account_id), actor_id=by, reason=reason)
