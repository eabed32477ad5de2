"""The acts that change what a charge asks: waivers, adjustments, and taking one back. Each is one journal."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from accounts.adjustments import queries
from accounts.adjustments.commands import Adjust, ByLeak, ByLines, TakeBack, Waive
from accounts.adjustments.leaks import leak_corrections
from accounts.adjustments.rules import (
    Booked,
    Correction,
    LeakOfOneAccount,
    Standing,
    TakenBackBefore,
    correct,
    journal_lines,
    leak_reason,
    may_waive,
    must_be_ours,
    penalty_now,
    stated_reason,
    stated_steps,
    waiver_reason,
)
from accounts.approvals.acts import Deed
from accounts.approvals.rules import Note, Weighed, World
from accounts.assessments.service import lock_accounts
from accounts.cities import queries as cities
from accounts.cities.queries import RulingCity
from accounts.cities.rules import NotInTheCity
from accounts.ledger import service as ledger
from accounts.ledger.rules import JournalDraft
from accounts.money import ZERO, Money, total
from accounts.pricing.working import Step
from accounts.staff.rules import ActKind, Permission

_WRITE = text("""
    WITH x AS (
        SELECT * FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS x (charge bigint, account bigint, cents bigint,
               back bigint, reason text, reverses bigint)
    ), written AS (
        INSERT INTO adjustments (charge_id, amount_cents, reason, source_system, source_key, proposal_id,
                                 reverses_id, journal_id)
        SELECT charge, cents, reason, 'ventanilla', 'proposal:' || CAST(:proposal AS bigint) || ':' || charge,
               :proposal, reverses, :journal
          FROM x RETURNING id
    ), given_back AS (
        INSERT INTO allocations (journal_id, charge_id, amount_cents, policy)
        SELECT :journal, charge, -back, :policy FROM x WHERE back > 0
    ), charged AS (
        UPDATE charges c SET open_cents = c.open_cents + x.cents + x.back, version = c.version + 1
          FROM x WHERE c.id = x.charge
    ), credited AS (
        UPDATE customer_accounts a SET credit_cents = a.credit_cents + t.back
          FROM (SELECT account, sum(back) AS back FROM x GROUP BY account HAVING sum(back) > 0) t
         WHERE a.id = t.account
    )
    SELECT id FROM written ORDER BY id""")
TAKEN_BACK = "taken-back"
"""The policy of an allocation that takes money back from a charge which asks less now."""


@dataclass(frozen=True)
class _Plan:
    """The changes of an act, and how the calculation was shown."""

    corrections: tuple[Correction, ...]
    steps: tuple[Step, ...] = ()
    asks_second: tuple[str, ...] = ()


class _Correcting:
    """What waivers and adjustments have in common."""

    journal_kind: str

    def __init__(self, ruling: RulingCity) -> None:
        self._ruling = ruling

    def _stand(self, session: Session, charges: Collection[int], today: date) -> dict[int, Standing]:
        """The charges under lock, in the order of the house: day, accounts, charges."""
        lock_accounts(session, queries.owners(session, charges), today)
        return queries.standings(session, charges)

    def _booked(self, session: Session, standing: Standing) -> Booked:
        """Its revenue line: the ruling city's, unless that stands in another fund than the charge does."""
        try:
            line = self._ruling.city.revenue_line(standing.revenue_line)
        except NotInTheCity:
            line = None
        if line is None or line.fund != standing.fund:
            if standing.release_id is None:
                raise NotInTheCity(f"no revenue line {standing.revenue_line!r}", what=standing.revenue_line)
            line = cities.release(session, standing.release_id).revenue_line(standing.revenue_line)
        return Booked(standing, line)

    def _weighed(self, session: Session, plan: _Plan, subject: tuple[str, str]) -> Weighed[_Plan]:
        changes = plan.corrections
        effect = total(change.amount for change in changes)
        back = total(change.taken_back for change in changes)
        account = changes[0].standing.account_id
        before = queries.balance(session, account)
        after = {**before.as_json(), "owed_cents": (before.owed + effect + back).cents,
                 "credit_cents": (before.credit + back).cents}  # fmt: skip
        return Weighed(
            plan=plan,
            subject=subject,
            effect=effect,
            accounts=tuple(dict.fromkeys(change.standing.account_id for change in changes)),
            before={**before.as_json(), "charges": [_shown(change, done=False) for change in changes]},
            after={**after, "charges": [_shown(change, done=True) for change in changes]},
            steps=plan.steps,
            notes=tuple(self._notes(session, changes, back)),
            asks_second=plan.asks_second,
        )

    def _notes(self, session: Session, changes: Sequence[Correction], back: Money) -> list[Note]:
        """What both people should know: money that becomes credit or is on its way, penalties computed on it."""
        notes = []
        if back:
            notes.append(Note("becomes-credit", {"cents": back.cents}))
        for sent in queries.on_its_way(session, changes[0].standing.account_id):
            facts = {"cents": sent.amount.cents, "since": sent.since.isoformat(), "owner": sent.owner_id}
            notes.append(Note("payment-on-its-way", facts))
        less = {change.standing.id: change.amount for change in changes if change.amount < ZERO}
        for penalty in queries.penalties_on(session, list(less)) if less else []:
            now_asked = penalty_now(self._ruling.city, penalty.working, less[penalty.charge_id])
            facts = {
                "charge_id": penalty.id,
                "description": dict(penalty.description),
                "cents": penalty.amount.cents,
                "open_cents": penalty.open.cents,
                "would_be_cents": None if now_asked is None else now_asked.cents,
            }
            notes.append(Note("penalty-to-look-at", facts))
        return notes

    def _write(self, session: Session, weighed: Weighed[_Plan], deed: Deed) -> dict[str, object]:
        changes = weighed.plan.corrections
        lines = journal_lines(self._ruling.city, changes)
        draft = JournalDraft(
            self.journal_kind, deed.source("adjust"), deed.today, deed.actor_id, lines, memo=changes[0].reason
        )
        journal_id = ledger.post(session, draft)
        rows = [
            {
                "charge": change.standing.id,
                "account": change.standing.account_id,
                "cents": change.amount.cents,
                "back": change.taken_back.cents,
                "reason": change.reason,
                "reverses": change.reverses_id,
            }
            for change in changes
        ]
        values = {"rows": json.dumps(rows), "proposal": deed.proposal_id, "journal": journal_id, "policy": TAKEN_BACK}
        written = list(session.scalars(_WRITE, values))
        back = total(change.taken_back for change in changes)
        return {"journal_id": journal_id, "adjustment_ids": written, "credited_cents": back.cents}


