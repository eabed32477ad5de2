"""Sets a document with Typst. Only the fonts that come with it are used, so the same content gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path

import segno
import typst

from portal.config import CHECKOUT

DOCUMENTS = CHECKOUT / "templates" / "documents"


def typeset(template: str, content: Mapping[str, object], at: datetime) -> bytes:
    """``templates/documents/<template>.typ`` with ``content`` as an accessible PDF, dated ``at``.

    Safe from several threads at once. Typst refuses what PDF/UA-1 forbids, such as an image without alt text.
    """
    made = typst.compile(
        str(DOCUMENTS / f"{template}.typ"),
        root=str(DOCUMENTS),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
        pdf_standards=["ua-1"],
        timestamp=int(at.timestamp()),
    )
    return bytes(made)


def qr_svg(address: str) -> str:
    """A QR code of an address, dark on nothing, with no margin of its own."""
    out = BytesIO()
    segno.make_qr(address, error="m").save(out, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None)
    return out.getvalue().decode()


@cache
def read_drawing(path: Path) -> str:
    """An SVG drawing of the city, read once."""
    return path.read_text(encoding="utf-8")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
