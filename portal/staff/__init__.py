"""The back office: sign-in for the whole blueprint, and a permission that each view names."""

from __future__ import annotations

from portal.staff import invitations, kept_forms, sign_ins, surroundings, today
from portal.staff.blueprint import staff

__all__ = ["invitations", "kept_forms", "sign_ins", "staff", "surroundings", "today"]
