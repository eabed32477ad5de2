"""What requests need of the rest of a city."""

from __future__ import annotations

from collections.abc import Iterator

from accounts.cities.findings import Finding
from accounts.cities.requests import problems
from accounts.cities.rules import City


def request_findings(city: City) -> Iterator[Finding]:
    """Divisions that nobody has, versions that overlap, and papers that nothing says how to take."""
    divisions = [frozenset(division.code for division in desk.divisions) for desk in city.desk_policies]
    for path, message in problems(city.request_kinds, divisions):
        yield Finding(path, message)
    if any(kind.documents for kind in city.request_kinds) and not city.document_policies:
        yield Finding(("document_policies",), "requests take papers, but nothing says which files are taken")
    if city.request_kinds and not city.draft_policies:
        yield Finding(("draft_policies",), "people begin requests, but nothing says how long unsent ones are kept")
