"""How a cashier’s month is measured against the others’: rates, and how often chance alone does as much. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from math import comb
from statistics import median

from accounts.cities.oversight import NoSales, Voids
from payments.findings.facts import Month

Rated = tuple[int, int]
"""Payments, and how many of something came with them."""


def against(mine: Rated, peers: list[Rated], terms: Voids | NoSales, what: Counting) -> dict[str, object] | None:
    """The cashier's rate against the median of the peers' rates, and how often chance alone would do it."""
    usual, theirs = median([per_thousand(peer) for peer in peers]), per_thousand(mine)
    if theirs < usual * Fraction(terms.times_median):
        return None
    payments, seen = (sum(column) for column in zip(mine, *peers, strict=True))
    ways, whole = what.chance(mine[1], mine[0], seen, payments)
    if ways * terms.one_in > whole:
        return None
    return {
        "per_thousand": int(theirs), "median_per_thousand": int(usual), "peers": len(peers),
        "one_in": min(whole // ways if ways else whole, 1_000_000),
    }  # fmt: skip


def per_thousand(rated: Rated) -> Fraction:
    """How many of a thousand payments."""
    payments, seen = rated
    return Fraction(seen * 1000, payments)


def tail(seen: int, drawn: int, marked: int, whole: int) -> tuple[int, int]:
    """Of all ways to draw ``drawn`` of ``whole``, those with ``seen`` or more of the ``marked`` ones (Fisher)."""
    ways = sum(comb(marked, k) * comb(whole - marked, drawn - k) for k in range(seen, min(marked, drawn) + 1))
    return ways, comb(whole, drawn)


def share_tail(seen: int, payments: int, everybodys: int, whole: int) -> tuple[int, int]:
    """Of all ways in which each of ``everybodys`` openings meets one of the ``whole`` payments, those that meet
    ``seen`` or more of one cashier's ``payments`` (the binomial test of two Poisson rates)."""
    others = whole - payments
    ways = sum(comb(everybodys, k) * payments**k * others ** (everybodys - k) for k in range(seen, everybodys + 1))
    return ways, whole**everybodys


@dataclass(frozen=True)
class Counting:
    """What is counted beside payments, under which name, and how often chance alone comes to as much."""

    name: str
    of: Callable[[Month], int]
    chance: Callable[[int, int, int, int], tuple[int, int]]


VOIDED = Counting("voids", lambda month: month.voids, tail)


OPENED = Counting("no_sales", lambda month: month.no_sales, share_tail)
