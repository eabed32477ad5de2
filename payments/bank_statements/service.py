"""Read the bank's files in, match what is plain, and let people explain the rest.

Everything of one bank account takes turns. What a person says is a row; so is taking it back.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts import audit
from accounts.actors.service import SYSTEM, actor_id
from accounts.approvals.rules import ReasonMissing
from accounts.database import transaction
from accounts.ledger.service import open_business_day, reverse
from accounts.money import Money
from accounts.staff.rules import Authority, Permission
from payments.bank_statements import importing, lists, matching
from payments.bank_statements.lists import StatementLine
from payments.bank_statements.models import BankMatchUndoing, BankNaming, BankSignOff
from payments.bank_statements.ours import UNITS
from payments.bank_statements.pairing import Found, OurSide, UnitKey
from payments.bank_statements.reading import format_of, read_bai2, read_csv
from payments.bank_statements.rules import (
    CountedIt,
    DoesNotTie,
    MatchedBefore,
    NotMatched,
    SignedOff,
    Statement,
    Unexplained,
    WhichAccount,
    WrongCategory,
)
from payments.bank_statements.writing import BOOKED, BankDesk, Booked, Pen

__all__ = ["BankDesk"]
_TAKE_TURNS = text("SELECT pg_advisory_xact_lock(hashtextextended('bank:' || :name, 0))")
_OURS = text(f"""SELECT u.* FROM ({UNITS}) u WHERE u.kind || ':' || u.subject = ANY (:keys)""")  # noqa: S608
_COUNTED = text("""
    SELECT DISTINCT d.id FROM bank_deposits d
     WHERE d.journal_id = ANY (:journals) AND :person IN (d.prepared_by, d.verified_by)""")
_PARTS = text("SELECT journal_id, kind FROM bank_match_parts WHERE match_id = :match ORDER BY journal_id")
_FREE = (
    text("DELETE FROM bank_matched_journals WHERE match_id = :match"),
    text("DELETE FROM bank_matched_lines WHERE match_id = :match"),
)


@dataclass(frozen=True)
class Imported:
    """What a file came to."""

    file_id: int
    statements: tuple[int, ...]
    lines: int
    new: int
    matched: int
    was_known: bool = False

    def last_line(self) -> str:
        if self.was_known:
            return "bank statement: this file was read before; nothing changed"
        return (
            f"bank statement: {len(self.statements)} statements, {self.lines} lines, {self.new} of them new, "
            f"{self.matched} matched"
        )


def import_file(
    desk: BankDesk, name: str, content: bytes, by: int, *, bank_account: str = "", difference: str = ""
) -> Imported:
    """Use case: read a file, keep what is new in it, and match what is plain. The same file again changes nothing.

    ``bank_account`` is needed for CSV, which does not say whose it is, unless the city has one account only.
    ``difference``: why the opening balance is not what was known. Raises ``FileRefused``, ``StatementOff``,
    ``DoesNotFollow``, ``Contradicts``, ``WhichAccount``: then nothing is kept.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    sender = importing.Sender(by, desk.clock.now(), difference)
    with transaction(desk.sessions) as session:
        session.execute(_TAKE_TURNS, {"name": "files"})
        if (known := importing.known_file(session, sha256)) is not None:
            return Imported(known, (), 0, 0, 0, was_known=True)
        format_ = format_of(content)
        statements = importing.in_order(_read(desk, format_, content, bank_account))
        file_id = importing.keep_file(session, name, format_, (sha256, content), sender)
        if file_id is None:
            raise MatchedBefore("another transaction kept this file")
        kept = [_keep(session, file_id, statement, sender) for statement in statements]
        audit.record(
            session, "bank-statement.import", subject=("bank-file", file_id), actor_id=by, format=format_,
            statements=len(kept), new=sum(new for _, new in kept),
        )  # fmt: skip
    matched = sum(match(desk, ledger) for ledger in sorted({one.ledger_account for one in statements}))
    return Imported(
        file_id, tuple(id_ for id_, _ in kept), sum(len(one.lines) for one in statements),
        sum(new for _, new in kept), matched,
    )  # fmt: skip


