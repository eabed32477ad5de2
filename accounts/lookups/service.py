"""Use cases of finding an account as a guest. A failure does the same statements and work whatever its reason."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Result, delete, update

from accounts.customer_accounts.rules import number_key, one_slip_away, proof_digest
from accounts.database import Rows, Sessions, one_by_one, query, transaction
from accounts.lookups import queries
from accounts.lookups.models import LookupCode, LookupMiss, LookupRequest
from accounts.lookups.rules import (
    CODE_TRIES,
    MOST_CANDIDATES,
    PER_ACCOUNT,
    PER_CLIENT,
    PER_CLIENT_AND_ACCOUNT,
    Candidate,
    Misses,
    NoMatch,
    ProofRule,
    TooManyGuesses,
    keyed,
    matching,
    may_guess,
)

_COUNTED = ("client_and_account", "client", "account")
_GUESS_COUNTED = """guess_counted(CAST(:turn AS bigint), :client, :asked, :missed, :is_new, :now,
                                :recently, :this_hour, :today, :most, :fits, :is_known)"""
_GUESS = query(f"SELECT * FROM {_GUESS_COUNTED}", *_COUNTED)  # noqa: S608 - our own words
_QUICK_GUESS = query(
    f"SELECT guess.* FROM set_config('synchronous_commit', 'off', true), {_GUESS_COUNTED} AS guess",  # noqa: S608
    *_COUNTED,
)
"""For a transaction that writes nothing but a miss: all see it at commit, and nobody waits for the disk. A server
that crashes may forget the misses of its last half second, which no guesser can bring about."""
_NOBODY = 0
"""No account has this id."""


@dataclass(frozen=True)
class Guess:
    """What a guest typed and who they are. ``known`` are accounts that their signed cookie proves."""

    number: str
    proof: str
    zip_code: str
    client: str
    known: frozenset[int]


@dataclass(frozen=True)
class Found:
    """An account that was proven. ``corrected`` is set when the typed number was one digit off."""

    account_id: int
    kind: str
    reference: str
    corrected: bool = False


@dataclass(frozen=True)
class Keys:
    """The key of all keyed HMACs, and the proofs that the city accepts by kind of account."""

    secret: bytes
    proofs: Mapping[str, Sequence[ProofRule]]


def find(sessions: Sessions, keys: Keys, guess: Guess, now: datetime) -> Found:
    """Use case: the account that the number and the proof fit.

    Raises :class:`~accounts.lookups.rules.NoMatch` or :class:`~accounts.lookups.rules.TooManyGuesses`; both are
    counted. The same two statements run for an unknown number, a wrong proof and a protected account.
    """
    key = number_key(guess.number)
    client = keyed(keys.secret, "client", guess.client)
    with one_by_one(sessions) as session:
        candidates = queries.candidates(session, key)
        targets = _targets(keys.secret, key, candidates)
        fitting = matching(keys.secret, candidates, keys.proofs, guess.proof, guess.zip_code)
        known = [candidate for candidate in fitting if candidate.account_id in guess.known]
        values = _guessed(client, targets, now, guess.known, fits=bool(fitting), is_known=bool(known))
        allowed = may_guess(_misses(session.execute(_QUICK_GUESS, values)))
    best = next(iter(fitting if allowed else known), None)
    if best is None:
        raise NoMatch() if allowed else TooManyGuesses()
    return Found(best.account_id, best.kind, best.reference, corrected=best.reference in _slips(key))


def find_by_code(sessions: Sessions, keys: Keys, number: str, code: str, client: str, *, now: datetime) -> Found:
    """Use case: prove an account by the code that was sent to its contact; a code is good once.

    Raises :class:`NoMatch` (counted) or :class:`TooManyGuesses`, the same for unknown numbers.
    """
    key = number_key(number)
    with transaction(sessions) as session:
        candidates = queries.candidates(session, key)
        by_id = {candidate.account_id: candidate for candidate in candidates if not candidate.is_protected}
        ids = [*by_id, *[_NOBODY] * MOST_CANDIDATES][:MOST_CANDIDATES]
        used = session.execute(
            update(LookupCode)
            .where(
                LookupCode.customer_account_id.in_(ids),
                LookupCode.code_digest.in_([code_digest(keys.secret, account_id, code) for account_id in ids]),
                LookupCode.used_at.is_(None),
                LookupCode.expires_at > now,
                LookupCode.tries < CODE_TRIES,
            )
            .values(used_at=now)
            .returning(LookupCode.customer_account_id)
        ).scalar()
        if used is not None:
            return Found(used, by_id[used].kind, by_id[used].reference)
        session.execute(
            update(LookupCode)
            .where(LookupCode.customer_account_id.in_(ids), LookupCode.used_at.is_(None))
            .values(tries=LookupCode.tries + 1)
        )
        targets = _targets(keys.secret, key, candidates)
        values = _guessed(keyed(keys.secret, "client", client), targets, now, frozenset())
        allowed = may_guess(_misses(session.execute(_GUESS, values)))
    raise NoMatch() if allowed else TooManyGuesses()


def forget_old_misses(sessions: Sessions, now: datetime) -> int:
    """Use case of the night: remove counters that no rule reads any more; how many."""
    with transaction(sessions) as session:
        session.execute(delete(LookupRequest).where(LookupRequest.asked_at < now - PER_ACCOUNT[1]))
        session.execute(delete(LookupCode).where(LookupCode.expires_at < now - PER_ACCOUNT[1]))
        old = delete(LookupMiss).where(LookupMiss.missed_at < now - PER_ACCOUNT[1]).returning(LookupMiss.id)
        return len(session.scalars(old).all())


def code_digest(secret: bytes, account_id: int, code: str) -> bytes:
    """How a code is kept."""
    return proof_digest(secret, account_id, "code", code)


def turn_of(client: bytes) -> int:
    """Guesses of one client take turns on this number, so that many at once are counted as many."""
    return int.from_bytes(client[:8], "big", signed=True)


@dataclass(frozen=True)
class _Targets:
    """What a guess is counted against: account id (none for a number we do not know) and HMAC.

    ``asked`` is filled up to ``MOST_CANDIDATES``, so that the work tells nothing.
    """

    counted: tuple[tuple[int, bytes], ...]
    asked: tuple[bytes, ...]


def _targets(secret: bytes, key: str, candidates: Sequence[Candidate]) -> _Targets:
    """The accounts that a number may mean, by any of their numbers, or what was typed."""
    names = {candidate.reference: candidate.account_id for candidate in candidates} or {key: _NOBODY}
    filled = [*sorted(names), *(f"{_NOBODY}:{place}" for place in range(MOST_CANDIDATES))][:MOST_CANDIDATES]
    asked = tuple(keyed(secret, "target", name) for name in filled)
    return _Targets(tuple((names[name], digest) for name, digest in zip(sorted(names), asked, strict=False)), asked)


def _guessed(
    client: bytes,
    targets: _Targets,
    now: datetime,
    known: frozenset[int],
    *,
    fits: bool = False,
    is_known: bool = False,
) -> dict[str, object]:
    """What the database needs to count a guess as our rules say (``migrations/sql/0006_guesses.sql``)."""
    return {
        "turn": turn_of(client),
        "client": client,
        "asked": list(targets.asked),
        "missed": [target for _, target in targets.counted],
        "is_new": [account_id not in known for account_id, _ in targets.counted],
        "now": now,
        "recently": now - PER_CLIENT_AND_ACCOUNT[1],
        "this_hour": now - PER_CLIENT[1],
        "today": now - PER_ACCOUNT[1],
        "most": [PER_CLIENT_AND_ACCOUNT[0], PER_CLIENT[0], PER_ACCOUNT[0]],
        "fits": fits,
        "is_known": is_known,
    }


def _misses(counted: Result[Any] | Rows) -> Misses:
    row = counted.one()
    return Misses(row.client_and_account, row.client, row.account)


def _slips(key: str) -> set[str]:
    return set(one_slip_away(key))
