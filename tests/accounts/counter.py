"""People who work at the counter of the shipped city, and proof that a refusal changed nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.cities.desk import DeskPolicy
from accounts.cities.folder import read_folder
from accounts.cities.rules import City
from accounts.database import Sessions, transaction
from accounts.errors import DomainError
from accounts.staff.rules import Authority, Grant, authority
from tests.database import TestDatabase
from tests.factories import DAY

KEY = b"the key of all proofs in a test"


@functools.cache
def shipped() -> City:
    """The city of the folder ``city/``."""
    return read_folder(Path(__file__).parents[2] / "city")


def policy() -> DeskPolicy:
    return shipped().desk_policy(DAY)


def person(sessions: Sessions, role: str, name: str = "rosa") -> Authority:
    """Somebody who holds a role of the shipped city today."""
    with transaction(sessions) as session:
        known = actor_id(session, f"staff:{name}", name=name.title())
    return authority(shipped(), known, f"staff:{name}", [Grant(role, DAY)], DAY)


def everything(db: TestDatabase) -> dict[str, str]:
    """A digest of every table, the audit's too."""
    with db.owner.connect() as connection:
        names = connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")).all()
        asked = "SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{}\" t"
        return {name: str(connection.scalar(text(asked.format(name)))) for name in names}


@contextmanager
def refused(db: TestDatabase, error: type[DomainError], match: str | None = None) -> Iterator[None]:
    """What happens inside is refused with this error, and no row of any table is another than before."""
    before = everything(db)
    with pytest.raises(error, match=match) as caught:
        yield
    assert caught.type is error, "a refusal is named exactly"
    after = everything(db)
    assert {name for name in before if before[name] != after[name]} == set()