def _read(desk: BankDesk, format_: str, content: bytes, bank_account: str) -> list[Statement]:
    accounts = desk.city.banks(desk.today)
    if format_ == "bai2":
        return read_bai2(content, accounts)
    wanted = [account for account in accounts if not bank_account or account.code == bank_account]
    if len(wanted) != 1:
        raise WhichAccount("say of which bank account this is", ends="")
    return read_csv(content, wanted[0])


def _keep(session: Session, file_id: int, statement: Statement, sender: importing.Sender) -> tuple[int, int]:
    session.execute(_TAKE_TURNS, {"name": statement.ledger_account})
    return importing.keep_statement(session, file_id, statement, sender)


def match(desk: BankDesk, ledger: str) -> int:
    """Use case: match all lines of a bank's ledger account that are plain; how many. Nobody is its maker."""
    policy = desk.city.bank_policy(desk.today)
    window = matching.window_of(policy)
    with transaction(desk.sessions) as session:
        day = open_business_day(session, desk.today)
        session.execute(_TAKE_TURNS, {"name": ledger})
        by = matching.Matcher(ledger, actor_id(session, SYSTEM), desk.clock.now())
        brought = matching.bring_forward(session, by, window)
        count, left = matching.match_equal(session, by, window)
        more = matching.find_more(session, by, window, left)
        count += matching.write(session, [found for found in more if not found.fee], by)
        for found in (one for one in more if one.fee):
            _less_fee(session, desk, found, by, day)
            count += 1
        return count + brought


def _less_fee(session: Session, desk: BankDesk, found: Found, by: matching.Matcher, day: date) -> None:
    """Step: a settlement of which the bank kept its fee: the fee is booked, and both are the line."""
    code = desk.city.bank_policy(desk.today).terminal_fee_category
    pen = Pen(session, desk, lists.line(session, found.line.id), by.actor_id)
    pen.match("automatic", found.reason, found.ours, pen.book(code, Money(-found.fee), day))


def match_by_hand(
    desk: BankDesk, line_id: int, ours: Sequence[UnitKey], reason: str, by: Authority, *, category: str = ""
) -> int:
    """Use case: a person says which of ours a line is; the match's id. They sum to it, or the rest is booked.

    Raises ``CountedIt``, ``DoesNotTie``, ``MatchedBefore``, ``SignedOff``, ``ReasonMissing``, ``WrongCategory``.
    """
    by.must(Permission.BANK_RECONCILE)
    if not reason.strip():
        raise ReasonMissing("say why")
    with transaction(desk.sessions) as session:
        day = open_business_day(session, desk.today) if category else None
        line = _free_line(session, line_id)
        found = _chosen(session, line, ours)
        _not_counted_by(session, by, [journal for one in found for journal, _ in one.journals])
        off = line.amount - Money(sum(one.cents for one in found))
        if not found or (off and not category) or (category and not off):
            raise DoesNotTie(f"what was chosen is {off} off", difference_cents=off.cents)
        pen = Pen(session, desk, line, by.actor_id)
        booked = pen.book(category, off, day) if off and day is not None else Booked()
        match_id = pen.match("by-hand", reason, found, booked)
        _audit(session, "bank-line.match", line_id, by.actor_id, match=match_id)
        return match_id


def book(desk: BankDesk, line_id: int, category: str, note: str, by: Authority) -> int:
    """Use case: a line of the bank's own (a fee, interest) enters the books and is matched; the match's id.

    Raises ``WrongCategory``, ``NotBooked``, ``MatchedBefore``, ``SignedOff``.
    """
    by.must(Permission.BANK_RECONCILE)
    with transaction(desk.sessions) as session:
        day = open_business_day(session, desk.today)
        line = _free_line(session, line_id)
        pen = Pen(session, desk, line, by.actor_id)
        booked = pen.book(category, line.amount, day)
        match_id = pen.match("booked", note.strip() or category, (), booked)
        _audit(session, "bank-line.book", line_id, by.actor_id, category=category, journal=booked.journal_id)
        return match_id


