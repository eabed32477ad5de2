"""Places as the counter sees them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from accounts.database import Reader, query
from accounts.premises.rules import address_key

_COLUMNS = ("id", "address", "city", "state", "zip_code", "parcel", "dwelling_units")
_NAMED = query(f"SELECT {', '.join(_COLUMNS)} FROM premises WHERE id = ANY (:ids) ORDER BY address, id", *_COLUMNS)  # noqa: S608 - our own columns
_AT = query(
    f"SELECT {', '.join(_COLUMNS)} FROM premises WHERE address_key = :key ORDER BY id LIMIT 20",  # noqa: S608
    *_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class PremisesCard:
    """A place. Who lives there is its accounts' to say, to those who may see them."""

    id: int
    address: str
    city: str
    state: str
    zip_code: str
    parcel: str
    dwelling_units: int

    @property
    def line(self) -> str:
        """``12 Elm Street, Río Claro, CA 93706``."""
        return ", ".join(filter(None, (self.address, self.city, f"{self.state} {self.zip_code}".strip())))


def premises_named(session: Reader, ids: Collection[int]) -> list[PremisesCard]:
    """These places, by address."""
    return [PremisesCard(*row) for row in session.execute(_NAMED, {"ids": list(ids)})]


def premises_at(session: Reader, address: str) -> list[PremisesCard]:
    """Places with this street line, however it is written; in whatever ZIP code."""
    key = address_key(address)
    return [PremisesCard(*row) for row in session.execute(_AT, {"key": key})] if key else []
