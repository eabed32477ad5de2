"""The file of one account: its first page answers nine calls of ten, and shows what the resident sees."""

from __future__ import annotations

from flask import render_template, request, url_for

from accounts.approvals.queries import proposals_of
from accounts.charges.queries import open_charges
from accounts.charges.rules import by_age, next_due, standing
from accounts.cities.staffing import Permission
from accounts.customer_accounts.rules import shown
from accounts.database import one_by_one, reading
from payments.baskets.queries import money_on_its_way
from portal.account_details import details_of
from portal.account_files.bills import bills_of
from portal.account_files.heads import file_head
from portal.account_files.kinds import kind_file
from portal.i18n import gettext as _
from portal.i18n import speaking
from portal.languages import language_name, offered
from portal.permissions import needs
from portal.public.accounts import amount_form
from portal.staff.acts_menu import exists
from portal.staff.blueprint import may_see, opened_file, staff, staff_user
from portal.staff.files import file_page
from portal.staff.kind_words import kind_facts
from portal.wiring import wiring

MOST_LINES = 7
MOST_BILLS = 4


@staff.get("/accounts/<reference>")
@needs(Permission.ACCOUNTS_SEE)
def accounts_show(reference: str) -> str:
    """Everything that callers ask for, at one glance; the rest is in the parts of the file."""
    del reference
    parts, file, user = wiring(), opened_file(), staff_user()
    today, now = parts.clock.today(), parts.clock.now()
    sees_confidential = user.may(Permission.CONFIDENTIAL_SEE)
    with reading(parts.sessions) as session:
        head = file_head(session, file.id, today, **may_see(user))
        charges = open_charges(session, [file.id])
        coming = money_on_its_way(session, [file.id], now).get(file.id, ())
        bills = bills_of(session, file.id, limit=MOST_BILLS)
        kind = kind_file(session, file.id, file.kind, sees_confidential=sees_confidential)
        waiting = proposals_of(session, file.id, user.authority, only_waiting=True)
    return file_page(
        "staff/accounts/show.html",
        head=head,
        ages=by_age(charges, today),
        charges=charges,
        most_lines=MOST_LINES,
        next_due=next_due(charges, today),
        coming=coming,
        bills=bills.bills,
        facts=kind_facts(kind, parts.city().city),
        waiting=waiting,
        today=today,
        now=now,
        may_lift=user.may(Permission.RETURNS_POST),
        has_exceptions_page=exists("exceptions_show") and user.may(Permission.EXCEPTIONS_WORK),
        has_cases_page=exists("cases_show") and user.may(Permission.CASES_WORK),
        has_approvals_page=exists("approvals_show") and user.may(Permission.APPROVALS_SEE),
    )


@staff.get("/accounts/<reference>/as-resident")
@needs(Permission.ACCOUNTS_SEE)
def as_resident_show(reference: str) -> str:
    """The resident's own page, to be read along on the telephone; nothing on it does anything."""
    parts, file = wiring(), opened_file()
    today, now = parts.clock.today(), parts.clock.now()
    with reading(parts.sessions) as session:
        holder = file_head(session, file.id, today, **may_see(staff_user()))
    asked = request.args.get("language", holder.language)
    language = asked if asked in offered() else offered()[0]
    back = {"url": url_for("staff.accounts_show", reference=file.reference), "label": _("Back to the file")}
    with speaking(language), one_by_one(parts.sessions) as reader:
        details = details_of(reader, file.reference, file.id, parts.city().city, today)
        coming = money_on_its_way(reader, [file.id], now).get(file.id, ())
        owed = standing(details.owed, today)
        return render_template(
            "staff/accounts/as_resident.html",
            head=details.head,
            number=shown(file.reference),
            owed=owed,
            form=amount_form(owed),
            coming=coming,
            details=details,
            today=today,
            corrected=False,
            back=back,
            languages=[
                {
                    "code": code,
                    "label": language_name(code),
                    "url": url_for("staff.as_resident_show", reference=reference, language=code),
                    "current": code == language,
                }
                for code in offered()
            ],
        )
