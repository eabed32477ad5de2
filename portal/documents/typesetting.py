"""Sets a document with Typst. Only the fonts that come with it are used, so the same content gives the same bytes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import segno
import typst
from flask import has_app_context
from flask_babel import gettext

from portal.config import CHECKOUT
from portal.wiring import wiring

_KEPT = 12
DOCUMENTS = CHECKOUT / "templates" / "documents"


def typeset(template: str, content: Mapping[str, object], at: datetime) -> bytes:
    """``templates/documents/<template>.typ`` with ``content`` as an accessible PDF, dated ``at``.

    Safe from several threads at once. Typst refuses what PDF/UA-1 forbids, such as an image without alt text.
    """
    return _made(_compiler(template, content), at)


def typeset_with_ends(template: str, content: Mapping[str, object], at: datetime) -> tuple[bytes, list[int]]:
    """The same, and what the template says under ``<page>``: the page on which each of its parts ends."""
    compiler = _compiler(template, content)
    made = _made(compiler, at)
    return made, json.loads(compiler.query("<page>", field="value"))


def forget() -> None:
    """Let go of what Typst remembers of a large document: it keeps what the last ten used."""
    for _ in range(_KEPT):
        typst.compile(b"", font_paths=_fonts(), ignore_system_fonts=True)


def _compiler(template: str, content: Mapping[str, object]) -> typst.Compiler:
    source: Any = _source(template)  # a path, or the bytes of a source around it
    return typst.Compiler(
        source,
        root=str(DOCUMENTS),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        sys_inputs={"content": json.dumps(content, ensure_ascii=False)},
    )


def _made(compiler: typst.Compiler, at: datetime) -> bytes:
    made: Any = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=int(at.timestamp()))
    return bytes(made)


def _source(template: str) -> str | bytes:
    """The template; in a training installation under a band on each page, whatever the template is."""
    if not (has_app_context() and wiring().settings.training):
        return str(DOCUMENTS / f"{template}.typ")
    band = json.dumps(gettext("TRAINING – not a receipt. No money moved."), ensure_ascii=False)
    return (
        "#set page(foreground: place(top + center, dy: 8pt, "
        f'text(size: 15pt, weight: "bold", fill: rgb("#b50909"), {band})))\n#include "/{template}.typ"\n'
    ).encode()


def qr_svg(address: str) -> str:
    """A QR code of an address, dark on nothing, without margin or size of its own: as large as its place."""
    out, code = BytesIO(), segno.make_qr(address, error="m")
    code.save(out, kind="svg", border=0, xmldecl=False, svgclass=None, lineclass=None, omitsize=True)
    return out.getvalue().decode()


@cache
def read_drawing(path: Path) -> str:
    """An SVG drawing of the city, read once."""
    return path.read_text(encoding="utf-8")


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False)
