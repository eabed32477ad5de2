"""How a drill is declared: a name, a sentence of what is done, a function that does it, and what should be found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from drills.findings import Expected
from drills.stage import Stage

Act = Callable[[Stage], None]
_DECLARED: dict[str, Case] = {}


@dataclass(frozen=True)
class Case:
    """One drill."""

    name: str
    done: str
    act: Act
    expected: Expected


def drill(name: str, done: str, **expected: Any) -> Callable[[Act], Act]:
    """Declare the decorated function; it may assert what can be seen only on the way."""

    def declare(act: Act) -> Act:
        if name in _DECLARED:
            raise ValueError(f"two drills are called {name}")
        _DECLARED[name] = Case(name, done, act, Expected(**expected))
        return act

    return declare


def declared_in(*modules: ModuleType) -> dict[str, Case]:
    """The drills of these modules, in their order."""
    order = [module.__name__ for module in modules]
    return dict(sorted(_DECLARED.items(), key=lambda item: order.index(item[1].act.__module__)))


def must(condition: object, sentence: str) -> None:
    """Fail the drill with a sentence unless the condition holds."""
    if not condition:
        raise AssertionError(sentence)
