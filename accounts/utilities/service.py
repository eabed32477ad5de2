"""The penalties of late utility bills. The bills themselves are made by runs: ``accounts.billing_runs``."""

from __future__ import annotations

from datetime import date

from accounts.assessments import service as assessments
from accounts.assessments.service import Assessed, Progress
from accounts.cities.queries import RulingCity
from accounts.database import Sessions


def assess_penalties(
    sessions: Sessions, ruling: RulingCity, on: date, actor_id: int, *, progress: Progress | None = None
) -> Assessed:
    """Use case: the city's penalties on utility bills that are delinquent on a day, each once."""
    return assessments.assess_penalties(sessions, ruling, "utility", on, actor_id, progress=progress)
