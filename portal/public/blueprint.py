"""The blueprint of all pages without sign-in."""

from __future__ import annotations

from flask import Blueprint

public = Blueprint("public", __name__)
