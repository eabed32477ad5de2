"""``{% shared %}…{% endshared %}`` in templates: what is the same for every reader is rendered once per language.

The body may name the city, the language, ``url_for``, strings, the menus, and what the tag itself names:
``{% shared labels, current %}``. A part is kept under the values of all these. A body that names anything else (a
form, a session, a token) does not compile, so that nothing of one reader can be shown to the next. A macro that is
imported knows neither city nor language: a part in it holds words only as values that its tag names.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, MutableMapping, Sequence
from typing import Any

from flask.templating import Environment as FlaskEnvironment
from jinja2 import Environment, nodes
from jinja2.ext import Extension
from jinja2.parser import Parser

SURROUNDINGS = ("city", "locale_code", "demo_mode")
"""What every part is kept under besides what its tag names."""
_PURE = {"_", "gettext", "ngettext", "pgettext", "url_for", "icon", "home_url", "navigation", "footer_links"}
"""What depends on nothing but its arguments, the city and the language."""
_MOST_KEPT = 500


class PortalEnvironment(FlaskEnvironment):
    """Templates have the names of all templates, and none of their own: a plain mapping, not one of two layers.

    Jinja compares these names at each import of a macro, and going through the layers took a tenth of a short page.
    """

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """The environment's own names, unless a template is given further ones."""
        return super().make_globals(d) if d else self.globals


class SharedParts(Extension):
    """The tag. Each application's environment keeps parts of its own; when they are too many, it begins anew."""

    tags = {"shared"}

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        self._kept: dict[Hashable, str] = {}

    def parse(self, parser: Parser) -> nodes.Node:
        """The tag and its body, as a call block of :meth:`part`."""
        line = next(parser.stream).lineno
        given = () if parser.stream.current.test("block_end") else _names(parser)
        body = parser.parse_statements(("name:endshared",), drop_needle=True)
        personal = _loaded(body) - _PURE - {*SURROUNDINGS, *given}
        if personal:
            parser.fail(f"a shared part may not depend on {', '.join(sorted(personal))}", line)
        key = [nodes.Const(f"{parser.name}:{line}"), *(nodes.Name(name, "load") for name in (*SURROUNDINGS, *given))]
        return nodes.CallBlock(self.call_method("part", [nodes.Tuple(key, "load")]), [], [], body).set_lineno(line)

    def part(self, values: Sequence[Any], caller: Callable[[], str]) -> str:
        """The part under these values (lists may be among them), from before or rendered now."""
        key = tuple(tuple(value) if isinstance(value, list) else value for value in values)
        found = self._kept.get(key)
        if found is None:
            if len(self._kept) >= _MOST_KEPT:
                self._kept.clear()
            found = self._kept[key] = caller()
        return found


def _names(parser: Parser) -> tuple[str, ...]:
    target = parser.parse_tuple()
    found = target.items if isinstance(target, nodes.Tuple) else [target]
    names = tuple(name.name for name in found if isinstance(name, nodes.Name))
    if len(names) != len(found):
        parser.fail("a shared part names what it depends on", target.lineno)
    return names


def _loaded(body: Sequence[nodes.Node]) -> set[str]:
    """Names that the body reads and does not set itself."""
    whole = nodes.Scope(list(body))
    names = list(whole.find_all(nodes.Name))
    own = {name.name for name in names if name.ctx != "load"}
    if whole.find(nodes.For):
        own.add("loop")
    return {name.name for name in names if name.ctx == "load"} - own
