"""The audit as it is taken out: every line that fits, read a few hundred at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Unpack

from accounts.audit.queries import Entry, Sees, Wanted, entries
from accounts.database import Sessions, reading

AT_ONCE = 500


def lines(sessions: Sessions, wanted: Wanted, **sees: Unpack[Sees]) -> Iterator[Entry]:
    """Lines that fit, newest first, in bounded memory and with no transaction open between two batches.

    Nothing is ever changed in the audit: with ``wanted.through`` set they are the same, whenever they are read.
    """
    before: int | None = None
    while True:
        with reading(sessions) as session:
            page = entries(session, wanted, before=before, limit=AT_ONCE, **sees)
        yield from page.entries
        if page.next_before is None:
            return
        before = page.next_before
