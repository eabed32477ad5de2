"""Make the files of a printing, part after part: cut at any point, it goes on, and makes the same bytes."""

from __future__ import annotations

from dataclasses import dataclass, replace

from accounts.bill_printings import lost, queries, service
from accounts.bill_printings.queries import Frozen, PrintingView
from accounts.bill_printings.rules import address_lines, mark
from accounts.cities import queries as cities
from accounts.cities.rules import City
from accounts.customer_accounts.queries import AccountFile
from accounts.customer_changes.letters import service_address
from accounts.customer_changes.queries import where_to_mail
from accounts.customers.queries import customer
from accounts.database import reading
from accounts.errors import NotFound
from accounts.utilities.queries import bills_on_paper
from portal.bills import BillFacts, bill_facts, bill_of, changed_of
from portal.documents.bill import Paper, bill_pdf, bills_pdf
from portal.documents.typesetting import forget
from portal.i18n import speaking
from portal.wiring import Wiring


def make_files(wired: Wiring, printing_id: int) -> int:
    """What is not made yet of a printing; how many parts were made now. In the application's context.

    Bounded memory: a part at a time, each forgotten by the typesetter. Raises
    :class:`~accounts.bill_printings.rules.FileChanged`.
    """
    store, made = wired.documents(), 0
    with reading(wired.sessions) as session:
        found = queries.printing(session, printing_id)
        city = cities.release(session, found.city_release_id)
        known = {part.number for part in queries.made_parts(session, printing_id)}
    for number in range(1, found.parts + 1):
        if number in known:
            continue
        content = make_part(wired, city, found, number)
        service.keep_part(wired.sessions, store, printing_id, number, content, now=wired.clock.now())
        made += 1
    if found.made_at is None:
        service.finish(wired.sessions, store, found, now=wired.clock.now())
    return made


def make_part(wired: Wiring, city: City, found: PrintingView, number: int) -> tuple[bytes, list[int]]:
    """The PDF of a part, and the pages of each bill. It depends on nothing that is done after the list was frozen.

    Five statements, however many bills it has.
    """
    with reading(wired.sessions) as session:
        bills = queries.frozen_part(session, found, number)
        details = bills_on_paper(session, [bill.bill_id for bill in bills])
        facts = bill_facts(session, list(details.values()))
    papers = [_paper(facts[bill.bill_id], bill, found, city, number) for bill in bills]
    try:
        return bills_pdf(papers, city, wired.settings.base_url, found.frozen[1])
    finally:
        forget()


def make_again(wired: Wiring, printing_id: int, part: int) -> None:
    """A part, or the list, that is lost from the folder: made from the frozen list. In the application's context.

    Raises :class:`~accounts.bill_printings.rules.FileChanged`.
    """
    with reading(wired.sessions) as session:
        found = queries.printing(session, printing_id)
        city = cities.release(session, found.city_release_id)
        content = service.whole_list(session, found) if part == service.LIST else b""
    if part != service.LIST:
        content, _pages = make_part(wired, city, found, part)
    lost.keep_again(wired.sessions, wired.documents(), printing_id, part, content)


@dataclass(frozen=True)
class OneBill:
    """A bill on paper, by its number."""

    number: str
    content: bytes


def one_bill(wired: Wiring, file: AccountFile, bill_id: int) -> OneBill:
    """A bill of an account as it goes by mail today: the name and address of its holder, in their language, with
    what is to pay of it by now, penalties included.

    Without an address in its window where mail came back. Raises ``NotFound`` for a bill of another account.
    """
    city, today = wired.city().city, wired.clock.today()
    with reading(wired.sessions) as session:
        known = bills_on_paper(session, [bill_id], with_later=True).get(bill_id)
        if known is None or known[0].id != file.id:
            raise NotFound(f"no bill {bill_id} of account {file.id}")
        facts, changed = bill_facts(session, [known])[bill_id], changed_of(session, known[1])
        holder = customer(session, file.customer_id)
        to = where_to_mail(session, holder.id, holder.mailing_address or service_address(session, file.id))
    language = _language(city, holder.language)
    head = replace(facts.head, holder=file.holder, address=file.address)
    with speaking(language):
        view = bill_of(replace(facts, head=head), city, today, changed=changed)
    lines = (file.holder, *address_lines(to)) if to else ()
    return OneBill(
        view.number, bill_pdf(Paper(view, language, lines), city, wired.settings.base_url, wired.clock.now())
    )


def _language(city: City, wanted: str) -> str:
    offered = city.identity.offered
    return wanted if wanted in offered else offered[0]


def _paper(facts: BillFacts, bill: Frozen, found: PrintingView, city: City, part: int) -> Paper:
    """The bill with the name and address that its envelope shows, and what was to pay of it on that day."""
    language = _language(city, bill.language)
    head = replace(facts.head, holder=bill.name, address=bill.service_address)
    before = tuple(one for one in facts.linked if one.new_bill_id == bill.bill_id)
    with speaking(language):
        view = bill_of(replace(facts, head=head, linked=before), city, found.frozen[0], open_=bill.open)
    return Paper(view, language, (bill.name, *bill.address), mark(found.id, part, bill.sequence))
