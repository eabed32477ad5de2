"""What the window of an envelope shows of a bill: the address wherever the sheet lies in it, and nothing else."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import pytest
from pypdf import PdfReader

from tests.portal.public.test_bills import post
from tests.portal.scene import Scene
from tests.portal.staff.test_billing_pages import house
from tests.portal.test_bill_printings import frozen, made, taken

SEEN = (0.875, 4.375, 2.5, 3.167)
"""Left, right, upper and lower edge in inches of what a No. 10 envelope shows however the sheet has slid in it."""
MAYBE_SEEN = (-0.125, 5.375, 2.04, 3.625)
LONG = "c/o Rosa Peralta\n30012 North Oakmeadow Boulevard\nApt 1204\nRancho Santa Margarita, CA 92688-1234"


def pieces(content: bytes, page: int) -> list[tuple[str, float, float]]:
    """Each piece of text of a page with where its baseline begins, in inches from the upper left."""
    found: list[tuple[str, float, float]] = []
    sheet = PdfReader(BytesIO(content)).pages[page]
    height = float(sheet.mediabox.height)

    def note(said: str, current: list[float], matrix: list[float], _font: Any, _size: Any) -> None:
        x, y = matrix[4], matrix[5]
        across = current[0] * x + current[2] * y + current[4]
        up = current[1] * x + current[3] * y + current[5]
        if said.strip():
            found.append((said.strip(), across / 72, (height - up) / 72))

    sheet.extract_text(visitor_text=note)
    return found


def within(piece: tuple[str, float, float], edges: tuple[float, float, float, float]) -> bool:
    left, right, upper, lower = edges
    return left <= piece[1] <= right and upper <= piece[2] <= lower


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_window_shows_the_address_and_nothing_else(scene: Scene, language: str) -> None:
    known = [house(scene, f"W-{number}", used=12) for number in range(2)]
    for one, address in zip(known, ("1 Elm St, Lodi, CA 95240", LONG), strict=True):
        scene.run_as_owner(
            "UPDATE customers SET mailing_address = :address, language = :language, name = 'Ana María Ruiz'"
            " WHERE id = (SELECT customer_id FROM customer_accounts WHERE id = :id)",
            address=address, language=language, id=one.id,
        )  # fmt: skip
    post(scene)
    printing = frozen(scene, 2)
    made(scene, printing)
    bills = [in_window(found) for found in sheets(taken(scene, printing, 1).content)]
    said = sorted(([piece[0] for piece in found] for found in bills), key=len)
    assert sorted(found[0] for found in said) == [f"{printing}-1-00000{number}" for number in (1, 2)]
    assert [found[1:] for found in said] == [
        ["Ana María Ruiz", "1 Elm St", "Lodi, CA 95240"],
        ["Ana María Ruiz", *LONG.splitlines()],
    ]
    name_and_address = min(bills, key=len)[1:]
    assert all(within(piece, SEEN) for piece in name_and_address)


def sheets(content: bytes) -> list[list[tuple[str, float, float]]]:
    """The first page of each of the bills, which have an even number of pages."""
    return [pieces(content, page) for page in range(0, len(PdfReader(BytesIO(content)).pages), 2)]


def in_window(found: list[tuple[str, float, float]]) -> list[tuple[str, float, float]]:
    return [piece for piece in found if within(piece, MAYBE_SEEN)]
