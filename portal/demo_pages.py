"""``/demo`` and ``/demo.json``: what a newcomer may try. They exist in demo mode only."""

from __future__ import annotations

import base64
import email
import email.policy
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pyotp
from flask import Blueprint, Flask, Response, abort, jsonify, redirect, render_template, url_for
from sqlalchemy import bindparam, text
from werkzeug.wrappers import Response as AnyResponse

from accounts.database import reading
from accounts.money import ZERO, Money
from portal.forms.messages import ReplyForm
from portal.i18n import gettext as _
from portal.notices.text_codes import answer_text
from portal.permissions import anyone
from portal.scan_lines import line_of
from portal.security import POLICY
from portal.wiring import wiring
from portal.words.roles import role_names

pages = Blueprint("demo", __name__)
_MOST_MESSAGES = 50
_BALANCES = text(
    "SELECT a.reference, coalesce(sum(c.open_cents), 0)::bigint AS cents, min(c.due_on) AS due_on"
    "  FROM customer_accounts a LEFT JOIN charges c ON c.customer_account_id = a.id AND c.open_cents > 0"
    " WHERE a.reference IN :references GROUP BY a.reference"
).bindparams(bindparam("references", expanding=True))


@dataclass(frozen=True)
class Message:
    """A mail or text that the demo caught."""

    name: str
    kind: str
    to: str
    subject: str
    body: str
    attachments: tuple[str, ...] = ()


def register(app: Flask) -> None:
    """Only the demo's application has these pages."""
    app.register_blueprint(pages)


@pages.get("/demo")
@anyone
def show() -> str:
    facts, parts = _facts(), wiring()
    policy = parts.city().city.staff_policy(parts.clock.today())
    people = [
        {**one, "code": pyotp.TOTP(one["totp_secret"]).now(), "roles": role_names(policy, one["roles"])}
        for one in facts["staff"]
    ]
    window = [{**one, "what": _what(one["code"])} for one in facts["window"]]
    residents = [{**one, "what": _who(one["what"])} for one in facts["people"]]
    return render_template(
        "public/demo/show.html",
        **{**facts, "staff": people, "window": window, "people": residents},
        messages=_messages(),
    )


@pages.get("/demo.json")
@anyone
def as_json() -> Response:
    return jsonify(_facts())


@pages.get("/demo/messages/<name>")
@anyone
def message(name: str) -> str:
    return render_template("public/demo/message.html", message=_found(name), form=ReplyForm())


@pages.post("/demo/messages/<name>/reply")
@anyone
def reply(name: str) -> AnyResponse:
    """What whoever got a text answers, as the provider would hand it on; the answer to it is a text too."""
    found, form, parts = _found(name), ReplyForm(), wiring()
    if found.kind == "text" and form.validate_on_submit():
        answer = answer_text(parts, f"demo-{secrets.token_hex(8)}", found.to, form.body.data)
        if answer:
            parts.texts.send(found.to, answer, "demo-reply")
    return redirect(url_for("demo.show"), 303)


def _found(name: str) -> Message:
    found = next((each for each in _messages() if each.name == name), None)
    if found is None:
        abort(404)
    return found


