"""Spanish is whole, and is the Spanish in which California's cities write to people: formal, warm, plain."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po

from scripts import translations

ROOT = Path(translations.__file__).resolve().parent.parent
THE_SAME = {"Cookies", "Error:", "No", "Roles", "Total", "%(amount)s CCF", "%(name)s, %(when)s"}
"""Strings that are the same in both languages."""
NAMES = {"Río Claro", "Web 1", "Web 2", "Web 3", "Web 4", "General"}
"""Texts of the city that are the same in both."""
SPAIN = (
    "contador", "fianza", "ordenador", "móvil", "aparcamiento", "aparcar", "coche", "tique", "vosotros", "vuestra",
    "vuestro", "cesta", "pinche", "pulse", "tasa", "domiciliación", "domiciliar", "euro", "abonar", "usuario",
    "aplicación", "recogida", "contribuyente", "matrícula", "importe íntegro", "código pin", "rellene", "vale",
    "monto", "montos",
)  # fmt: skip
"""Words of Spain, of offices, or of computers; the glossary has another one for each."""
COMPUTERS = {"usuario": r"\buser\b", "aplicación": r"\bapps?\b"}
"""Where English speaks of a computer, so does Spanish: a user name, an authenticator app."""
TU = ("tú", "tu", "tus", "te", "ti", "contigo", "haz", "puedes", "debes", "tienes", "quieres", "necesitas", "eres")
"""Forms of "tú": the city says "usted"."""
TU_ORDERS = (
    "Abre", "Agrega", "Busca", "Compara", "Cambia", "Elige", "Envía", "Escribe", "Espera", "Imprime", "Ingresa", "Ve",
    "Introduce", "Lee", "Llama", "Mira", "Muestra", "Paga", "Pide", "Quita", "Revisa", "Trae", "Usa", "Visita",
)  # fmt: skip
"""Orders to a "tú"; inside a sentence the same words may speak of "usted"."""
_STRESSED = re.compile(r"[%{]\(?\w+\)?[sd}]")


def catalog() -> list[tuple[str, str]]:
    """Each English string with its Spanish; plural forms one by one."""
    with (ROOT / "translations" / "es" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        messages = [message for message in read_po(file, locale="es") if message.id]
    pairs = []
    for message in messages:
        if isinstance(message.id, tuple | list):
            pairs += list(zip(message.id, message.string, strict=True))
        else:
            pairs.append((str(message.id), str(message.string)))
    return pairs


def city_texts() -> list[tuple[str, str]]:
    """Each text of the city in both languages."""
    files = sorted((ROOT / "city").rglob("*.toml"))
    return [pair for file in files for pair in _texts(tomllib.loads(file.read_text()))]


def _texts(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        if {"en", "es"} <= set(value) and isinstance(value["en"], str):
            yield value["en"], value["es"]
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)


def everything() -> list[tuple[str, str]]:
    return [*catalog(), *city_texts()]


def test_the_catalogs_are_whole_and_up_to_date() -> None:
    assert translations.problems() == []


def test_spanish_differs_from_english() -> None:
    assert {en for en, es in catalog() if en == es} <= THE_SAME
    assert {en for en, es in city_texts() if en == es} <= NAMES


def test_placeholders_and_tags_are_kept() -> None:
    for en, es in everything():
        assert sorted(re.findall(r"%\(\w+\)[sd]|\{\w*\}", en)) == sorted(re.findall(r"%\(\w+\)[sd]|\{\w*\}", es)), en
        assert sorted(re.findall(r"</?[a-z][^>]*>", en)) == sorted(re.findall(r"</?[a-z][^>]*>", es)), en


def test_typography() -> None:
    for en, es in everything():
        assert "  " not in es, es
        assert es == es.strip(), es
        assert not re.search(r"\s[,.;:?!]|[«»“”]", es), es
        assert es.count("¿") == es.count("?"), es
        assert es.count("¡") == es.count("!"), es
        assert es[-1] in ".?:" or en[-1] not in ".", f"a sentence ends with a period: {es}"


@pytest.mark.parametrize("word", SPAIN)
def test_it_is_the_spanish_of_the_united_states(word: str) -> None:
    meant = re.compile(COMPUTERS.get(word, r"(?!)"), re.IGNORECASE)
    assert [es for en, es in everything() if _has(es, word) and not meant.search(en)] == []


@pytest.mark.parametrize("word", TU)
def test_people_are_usted(word: str) -> None:
    assert [es for _, es in everything() if _has(es, word)] == []


def test_nobody_is_told_what_to_do_as_a_friend() -> None:
    order = re.compile(rf"(?:^|[.:?!]\s)(?:{'|'.join(TU_ORDERS)})\b")
    assert [es for _, es in everything() if order.search(es)] == []


def test_one_word_for_one_thing() -> None:
    """The glossary's word, wherever English says this."""
    terms = {
        r"\bbills?\b": r"factura|cuenta(s)? de servicios",
        r"\breceipts?\b(?! (above|tax))": r"recibo",
        r"\bdue date\b": r"fecha de vencimiento",
        r"\bpast due\b": r"vencid",
        r"\bparking ticket\b": r"multa de estacionamiento",
        r"\bbusiness license\b": r"licencia(s)? comercial(es)?",
        r"\bbalance\b": r"saldo",
        r"\baccount number\b": r"número de cuenta|número de su cuenta",
        r"\blicense plate\b|\bplate\b": r"placa",
        r"\bmoney order": r"giros? posta",
        r"\bpayments?\b": r"pag[oaó]",
        r"\bmeter\b": r"medidor|parquímetro",
        r"\bsewer\b": r"alcantarillado",
        r"\bservice fee\b": r"cargo por servicio de pago",
        r"\bemail\b": r"correo",
    }
    for en, es in everything():
        for english, spanish in terms.items():
            if re.search(english, en, re.IGNORECASE) and not re.search("gross receipts", en, re.IGNORECASE):
                assert re.search(spanish, es, re.IGNORECASE), f"{english}: {en!r} → {es!r}"


def _has(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", _STRESSED.sub("", text), re.IGNORECASE) is not None


@pytest.mark.long
def test_a_missing_a_fuzzy_and_a_changed_string_are_problems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = (ROOT / "translations" / "es" / "LC_MESSAGES" / "messages.po").read_text()
    broken = {
        "not translated": source.replace('msgstr "Ayuda"', 'msgstr ""'),
        "fuzzy": source.replace('msgid "Help"\n', '#, fuzzy\nmsgid "Help"\n'),
        "placeholders differ": source.replace("Paso %(current)s de", "Paso de"),
        "tags differ": source.replace(
            "Paso %(current)s de %(total)s: <strong>", "Paso %(current)s de %(total)s: <b>"
        ),
        "not in the catalog": source.replace('msgid "Help"\n', 'msgid "No longer used"\n'),
    }
    for problem, text in broken.items():
        path = tmp_path / "es.po"
        path.write_text(text)
        monkeypatch.setattr(translations, "_path", lambda language, path=path: path)
        assert any(problem in found for found in translations.problems()), problem
