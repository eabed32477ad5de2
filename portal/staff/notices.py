"""Everything that was sent, to whom and where it is; addresses that do not work, and trying one again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from accounts.cities.staffing import Permission
from accounts.database import one_by_one
from accounts.errors import DomainError
from accounts.message_choices import replies
from accounts.message_choices.queries import address_history, address_states, choices_of
from accounts.message_choices.rules import AddressState, Channel, address_digest
from portal.forms.returned_payments import LiftForm
from portal.i18n import gettext as _
from portal.messages import sentence
from portal.messages_sent.queries import Filters, all_messages, came_since, messages_of
from portal.messages_sent.rules import Kind, State, masked_contact
from portal.notices.queries import people_of
from portal.notices.rules import addresses_of
from portal.permissions import needs
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.conversations import key_of
from portal.staff.done import say
from portal.staff.file_words import channel_text, message_kind_text, sent_outcome_text
from portal.staff.files import file_page, page_url
from portal.staff.kept_forms import kept_here
from portal.wiring import wiring

_NOT_FOUND, _UNPROCESSABLE = 404, 422
_CHANNELS = ("mail", "text", "letter")


@dataclass(frozen=True)
class DeadAddress:
    """An address of the people of an account to which nothing goes. ``key`` is what its page is called by."""

    key: str
    channel: Channel
    masked: str
    state: AddressState


@staff.get("/accounts/<reference>/messages")
@needs(Permission.ACCOUNTS_SEE)
def messages_list(reference: str) -> str:
    """What left for whom about an account, where it is, and which of its addresses do not work."""
    del reference
    with one_by_one(wiring().sessions) as reader:
        page = messages_of(reader, opened_file().id, before=key_of("before"))
    older = page_url(before=page.next_before) if page.next_before else ""
    return file_page(
        "staff/messages/list.html", messages=page.messages, older=older, dead=dead_addresses(opened_file().id),
        may_lift=staff_user().may(Permission.CUSTOMERS_CHANGE),
    )  # fmt: skip


@staff.get("/messages")
@needs(Permission.ACCOUNTS_SEE)
def notices_list() -> str:
    """Of all accounts, newest first, by where they are, what they are about, how and when they were sent."""
    asked = {name: request.args.get(name, "") for name in ("state", "kind", "channel", "on")}
    known = {"state": {*map(str, State)}, "kind": {*map(str, Kind)}, "channel": {*_CHANNELS}}
    asked |= {name: "" for name, values in known.items() if asked[name] not in values}
    since = _morning(asked["on"])
    filters = Filters(asked["state"], asked["kind"], asked["channel"], since, since and since + timedelta(days=1))
    with one_by_one(wiring().sessions) as reader:
        page = all_messages(reader, filters, before=key_of("before"), **may_see(staff_user()))
        day = came_since(reader, wiring().clock.now() - timedelta(days=1))
    older = page_url(**{**asked, "before": page.next_before}) if page.next_before else ""
    return render_template(
        "staff/notices/list.html", messages=page.messages, older=older, asked=asked, day=day,
        states=[(one.value, sent_outcome_text(one.value)) for one in State],
        kinds=[(one.value, message_kind_text(one.value)) for one in Kind],
        channels=[(one, channel_text(one)) for one in _CHANNELS],
    )  # fmt: skip


@staff.route("/accounts/<reference>/addresses/<key>", methods=["GET", "POST"])
@needs(Permission.CUSTOMERS_CHANGE)
def notices_lift(reference: str, key: str) -> str | Response | tuple[str, int]:
    """What happened to an address; it is tried again when somebody says that it works. STOP is not ours to lift."""
    parts, form = wiring(), LiftForm(kept=kept_here())
    found = next((one for one in dead_addresses(opened_file().id) if one.key == key), None)
    if found is None:
        abort(_NOT_FOUND)
    digest = bytes.fromhex(found.key)
    if found.state is AddressState.DEAD and form.validate_on_submit():
        try:
            replies.lift(
                parts.sessions, staff_user().authority, found.channel, digest, found.masked,
                reason=form.reason.data, now=parts.clock.now(),
            )  # fmt: skip
        except DomainError as refusal:
            form.refuse(sentence(refusal), why=type(refusal).__name__)
        else:
            say(_("Messages go to this address again."))
            return redirect(url_for("staff.messages_list", reference=reference), 303)
    with one_by_one(parts.sessions) as reader:
        history = address_history(reader, digest)
    page = render_template("staff/notices/lift.html", form=form, file=opened_file(), address=found, history=history)
    return page, _UNPROCESSABLE if form.errors else 200


def dead_addresses(account_id: int) -> list[DeadAddress]:
    """Addresses of an account's people to which nothing goes. Three statements."""
    parts = wiring()
    with one_by_one(parts.sessions) as reader:
        people = people_of(reader, [account_id])
        chosen = choices_of(reader, {one.person for one in people})
        found = {
            (channel, to): address_digest(parts.proof_key, channel, to)
            for one in people
            for channel, to in addresses_of(one, chosen[one.person]).items()
        }
        states = address_states(reader, found.values())
    return [
        DeadAddress(digest.hex(), channel, masked_contact(channel, to), states[digest])
        for (channel, to), digest in found.items()
        if states.get(digest, AddressState.GOOD) is not AddressState.GOOD
    ]


def _morning(day: str) -> datetime | None:
    """The first instant of a day in the city; none for what is no day."""
    try:
        asked = date.fromisoformat(day)
    except ValueError:
        return None
    return datetime.combine(asked, time(), ZoneInfo(wiring().city().city.identity.time_zone))
