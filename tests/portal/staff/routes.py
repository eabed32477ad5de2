"""Every route of the back office as it is meant: who may open it, and what of whom it opens.

Each feature writes its own lines here; ``test_every_route_and_role`` opens each with every role.
"""

from __future__ import annotations

from dataclasses import dataclass

from accounts.cities.staffing import Permission


@dataclass(frozen=True)
class StaffRoute:
    """A route. Without ``permission`` anybody who works here opens it; ``is_open`` needs no sign-in."""

    rule: str
    methods: str = "GET"
    permission: Permission | None = None
    is_open: bool = False


P = Permission
STAFF_ROUTES = {
    "staff.today_show": StaffRoute("/staff/"),
    "staff.searches_show": StaffRoute("/staff/search", permission=P.ACCOUNTS_SEE),
    "staff.searches_suggest": StaffRoute("/staff/search/suggest", permission=P.ACCOUNTS_SEE),
    "staff.accounts_show": StaffRoute("/staff/accounts/<reference>", permission=P.ACCOUNTS_SEE),
    "staff.as_resident_show": StaffRoute("/staff/accounts/<reference>/as-resident", permission=P.ACCOUNTS_SEE),
    "staff.bills_list": StaffRoute("/staff/accounts/<reference>/bills", permission=P.ACCOUNTS_SEE),
    "staff.charges_show": StaffRoute(
        "/staff/accounts/<reference>/charges/<int:charge_id>", permission=P.ACCOUNTS_SEE
    ),
    "staff.payments_list": StaffRoute("/staff/accounts/<reference>/payments", permission=P.ACCOUNTS_SEE),
    "staff.receipts_show": StaffRoute(
        "/staff/accounts/<reference>/receipts/<int:receipt_id>", permission=P.ACCOUNTS_SEE
    ),
    "staff.receipts_reprint": StaffRoute(
        "/staff/accounts/<reference>/receipts/<int:receipt_id>/duplicate.pdf", permission=P.RECEIPTS_SEND
    ),
    "staff.receipts_send": StaffRoute(
        "/staff/accounts/<reference>/receipts/<int:receipt_id>/send", "GET POST", P.RECEIPTS_SEND
    ),
    "staff.conversations_list": StaffRoute("/staff/accounts/<reference>/conversations", permission=P.ACCOUNTS_SEE),
    "staff.messages_list": StaffRoute("/staff/accounts/<reference>/messages", permission=P.ACCOUNTS_SEE),
    "staff.notices_list": StaffRoute("/staff/messages", permission=P.ACCOUNTS_SEE),
    "staff.notices_lift": StaffRoute(
        "/staff/accounts/<reference>/addresses/<key>", "GET POST", permission=P.CUSTOMERS_CHANGE
    ),
    "staff.message_choices_list": StaffRoute(
        "/staff/accounts/<reference>/message-choices", permission=P.ACCOUNTS_SEE
    ),
    "staff.message_choices_edit": StaffRoute(
        "/staff/accounts/<reference>/message-choices/<who>", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.message_choices_number": StaffRoute(
        "/staff/accounts/<reference>/message-choices/<who>/number", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.message_choices_end_texts": StaffRoute(
        "/staff/accounts/<reference>/message-choices/<who>/number/end", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.paperless_edit": StaffRoute("/staff/accounts/<reference>/paperless", "GET POST", P.CUSTOMERS_CHANGE),
    "staff.details_show": StaffRoute("/staff/accounts/<reference>/details", permission=P.ACCOUNTS_SEE),
    "staff.timelines_show": StaffRoute("/staff/accounts/<reference>/timeline", permission=P.ACCOUNTS_SEE),
    "staff.account_links_list": StaffRoute("/staff/accounts/<reference>/online", permission=P.ACCOUNTS_SEE),
    "staff.account_links_new": StaffRoute("/staff/accounts/<reference>/online/new", "GET POST", P.CUSTOMERS_CHANGE),
    "staff.account_links_end": StaffRoute(
        "/staff/accounts/<reference>/online/<int:link_id>/end", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.lost_mailboxes_list": StaffRoute("/staff/lost-mailboxes", permission=P.CUSTOMERS_CHANGE),
    "staff.lost_mailboxes_new": StaffRoute(
        "/staff/accounts/<reference>/online/<int:link_id>/mailbox", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.lost_mailboxes_decide": StaffRoute(
        "/staff/accounts/<reference>/mailboxes/<int:wish_id>", "GET POST", P.APPROVALS_DECIDE
    ),
    "staff.sign_ins_new": StaffRoute("/staff/sign-in", "GET POST", is_open=True),
    "staff.sign_ins_begin": StaffRoute("/staff/sign-in/<name>", is_open=True),
    "staff.sign_ins_return": StaffRoute("/staff/sign-in/<name>/return", is_open=True),
    "staff.sign_ins_end": StaffRoute("/staff/sign-out", "POST"),
    "staff.sign_ins_change": StaffRoute("/staff/change-user", "POST"),
    "staff.invitations_show": StaffRoute("/staff/invitations/<token>", "GET POST", is_open=True),
    "staff.kept_forms_save": StaffRoute("/staff/kept-forms", "POST"),
    "staff.kept_forms_forget": StaffRoute("/staff/kept-forms/forget", "POST"),
    "staff.keys_show": StaffRoute("/staff/keys"),
    "staff.keys_switch": StaffRoute("/staff/keys", "POST"),
    "staff.my_page_show": StaffRoute("/staff/my-page"),
    "staff.my_page_language": StaffRoute("/staff/my-page/language", "POST"),
    "staff.my_page_end_session": StaffRoute("/staff/my-page/sessions/<int:session_id>/end", "POST"),
    "staff.my_page_codes": StaffRoute("/staff/my-page/recovery-codes", "GET POST"),
    "staff.people_list": StaffRoute("/staff/people", permission=P.STAFF_MANAGE),
    "staff.people_new": StaffRoute("/staff/people/new", "GET POST", P.STAFF_MANAGE),
    "staff.people_show": StaffRoute("/staff/people/<username>", permission=P.STAFF_MANAGE),
    "staff.people_grant": StaffRoute("/staff/people/<username>/roles/new", "GET POST", P.STAFF_MANAGE),
    "staff.people_end_grant": StaffRoute(
        "/staff/people/<username>/roles/<int:grant_id>/end", "GET POST", P.STAFF_MANAGE
    ),
    "staff.people_invite": StaffRoute("/staff/people/<username>/new-link", "GET POST", P.STAFF_MANAGE),
    "staff.people_end_sessions": StaffRoute("/staff/people/<username>/sessions/end", "GET POST", P.STAFF_MANAGE),
    "staff.people_link": StaffRoute("/staff/people/<username>/identities/new", "GET POST", P.STAFF_MANAGE),
    "staff.people_offboard": StaffRoute("/staff/people/<username>/offboard", "GET POST", P.STAFF_MANAGE),
    "staff.notes_new": StaffRoute("/staff/accounts/<reference>/notes/new", "GET POST", P.CONTACTS_LOG),
    "staff.notes_pin": StaffRoute("/staff/accounts/<reference>/notes/<int:note_id>/pin", "POST", P.CONTACTS_LOG),
    "staff.contacts_new": StaffRoute("/staff/accounts/<reference>/contacts/new", "GET POST", P.CONTACTS_LOG),
    "staff.fees_new": StaffRoute("/staff/accounts/<reference>/fees/new", "GET POST", P.FEES_POST),
    "staff.waivers_new": StaffRoute("/staff/accounts/<reference>/waivers/new", "GET POST", P.WAIVERS_MAKE),
    "staff.adjustments_new": StaffRoute(
        "/staff/accounts/<reference>/adjustments/new", "GET POST", P.ADJUSTMENTS_MAKE
    ),
    "staff.adjustments_leak": StaffRoute(
        "/staff/accounts/<reference>/adjustments/leak", "GET POST", P.ADJUSTMENTS_MAKE
    ),
    "staff.adjustments_take_back": StaffRoute(
        "/staff/accounts/<reference>/adjustments/<int:adjustment_id>/take-back", "GET POST", P.ADJUSTMENTS_MAKE
    ),
    "staff.moves_new": StaffRoute("/staff/accounts/<reference>/moves/new", "GET POST", P.PAYMENTS_MOVE),
    "staff.window_show": StaffRoute("/staff/window", "GET POST", P.WINDOW_TAKE),
    "staff.window_begin": StaffRoute("/staff/window/items", "POST", P.WINDOW_TAKE),
    "staff.window_sale": StaffRoute("/staff/window/sales/<int:sale_id>", "GET POST", P.WINDOW_TAKE),
    "staff.window_resume": StaffRoute("/staff/window/sales/<int:sale_id>/resume", "POST", P.WINDOW_TAKE),
    "staff.window_holds": StaffRoute("/staff/window/holds", permission=P.DRAWERS_REVIEW),
    "staff.window_hold": StaffRoute("/staff/window/holds/<int:sale_id>", "GET POST", P.DRAWERS_REVIEW),
    "staff.drawers_mine": StaffRoute("/staff/drawers/mine", "GET POST", P.WINDOW_TAKE),
    "staff.drawers_float": StaffRoute("/staff/drawers/<int:drawer_id>/float", "GET POST", P.WINDOW_TAKE),
    "staff.drawers_drop": StaffRoute("/staff/drawers/<int:drawer_id>/drop", "GET POST", P.WINDOW_TAKE),
    "staff.drawers_count": StaffRoute("/staff/drawers/<int:drawer_id>/count", "GET POST", P.WINDOW_TAKE),
    "staff.no_sales_new": StaffRoute("/staff/drawers/<int:drawer_id>/no-sale", "GET POST", P.WINDOW_TAKE),
    "staff.drawers_counted": StaffRoute("/staff/drawers/<int:drawer_id>/counted", permission=P.WINDOW_TAKE),
    "staff.drawer_reviews_list": StaffRoute("/staff/drawers", permission=P.DRAWERS_REVIEW),
    "staff.drawer_reviews_show": StaffRoute("/staff/drawers/<int:drawer_id>", permission=P.DRAWERS_REVIEW),
    "staff.drawer_reviews_float": StaffRoute(
        "/staff/drawers/<int:drawer_id>/review-float", "GET POST", P.DRAWERS_REVIEW
    ),
    "staff.drawer_reviews_change": StaffRoute("/staff/drawers/<int:drawer_id>/change", "GET POST", P.DRAWERS_REVIEW),
    "staff.drawer_reviews_pick_up": StaffRoute(
        "/staff/drawers/<int:drawer_id>/pick-up", "GET POST", P.DRAWERS_REVIEW
    ),
    "staff.drawer_reviews_count": StaffRoute(
        "/staff/drawers/<int:drawer_id>/review-count", "GET POST", P.DRAWERS_REVIEW
    ),
    "staff.drawer_reviews_verdict": StaffRoute(
        "/staff/drawers/<int:drawer_id>/verdict", "GET POST", P.DRAWERS_REVIEW
    ),
    "staff.slips_show": StaffRoute("/staff/receipts/<int:receipt_id>", permission=P.RECEIPTS_SEND),
    "staff.slips_print": StaffRoute("/staff/receipts/<int:receipt_id>/print", permission=P.RECEIPTS_SEND),
    "staff.slips_printer": StaffRoute("/staff/receipts/<int:receipt_id>/printer", "POST", P.RECEIPTS_SEND),
    "staff.slips_letter": StaffRoute("/staff/receipts/<int:receipt_id>/letter.pdf", permission=P.RECEIPTS_SEND),
    "staff.slips_mail": StaffRoute("/staff/receipts/<int:receipt_id>/mail", "GET POST", P.RECEIPTS_SEND),
    "staff.voids_new": StaffRoute("/staff/receipts/<int:receipt_id>/void", "GET POST", P.PAYMENTS_VOID),
    "staff.bank_deposits_list": StaffRoute("/staff/bank-deposits", permission=P.DEPOSITS_MAKE),
    "staff.bank_deposits_new": StaffRoute("/staff/bank-deposits/new", "GET POST", P.DEPOSITS_MAKE),
    "staff.bank_deposits_show": StaffRoute("/staff/bank-deposits/<int:deposit_id>", permission=P.DEPOSITS_MAKE),
    "staff.bank_deposits_verify": StaffRoute(
        "/staff/bank-deposits/<int:deposit_id>/verify", "GET POST", P.DEPOSITS_MAKE
    ),
    "staff.bank_deposits_give_up": StaffRoute(
        "/staff/bank-deposits/<int:deposit_id>/give-up", "POST", P.DEPOSITS_MAKE
    ),
    "staff.bank_deposits_hand_over": StaffRoute(
        "/staff/bank-deposits/<int:deposit_id>/hand-over", "POST", P.DEPOSITS_MAKE
    ),
    "staff.bank_deposits_slip": StaffRoute(
        "/staff/bank-deposits/<int:deposit_id>/slip.pdf", permission=P.DEPOSITS_MAKE
    ),
    "staff.bank_statements_list": StaffRoute("/staff/bank-statements", permission=P.BANK_RECONCILE),
    "staff.bank_statements_new": StaffRoute("/staff/bank-statements/new", "GET POST", P.BANK_RECONCILE),
    "staff.bank_statements_match": StaffRoute("/staff/bank-statements/match", "POST", P.BANK_RECONCILE),
    "staff.bank_statements_show": StaffRoute(
        "/staff/bank-statements/<int:statement_id>", permission=P.BANK_RECONCILE
    ),
    "staff.bank_statements_sign_off": StaffRoute(
        "/staff/bank-statements/<int:statement_id>/sign-off", "POST", P.BANK_RECONCILE
    ),
    "staff.bank_lines_show": StaffRoute("/staff/bank-lines/<int:bank_line_id>", "GET POST", P.BANK_RECONCILE),
    "staff.mail_list": StaffRoute("/staff/mail", permission=P.MAIL_LOG),
    "staff.mail_new": StaffRoute("/staff/mail/new", "GET POST", P.MAIL_LOG),
    "staff.mail_show": StaffRoute("/staff/mail/<int:bundle_id>", "GET POST", P.MAIL_LOG),
    "staff.mail_work": StaffRoute("/staff/mail/<int:bundle_id>/work", "POST", P.MAIL_LOG),
    "staff.mail_explain": StaffRoute("/staff/mail/<int:bundle_id>/explain", "GET POST", P.MAIL_LOG),
    "staff.mail_count": StaffRoute("/staff/mail/<int:bundle_id>/count", "GET POST", P.MAIL_LOG),
    "staff.lockboxes_list": StaffRoute("/staff/lockboxes", "GET POST", P.MAIL_LOG),
    "staff.lockboxes_show": StaffRoute("/staff/lockboxes/<int:file_id>", permission=P.MAIL_LOG),
    "staff.lockboxes_post_held": StaffRoute(
        "/staff/lockboxes/<int:file_id>/items/<int:item_id>/post", "GET POST", P.SUSPENSE_WORK
    ),
    "staff.suspense_list": StaffRoute("/staff/suspense", permission=P.SUSPENSE_WORK),
    "staff.suspense_show": StaffRoute("/staff/suspense/<int:payment_id>", "GET POST", P.SUSPENSE_WORK),
    "staff.suspense_take_back": StaffRoute(
        "/staff/suspense/<int:payment_id>/identifications/<int:identification_id>/take-back",
        "GET POST",
        P.SUSPENSE_WORK,
    ),
    "staff.suspense_rules": StaffRoute("/staff/suspense/rules", permission=P.SUSPENSE_WORK),
    "staff.suspense_withdraw": StaffRoute(
        "/staff/suspense/rules/<int:rule_id>/withdraw", "GET POST", P.SUSPENSE_WORK
    ),
    "staff.turn_ins_list": StaffRoute("/staff/turn-ins", permission=P.WINDOW_TAKE),
    "staff.turn_ins_new": StaffRoute("/staff/turn-ins/new", "GET POST", P.WINDOW_TAKE),
    "staff.manual_receipts_list": StaffRoute("/staff/manual-receipts", permission=P.WINDOW_TAKE),
    "staff.manual_receipts_new": StaffRoute("/staff/manual-receipts/new", "GET POST", P.DRAWERS_REVIEW),
    "staff.manual_receipts_show": StaffRoute("/staff/manual-receipts/<int:book_id>", "GET POST", P.WINDOW_TAKE),
    "staff.manual_receipts_void": StaffRoute(
        "/staff/manual-receipts/<int:book_id>/spoiled", "GET POST", P.WINDOW_TAKE
    ),
    "staff.approvals_list": StaffRoute("/staff/approvals", permission=P.APPROVALS_SEE),
    "staff.approvals_decided": StaffRoute("/staff/approvals/decided", permission=P.APPROVALS_SEE),
    "staff.approvals_show": StaffRoute("/staff/approvals/<int:proposal_id>", permission=P.APPROVALS_SEE),
    "staff.approvals_approve": StaffRoute(
        "/staff/approvals/<int:proposal_id>/approve", "GET POST", permission=P.APPROVALS_DECIDE
    ),
    "staff.approvals_reject": StaffRoute(
        "/staff/approvals/<int:proposal_id>/reject", "GET POST", permission=P.APPROVALS_DECIDE
    ),
    "staff.approvals_withdraw": StaffRoute(
        "/staff/approvals/<int:proposal_id>/withdraw", "GET POST", permission=P.APPROVALS_SEE
    ),
    "staff.deeds_list": StaffRoute("/staff/deeds", permission=P.APPROVALS_SEE),
    "staff.exceptions_list": StaffRoute("/staff/exceptions", permission=P.EXCEPTIONS_WORK),
    "staff.exceptions_show": StaffRoute(
        "/staff/exceptions/<int:exception_id>", "GET POST", permission=P.EXCEPTIONS_WORK
    ),
    "staff.cases_list": StaffRoute("/staff/cases", permission=P.CASES_WORK),
    "staff.cases_show": StaffRoute("/staff/cases/<int:case_id>", "GET POST", P.CASES_WORK),
    "staff.cases_write": StaffRoute("/staff/cases/<int:case_id>/write", "GET POST", P.CASES_WORK),
    "staff.cases_sign_off": StaffRoute("/staff/cases/<int:case_id>/sign-offs/<step>", "GET POST", P.CASES_WORK),
    "staff.cases_links": StaffRoute("/staff/cases/<int:case_id>/links", "GET POST", P.CASES_WORK),
    "staff.cases_decide": StaffRoute("/staff/cases/<int:case_id>/decide", "GET POST", P.CASES_WORK),
    "staff.cases_document": StaffRoute(
        "/staff/cases/<int:case_id>/documents/<int:paper_id>", permission=P.CASES_WORK
    ),
    "staff.cases_letter": StaffRoute("/staff/cases/<int:case_id>/letter.pdf", permission=P.CASES_WORK),
    "staff.follow_ups_list": StaffRoute("/staff/follow-ups", permission=P.CONTACTS_LOG),
    "staff.follow_ups_show": StaffRoute(
        "/staff/follow-ups/<int:follow_up_id>", "GET POST", permission=P.CONTACTS_LOG
    ),
    "staff.follow_ups_hand_on": StaffRoute(
        "/staff/follow-ups/<int:follow_up_id>/hand-on", "GET POST", permission=P.CONTACTS_LOG
    ),
    "staff.audit_list": StaffRoute("/staff/audit", permission=P.AUDIT_READ),
    "staff.audit_overview": StaffRoute("/staff/audit/overview", permission=P.AUDIT_READ),
    "staff.audit_looks": StaffRoute("/staff/audit/looks", permission=P.AUDIT_READ),
    "staff.audit_searches": StaffRoute("/staff/audit/searches", permission=P.AUDIT_READ),
    "staff.audit_export": StaffRoute("/staff/audit/export", "GET POST", permission=P.AUDIT_READ),
    "staff.audit_account": StaffRoute("/staff/accounts/<reference>/audit", permission=P.AUDIT_READ),
    "staff.reports_list": StaffRoute("/staff/reports", permission=P.REPORTS_SEE),
    "staff.reports_show": StaffRoute("/staff/reports/<code>", permission=P.REPORTS_SEE),
    "staff.reports_take_out": StaffRoute("/staff/reports/<code>/file", "GET POST", P.REPORTS_SEE),
    "staff.kept_reports_new": StaffRoute("/staff/reports/<code>/keep", "GET POST", P.REPORTS_SEE),
    "staff.kept_reports_end": StaffRoute("/staff/reports/kept/<int:saved_id>/end", "GET POST", P.REPORTS_SEE),
    "staff.findings_list": StaffRoute("/staff/findings", permission=P.FINDINGS_SEE),
    "staff.findings_look": StaffRoute("/staff/findings/look", "POST", P.FINDINGS_WORK),
    "staff.findings_show": StaffRoute("/staff/findings/<int:finding_id>", permission=P.FINDINGS_SEE),
    "staff.findings_work": StaffRoute("/staff/findings/<int:finding_id>/work", "GET POST", P.FINDINGS_WORK),
    "staff.interests_list": StaffRoute("/staff/people/<username>/interests", "GET POST", P.STAFF_MANAGE),
    "staff.interests_end": StaffRoute(
        "/staff/people/<username>/interests/<int:interest_id>/end", "POST", P.STAFF_MANAGE
    ),
    "staff.desk_show": StaffRoute("/staff/desk", permission=P.APPROVALS_DECIDE),
    "staff.customer_changes_new": StaffRoute(
        "/staff/accounts/<reference>/customer-changes/new", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.customer_changes_withdraw": StaffRoute(
        "/staff/accounts/<reference>/customer-changes/<int:change_id>/withdraw", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.returned_mail_list": StaffRoute("/staff/returned-mail", permission=P.CUSTOMERS_CHANGE),
    "staff.returned_mail_new": StaffRoute(
        "/staff/accounts/<reference>/returned-mail/new", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.returned_mail_show": StaffRoute(
        "/staff/accounts/<reference>/returned-mail/<int:letter_id>", "GET POST", P.CUSTOMERS_CHANGE
    ),
    "staff.mergers_new": StaffRoute("/staff/accounts/<reference>/mergers/new", "GET POST", P.CUSTOMERS_MERGE),
    "staff.mergers_undo": StaffRoute(
        "/staff/accounts/<reference>/mergers/<int:merger_id>/undo", "GET POST", P.CUSTOMERS_MERGE
    ),
    "staff.openings_new": StaffRoute("/staff/openings/new", "GET POST", P.ACCOUNTS_OPEN),
    "staff.openings_show": StaffRoute("/staff/accounts/<reference>/opened", permission=P.ACCOUNTS_OPEN),
    "staff.closings_new": StaffRoute("/staff/accounts/<reference>/closings/new", "GET POST", P.ACCOUNTS_OPEN),
    "staff.reopenings_new": StaffRoute("/staff/accounts/<reference>/reopenings/new", "GET POST", P.ACCOUNTS_OPEN),
    "staff.restrictions_edit": StaffRoute(
        "/staff/accounts/<reference>/restrictions", "GET POST", P.ACCOUNTS_RESTRICT
    ),
    "staff.pay_links_new": StaffRoute("/staff/accounts/<reference>/pay-links/new", "GET POST", P.WINDOW_TAKE),
    "staff.pay_links_list": StaffRoute("/staff/pay-links", permission=P.WINDOW_TAKE),
    "staff.pay_links_show": StaffRoute("/staff/pay-links/<int:link_id>", permission=P.WINDOW_TAKE),
    "staff.pay_links_state": StaffRoute("/staff/pay-links/<int:link_id>/state", permission=P.WINDOW_TAKE),
    "staff.pay_links_cancel": StaffRoute("/staff/pay-links/<int:link_id>/cancel", "POST", P.WINDOW_TAKE),
    "staff.returned_payments_list": StaffRoute("/staff/returned-payments", permission=P.RETURNS_POST),
    "staff.returned_payments_find": StaffRoute("/staff/returned-payments/find", permission=P.RETURNS_POST),
    "staff.returned_payments_new": StaffRoute(
        "/staff/returned-payments/new/<int:tender_id>", "GET POST", P.RETURNS_POST
    ),
    "staff.returned_payments_show": StaffRoute(
        "/staff/returned-payments/<int:return_id>", "GET POST", P.RETURNS_POST
    ),
    "staff.returned_payments_letter": StaffRoute(
        "/staff/returned-payments/<int:return_id>/letters/<int:account_id>.pdf", permission=P.RETURNS_POST
    ),
    "staff.cash_only_lift": StaffRoute(
        "/staff/accounts/<reference>/cash-only/<int:flag_id>/lift", "GET POST", P.RETURNS_POST
    ),
    "staff.days_list": StaffRoute("/staff/days", permission=P.REPORTS_SEE),
    "staff.days_show": StaffRoute("/staff/days/<day>", permission=P.REPORTS_SEE),
    "staff.days_close": StaffRoute("/staff/days/<day>/close", "GET POST", permission=P.DAYS_CLOSE),
    "staff.days_packet": StaffRoute("/staff/days/<day>/packet/<kind>", permission=P.REPORTS_SEE),
    "staff.billing_runs_list": StaffRoute("/staff/billing-runs", permission=P.BILLS_RUN),
    "staff.billing_runs_new": StaffRoute("/staff/billing-runs/new", "GET POST", P.BILLS_RUN),
    "staff.billing_runs_show": StaffRoute("/staff/billing-runs/<int:run_id>", permission=P.BILLS_RUN),
    "staff.billing_runs_work": StaffRoute(
        "/staff/billing-runs/<int:run_id>/bills/<reference>", "GET POST", P.BILLS_RUN
    ),
    "staff.billing_runs_review": StaffRoute("/staff/billing-runs/<int:run_id>/review", "GET POST", P.BILLS_RUN),
    "staff.billing_runs_approve": StaffRoute("/staff/billing-runs/<int:run_id>/approve", "GET POST", P.BILLS_APPROVE),
    "staff.billing_runs_state": StaffRoute("/staff/billing-runs/<int:run_id>/state", "POST", P.BILLS_RUN),
    "staff.bill_printings_list": StaffRoute("/staff/bill-printings", permission=P.BILLS_RUN),
    "staff.bill_printings_new": StaffRoute("/staff/billing-runs/<int:run_id>/printing", "GET POST", P.BILLS_RUN),
    "staff.bill_printings_show": StaffRoute("/staff/bill-printings/<int:printing_id>", permission=P.BILLS_RUN),
    "staff.bill_printings_state": StaffRoute("/staff/bill-printings/<int:printing_id>/state", "POST", P.BILLS_RUN),
    "staff.bill_printings_file": StaffRoute(
        "/staff/bill-printings/<int:printing_id>/files/<int:part>", "POST", P.BILLS_RUN
    ),
    "staff.bills_print": StaffRoute(
        "/staff/accounts/<reference>/bills/<int:bill_id>/bill.pdf", permission=P.ACCOUNTS_SEE
    ),
    "staff.bill_corrections_new": StaffRoute(
        "/staff/accounts/<reference>/bills/<int:bill_id>/correct", "GET POST", P.BILLS_RUN
    ),
    "staff.meter_exchanges_new": StaffRoute(
        "/staff/accounts/<reference>/meter-exchanges/new", "GET POST", P.BILLS_RUN
    ),
    "staff.journal_exports_list": StaffRoute("/staff/journal-exports", "GET POST", permission=P.JOURNALS_EXPORT),
    "staff.journal_exports_show": StaffRoute("/staff/journal-exports/<int:number>", permission=P.JOURNALS_EXPORT),
    "staff.journal_exports_file": StaffRoute(
        "/staff/journal-exports/<int:number>/file", "POST", permission=P.JOURNALS_EXPORT
    ),
    "staff.journal_exports_acknowledge": StaffRoute(
        "/staff/journal-exports/acknowledge", "GET POST", permission=P.JOURNALS_EXPORT
    ),
}
