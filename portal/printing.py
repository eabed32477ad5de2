"""Receipt printers of the window: a slip as ESC/POS, sent to a printer that answers on the city's own network.

ESC/POS is Epson's; near every receipt printer understands it. The drawer hangs on the printer's connector and opens
by the pulse ``ESC p``. Nothing here touches the database: a printer that is away must never hold a sale up.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

from escpos.printer import Dummy

from portal.documents.slip import SlipRow, Style

SECONDS = 2.0
"""Longer than this nobody waits for paper."""
DRAWER_PIN = 2
_CODE_PAGE = "CP858"
"""Western European with capital accents and the euro; Spanish has all of its letters there."""


class PrinterAway(Exception):
    """No paper came out; why is in the words of the network, which are for the log."""


def print_slip(address: str, rows: Sequence[SlipRow], *, opens_drawer: bool, seconds: float = SECONDS) -> None:
    """Print and cut, and open the drawer first where cash goes into it. ``address`` is ``host:port``.

    Raises :class:`PrinterAway` after ``seconds`` without an answer, or when the connection breaks.
    """
    _send(address, slip_bytes(rows, opens_drawer=opens_drawer), seconds)


def open_drawer(address: str, *, seconds: float = SECONDS) -> None:
    """Open the drawer that hangs on a printer, and print nothing. Raises :class:`PrinterAway`."""
    made: Any = Dummy()
    made.hw("INIT")
    made.cashdraw(DRAWER_PIN)
    _send(address, made.output, seconds)


def slip_bytes(rows: Sequence[SlipRow], *, opens_drawer: bool) -> bytes:
    """The slip in the printer's own language, made whole before a byte of it is sent."""
    made: Any = Dummy()
    made.hw("INIT")
    if opens_drawer:
        made.cashdraw(DRAWER_PIN)
    made.charcode(_CODE_PAGE)
    for row in rows:
        banner = row.style is Style.BANNER
        made.set(bold=row.style in (Style.STRONG, Style.BANNER), double_width=banner, double_height=banner)
        for line in row.lines():
            made._raw(_encoded(line) + b"\n")  # noqa: SLF001 - python-escpos's own way to send bytes as they are
    made.set(bold=False, double_width=False, double_height=False)
    made.cut()
    found: bytes = made.output
    return found


def _encoded(line: str) -> bytes:
    """In the code page that was chosen; what is not in it is printed as a question mark."""
    return line.translate(_PLAIN).encode(_CODE_PAGE.lower(), errors="replace")


_PLAIN = str.maketrans(
    {"‘": "'", "’": "'", "“": '"', "”": '"', "–": "-", "—": "-", "…": "...", "\u202f": " ", "\u00a0": " "}
)


def _send(address: str, data: bytes, seconds: float) -> None:
    """By a socket of our own: python-escpos leaves one open when nobody answers."""
    host, _colon, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=seconds) as connection:
            connection.sendall(data)
    except (OSError, ValueError) as error:
        raise PrinterAway(type(error).__name__) from error
