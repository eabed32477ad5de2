"""Changes that keep the form: JSON stays JSON and TOML mostly TOML, so that what is behind the form is reached."""

from __future__ import annotations

import copy
import json
import random
import re
from typing import Any

WORDS = (
    "", " ", "\x00", "\ud800", "\u00ff", "a" * 300, "../..", "test", "pa_1", "%", "0", "-1", "1e400", "9" * 30,
    "payment_intent", "checkout.session", "checkout.session.completed", "payout.paid", "charge.refunded",
)  # fmt: skip
NUMBERS = (0, -1, 1, 2**31, 2**63, -(2**63), 10**18, 253_402_300_800, -62_135_596_801, 10**400)
OTHERS = (None, True, False, [], {}, [[]], {"id": "x"}, 0.5, 1e308)
SETTINGS = (
    '""', '"\\u0000"', '"utf-16"', '"cp037"', '"shift_jis"', '"hz"', '"fixed"', '"csv"', "0", "-1", "99999999999",
    "[]", "true", "1.5", '"("', '"a{99999999999}"', '"([0-9]+)"', '[["(", "x"]]',
    '[["a", "\\\\9"]]', '[["a", "\\\\g<x>"]]', '["%d/%d/%Y"]', '["%"]', '["%j"]', '["HHMM"]', '["YYYYMM"]',
    '"number"', '["number"]', '["plate"]', '"money"', '"text"', '"decimal"', '"date"', '"Mars/Phobos"',
    '"\\""', '"\\n"', '";"', '{ "a" = "b" }', '{ marker = "" }',
    '{ marker = "T", rows = -9 }', '{ constant = "\\u0000" }', "{ at = [1, 2] }",
    '{ column = "number", type = "money" }',
    '"fine - number = fine"', '"number + number = number"', '"issued_on >= fine"', '"-plate = plate"', '"upper"',
)  # fmt: skip
CELLS = (
    "", " ", "-", "(1)", "$1,234.50", "9" * 5000, "9" * 25, "1E999999", "NaN", "-0", "0001-01-01", "9999-12-31",
    "2026-02-30", "24:00", "2460", "\u00b2", "\u0661", "x" * 2000, '"', '"a""b', "a,b", "\x00", "\r", "\u2028",
    "open", "\udcff", "ÿ", "ß", "ﬃ", "\ufeff", "T", "=1+1", "999999999999999", "-999999999999999", "0",
)  # fmt: skip


def json_changed(data: bytes, chance: random.Random) -> bytes:
    """One value of a JSON text changed, added or taken away; bytes that are no JSON as they are."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return data
    for _ in range(chance.randint(1, 3)):
        value = _with_change(value, chance, 0)
    return json.dumps(value).encode()


def _with_change(value: Any, chance: random.Random, depth: int) -> Any:
    if not isinstance(value, (dict, list)) or not value or depth > 20 or chance.random() < 0.1:
        return copy.deepcopy(chance.choice(chance.choice((WORDS, NUMBERS, OTHERS))))
    place = chance.choice(list(value) if isinstance(value, dict) else range(len(value)))
    if chance.random() < 0.1:
        del value[place]
    else:
        value[place] = _with_change(value[place], chance, depth + 1)
    return value


def settings_changed(text: bytes, chance: random.Random) -> bytes:
    """A value of a TOML text changed, or a line taken away or doubled."""
    lines = text.split(b"\n")
    place = chance.randrange(len(lines))
    values = list(re.finditer(rb'"[^"]*"|\[[^]]*\]|\d+|true|false', lines[place]))
    act = chance.random()
    if act < 0.1:
        del lines[place]
    elif act < 0.2 or not values:
        lines.insert(place, chance.choice(lines))
    else:
        chosen = chance.choice(values)
        by = chance.choice(SETTINGS).encode()
        lines[place] = lines[place][: chosen.start()] + by + lines[place][chosen.end() :]
    return b"\n".join(lines)


def rows_changed(text: bytes, chance: random.Random) -> bytes:
    """A cell of a file of commas changed, or a line doubled."""
    lines = text.split(b"\n")
    place = chance.randrange(len(lines))
    if chance.random() < 0.2:
        lines.insert(place, lines[place])
    cells = lines[place].split(b",")
    cells[chance.randrange(len(cells))] = chance.choice(CELLS).encode(errors="surrogateescape")
    lines[place] = b",".join(cells)
    return b"\n".join(lines)


def bytes_changed(data: bytes, chance: random.Random) -> bytes:
    """Bytes put in, taken out, turned over or repeated, of no form at all."""
    start, end = sorted(chance.randint(0, len(data)) for _ in range(2))
    act = chance.randrange(4)
    if act == 0:
        return data[:start] + chance.randbytes(chance.randint(1, 4)) + data[start:]
    if act == 1:
        return data[:start] + data[end:]
    if act == 2:
        return data[:end] + data[start:]
    return data[:start] + bytes(255 - byte for byte in data[start : start + 1]) + data[start + 1 :]
