"""Pages without sign-in: home, look-up, basket, payment, receipt, help."""

from __future__ import annotations

from flask import Blueprint, Flask

public = Blueprint("public", __name__)


def register(app: Flask) -> None:
    """Hang the pages onto the application."""
    from portal.public import accounts, baskets, help, home, lookups, payments, receipts  # noqa: A004, PLC0415

    del accounts, baskets, help, home, lookups, payments, receipts
    app.register_blueprint(public)
