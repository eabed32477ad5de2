"""Look at what an act comes to, then do it: at once within one's own limit, else a second person is asked."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from flask import redirect, url_for
from werkzeug.wrappers import Response

from accounts.approvals import service
from accounts.approvals.queries import ProposalView
from accounts.approvals.rules import Command, WorldChanged, read_evidence
from accounts.approvals.service import Done, Preview
from accounts.errors import DomainError
from payments.collisions import acts
from portal.acts import acts_of
from portal.forms.acts import ActForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.staff.blueprint import staff_user
from portal.staff.done import account_url, say
from portal.staff.paid_online import say_of_pages
from portal.wiring import wiring
from portal.words.acts import Told, effect_text, told, who_decides


@dataclass(frozen=True)
class Looked:
    """An act as it would be done now: in words, and who would have to agree."""

    told: Told
    needs_second: bool
    deciders: str
    effect: str


def look_or_do(
    form: ActForm, command: Command, reference: str, given: Mapping[str, object] | None = None, *, then: str = ""
) -> Response | Looked | None:
    """What a valid form leads to: a redirect once it is done or proposed, or a look at it first. Once it is done, to
    ``then``, or else to the account.

    A refusal of the domain is shown in the form, and nothing comes of it. When the world changed since the look, the
    form is looked at anew with that sentence above it.
    """
    try:
        if form.is_done and seen_of(form, command) is not None:
            return _do(form, command, then or account_url(reference), given or {})
        if form.is_done:
            form.refuse(
                _("You changed this after you looked. Nothing was done. Look again, then go on."), why="changed"
            )
        return look_at(form, command)
    except WorldChanged as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return _look_again(form, command)
    except DomainError as refusal:
        form.refuse(sentence(refusal), why=type(refusal).__name__)
        return None


def _do(form: ActForm, command: Command, then: str, given: Mapping[str, object]) -> Response:
    parts = wiring()
    done = acts.propose(
        parts.desk(), acts_of(parts), command, staff_user().authority,
        reason=form.reason.data, given=given, seen=seen_of(form, command) or "",
    )  # fmt: skip
    outcome = done.result
    words = effect_text(command.kind, outcome.effect)
    if isinstance(outcome, Done):
        say(_("Done. %(effect)s", effect=words))
        say_of_pages(closed=done.closed, is_coming=done.beside)
        return redirect(then, 303)
    say(_("Asked for. It waits for a second person. %(effect)s", effect=words), "info")
    return redirect(url_for("staff.approvals_show", proposal_id=outcome.proposal_id), 303)


def seen_of(form: ActForm, command: Command) -> str | None:
    """The state that was looked at, if it was this very act that was looked at: no figure is done that nobody saw."""
    seen, _dot, looked_at = str(form.seen.data or "").partition(".")
    return seen if seen and looked_at == _print(command) else None


def _print(command: Command) -> str:
    return hashlib.sha256(f"{command.kind} {command.model_dump_json()}".encode()).hexdigest()[:16]


def look_at(form: ActForm, command: Command) -> Looked:
    """The act as it would be done now; the form carries from here on what was seen. Raises what the act refuses."""
    parts = wiring()
    city, today, user = parts.city().city, parts.clock.today(), staff_user()
    found = service.preview(parts.sessions, acts_of(parts), command, user.authority, today)
    form.seen.data = f"{found.seen}.{_print(command)}"
    view = _as_proposal(command, found, form.reason.data, parts.clock.now())
    return Looked(
        told=told(view, city, today),
        needs_second=found.needs_second,
        deciders=who_decides(view, city, today) if found.needs_second else "",
        effect=effect_text(command.kind, found.weighed.effect),
    )


def _look_again(form: ActForm, command: Command) -> Looked | None:
    try:
        return look_at(form, command)
    except DomainError:
        return None


def _as_proposal(command: Command, found: Preview, reason: str, now: datetime) -> ProposalView:
    """What the approvals inbox would show of it."""
    user, weighed = staff_user(), found.weighed
    return ProposalView(
        id=0,
        act=command.kind,
        subject=weighed.subject,
        customer_account_id=None,
        reference="",
        account_kind="",
        holder="",
        payload=command.model_dump(mode="json"),
        evidence=read_evidence(weighed.evidence({}, {})),
        effect=weighed.effect,
        reason=reason,
        proposed_by=user.actor_id,
        maker=user.name,
        proposed_at=now,
        decision=None,
        hindrances=(),
    )
