"""A profile, and a file that it reads.

Promised: a profile loads or is refused with its file named; a file ties or is refused; each row is a row whose texts
can be kept, or a fault with line and reason that the rejects file can hold. Every row is one of the two.
"""

from __future__ import annotations

import random
import re
import tempfile
import warnings
from pathlib import Path

from accounts.imports.controls import Controls, tie
from accounts.imports.parsing import Parser, Vocabulary
from accounts.imports.profiles import Profile, load_profile
from accounts.imports.readers import open_source
from accounts.imports.rejects import RejectsFile
from accounts.imports.rules import BadProfile, ControlsDoNotTie, Fault, RawRow, Row
from accounts.imports.service import ACCOUNTS, DETAILS
from fuzz.changes import rows_changed, settings_changed
from fuzz.promises import can_be_kept, holds
from portal.config import CHECKOUT

KEY = b"a key that only the fuzzing has"
BETWEEN = b"\n#### the file ####\n"
FOLDER = Path(tempfile.mkdtemp(prefix="ventanilla-fuzz-"))
SHIPPED = {path.stem: path.read_bytes() for path in sorted((CHECKOUT / "city" / "profiles").glob("*.toml"))}
SMALL = b"""kind = "citations"
source_system = "fuzz"
key = ["number"]
control_total = "fine"
trailer = { marker = "T", rows = 1, total = 2 }
[fields]
number = { column = "n", replace = [["-", ""]] }
issued_on = { column = "d", formats = ["%m/%d/%Y", "YYYYMM"] }
issued_time = { column = "t", formats = ["HHMM"], extract = "([0-9]+)" }
violation_code = { constant = "1", case = "upper", values = { "1" = "2" } }
violation = { columns = ["n", "t"], collapse = true, blank = ["x"] }
fine = { column = "f" }
[[checks]]
rule = "fine <= fine + fine"
"""
ROWS = b"n,d,t,f\nA-1,11/02/2026,810,$40.00\nB,202611,1,(5.00)\nT,2,35\n"


def _columns(text: bytes) -> bytes:
    """The header that a shipped profile asks for, and a row of nothing much."""
    found = re.findall(rb'"([^"]*)"', b" ".join(re.findall(rb"columns? = (\[[^]]*\]|\"[^\"]*\")", text)))
    names = list(dict.fromkeys(found))
    return b",".join(names) + b"\n" + b",".join([b"1"] * len(names)) + b"\n"


SEEDS = [SMALL + BETWEEN + ROWS, *(text + BETWEEN + _columns(text) for text in SHIPPED.values() if len(text) < 3000)]


def try_bytes(data: bytes) -> None:
    """A profile, a line between, a file."""
    profile, _, rows = data.partition(BETWEEN)
    path = FOLDER / "profile.toml"
    path.write_bytes(profile)
    source = FOLDER / "file.csv"
    source.write_bytes(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loaded = loads(path)
        if loaded is not None:
            reads(loaded, source)


def changed(data: bytes, chance: random.Random) -> bytes:
    """Another profile or another file of the same form."""
    profile, between, rows = data.partition(BETWEEN)
    for _ in range(chance.randint(1, 3)):
        if chance.random() < 0.5:
            profile = settings_changed(profile, chance)
        else:
            rows = rows_changed(rows, chance)
    return profile + (between or BETWEEN) + rows


def loads(path: Path) -> Profile | None:
    """The profile, or nothing after a refusal that names the file."""
    try:
        return load_profile(path)
    except BadProfile as refusal:
        holds(str(path) in str(refusal), f"{refusal} does not name the file")
        return None


def vocabulary_of(profile: Profile) -> Vocabulary:
    """The fields that this kind of record knows."""
    records = ACCOUNTS[profile.kind] if profile.records == "accounts" else DETAILS[profile.records]
    return records.vocabulary


def reads(profile: Profile, path: Path) -> tuple[int, int] | None:
    """Rows and faults of a file; nothing where profile, file or totals are refused."""
    vocabulary = vocabulary_of(profile)
    try:
        counted, _ = tie(path, profile, vocabulary, Controls(), KEY)
    except (BadProfile, ControlsDoNotTie) as refusal:
        holds(str(refusal), "refused without a word")
        return None
    rows = faults = 0
    with open_source(path, profile) as source:
        parser = Parser.bind(source, vocabulary, KEY)
        rejects = RejectsFile(FOLDER / "rejects.csv", source.header, encoding=profile.encoding)
        rejects.start(after_line=0)
        for raw in source.rows():
            read = parser.parse(raw)
            parser.money(raw)
            if isinstance(read, Fault):
                faults += 1
                _refused(parser, raw, read, rejects)
            else:
                rows += 1
                _taken(read)
        rejects.close()
    holds(rows + faults == counted, f"{counted} rows, of which {rows} are taken and {faults} refused")
    return rows, faults


def _refused(parser: Parser, raw: RawRow, fault: Fault, rejects: RejectsFile) -> None:
    holds(raw.line >= 1 and fault.reason, f"line {raw.line} is refused without a reason")
    if fault.is_contradiction:
        for value in parser.evidence(raw).values():
            holds(can_be_kept(str(value)), f"{value!r} is no evidence that can be kept")
    rejects.write([(raw, fault)])


def _taken(row: Row) -> None:
    texts = [value for value in row.fields.values() if isinstance(value, str)]
    for text in (row.key, row.as_of, *texts):
        holds(can_be_kept(text), f"{text!r} is taken")
