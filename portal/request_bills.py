"""Bills that a request may name: each by its day, and, where it can be appealed for a time only, until when; and the
answers of a request with the bills that they name."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from markupsafe import Markup

from accounts.cases.queries import bills
from accounts.cases.views import BillChoice, CasePage
from accounts.cities.requests import RequestKind
from accounts.database import reading
from portal.i18n import gettext as _
from portal.i18n import long_date
from portal.wiring import wiring
from portal.words.answers import said_answers


def answers_of(case: CasePage, kind: RequestKind) -> list[tuple[str, str | Markup]]:
    """(Question, answer) of a case, its bills by their days. No statement for a kind that asks for none."""
    names = dict(bill_names(case)) if any(one.kind == "bill" for one in kind.questions) else {}
    return said_answers(kind, case.answers, names)


def bill_names(case: CasePage) -> list[tuple[int, str]]:
    """The bills of the case's account by their days, newest first."""
    return [(one.id, _("Bill of %(day)s", day=long_date(one.billed_on))) for one in _bills(case)]


def bills_to_choose(case: CasePage, kind: RequestKind) -> list[tuple[int, str]]:
    """Those that may be chosen today, each with its last day where it has one."""
    if kind.file_within is None:
        return bill_names(case)
    today, within = wiring().clock.today(), timedelta(days=kind.file_within)
    return [
        (one.id, _("Bill of %(day)s, until %(last)s", day=long_date(one.billed_on), last=long_date(last)))
        for one in _bills(case)
        if today <= (last := one.billed_on + within)
    ]


def _bills(case: CasePage) -> Sequence[BillChoice]:
    if case.line.customer_account_id is None:
        return []
    with reading(wiring().sessions) as session:
        return bills(session, case.line.customer_account_id)
