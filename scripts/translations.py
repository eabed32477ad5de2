"""Strings of the pages: extract them, bring the catalogs up to date, check that Spanish is whole, compile.

``python scripts/translations.py update|check|compile``
"""

from __future__ import annotations

import io
import re
import sys
import tomllib
from datetime import UTC, datetime
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "translations"
TEMPLATE = FOLDER / "messages.pot"
LANGUAGES = tuple(sorted(path.parent.parent.name for path in FOLDER.glob("*/LC_MESSAGES/messages.po")))
"""Each has a catalog; a new one begins as an empty ``messages.po`` in its folder."""
KEYWORDS = {
    "_": None,
    "_l": None,
    "gettext": None,
    "ngettext": (1, 2),
    "lazy_gettext": None,
    "pgettext": ((1, "c"), 2),
    "lazy_pgettext": ((1, "c"), 2),
}
_PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|\{\w*\}")
_TAG = re.compile(r"</?[a-z][^>]*>")
_NO_DATE = datetime(2026, 1, 1, tzinfo=UTC)
"""Catalogs carry no date of making: the same strings make the same bytes."""


def extracted() -> Catalog:
    """Every marked string of the code and the templates."""
    mappings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["babel"]["mappings"]
    methods = [(mapping["pattern"], mapping["method"]) for mapping in mappings]
    options = {m["pattern"]: {k: v for k, v in m.items() if k not in ("pattern", "method")} for m in mappings}
    catalog = _catalog(None)
    for folder in ("portal", "templates"):
        found = extract_from_dir(
            ROOT / folder,
            method_map=[(pattern.removeprefix(f"{folder}/"), method) for pattern, method in methods],
            options_map={pattern.removeprefix(f"{folder}/"): option for pattern, option in options.items()},
            keywords=KEYWORDS,
            comment_tags=("Translators:",),
        )
        for _file, _line, message, comments, context in found:
            catalog.add(message, context=context, auto_comments=comments)
    return catalog


def update() -> None:
    """Write the template, and merge it into each language; what is new stays empty until someone translates it."""
    template = extracted()
    FOLDER.mkdir(exist_ok=True)
    TEMPLATE.write_bytes(_bytes(template))
    for language in LANGUAGES:
        catalog = _read(language)
        catalog.update(template, no_fuzzy_matching=True)
        path = _path(language)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(_bytes(catalog))


def problems() -> list[str]:
    """What keeps the build from passing: stale catalogs, strings without Spanish, placeholders that differ."""
    template = extracted()
    found = [] if TEMPLATE.read_bytes() == _bytes(template) else ["messages.pot is stale: run 'make strings'"]
    for language in LANGUAGES:
        catalog = _read(language)
        known = {(message.id, message.context) for message in catalog if message.id}
        found += [f"{language}: not in the catalog: {m.id!r}" for m in template
                  if m.id and (m.id, m.context) not in known]  # fmt: skip
        for message in catalog:
            if message.id:
                found += [f"{language}: {problem}: {message.id!r}" for problem in _faults(message)]
        found += [f"{language}: obsolete: {message.id!r}" for message in catalog.obsolete.values()]
    return found


def compile_catalogs() -> None:
    """``.po`` to ``.mo``, which is what runs."""
    for language in LANGUAGES:
        with _path(language).with_suffix(".mo").open("wb") as file:
            write_mo(file, _read(language))


def _faults(message: Message) -> list[str]:
    texts = message.string if isinstance(message.string, tuple | list) else (message.string,)
    sources = message.id if isinstance(message.id, tuple | list) else (message.id,)
    found = ["fuzzy"] if message.fuzzy else []
    if not all(texts):
        return [*found, "not translated"]
    wanted = {p for source in sources for p in _PLACEHOLDER.findall(source)}
    for text in texts:
        if set(_PLACEHOLDER.findall(text)) != wanted:
            found.append("placeholders differ")
        if sorted(_TAG.findall(text)) != sorted(_TAG.findall(sources[-1])):
            found.append("tags differ")
    return found


def _path(language: str) -> Path:
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def _read(language: str) -> Catalog:
    if not _path(language).exists():
        return _catalog(language)
    with _path(language).open("rb") as file:
        catalog = read_po(file, locale=language)
    fresh = _catalog(language)
    for message in catalog:
        if message.id:
            fresh.add(message.id, message.string, flags=message.flags, context=message.context,
                      auto_comments=message.auto_comments, user_comments=message.user_comments)  # fmt: skip
    fresh.obsolete = catalog.obsolete
    return fresh


def _catalog(language: str | None) -> Catalog:
    return Catalog(
        locale=language,
        project="Ventanilla",
        version="1",
        copyright_holder="The Ventanilla authors",
        msgid_bugs_address="See CONTRIBUTING.md",
        last_translator="The Ventanilla authors",
        language_team="Spanish of the United States" if language in {None, "es"} else str(language),
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        charset="utf-8",
        fuzzy=False,
        header_comment="# Strings of the pages, mail and documents of Ventanilla.\n#",
    )


def _bytes(catalog: Catalog) -> bytes:
    buffer = io.BytesIO()
    write_po(buffer, catalog, width=118, no_location=True, sort_output=True, ignore_obsolete=True)
    return buffer.getvalue()


def main(arguments: list[str]) -> int:
    """The command line."""
    if arguments == ["update"]:
        update()
    elif arguments == ["compile"]:
        compile_catalogs()
    elif arguments == ["check"]:
        found = problems()
        sys.stderr.writelines(f"{problem}\n" for problem in found)
        return 1 if found else 0
    else:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))  # the templates' own tag is in the portal
    sys.exit(main(sys.argv[1:]))
