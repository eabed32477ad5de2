"""The file of a remittance and the acknowledgement that comes back: text in, text out.

A batch is CSV in UTF-8 with CRLF: one header row ``H``, one row ``D`` a line, one trailer ``T`` with the number of
lines, their total and the SHA-256 of everything before it. Amounts are dollars and cents; a payment taken back is
negative.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from accounts.errors import DomainError
from accounts.money import Money, total

VERSION = "1"
_DIGITS = re.compile(r"\d{1,12}")


class BadAcknowledgement(DomainError):
    """An answer that does not fit the batch it names; nothing was written."""


@dataclass(frozen=True, slots=True)
class RemittedLine:
    """One payment (or one taken back) for the outside system, by its own numbers."""

    line_no: int
    allocation_id: int
    source_account: str
    source_charge: str
    amount: Money
    paid_on: date
    receipt: str


@dataclass(frozen=True, slots=True)
class AnsweredLine:
    """What the outside system did with a line."""

    line_no: int
    is_accepted: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """An acknowledgement that was read: which batch, its hash, and every line."""

    source_system: str
    number: int
    sha256: str
    lines: tuple[AnsweredLine, ...]


@dataclass(frozen=True, slots=True)
class BatchFile:
    """The bytes of a batch; ``sha256`` is what its trailer says and what the answer must repeat."""

    content: bytes
    sha256: str


def file_name(source_system: str, number: int) -> str:
    """``payments-demo-citations-000042.csv``."""
    return f"payments-{source_system}-{number:06d}.csv"


def batch_file(source_system: str, number: int, made_on: date, lines: Sequence[RemittedLine]) -> BatchFile:
    """The file of a batch. The same batch always makes the same bytes."""
    body = io.StringIO(newline="")
    writer = csv.writer(body)
    writer.writerow(["H", VERSION, source_system, number, made_on.isoformat()])
    for line in lines:
        writer.writerow([
            "D", line.line_no, line.source_account, line.source_charge, line.amount, line.paid_on.isoformat(),
            line.receipt, line.allocation_id,
        ])  # fmt: skip
    before = body.getvalue().encode()
    digest = hashlib.sha256(before).hexdigest()
    csv.writer(body).writerow(["T", len(lines), total(line.amount for line in lines), digest])
    return BatchFile(body.getvalue().encode(), digest)


def read_answer(content: str) -> Answer:
    """Read an acknowledgement: ``A,<source system>,<number>,<sha256>``, then ``R,<line>,accepted`` or
    ``R,<line>,rejected,<reason>`` for every line of the batch."""
    rows = [row for row in csv.reader(io.StringIO(content.lstrip("\ufeff"))) if row]
    if not rows or rows[0][0] != "A" or len(rows[0]) != 4 or not _DIGITS.fullmatch(rows[0][2]):
        raise BadAcknowledgement("the first row is not A, source system, batch number, sha256")
    lines: list[AnsweredLine] = []
    for row in rows[1:]:
        if row[0] != "R" or len(row) < 3 or not _DIGITS.fullmatch(row[1]) or row[2] not in {"accepted", "rejected"}:
            raise BadAcknowledgement(f"not R, line number, accepted or rejected: {','.join(row)[:80]}")
        lines.append(AnsweredLine(int(row[1]), row[2] == "accepted", row[3] if len(row) > 3 else ""))
    return Answer(rows[0][1], int(rows[0][2]), rows[0][3], tuple(lines))


def check_answer(answer: Answer, source_system: str, number: int, sha256: str, line_count: int) -> None:
    """Every line answered once, of the very batch that was sent; raises :class:`BadAcknowledgement`."""
    if (answer.source_system, answer.number) != (source_system, number):
        raise BadAcknowledgement(f"answers batch {answer.number} of {answer.source_system}")
    if answer.sha256 != sha256:
        raise BadAcknowledgement("answers a file with another content (sha256)")
    answered = sorted(line.line_no for line in answer.lines)
    if answered != list(range(1, line_count + 1)):
        raise BadAcknowledgement(f"answers {len(answered)} lines, and not each of the {line_count} once")
