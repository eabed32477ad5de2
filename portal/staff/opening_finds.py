"""Who and where an account is opened for: people and places that are here already."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from accounts import audit
from accounts.customer_accounts.queries import (
    HeldAccount,
    accounts_at,
    accounts_named,
    accounts_of,
    customers_hidden,
)
from accounts.customers.queries import CustomerCard, customer
from accounts.database import Reader, one_by_one, reading, transaction
from accounts.mergers.queries import known_already
from accounts.mergers.rules import Traits
from accounts.premises.queries import PremisesCard, premises_at, premises_named
from accounts.searches.queries import search
from portal.forms.openings import NEW, OpeningForm
from portal.i18n import gettext as _
from portal.staff.blueprint import may_see, staff_user
from portal.wiring import wiring


@dataclass(frozen=True)
class Found:
    """What fits, by id; the one that was picked is always there."""

    people: dict[int, list[HeldAccount]] = field(default_factory=dict)
    places: dict[int, PremisesCard] = field(default_factory=dict)
    doubles: tuple[int, ...] = ()
    """People who are perhaps the one that was typed anew."""


def find(form: OpeningForm) -> Found:
    """People and places by what was typed and picked. Searching is written down, as everywhere."""
    people_asked, place_asked = form.customer_q.data or "", form.place_q.data or ""
    seen = may_see(staff_user())
    with one_by_one(wiring().sessions) as reader:
        people = _people(reader, people_asked, form.chosen("customer"))
        places = _places(reader, place_asked, form.chosen("premises"))
        hidden = customers_hidden(reader, people, **seen) if people else set()
    for asked, before, count in (
        (people_asked, form.customer_asked.data, len(people)),
        (place_asked, form.place_asked.data, len(places)),
    ):
        if asked and asked != before:
            with transaction(wiring().sessions) as session:
                audit.searched(session, staff_user().actor_id, asked, count)
    form.customer_asked.data, form.place_asked.data = people_asked, place_asked
    return Found({id_: held for id_, held in people.items() if id_ not in hidden}, places)


def doubles(form: OpeningForm, found: Found) -> Found:
    """The same, with people who are perhaps the one that was typed anew."""
    at = frozenset(found.places) & {form.chosen("premises") or 0}
    traits = Traits(
        form.holder_kind.data, form.name.data or "", form.email.data or "", form.phone.data or "",
        form.mailing_address.data or "", at,
    )  # fmt: skip
    with reading(wiring().sessions) as session:
        alike = [one.customer_id for one in known_already(session, staff_user().authority, traits)]
        held = _by_person(accounts_of(session, alike, **may_see(staff_user()))) if alike else {}
    return Found({**held, **found.people}, found.places, tuple(id_ for id_ in alike if id_ in held))


def offer(form: OpeningForm, found: Found) -> None:
    """The choices of the first step."""
    form.customer.choices = [(str(id_), _person(held)) for id_, held in found.people.items()]
    form.customer.choices.append((NEW, _("Somebody new")))
    form.premises.choices = [(str(id_), place.line) for id_, place in found.places.items()]
    form.premises.choices.append((NEW, _("The address below")))


def holder_of(form: OpeningForm) -> CustomerCard | None:
    """The person who was picked; none for a new one."""
    customer_id = form.chosen("customer")
    if customer_id is None:
        return None
    with one_by_one(wiring().sessions) as reader:
        return customer(reader, customer_id)


def place_of(form: OpeningForm) -> tuple[PremisesCard | None, Sequence[HeldAccount]]:
    """The place that was picked, or that the typed address already is; and who has accounts there."""
    premises_id = form.chosen("premises")
    with one_by_one(wiring().sessions) as reader:
        if premises_id is not None:
            places = premises_named(reader, [premises_id])
        else:
            zip_code = (form.zip_code.data or "")[:5]
            places = [one for one in premises_at(reader, form.address.data or "") if one.zip_code[:5] == zip_code]
        if not places:
            return None, ()
        return places[0], accounts_at(reader, [places[0].id], **may_see(staff_user()))


def _people(reader: Reader, asked: str, chosen: int | None) -> dict[int, list[HeldAccount]]:
    seen = may_see(staff_user())
    found = accounts_of(reader, [chosen], **seen) if chosen is not None else []
    if asked:
        hits = search(reader, asked, **seen).hits
        known = {account.id: account for account in accounts_named(reader, [hit.account_id for hit in hits], **seen)}
        found += [known[hit.account_id] for hit in hits if hit.account_id in known]
    return _by_person(found)


def _places(reader: Reader, asked: str, chosen: int | None) -> dict[int, PremisesCard]:
    seen = may_see(staff_user())
    wanted = [chosen] if chosen is not None else []
    at = premises_at(reader, asked) if asked else []
    if asked:
        hits = search(reader, asked, **seen).hits
        held = accounts_named(reader, [hit.account_id for hit in hits], **seen)
        wanted += [account.premises_id for account in held if account.premises_id is not None]
    return {place.id: place for place in [*at, *premises_named(reader, wanted)]}


def _by_person(accounts: Sequence[HeldAccount]) -> dict[int, list[HeldAccount]]:
    people: dict[int, list[HeldAccount]] = {}
    for account in accounts:
        held = people.setdefault(account.customer_id, [])
        if account not in held:
            held.append(account)
    return people


def _person(held: Sequence[HeldAccount]) -> str:
    """``Ana Ruiz, 209 555 0142: 100-000-427 (12 Elm Street), …``."""
    first, most = held[0], 3
    numbers = [f"{one.number} ({one.address})" if one.address else one.number for one in held[:most]]
    more = [_("and %(num)s more", num=len(held) - most)] if len(held) > most else []
    who = ", ".join(filter(None, (first.holder, first.phone, first.email)))
    return f"{who}: {', '.join([*numbers, *more])}"
