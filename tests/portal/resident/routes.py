"""Every route of the resident's own place as it is meant.

Each feature writes its own lines here; ``test_every_resident_route`` opens each as guest, staff and resident.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ResidentRoute:
    """A route. ``is_open`` needs no sign-in; ``needs_proof`` one of a short time ago; ``by`` names an object in it
    that is somebody's: others must not find it. ``right``: what a resident must be given of the account;
    ``is_holders``: and have it by their own proof."""

    rule: str
    methods: str = "GET"
    is_open: bool = False
    needs_proof: bool = False
    by: str = ""
    right: str = ""
    is_holders: bool = False


RESIDENT_ROUTES = {
    "resident.home_show": ResidentRoute("/my"),
    "resident.sign_ins_new": ResidentRoute("/my/sign-in", "GET POST", is_open=True),
    "resident.sign_ins_code": ResidentRoute("/my/sign-in/code", "GET POST", is_open=True),
    "resident.sign_ins_ended": ResidentRoute("/my/sign-in/ended", is_open=True),
    "resident.sign_ins_end": ResidentRoute("/my/sign-out", "POST", is_open=True),
    "resident.registrations_new": ResidentRoute("/my/register", "GET POST", is_open=True),
    "resident.mailed_links_new": ResidentRoute("/my/sign-in/link", "GET POST", is_open=True),
    "resident.mailed_links_sent": ResidentRoute("/my/mail-sent", is_open=True),
    "resident.account_links_new": ResidentRoute("/my/accounts/add", "GET POST"),
    "resident.account_lists_new": ResidentRoute("/my/accounts/add-many", "GET POST"),
    "resident.account_lists_file": ResidentRoute("/my/accounts/add-many.csv", "POST"),
    "resident.account_links_keep": ResidentRoute("/my/accounts/keep", "POST", by="reference"),
    "resident.account_links_rename": ResidentRoute("/my/accounts/<reference>/name", "GET POST", right="see"),
    "resident.account_links_end": ResidentRoute("/my/accounts/<reference>/remove", "GET POST", right="see"),
    "resident.accounts_show": ResidentRoute("/my/accounts/<reference>", "GET POST", right="see"),
    "resident.bills_show": ResidentRoute("/my/accounts/<reference>/bill", right="see"),
    "resident.bills_pdf": ResidentRoute("/my/accounts/<reference>/bill.pdf", right="see"),
    "resident.shares_list": ResidentRoute("/my/accounts/<reference>/people", right="see"),
    "resident.shares_new": ResidentRoute(
        "/my/accounts/<reference>/people/new", "GET POST", right="see", is_holders=True
    ),
    "resident.shares_end": ResidentRoute(
        "/my/accounts/<reference>/people/<int:link_id>/end", "POST", right="see", by="link_id", is_holders=True
    ),
    "resident.shares_withdraw": ResidentRoute(
        "/my/accounts/<reference>/invitations/<int:invitation_id>/withdraw",
        "POST",
        right="see",
        by="invitation_id",
        is_holders=True,
    ),
    "resident.invitations_show": ResidentRoute("/my/invitations/<token>", "GET POST", by="token"),
    "resident.payments_list": ResidentRoute("/my/payments"),
    "resident.payments_file": ResidentRoute("/my/payments.csv"),
    "resident.payments_begin": ResidentRoute("/my/pay", "POST", by="reference"),
    "resident.messages_show": ResidentRoute("/my/messages", "GET POST"),
    "resident.messages_number": ResidentRoute("/my/messages/number", "GET POST", needs_proof=True),
    "resident.messages_code": ResidentRoute("/my/messages/code", "GET POST"),
    "resident.messages_end_number": ResidentRoute("/my/messages/number/end", "POST"),
    "resident.messages_list": ResidentRoute("/my/messages/sent"),
    "resident.messages_paper": ResidentRoute("/my/accounts/<reference>/paper", "GET POST", right="manage"),
    "resident.messages_sample": ResidentRoute("/my/accounts/<reference>/paper/sample.pdf", right="manage"),
    "resident.messages_end_paper": ResidentRoute("/my/accounts/<reference>/paper/end", "POST", right="manage"),
    "resident.messages_level": ResidentRoute("/my/accounts/<reference>/level", "GET POST", right="see"),
    "resident.requests_list": ResidentRoute("/my/requests"),
    "resident.requests_new": ResidentRoute("/my/requests/new", "GET POST"),
    "resident.requests_show": ResidentRoute("/my/requests/<int:case_id>", "GET POST", by="case_id"),
    "resident.requests_page": ResidentRoute(
        "/my/requests/<int:case_id>/pages/<int:number>", "GET POST", by="case_id"
    ),
    "resident.requests_papers": ResidentRoute("/my/requests/<int:case_id>/documents", "GET POST", by="case_id"),
    "resident.requests_document": ResidentRoute("/my/requests/<int:case_id>/documents/<int:paper_id>", by="case_id"),
    "resident.requests_check": ResidentRoute("/my/requests/<int:case_id>/check", "GET POST", by="case_id"),
    "resident.requests_withdraw": ResidentRoute("/my/requests/<int:case_id>/withdraw", "GET POST", by="case_id"),
    "resident.requests_letter": ResidentRoute("/my/requests/<int:case_id>/letter.pdf", by="case_id"),
    "resident.mailed_links_open": ResidentRoute("/my/links/<token>", "GET POST", is_open=True),
    "resident.passkeys_options": ResidentRoute("/my/passkeys/options", is_open=True),
    "resident.passkeys_sign_in": ResidentRoute("/my/passkeys/sign-in", "POST", is_open=True),
    "resident.identities_begin": ResidentRoute("/my/providers/<name>", is_open=True),
    "resident.identities_return": ResidentRoute("/my/providers/<name>/return", is_open=True),
    "resident.your_sign_in_show": ResidentRoute("/my/your-sign-in"),
    "resident.your_sign_in_language": ResidentRoute("/my/your-sign-in/language", "POST"),
    "resident.your_sign_in_end_session": ResidentRoute(
        "/my/your-sign-in/sessions/<int:session_id>/end", "POST", by="session"
    ),
    "resident.your_sign_in_end_others": ResidentRoute("/my/your-sign-in/sessions/end-others", "POST"),
    "resident.your_sign_in_end_all": ResidentRoute("/my/your-sign-in/sessions/end-all", "POST"),
    "resident.own_passwords_new": ResidentRoute("/my/your-sign-in/password", "GET POST", needs_proof=True),
    "resident.own_passwords_drop": ResidentRoute("/my/your-sign-in/password/drop", "POST", needs_proof=True),
    "resident.second_steps_new": ResidentRoute("/my/your-sign-in/app", "GET POST", needs_proof=True),
    "resident.second_steps_passkey": ResidentRoute("/my/your-sign-in/second-step/passkey", "POST", needs_proof=True),
    "resident.second_steps_off": ResidentRoute("/my/your-sign-in/second-step/off", "POST", needs_proof=True),
    "resident.second_steps_codes": ResidentRoute("/my/your-sign-in/recovery-codes", "POST", needs_proof=True),
    "resident.email_changes_new": ResidentRoute("/my/your-sign-in/e-mail", "GET POST", needs_proof=True),
    "resident.email_changes_stop": ResidentRoute("/my/your-sign-in/e-mail/stop", "POST"),
    "resident.passkeys_new_options": ResidentRoute("/my/your-sign-in/passkeys/options", needs_proof=True),
    "resident.passkeys_new": ResidentRoute("/my/your-sign-in/passkeys/new", "GET POST", needs_proof=True),
    "resident.passkeys_rename": ResidentRoute(
        "/my/your-sign-in/passkeys/<int:passkey_id>/rename", "POST", by="passkey"
    ),
    "resident.passkeys_remove": ResidentRoute(
        "/my/your-sign-in/passkeys/<int:passkey_id>/remove", "POST", needs_proof=True, by="passkey"
    ),
    "resident.identities_add": ResidentRoute("/my/your-sign-in/providers/<name>/add", "POST", needs_proof=True),
    "resident.identities_remove": ResidentRoute(
        "/my/your-sign-in/providers/<int:identity_id>/remove", "POST", needs_proof=True, by="identity"
    ),
}