@pages.get("/demo/messages/<name>/letter")
@anyone
def letter(name: str) -> Response:
    """The rich text of a mail, as a mail program shows it; nothing in it may load or run."""
    body = _parsed(_mail_file(name)).get_body(preferencelist=("html",))
    if body is None:
        abort(404)
    letter = body.get_content().replace("\r\n", "\n")  # as a browser reads it before it checks a digest
    styles = "".join(re.findall(r"<style>(.*?)</style>", letter, re.DOTALL))
    digest = base64.b64encode(hashlib.sha256(styles.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'none'; base-uri 'none'"
    return Response(letter, mimetype="text/html", headers={POLICY: policy})


@pages.get("/demo/messages/<name>/<int:number>.pdf")
@anyone
def attachment(name: str, number: int) -> Response:
    parts = list(_parsed(_mail_file(name)).iter_attachments())
    if number >= len(parts):
        abort(404)
    return Response(parts[number].get_content(), mimetype="application/pdf")


def _facts() -> dict[str, Any]:
    settings = wiring().settings
    return {
        "base_url": settings.base_url,
        "sandbox_url": settings.stripe_api_base,
        "lookups": _lookups(),
        "people": _people() if "resident" in settings.surfaces else [],
        "requests": _requests() if "resident" in settings.surfaces else [],
        "staff": _staff() if "staff" in settings.surfaces else [],
        "window": _window() if "staff" in settings.surfaces else [],
        "cards": json.loads((Path(__file__).parent / "demo_cards.json").read_text()),
    }


def _lookups() -> list[dict[str, Any]]:
    file = _folder() / "samples.json"
    samples = json.loads(file.read_text())["lookups"] if file.exists() else []
    if not samples:
        return []
    parts = wiring()
    city, today = parts.city().city, parts.clock.today()
    with reading(parts.sessions) as session:
        rows = session.execute(_BALANCES, {"references": [sample["reference"] for sample in samples]})
        found = {row.reference: (Money(row.cents), row.due_on) for row in rows}
    owed = {sample["reference"]: found.get(sample["reference"], (ZERO, None)) for sample in samples}
    return [
        {
            "kind": sample["kind"],
            "number": sample["number"],
            "proof_label": sample["proof_label"],
            "proof_labels": sample.get("proof_labels", {}),
            "proof": sample["proof"],
            "balance_cents": owed[sample["reference"]][0].cents,
            "scan_line": line_of(city, sample["reference"], *owed[sample["reference"]], today),
            "holder": sample["holder"],
            "what": sample.get("what", ""),
        }
        for sample in samples
    ]


def _staff() -> list[dict[str, Any]]:
    """Who works here, with all that it takes to sign in as them: the demo has no secrets."""
    file = _folder() / "staff.json"
    found: list[dict[str, Any]] = json.loads(file.read_text())["staff"] if file.exists() else []
    return found


def _people() -> list[dict[str, Any]]:
    """Residents and businesses with a sign-in: address, password, and what there is to see (a code)."""
    file = _folder() / "people.json"
    found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return found


def _requests() -> list[dict[str, Any]]:
    """What residents have asked for: number, kind, state as the demo began, and its pages."""
    file = _folder() / "requests.json"
    found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return found


def _window() -> list[dict[str, Any]]:
    """What of the window is there to look at: a code, a page, and who in ``staff`` may open it."""
    file = _folder() / "window.json"
    found: list[dict[str, Any]] = json.loads(file.read_text()) if file.exists() else []
    return found


def _what(code: str) -> str:
    return {
        "bank-statement": _("Yesterday’s bank statement: a deposit, a settlement of the terminal and card payouts"),
        "unmatched-line": _("A line of it that nobody has explained"),
        "lockbox-file": _("A lockbox file of this morning"),
        "held-item": _("A check that is in it twice"),
        "returned-check": _("A check that came back, with its fee and its notice"),
        "cash-only": _("The account of it, which pays in cash only for a while"),
        "pay-link": _("A link that waits to be paid"),
        "journal-export": _("A journal export of closed days"),
    }.get(code, code)


def _who(code: str) -> str:
    return {
        "late-in-spanish": _("Behind with her water bill, with a parking ticket; reads Spanish"),
        "in-good-time": _("A bill in good time, and a rented house that he pays for"),
        "landlord": _("Owns five houses; a tenant pays for one"),
        "bookkeeper": _("Files and pays for forty businesses"),
    }.get(code, code)


def _messages() -> list[Message]:
    """Newest first, mail and texts together."""
    folder = _folder()
    mails = sorted((folder / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime, reverse=True)
    return [_mail(path) for path in mails[:_MOST_MESSAGES]] + _texts(folder / "texts")


def _texts(folder: Path) -> list[Message]:
    found = []
    for file in sorted(folder.glob("*.jsonl")):
        for number, line in enumerate(file.read_text().splitlines()):
            fields = json.loads(line)
            found.append(Message(f"{file.stem}-{number}", "text", fields["to"], "", fields["body"]))
    return found[::-1][:_MOST_MESSAGES]


def _mail(path: Path) -> Message:
    parsed = _parsed(path)
    body = parsed.get_body(preferencelist=("plain",))
    return Message(
        name=path.stem,
        kind="mail",
        to=str(parsed["To"]),
        subject=str(parsed["Subject"]),
        body=body.get_content() if body else "",
        attachments=tuple(part.get_filename() or "" for part in parsed.iter_attachments()),
    )


def _mail_file(name: str) -> Path:
    path = _folder() / "mail" / f"{Path(name).name}.eml"
    if not path.exists():
        abort(404)
    return path


def _parsed(path: Path) -> EmailMessage:
    parsed = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
    if not isinstance(parsed, EmailMessage):
        raise TypeError("the default policy makes EmailMessage")
    return parsed


def _folder() -> Path:
    return wiring().settings.state