class Waiving(_Correcting):
    """Forgive a fee or a penalty, as often as the city forgives."""

    kind = ActKind.WAIVER
    permission = Permission.WAIVERS_MAKE
    command = Waive
    journal_kind = "waiver"

    def world(self, session: Session, command: Waive, today: date) -> World:
        """The charge, and when charges of its kind were forgiven before."""
        charge = self._stand(session, [command.charge_id], today)[command.charge_id]
        earlier = queries.waived(session, charge.account_id, charge.kind)
        return {**_words(charge), "forgiven before": ", ".join(day.isoformat() for day in earlier)}

    def weigh(self, session: Session, command: Waive, today: date) -> Weighed[_Plan]:
        """Raises ``NotOurs``, ``NotWaivable``, ``WaivedBefore``, ``NoSuchReason``, ``MoreThanAsked``."""
        city = self._ruling.city
        charge = queries.standings(session, [command.charge_id])[command.charge_id]
        booked, reason = self._booked(session, charge), waiver_reason(city, command.reason_code, today)
        change = correct(booked, -Money(command.amount_cents), reason)
        must_be_ours(city, booked)
        earlier = queries.waived(session, charge.account_id, charge.kind)
        beyond = may_waive(city, charge.kind, earlier, today, beyond=command.beyond_count)
        plan = _Plan((change,), asks_second=("beyond-count",) if beyond else ())
        return self._weighed(session, plan, ("charge", str(charge.id)))

    def execute(self, session: Session, command: Waive, weighed: Weighed[_Plan], deed: Deed) -> dict[str, object]:
        """Ids of the journal and of the adjustment, and what became credit."""
        del command
        return self._write(session, weighed, deed)