def name(desk: BankDesk, line_id: int, category: str, note: str, by: Authority) -> None:
    """Use case: say what an unmatched line is; an empty category takes the name back.

    Raises ``WrongCategory``, ``MatchedBefore``, ``SignedOff``.
    """
    by.must(Permission.BANK_RECONCILE)
    with transaction(desk.sessions) as session:
        line = _free_line(session, line_id)
        if category:
            desk.category(category, line.amount)
        number = session.execute(
            text("SELECT coalesce(max(number), 0) + 1 FROM bank_namings WHERE line_id = :line"), {"line": line_id}
        ).scalar_one()
        if number == 1 and not category:
            raise WrongCategory("no name is chosen, and none is there to be taken back", category=category)
        session.add(
            BankNaming(
                line_id=line_id, number=number, category=category, note=note.strip()[:500], named_by=by.actor_id,
                named_at=desk.clock.now(),
            )
        )  # fmt: skip
        _audit(session, "bank-line.name", line_id, by.actor_id, category=category)


def undo(desk: BankDesk, line_id: int, reason: str, by: Authority) -> None:
    """Use case: the match of a line was wrong; what was booked for it is reversed.

    Raises ``NotMatched``, ``CountedIt``, ``SignedOff``, ``ReasonMissing``.
    """
    by.must(Permission.BANK_RECONCILE)
    if not reason.strip():
        raise ReasonMissing("say why")
    with transaction(desk.sessions) as session:
        open_business_day(session, desk.today)
        line = _locked_line(session, line_id)
        if line.match_id is None:
            raise NotMatched(f"line {line_id} has no match")
        parts = session.execute(_PARTS, {"match": line.match_id}).all()
        _not_counted_by(session, by, [part.journal_id for part in parts])
        for statement in _FREE:
            session.execute(statement, {"match": line.match_id})
        for part in parts:
            if part.kind == BOOKED:
                memo = f"match {line.match_id} undone"
                reverse(session, part.journal_id, actor_id=by.actor_id, on=desk.today, memo=memo)
        session.add(
            BankMatchUndoing(
                match_id=line.match_id, undone_by=by.actor_id, undone_at=desk.clock.now(),
                reason=reason.strip()[:500],
            )
        )  # fmt: skip
        _audit(session, "bank-line.undo", line_id, by.actor_id, match=line.match_id)


def sign_off(desk: BankDesk, statement_id: int, by: Authority) -> None:
    """Use case: a person says that a statement is explained. Raises ``Unexplained``, ``CountedIt``, ``SignedOff``."""
    by.must(Permission.BANK_RECONCILE)
    with transaction(desk.sessions) as session:
        found = lists.statement(session, statement_id)
        session.execute(_TAKE_TURNS, {"name": found.ledger_account})
        if lists.statement(session, statement_id).signed_at is not None:
            raise SignedOff(f"statement {statement_id} was signed off")
        if unexplained := lists.unexplained(session, found):
            raise Unexplained(f"{unexplained} lines are not explained", lines=unexplained)
        _not_counted_by(session, by, lists.journals_of(session, found))
        session.add(BankSignOff(statement_id=statement_id, signed_by=by.actor_id, signed_at=desk.clock.now()))
        audit.record(
            session, "bank-statement.sign-off", subject=("bank-statement", statement_id), actor_id=by.actor_id
        )


def _locked_line(session: Session, line_id: int) -> StatementLine:
    """A line, its account locked against everybody else's matching; its statement still open."""
    session.execute(_TAKE_TURNS, {"name": lists.line(session, line_id).ledger_account})
    line = lists.line(session, line_id)
    if line.is_signed:
        raise SignedOff(f"the statement of line {line_id} was signed off")
    return line


def _free_line(session: Session, line_id: int) -> StatementLine:
    line = _locked_line(session, line_id)
    if line.match_id is not None:
        raise MatchedBefore(f"line {line_id} is matched")
    return line


def _chosen(session: Session, line: StatementLine, keys: Sequence[UnitKey]) -> tuple[OurSide, ...]:
    wanted = sorted({f"{kind}:{subject}" for kind, subject in keys})
    rows = session.execute(_OURS, {"ledger": line.ledger_account, "keys": wanted}).all()
    if len(rows) != len(wanted):
        raise MatchedBefore("something that was chosen is matched, or not there")
    return tuple(map(matching.our_side, rows))


def _not_counted_by(session: Session, by: Authority, journals: Sequence[int]) -> None:
    if session.execute(_COUNTED, {"journals": list(journals), "person": by.actor_id}).first() is not None:
        raise CountedIt("whoever counted a deposit does not reconcile it")


def _audit(session: Session, act: str, line_id: int, actor: int, **details: object) -> None:
    audit.record(session, act, subject=("bank-line", line_id), actor_id=actor, **details)
