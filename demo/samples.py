"""What a newcomer may try: numbers with their proofs, chosen by what their accounts have come to."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.cities.rules import City
from accounts.customer_accounts.rules import shown
from accounts.database import Sessions, reading
from demo.registers import Registers, Row

_STANDING = text("""
    SELECT a.id, a.kind, a.reference, a.source_key, c.name, c.language, a.credit_cents,
           coalesce(sum(l.open_cents), 0), coalesce(sum(l.open_cents) FILTER (WHERE l.due_on < :today), 0)
      FROM customer_accounts a
      JOIN customers c ON c.id = a.customer_id
      LEFT JOIN charges l ON l.customer_account_id = a.id
     WHERE NOT a.is_protected
     GROUP BY a.id, c.id ORDER BY a.id""")
_BALANCES = text("""
    SELECT a.reference, coalesce(sum(l.open_cents), 0) - a.credit_cents
      FROM customer_accounts a LEFT JOIN charges l ON l.customer_account_id = a.id
     WHERE a.reference = ANY (:references) GROUP BY a.id""")


@dataclass(frozen=True)
class Standing:
    """An account as it stands today, with its row of the register."""

    id: int
    kind: str
    reference: str
    number: str
    holder: str
    language: str
    credit: int
    open: int
    past_due: int
    row: Row

    @property
    def is_current(self) -> bool:
        return self.open > 0 and not self.past_due


Fits = Callable[[Standing], bool]
_WANTED: tuple[tuple[str, str, Fits], ...] = (
    ("A water bill, nothing late", "utility", lambda s: s.is_current and s.language == "en"),
    ("A bill that is past due, with its penalty", "utility", lambda s: s.past_due > 0 and s.language == "en"),
    ("A holder who reads Spanish", "utility", lambda s: s.is_current and s.language == "es"),
    ("Past due, in Spanish", "utility", lambda s: s.past_due > 0 and s.language == "es"),
    ("A number of the former system", "utility", lambda s: s.is_current and bool(s.row["former_number"])),
    ("An apartment house", "utility", lambda s: s.open > 0 and int(s.row["dwelling_units"]) > 5),
    ("A shop", "utility", lambda s: s.open > 0 and s.row["holder_kind"] == "business"),
    ("An account with a credit", "utility", lambda s: s.credit > 0),
    ("Nothing owed", "utility", lambda s: not s.open and not s.credit),
    ("A license renewal that is late", "license", lambda s: s.past_due > 0),
    ("A license renewal in good time", "license", lambda s: s.is_current),
    ("A license of a Spanish-speaking owner", "license", lambda s: s.open > 0 and s.language == "es"),
    ("A parking citation", "citation", lambda s: s.open > 0 and s.row["open_penalty"] == "0.00"),
    ("A citation with a late charge", "citation", lambda s: s.row["open_penalty"] != "0.00"),
)


def write_samples(sessions: Sessions, city: City, made: Registers, path: Path, today: date) -> None:
    """Choose the samples and write them for the demo page, which adds balances as they stand when it is asked."""
    with reading(sessions) as session:
        standings = _standings(session, made, today)
    taken: set[int] = set()
    samples = []
    for what, kind, fits in _WANTED:
        chosen = next((s for s in standings if s.kind == kind and s.id not in taken and fits(s)), None)
        if chosen is not None:
            taken.add(chosen.id)
            samples.append(_sample(city, what, chosen))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"lookups": samples}, ensure_ascii=False, indent=2), encoding="utf-8")


def sample_lookups(session: Session, path: Path) -> list[dict[str, object]]:
    """The samples with what is owed on each now, in cents (less than nothing: a credit)."""
    samples: list[dict[str, object]] = json.loads(path.read_text(encoding="utf-8"))["lookups"]
    rows = session.execute(_BALANCES, {"references": [sample["reference"] for sample in samples]})
    balances: dict[str, int] = {reference: int(cents) for reference, cents in rows}
    return [{**sample, "balance_cents": balances.get(str(sample["reference"]), 0)} for sample in samples]


def _standings(session: Session, made: Registers, today: date) -> Sequence[Standing]:
    rows: Mapping[str, Row] = {
        row["number"]: row
        for row in (*(home.row for home in (*made.homes, *made.second_cycle)), *made.licenses, *made.citations)
    }
    found = session.execute(_STANDING, {"today": today})
    return [Standing(*(*row, rows[row.source_key])) for row in found]


def _sample(city: City, what: str, chosen: Standing) -> dict[str, object]:
    kind = "plate" if chosen.kind == "citation" else "bill_code"
    proofs = {str(account): lookup.proofs for account, lookup in city.lookups.items()}
    label = next(proof.label.root for proof in proofs[chosen.kind] if proof.kind == kind)
    return {
        "what": what,
        "kind": chosen.kind,
        "reference": chosen.reference,
        "shown_reference": shown(chosen.reference),
        "number": chosen.row.get("former_number") if "former" in what else chosen.number,
        "proof_label": label["en"],
        "proof_labels": dict(label),
        "proof": chosen.row[kind],
        "holder": chosen.holder,
        "language": chosen.language,
    }
