"""The slip that goes to the bank with a deposit: by tender, denominations, the list of checks, the bag."""

from __future__ import annotations

from datetime import datetime

from accounts.cities.rules import City
from accounts.money import Money
from payments.bank_deposits.queries import DepositDetails
from payments.bank_deposits.rules import Kind
from portal.documents.typesetting import read_drawing, typeset
from portal.forms.drawers import piece_words
from portal.i18n import day_in, long_date, long_datetime, money_text, speaking
from portal.i18n import gettext as _
from portal.wiring import wiring


def deposit_slip_pdf(found: DepositDetails, city: City, language: str, at: datetime) -> bytes:
    """The slip as an accessible PDF (PDF/UA-1) in ``language``; one that is not sealed says so on it."""
    with speaking(language):
        return typeset("deposit_slip", _paper(found, city, language, at), at)


def _paper(found: DepositDetails, city: City, language: str, at: datetime) -> dict[str, object]:
    line, identity = found.line, city.identity
    bank = next((one for one in city.bank_accounts if one.code == line.bank_account), None)
    facts = [
        (_("Bank"), bank.bank if bank else ""),
        (_("Account"), _("%(name)s, ending in %(digits)s", name=bank.name.in_(language), digits=bank.number_ends)
         if bank else line.bank_account),
        (_("Date"), long_date(line.business_day or day_in(line.prepared_at, identity.time_zone))),
        (_("Bag"), line.bag_number) if line.kind is Kind.BAG else (_("Settlement"), line.reference),
        (_("Prepared by"), line.preparer),
        (_("Verified and sealed by"), line.verifier),
    ]  # fmt: skip
    return {
        "language": language,
        "title": _("Deposit slip %(number)s", number=line.id),
        "city": {
            "name": identity.legal_name.in_(language),
            "lines": list(identity.address),
            "primary": identity.colors.primary,
            "dark": identity.colors.primary_dark,
        },
        "seal": {
            "drawing": read_drawing(wiring().settings.city_folder / identity.seal),
            "alt": identity.seal_description.in_(language),
        },
        "not_sealed": "" if line.state == "sealed" else _("Not sealed yet. This slip does not go to the bank."),
        "facts": [{"term": term, "value": value} for term, value in facts if value],
        "tables": [table for table in (_tenders(found), _pieces(found), _checks(found)) if table],
        "endorsement": _("Back of each check: %(stamp)s", stamp=bank.endorsement) if bank and found.checks else "",
        "signatures": [_("Prepared by"), _("Verified and sealed by"), _("Received for the bank")],
        "made": _("Printed %(when)s", when=long_datetime(at, identity.time_zone)),
        "page": _("Page %(page)s of %(pages)s", page="{page}", pages="{pages}"),
    }


def _tenders(found: DepositDetails) -> dict[str, object]:
    made = found.line.made_of
    rows = [
        (_("Cash"), "", made.cash),
        (_("Checks and money orders"), str(made.checks_count), made.checks),
        (_("Card terminals"), "", made.terminal),
    ]
    return {
        "heading": _("What is deposited"),
        "columns": [_("Tender"), _("Number"), _("Amount")],
        "rows": [[name, number, money_text(amount)] for name, number, amount in rows if amount],
        "total": [_("Total"), "", money_text(made.amount)],
    }


def _pieces(found: DepositDetails) -> dict[str, object] | None:
    pieces = sorted(found.line.denominations.items(), reverse=True)
    if not pieces:
        return None
    return {
        "heading": _("Notes and coins"),
        "columns": [_("Notes and coins"), _("How many"), _("Comes to")],
        "rows": [[piece_words(cents), str(number), money_text(Money(cents) * number)] for cents, number in pieces],
        "total": [_("Cash"), "", money_text(found.line.made_of.cash)],
    }


def _checks(found: DepositDetails) -> dict[str, object] | None:
    if not found.checks:
        return None
    return {
        "heading": _("List of checks"),
        "columns": [_("Bank"), _("Number"), _("Amount")],
        "rows": [[check.bank, check.number, money_text(check.amount)] for check in found.checks],
        "total": [_("Checks and money orders"), str(len(found.checks)), money_text(found.line.made_of.checks)],
    }
