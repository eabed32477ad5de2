"""The forms of a page as a browser without scripts would send them, by the standard library alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

_EMPTY = {"br", "hr", "img", "input", "link", "meta"}


@dataclass
class Form:
    """Where it goes, and what it sends if nobody types anything."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)
    """Of all its fields, also of those that send nothing yet."""


@dataclass
class Read:
    """What a drill wants to know of a page."""

    forms: list[Form] = field(default_factory=list)
    heading: str = ""
    summary: str = ""
    """The words of the error summary."""


class _Reader(HTMLParser):
    """The heading and the error summary are text inside ``h1`` and inside an element of class ``...summary``."""

    def __init__(self) -> None:
        super().__init__()
        self.read = Read()
        self._inside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.read.forms.append(Form(given.get("action", "")))
        elif tag == "input" and self.read.forms and "name" in given:
            _note(self.read.forms[-1], given)
        if tag not in _EMPTY:
            is_summary = {"summary", "error-summary"} & set(given.get("class", "").split())
            self._inside.append(f"{tag} summary" if is_summary else tag)

    def handle_endtag(self, tag: str) -> None:
        for place in range(len(self._inside) - 1, -1, -1):
            if self._inside[place].split()[0] == tag:
                del self._inside[place:]
                return

    def handle_data(self, data: str) -> None:
        if "h1" in self._inside:
            self.read.heading = f"{self.read.heading} {data.strip()}".strip()
        if any(place.endswith(" summary") for place in self._inside):
            self.read.summary = f"{self.read.summary} {data.strip()}".strip()


def read(html: str) -> Read:
    """A page's forms, heading and error summary."""
    reader = _Reader()
    reader.feed(html)
    return reader.read


def _note(form: Form, given: dict[str, str]) -> None:
    form.names.add(given["name"])
    kind = given.get("type", "text")
    if kind not in {"radio", "checkbox", "submit"} or "checked" in given:
        form.fields[given["name"]] = given.get("value", "")
