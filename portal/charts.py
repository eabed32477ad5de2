"""Bars as an SVG drawing made here: it needs no script, and says to everybody what it shows.

A drawing is never alone: the table beside it holds the same figures. Widths are whole units of its own 480.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

_WIDTH, _ROW, _BAR, _LABEL_AT = 480, 44, 14, 16


@dataclass(frozen=True)
class Drawn:
    """One bar: what it is, how large, and the same as people write it."""

    label: str
    size: int
    said: str


def bars(title: str, summary: str, drawn: Sequence[Drawn], *, name: str) -> Markup:
    """Horizontal bars with their words above them; ``name`` makes the ids of this drawing. Nothing, for no bars."""
    if not drawn:
        return Markup("")
    largest = max(abs(one.size) for one in drawn)
    body = "".join(_bar(one, place * _ROW, largest) for place, one in enumerate(drawn))
    return _drawing(title, summary, body, name=name, height=len(drawn) * _ROW, css=' class="money"')


def _bar(one: Drawn, top: int, largest: int) -> str:
    words, less = top + _LABEL_AT, " chart__bar--less" if one.size < 0 else ""
    return (
        f'<g aria-hidden="true"><text class="chart__label" x="0" y="{words}">{escape(one.label)}</text>'
        f'<text class="chart__value money" x="{_WIDTH}" y="{words}" text-anchor="end">{escape(one.said)}</text>'
        f'<rect class="chart__bar{less}" x="0" y="{words + 6}" width="{_length(abs(one.size), largest)}"'
        f' height="{_BAR}" rx="2"/></g>'
    )


@dataclass(frozen=True)
class Pair:
    """Two bars: what is now, and the lighter one of what it is beside; empty words for what is not known."""

    label: str
    size: int
    beside: int
    said: str
    said_beside: str


def pairs(title: str, summary: str, drawn: Sequence[Pair], *, name: str) -> Markup:
    """Pairs of horizontal bars with their words above them. Nothing, for no pairs."""
    if not drawn:
        return Markup("")
    largest = max(max(one.size, one.beside) for one in drawn)
    body = "".join(_pair(one, place * (_ROW + _BAR), largest) for place, one in enumerate(drawn))
    return _drawing(title, summary, body, name=name, height=len(drawn) * (_ROW + _BAR))


def _pair(one: Pair, top: int, largest: int) -> str:
    words, first = top + _LABEL_AT, top + _LABEL_AT + 6
    said = f"{one.said} / {one.said_beside}" if one.said_beside else one.said
    return (
        f'<g aria-hidden="true"><text class="chart__label" x="0" y="{words}">{escape(one.label)}</text>'
        f'<text class="chart__value" x="{_WIDTH}" y="{words}" text-anchor="end">{escape(said)}</text>'
        f'<rect class="chart__bar" x="0" y="{first}" width="{_length(one.size, largest)}" height="{_BAR}" rx="2"/>'
        f'<rect class="chart__bar chart__bar--beside" x="0" y="{first + _BAR + 2}"'
        f' width="{_length(one.beside, largest)}" height="{_BAR}" rx="2"/></g>'
    )


def _drawing(title: str, summary: str, body: str, *, name: str, height: int, css: str = "") -> Markup:
    """What surrounds bars. Words are escaped where they are put in: filling ``Markup`` takes ten times as long."""
    named, told = escape(title), escape(summary)
    return Markup(  # noqa: S704 - all that is not ours was escaped
        f'<svg class="chart" role="img" aria-labelledby="{name}-title {name}-summary" viewBox="0 0 {_WIDTH} {height}"'
        f' xmlns="http://www.w3.org/2000/svg" focusable="false"><title id="{name}-title">{named}</title>'
        f'<desc{css} id="{name}-summary">{told}</desc>{body}</svg>'
    )


def _length(size: int, largest: int) -> int:
    return max(2, size * _WIDTH // largest) if size and largest else 0
