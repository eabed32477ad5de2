"""Words by language, and the frozen model that all rules of a city are made of."""

from __future__ import annotations

from typing import Self

from pydantic import BaseModel, ConfigDict, RootModel, model_validator


class Frozen(BaseModel):
    """A value: never changed after it is made, and with no field that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)


class Text(RootModel[dict[str, str]]):
    """The same words in each language of the city: ``{"en": "Water", "es": "Agua"}``."""

    model_config = ConfigDict(frozen=True)

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        silent = [language for language, words in self.root.items() if not words.strip()]
        if silent or not self.root:
            raise ValueError(f"no words in {', '.join(silent) or 'any language'}")
        return self

    def in_(self, language: str) -> str:
        """The words in ``language``, or in the first language there is."""
        return self.root.get(language) or next(iter(self.root.values()))


def text(en: str, es: str) -> Text:
    """Words that the engine itself says."""
    return Text({"en": en, "es": es})
