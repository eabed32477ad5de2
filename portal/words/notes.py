"""What the two people of an act should know, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from markupsafe import Markup

from accounts.approvals.rules import Note
from accounts.money import Money
from portal.i18n import gettext as _
from portal.i18n import long_date, money
from portal.words.names import plain
from portal.words.values import facts, in_language


def note_words(note: Note) -> str | Markup:
    """Something the two people should know."""
    words = _NOTES.get(note.kind)
    if words is not None:
        return words(note.facts)
    said = Markup("; ").join(Markup("{}: {}").format(fact.label, fact.value) for fact in facts(note.facts))
    return Markup("{}. {}").format(plain(note.kind), said) if said else plain(note.kind)


def _becomes_credit(given: Mapping[str, Any]) -> Markup:
    return _marked(_("%(amount)s that was paid becomes credit on the account.", amount="%(amount)s"), given)


def _on_its_way(given: Mapping[str, Any]) -> Markup:
    return _marked(_("%(amount)s is on its way for this account and may still arrive.", amount="%(amount)s"), given)


def _penalty(given: Mapping[str, Any]) -> Markup:
    what = in_language(given["description"])
    said = _marked(
        _("Look at “%(what)s” (%(amount)s): it was computed on what changes now.", what=what, amount="%(amount)s"),
        given,
    )
    would_be = given.get("would_be_cents")
    if would_be is None:
        return said
    return said + " " + _marked(_("Today it would be %(amount)s.", amount="%(amount)s"), {"cents": would_be})


def _reopens(given: Mapping[str, Any]) -> Markup:
    what, due = in_language(given["description"]), long_date(date.fromisoformat(given["due_on"]))
    return _marked(
        _(
            "%(amount)s of “%(what)s” is open again, and past due since %(due)s.",
            what=what,
            due=due,
            amount="%(amount)s",
        ),
        given,
    )


def _names_differ(given: Mapping[str, Any]) -> str:
    del given
    return _("The two records have different names. Make sure that they are the same person.")


def _counted(given: Mapping[str, Any]) -> Markup:
    return _marked(
        _("%(amount)s was counted and has left its drawer: the City owes it to the payer.", amount="%(amount)s"),
        given,
    )


_NOTES: dict[str, Callable[[Mapping[str, Any]], str | Markup]] = {
    "becomes-credit": _becomes_credit,
    "drawer-counted": _counted,
    "names-differ": _names_differ,
    "payment-on-its-way": _on_its_way,
    "penalty-to-look-at": _penalty,
    "reopens-past-due": _reopens,
}


def _marked(words: str, given: Mapping[str, Any]) -> Markup:
    """Words with the amount of some facts put in, everything else escaped."""
    before, _mark, after = words.partition("%(amount)s")
    return Markup("{}{}{}").format(before, money(Money(int(given["cents"]))), after)
