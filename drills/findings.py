"""What a drill left behind, in the books, at the processor and in the mail, beside what it should have left."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path

from accounts.database import reading
from drills.stage import Stage
from portal.verify import verify

_OF_ATTEMPTS = """
    SELECT a.id, a.state, count(p.id) AS payments, count(r.id) AS receipts
      FROM attempts a LEFT JOIN payments p ON p.attempt_id = a.id LEFT JOIN receipts r ON r.payment_id = p.id
     GROUP BY a.id ORDER BY a.id"""

_POSTED = """
    SELECT count(p.id) AS payments FROM (SELECT id FROM attempts ORDER BY created_at DESC LIMIT 1) a
      LEFT JOIN payments p ON p.attempt_id = a.id"""


@dataclass(frozen=True)
class Expected:
    """What should be found of all attempts of one drill together."""

    charges: int = 1
    payments: int = 1
    receipts: int = 1
    mails: int = 1
    """With different Message-IDs."""
    states: tuple[str, ...] = ("succeeded",)
    exceptions: tuple[str, ...] = ()
    pages: int | None = None
    """At the processor, where one more would be one too many."""
    mail_may_repeat: bool = False


@dataclass(frozen=True)
class Mark:
    """What was there before a drill."""

    attempts: frozenset[str]
    exceptions: int
    mails: frozenset[Path]


@dataclass(frozen=True)
class Found:
    """What is there after it."""

    charges: int
    payments: int
    receipts: int
    mails: int
    letters: int
    """Mails that arrived, repeats included."""
    states: tuple[str, ...]
    exceptions: tuple[str, ...]
    pages: int
    charged_twice: int
    violations: int

    def sentence(self) -> str:
        """For the table."""
        repeated = f" ({self.letters} times)" if self.letters > self.mails else ""
        said = (
            f"{_many(self.charges, 'charge')}, {self.payments} posted, {_many(self.receipts, 'receipt')},"
            f" {_many(self.mails, 'mail')}{repeated}"
        )
        parts = [said, ", ".join(dict.fromkeys(self.states)), "queue: " + ", ".join(self.exceptions)]
        return "; ".join(part for part in parts if part and not part.endswith("queue: "))

    def problems(self, expected: Expected) -> list[str]:
        """What differs, one sentence each."""
        wrong = [
            f"{name}: {getattr(self, name)} and not {getattr(expected, name)}"
            for name in ("charges", "payments", "receipts", "mails", "states", "exceptions")
            if getattr(self, name) != getattr(expected, name)
        ]
        if expected.pages is not None and self.pages != expected.pages:
            wrong.append(f"pages at the processor: {self.pages} and not {expected.pages}")
        if self.letters > self.mails and not expected.mail_may_repeat:
            wrong.append(f"mails arrived {self.letters} times")
        if self.charged_twice:
            wrong.append(f"{self.charged_twice} attempts were charged twice")
        if self.violations:
            wrong.append(f"ventanilla verify finds {self.violations} violations")
        return wrong


def mark(stage: Stage) -> Mark:
    """Before a drill."""
    (newest,) = stage.rows("SELECT coalesce(max(id), 0) FROM exception_lines")
    attempts = frozenset(row.id for row in stage.rows("SELECT id FROM attempts"))
    return Mark(attempts, newest[0], frozenset(stage.mail.glob("*.eml")))


def look(stage: Stage, before: Mark) -> Found:
    """After it."""
    attempts = [row for row in stage.rows(_OF_ATTEMPTS) if row.id not in before.attempts]
    ours = {row.id for row in attempts}
    charged = {one: count for one, count in stage.processor.charges_by_attempt().items() if one in ours}
    pages = [page for page in stage.processor.listed("checkout/sessions") if page["client_reference_id"] in ours]
    letters = [_message_id(path) for path in stage.mail.glob("*.eml") if path not in before.mails]
    lines = stage.rows("SELECT kind FROM exception_lines WHERE id > :newest ORDER BY kind", newest=before.exceptions)
    return Found(
        charges=sum(charged.values()),
        payments=sum(row.payments for row in attempts),
        receipts=sum(row.receipts for row in attempts),
        mails=len(set(letters)),
        letters=len(letters),
        states=tuple(row.state for row in attempts),
        exceptions=tuple(row.kind for row in lines),
        pages=len(pages),
        charged_twice=sum(count > 1 for count in charged.values()),
        violations=violations(stage),
    )


def posted(stage: Stage) -> int:
    """Payments of the newest attempt."""
    (row,) = stage.rows(_POSTED)
    return int(row.payments)


def violations(stage: Stage) -> int:
    """What ``ventanilla verify`` says."""
    with reading(stage.sessions) as session:
        return sum(len(check.violations) for check in verify(session))


def _message_id(path: Path) -> str:
    return str(message_from_bytes(path.read_bytes())["Message-ID"])


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
