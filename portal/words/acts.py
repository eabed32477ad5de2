"""Acts that may need a second person, in words: what is asked, what it comes to, what to know, how it ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import pgettext
from markupsafe import Markup

from accounts.approvals.queries import ProposalView
from accounts.approvals.rules import Hindrance, Verdict, deciding_roles
from accounts.cities.desk import Choice
from accounts.cities.rules import City, NotInTheCity
from accounts.customer_accounts.rules import shown
from accounts.money import ZERO, Money
from accounts.staff.rules import ActKind, Authority
from portal.account_details import Reason, reason_of
from portal.i18n import day_in, locale_code, money, money_text
from portal.i18n import gettext as _
from portal.words.names import plain
from portal.words.notes import note_words
from portal.words.values import Compared, Fact, breakable, compared, facts, in_language

CITY_CHANGES = "city-changes"
ACTS = {
    ActKind.ADJUSTMENT: _l("Adjustment"),
    ActKind.CITY_RELEASE: _l("New city rules"),
    ActKind.FEE: _l("Fee"),
    ActKind.IDENTIFICATION: _l("Money in suspense identified"),
    ActKind.JOURNAL: _l("Journal entry"),
    ActKind.MERGER: _l("Merger of two records"),
    ActKind.MOVE: _l("Move of a payment"),
    ActKind.PLAN_EXCEPTION: _l("Exception for a payment plan"),
    ActKind.REFUND: _l("Refund"),
    ActKind.VOID: _l("Void"),
    ActKind.WAIVER: _l("Waiver"),
}
VERDICTS = {
    Verdict.APPROVED: _l("Approved"),
    Verdict.REJECTED: _l("Rejected"),
    Verdict.WITHDRAWN: _l("Taken back"),
    Verdict.STALE: _l("Not done: something changed"),
    Verdict.ALONE: _l("Done alone"),
}
_WHY_TWO = {
    "always": _l("Acts of this kind always take two people, whatever the amount."),
    "beyond-count": _l("This was forgiven as often as the city forgives. Once more takes a second person."),
}
_HOW = {
    "lines": _l("By a stated calculation"),
    "leak": _l("By the leak policy"),
    "take-back": _l("Takes an earlier correction back"),
}


@dataclass(frozen=True)
class Told:
    """A proposal in words of the reader's language."""

    name: str
    effect: Markup
    asked: tuple[Fact, ...]
    changes: tuple[Compared, ...]
    """Before and after, as they were weighed."""
    steps: tuple[Reason, ...]
    notes: tuple[str | Markup, ...]
    why_two: tuple[str, ...]
    given: tuple[Fact, ...]
    city: tuple[Compared, ...]
    """Of a release: the fields that change."""
    city_count: int
    outcome: tuple[Fact, ...]
    stale: tuple[Compared, ...]
    """Of a proposal that came too late: what stood otherwise, then and now."""


def told(view: ProposalView, city: City, today: date) -> Told:
    """All that a proposal says."""
    evidence, decision = view.evidence, view.decision
    release = next((note.facts for note in evidence.notes if note.kind == CITY_CHANGES), {})
    always = () if view.act in _MOVES_NOTHING else ("owed_cents", "credit_cents")
    outcome = {} if decision is None else dict(decision.outcome)
    stale: Mapping[str, Any] = outcome.pop("changed", {})
    return Told(
        name=act_name(view.act),
        effect=effect(view.act, view.effect),
        asked=tuple(_asked(view, city, today)),
        changes=tuple(compared(evidence.before, evidence.after, always=always)),
        steps=tuple(reason_of(step.model_dump(mode="json", exclude_none=True)) for step in evidence.steps),
        notes=tuple(note_words(note) for note in evidence.notes if note.kind != CITY_CHANGES),
        why_two=tuple(str(_WHY_TWO.get(code) or plain(code)) for code in evidence.asks_second),
        given=tuple(facts(evidence.given)),
        city=tuple(_city_changes(release)),
        city_count=int(str(release.get("count", 0))),
        outcome=tuple(facts(outcome)),
        stale=tuple(row for name, (old, new) in stale.items() for row in compared({name: old}, {name: new})),
    )


_MOVES_NOTHING = {ActKind.CITY_RELEASE, ActKind.MERGER}


def act_name(act: ActKind) -> str:
    return str(ACTS[act])


def effect(act: ActKind, amount: Money) -> Markup:
    """What an act does to the money, as a sentence with marked amounts."""
    return Markup(_effect(act, amount)) % {"amount": money(abs_of(amount))}  # noqa: S704 - our own words


def effect_text(act: ActKind, amount: Money) -> str:
    """The same without markup, for buttons."""
    return _effect(act, amount) % {"amount": money_text(abs_of(amount))}


def abs_of(amount: Money) -> Money:
    return max(amount, ZERO - amount)


def _effect(act: ActKind, amount: Money) -> str:
    """With the amount still to be put in."""
    if not amount:
        return _("No money moves.")
    if act is ActKind.MOVE:
        return _("%(amount)s goes from one account to another.", amount="%(amount)s")
    if act is ActKind.IDENTIFICATION:
        out, back = _("%(amount)s leaves suspense."), _("%(amount)s goes back into suspense.")
        return out if amount > ZERO else back
    if act in {ActKind.REFUND, ActKind.VOID}:
        return _("%(amount)s goes back to the payer.", amount="%(amount)s")
    if act is ActKind.JOURNAL:
        return _("%(amount)s is booked.", amount="%(amount)s")
    added, taken = _("%(amount)s is added to what is owed."), _("%(amount)s is taken off what is owed.")
    return added if amount > ZERO else taken


