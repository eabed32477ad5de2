"""Penalties of citations, where the city keeps them itself. A line of another system's is left to its owner."""

from __future__ import annotations

from datetime import date

from accounts.assessments import service as assessments
from accounts.assessments.service import Assessed, Progress
from accounts.cities.queries import RulingCity
from accounts.database import Sessions


def assess_penalties(
    sessions: Sessions, ruling: RulingCity, on: date, actor_id: int, *, progress: Progress | None = None
) -> Assessed:
    """Use case: the city's penalties on citations that are delinquent on a day, each once (Vehicle Code 40200)."""
    return assessments.assess_penalties(sessions, ruling, "citation", on, actor_id, progress=progress)
