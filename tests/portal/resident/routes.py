"""Every route of the resident's own place as it is meant.

Each feature writes its own lines here; ``test_every_resident_route`` opens each as guest, staff and resident.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ResidentRoute:
    """A route. ``is_open`` needs no sign-in; ``needs_proof`` one of a short time ago; ``by`` names an object in it
    that is somebody's: others must not find it."""

    rule: str
    methods: str = "GET"
    is_open: bool = False
    needs_proof: bool = False
    by: str = ""


RESIDENT_ROUTES = {
    "resident.home_show": ResidentRoute("/my"),
    "resident.sign_ins_new": ResidentRoute("/my/sign-in", "GET POST", is_open=True),
    "resident.sign_ins_code": ResidentRoute("/my/sign-in/code", "GET POST", is_open=True),
    "resident.sign_ins_ended": ResidentRoute("/my/sign-in/ended", is_open=True),
    "resident.sign_ins_end": ResidentRoute("/my/sign-out", "POST", is_open=True),
    "resident.registrations_new": ResidentRoute("/my/register", "GET POST", is_open=True),
    "resident.mailed_links_new": ResidentRoute("/my/sign-in/link", "GET POST", is_open=True),
    "resident.mailed_links_sent": ResidentRoute("/my/mail-sent", is_open=True),
    "resident.mailed_links_open": ResidentRoute("/my/links/<token>", "GET POST", is_open=True),
}
