"""The two reads of a look-up; both run whatever was typed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, case, distinct, func, or_, select
from sqlalchemy.orm import Session

from accounts.customer_accounts.models import AccountAlias, AccountProof, CustomerAccount
from accounts.customer_accounts.rules import one_slip_away
from accounts.lookups.models import LookupMiss
from accounts.lookups.rules import MOST_CANDIDATES, PER_ACCOUNT, PER_CLIENT, PER_CLIENT_AND_ACCOUNT, Candidate, Misses
from accounts.premises.models import Premises


def candidates(session: Session, key: str) -> list[Candidate]:
    """Accounts that a typed number may mean: by reference, by alias, by a reference one digit away. One statement."""
    references = [key, *one_slip_away(key)]
    by_alias = select(AccountAlias.customer_account_id).where(AccountAlias.number_key == key)
    kept = (
        select(func.jsonb_agg(func.jsonb_build_array(AccountProof.kind, func.encode(AccountProof.digest, "hex"))))
        .where(AccountProof.customer_account_id == CustomerAccount.id)
        .scalar_subquery()
    )
    rows = session.execute(
        select(CustomerAccount.id, CustomerAccount.kind, CustomerAccount.reference, CustomerAccount.is_protected,
               CustomerAccount.last_paid_cents, Premises.zip_code, kept.label("proofs"))
        .outerjoin(Premises, Premises.id == CustomerAccount.premises_id)
        .where(or_(CustomerAccount.reference.in_(references), CustomerAccount.id.in_(by_alias)))
        .order_by(CustomerAccount.reference != key, CustomerAccount.id)
        .limit(MOST_CANDIDATES)
    )  # fmt: skip
    return [
        Candidate(
            account_id=row.id,
            kind=row.kind.value,
            reference=row.reference,
            is_protected=row.is_protected,
            last_paid=row.last_paid_cents,
            zip_code=row.zip_code or "",
            proofs=_by_kind(row.proofs or []),
        )
        for row in rows
    ]


def misses(session: Session, client: bytes, targets: Sequence[bytes], now: datetime) -> Misses:
    """Recent misses of this client and at these targets. One statement; each guess counts once for a client."""
    same_client, same_target = LookupMiss.client_digest == client, LookupMiss.target_digest.in_(targets)
    missed_at = LookupMiss.missed_at

    def guesses(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count(distinct(case((and_(*conditions), missed_at))))

    row = session.execute(
        select(
            guesses(same_client, same_target, missed_at > now - PER_CLIENT_AND_ACCOUNT[1]),
            guesses(same_client, missed_at > now - PER_CLIENT[1]),
            guesses(same_target, LookupMiss.is_new_client.is_(True), missed_at > now - PER_ACCOUNT[1]),
        ).where(or_(same_client, same_target), missed_at > now - PER_ACCOUNT[1])
    ).one()
    return Misses(*row)


def _by_kind(pairs: Sequence[Sequence[str]]) -> dict[str, list[bytes]]:
    found: dict[str, list[bytes]] = {}
    for kind, digest in pairs:
        found.setdefault(kind, []).append(bytes.fromhex(digest))
    return found