class Adjusting(_Correcting):
    """Correct charges: by a stated calculation, by the leak policy, or by taking a correction back."""

    kind = ActKind.ADJUSTMENT
    permission = Permission.ADJUSTMENTS_MAKE
    command = Adjust
    journal_kind = "adjustment"

    def world(self, session: Session, command: Adjust, today: date) -> World:
        """The charges; of a taking back also whether it was done before."""
        world: dict[str, str] = {}
        if isinstance(command.by, TakeBack):
            made = queries.adjustment(session, command.by.adjustment_id)
            charges = self._stand(session, [made.charge_id], today)
            again = queries.adjustment(session, command.by.adjustment_id)
            world["taken back"] = "yes" if again.is_reversed else "no"
        else:
            charges = self._stand(session, _charges(command.by), today)
        for charge in charges.values():
            world |= _words(charge)
        return world

    def weigh(self, session: Session, command: Adjust, today: date) -> Weighed[_Plan]:
        """Raises ``NotOurs``, ``NoSuchReason``, ``LinesDoNotSum``, ``MoreThanAsked``, ``LeakNotGiven``,
        ``NotMetered``, ``TakenBackBefore``."""
        by = command.by
        if isinstance(by, TakeBack):
            plan, subject = self._taking_back(session, by), ("adjustment", str(by.adjustment_id))
        elif isinstance(by, ByLeak):
            plan = self._for_a_leak(session, by, today)
            subject = ("charge", str(by.charges[0].charge_id))
        else:
            charge = queries.standings(session, [by.charge_id])[by.charge_id]
            reason = stated_reason(self._ruling.city, by.reason_code, today)
            change = correct(self._booked(session, charge), Money(by.amount_cents), reason)
            plan, subject = _Plan((change,), stated_steps(by)), ("charge", str(by.charge_id))
        return self._weighed(session, plan, subject)

    def execute(self, session: Session, command: Adjust, weighed: Weighed[_Plan], deed: Deed) -> dict[str, object]:
        """Ids of the journal and of the adjustments, and what became credit."""
        del command
        return self._write(session, weighed, deed)

    def _taking_back(self, session: Session, by: TakeBack) -> _Plan:
        made = queries.adjustment(session, by.adjustment_id)
        if made.is_imported or made.is_reversed or made.reverses_id is not None:
            raise TakenBackBefore(f"adjustment {by.adjustment_id} cannot be taken back")
        charge = queries.standings(session, [made.charge_id])[made.charge_id]
        booked = self._booked(session, charge)
        return _Plan((correct(booked, -made.amount, made.reason, reverses_id=by.adjustment_id),))

    def _for_a_leak(self, session: Session, by: ByLeak, today: date) -> _Plan:
        asked_on = min(by.asked_on or today, today)
        reason = leak_reason(self._ruling.city, asked_on)
        charges = queries.standings(session, _charges(by))
        accounts = {charge.account_id for charge in charges.values()}
        if len(accounts) != 1 or len(charges) != len(by.charges):
            raise LeakOfOneAccount("a leak is credited on the bills of one account, each once")
        (account,) = accounts
        corrections, steps = leak_corrections(
            self._ruling.city,
            by,
            {id_: self._booked(session, charge) for id_, charge in charges.items()},
            before=queries.used_before(session, account, queries.rates_of(charges.values()), asked_on),
            earlier=queries.leak_credits(session, account, reason),
            on=asked_on,
            reason=reason,
        )
        return _Plan(corrections, steps)


def _charges(by: ByLines | ByLeak) -> list[int]:
    return [by.charge_id] if isinstance(by, ByLines) else [one.charge_id for one in by.charges]


def _words(charge: Standing) -> dict[str, str]:
    """A charge as a part of the world."""
    return {
        f"charge {charge.id} asks": str(charge.asked),
        f"charge {charge.id} open": str(charge.open),
        f"charge {charge.id} version": str(charge.version),
    }


def _shown(change: Correction, *, done: bool) -> Mapping[str, Any]:
    """A charge before or after the change, for both people and the audit."""
    charge = change.standing
    return {
        "charge_id": charge.id,
        "description": dict(charge.description),
        "asked_cents": (charge.asked + change.amount if done else charge.asked).cents,
        "open_cents": (change.open_after if done else charge.open).cents,
    }