def hindrance_words(hindrance: Hindrance, view: ProposalView, by: Authority) -> str:
    """Why this person may not decide it."""
    if hindrance is Hindrance.OWN_PROPOSAL:
        return _("You asked for this yourself. Somebody else has to decide it.")
    if hindrance is Hindrance.NOT_PERMITTED:
        return _("Your roles do not decide acts of this kind.")
    return _("This is above your limit of %(limit)s.", limit=money_text(by.decide.get(view.act, ZERO)))


def who_decides(view: ProposalView, city: City, today: date) -> str:
    """The roles that may decide an act of this size."""
    roles = deciding_roles(city.staff_policy(today), view.act, view.effect)
    return ", ".join(role.name.in_(locale_code()) for role in roles)


def _asked(view: ProposalView, city: City, today: date) -> list[Fact]:
    """The command of an act; a kind that has no words of its own is said field by field."""
    words = _COMMANDS.get(view.act)
    return words(view, city, today) if words else facts(view.payload)


def _waiver(view: ProposalView, city: City, today: date) -> list[Fact]:
    policy = city.waiver_policy(day_in(view.proposed_at, city.identity.time_zone)) or city.waiver_policy(today)
    reason = policy.reason(str(view.payload["reason_code"])) if policy else None
    return [*_charges(view), Fact(_("City’s reason"), _choice(reason, view.payload["reason_code"]))]


def _adjustment(view: ProposalView, city: City, today: date) -> list[Fact]:
    by = view.payload["by"]
    found = [*_charges(view), Fact(_("Kind of calculation"), str(_HOW.get(by["how"]) or plain(by["how"])))]
    if code := by.get("reason_code"):
        found.append(Fact(_("City’s reason"), _choice(city.adjustment_policy(today).reason(code), code)))
    if "is_repair_proved" in by:
        found.append(Fact(_("Repair proved"), _("Yes") if by["is_repair_proved"] else _("No")))
    return found


def _fee(view: ProposalView, city: City, today: date) -> list[Fact]:
    del today
    code = str(view.payload["rate"])
    try:
        name = city.rate(code).name.in_(locale_code())
    except NotInTheCity:
        name = plain(code)
    return [Fact(_("Fee"), name), Fact(_("How many"), str(view.payload.get("quantity", 1)))]


def _move(view: ProposalView, city: City, today: date) -> list[Fact]:
    del city, today
    out, into = (shown(side["reference"]) for side in view.evidence.before["accounts"])
    what = {"receipt": view.evidence.before["receipt"], "amount_cents": view.payload["amount_cents"]}
    return [*facts(what), Fact(pgettext("account", "From"), out), Fact(pgettext("account", "To"), into)]


def _identification(view: ProposalView, city: City, today: date) -> list[Fact]:
    del city, today
    what = {"receipt": view.evidence.before["receipt"], "amount_cents": view.payload["amount_cents"]}
    sides = view.evidence.before.get("accounts", ())
    where = shown(sides[0]["reference"]) if sides else _("Its sender")
    way = pgettext("account", "From") if view.payload.get("undoes_id") else pgettext("account", "To")
    asked = [*facts(what), Fact(way, where)]
    if view.payload.get("remember"):
        asked.append(Fact(_("Rule"), _("Checks like this belong to this account.")))
    return asked


def _void(view: ProposalView, city: City, today: date) -> list[Fact]:
    del city, today
    return facts({"receipt": view.evidence.before["receipt"], "amount_cents": view.effect.cents})


def _merger(view: ProposalView, city: City, today: date) -> list[Fact]:
    del city, today
    undo = bool(view.payload.get("undo"))
    return [
        Fact(_("What"), _("Make two records of one again") if undo else _("Make one record of two")),
        *facts({"accounts": view.evidence.before["accounts"]}),
    ]


def _release(view: ProposalView, city: City, today: date) -> list[Fact]:
    del city, today
    return facts({"release_id": view.payload["release_id"]})


def _charges(view: ProposalView) -> list[Fact]:
    charges = view.evidence.before.get("charges", ())
    return [Fact(_("Charge"), f"{in_language(charge['description'])} ({charge['charge_id']})") for charge in charges]


def _choice(found: Choice | None, code: object) -> str:
    return found.name.in_(locale_code()) if found else plain(str(code))


_COMMANDS: dict[ActKind, Callable[[ProposalView, City, date], list[Fact]]] = {
    ActKind.ADJUSTMENT: _adjustment,
    ActKind.CITY_RELEASE: _release,
    ActKind.FEE: _fee,
    ActKind.IDENTIFICATION: _identification,
    ActKind.MERGER: _merger,
    ActKind.MOVE: _move,
    ActKind.VOID: _void,
    ActKind.WAIVER: _waiver,
}


def _city_changes(release: Mapping[str, Any]) -> list[Compared]:
    return [
        Compared(breakable(change["field"]), breakable(change["before"]), breakable(change["now"]))
        for change in release.get("changes", ())
    ]
