"""The page to compare with: Flask, five indexed queries, 14 kB, and nothing that a city would need."""

from __future__ import annotations

import os

from flask import Flask, request
from jinja2 import Environment, select_autoescape
from sqlalchemy import create_engine, text

from accounts.database import as_psycopg

BYTES = 14_000
QUERIES = (
    "SELECT id, reference, kind, status FROM customer_accounts WHERE id = :id",
    "SELECT id, name, language FROM customers WHERE id = :id",
    "SELECT id, address, zip_code FROM premises WHERE id = :id",
    "SELECT id, revenue_line, open_cents, due_on FROM charges WHERE customer_account_id = :id AND open_cents > 0",
    "SELECT id, number, billed_on, due_on FROM bills WHERE customer_account_id = :id",
)
_TEMPLATE = """<!doctype html><html lang="en"><title>{{ found[1][0].name }}</title>
<h1>{{ found[0][0].reference }}</h1>
<p>{{ found[2][0].address }}</p><table>{% for charge in found[3] %}<tr><td>{{ charge.revenue_line }}</td>
<td>{{ charge.open_cents }}</td><td>{{ charge.due_on }}</td></tr>{% endfor %}</table><p>{{ filler }}</p></html>"""


def make_app() -> Flask:
    """An engine with the portal's pool, one route."""
    app = Flask(__name__)
    engine = create_engine(as_psycopg(os.environ["DATABASE_URL"]), pool_size=8, max_overflow=4)
    statements = [text(query) for query in QUERIES]
    template = Environment(autoescape=select_autoescape(default=True)).from_string(_TEMPLATE)
    filler = "x" * (BYTES - 400)

    @app.get("/bare")
    def bare() -> str:
        with engine.connect() as connection:
            given = {"id": request.args.get("id", type=int)}
            found = [connection.execute(statement, given).all() for statement in statements]
        return template.render(found=found, filler=filler)

    return app


app = make_app() if "DATABASE_URL" in os.environ else None
