"""What makes a training installation unmistakable: numbers of its own, and words on all that leaves it. Pure."""

from __future__ import annotations

from accounts.cities.rules import City

PREFIX = "TR"
"""Before the code of each receipt series: ``TRC1-2026-000001``. No city may name a series so (``ReceiptSeries``)."""
REAL, TRAINING = "real", "training"


def for_training(city: City) -> City:
    """The city with receipt series of its own, at its windows too."""
    return city.model_copy(
        update={
            "receipt_series": tuple(
                series.model_copy(update={"code": f"{PREFIX}{series.code}"}) for series in city.receipt_series
            ),
            "tills": tuple(
                till.model_copy(update={"receipt_series": f"{PREFIX}{till.receipt_series}"}) for till in city.tills
            ),
        }
    )


def refusal(marked: str | None, *, training: bool, has_receipts: bool) -> str:
    """Why this database must not be used so, in one sentence; empty where it may."""
    wanted = TRAINING if training else REAL
    if marked == wanted or (marked is None and not (training and has_receipts)):
        return ""
    if training:
        return "TRAINING is set, and this database is the real one: training has a database of its own."
    return "This database is marked for training: it never serves the real thing. Set TRAINING=1, or use another one."
