"""Every route of the resident's own place as it is meant.

Each feature writes its own lines here; ``test_every_resident_route`` opens each as guest, staff and resident.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ResidentRoute:
    """A route. ``is_open`` needs no sign-in; ``needs_proof`` one of a short time ago; ``by`` names an object in it
    that is somebody's: others must not find it. ``right``: what a resident must be given of the account."""

    rule: str
    methods: str = "GET"
    is_open: bool = False
    needs_proof: bool = False
    by: str = ""
    right: str = ""


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
    "resident.account_links_keep": ResidentRoute("/my/accounts/keep", "POST", by="reference"),
    "resident.account_links_rename": ResidentRoute("/my/accounts/<reference>/name", "GET POST", right="see"),
    "resident.account_links_end": ResidentRoute("/my/accounts/<reference>/remove", "GET POST", right="see"),
    "resident.accounts_show": ResidentRoute("/my/accounts/<reference>", "GET POST", right="see"),
    "resident.shares_list": ResidentRoute("/my/accounts/<reference>/people", right="see"),
    "resident.shares_new": ResidentRoute("/my/accounts/<reference>/people/new", "GET POST", right="see"),
    "resident.shares_end": ResidentRoute(
        "/my/accounts/<reference>/people/<int:link_id>/end", "POST", right="see", by="link_id"
    ),
    "resident.shares_withdraw": ResidentRoute(
        "/my/accounts/<reference>/invitations/<int:invitation_id>/withdraw", "POST", right="see", by="invitation_id"
    ),
    "resident.invitations_show": ResidentRoute("/my/invitations/<token>", "GET POST", by="token"),
    "resident.payments_list": ResidentRoute("/my/payments"),
    "resident.payments_file": ResidentRoute("/my/payments.csv"),
    "resident.payments_begin": ResidentRoute("/my/pay", "POST", by="reference"),
    "resident.mailed_links_open": ResidentRoute("/my/links/<token>", "GET POST", is_open=True),
}
