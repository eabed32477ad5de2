"""Bars as an SVG drawing made here: it needs no script, and says to everybody what it shows.

A drawing is never alone: the table beside it holds the same figures. Widths are whole units of its own 480.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

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
    height = len(drawn) * _ROW
    body = Markup("").join(_bar(one, place, max(abs(each.size) for each in drawn)) for place, one in enumerate(drawn))
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{name}-title {name}-summary" viewBox="0 0 {width} {height}"'
        ' xmlns="http://www.w3.org/2000/svg" focusable="false"><title id="{name}-title">{title}</title>'
        '<desc class="money" id="{name}-summary">{summary}</desc>{body}</svg>'
    ).format(name=name, width=_WIDTH, height=height, title=title, summary=summary, body=body)


def _bar(one: Drawn, place: int, largest: int) -> Markup:
    top = place * _ROW
    width = max(2, abs(one.size) * _WIDTH // largest) if one.size and largest else 0
    return Markup(
        '<g aria-hidden="true"><text class="chart__label" x="0" y="{words}">{label}</text>'
        '<text class="chart__value money" x="{end}" y="{words}" text-anchor="end">{said}</text>'
        '<rect class="chart__bar{less}" x="0" y="{top}" width="{width}" height="{bar}" rx="2"/></g>'
    ).format(
        words=top + _LABEL_AT, label=one.label, end=_WIDTH, said=one.said, top=top + _LABEL_AT + 6, width=width,
        bar=_BAR, less=" chart__bar--less" if one.size < 0 else "",
    )  # fmt: skip


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
    body = Markup("").join(_pair(one, place * (_ROW + _BAR), largest) for place, one in enumerate(drawn))
    return Markup(
        '<svg class="chart" role="img" aria-labelledby="{name}-title {name}-summary" viewBox="0 0 {width} {height}"'
        ' xmlns="http://www.w3.org/2000/svg" focusable="false"><title id="{name}-title">{title}</title>'
        '<desc id="{name}-summary">{summary}</desc>{body}</svg>'
    ).format(
        name=name, width=_WIDTH, height=len(drawn) * (_ROW + _BAR), title=title, summary=summary, body=body,
    )  # fmt: skip


def _pair(one: Pair, top: int, largest: int) -> Markup:
    words, first = top + _LABEL_AT, top + _LABEL_AT + 6
    said = f"{one.said} / {one.said_beside}" if one.said_beside else one.said
    return Markup(
        '<g aria-hidden="true"><text class="chart__label" x="0" y="{words}">{label}</text>'
        '<text class="chart__value" x="{end}" y="{words}" text-anchor="end">{said}</text>'
        '<rect class="chart__bar" x="0" y="{first}" width="{now}" height="{bar}" rx="2"/>'
        '<rect class="chart__bar chart__bar--beside" x="0" y="{second}" width="{beside}" height="{bar}" rx="2"/></g>'
    ).format(
        words=words, label=one.label, end=_WIDTH, said=said, first=first, second=first + _BAR + 2, bar=_BAR,
        now=_length(one.size, largest), beside=_length(one.beside, largest),
    )  # fmt: skip


def _length(size: int, largest: int) -> int:
    return max(2, size * _WIDTH // largest) if size and largest else 0
