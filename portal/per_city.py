"""What pages make of the ruling city, in one language: made once, and anew when another release rules."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from accounts.cities.rules import City

View = TypeVar("View")


class PerCity(Generic[View]):
    """``PerCity(make)(city, language)`` is ``make(city, language)``, remembered as long as this city rules."""

    def __init__(self, make: Callable[[City, str], View]) -> None:
        self._make = make
        self._held: dict[str, tuple[City, View]] = {}

    def __call__(self, city: City, language: str) -> View:
        held = self._held.get(language)
        if held is None or held[0] is not city:
            held = self._held[language] = (city, self._make(city, language))
        return held[1]
