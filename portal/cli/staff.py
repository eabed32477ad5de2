"""``staff``: who works here. The first administrator is made here, and who lost their way in gets a new one."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from portal.cli.commands import add_command, database
from portal.config import Settings

if TYPE_CHECKING:
    from accounts.cities.rules import City
    from accounts.clock import Clock
    from accounts.database import Sessions
    from portal.identity.staff.invitations import Invited
    from portal.identity.staff.signing_in import Door


def add_commands(commands: Any) -> None:
    """Declare them."""
    staff = add_command(
        commands,
        "staff",
        "Who works here: take people on, give and end roles, make new links, let people go.",
        example="ventanilla staff list",
    )
    acts = staff.add_subparsers(title="acts", metavar="ACT", required=True)
    _declare_people(acts)
    _declare_roles(acts)
    link = _act(
        acts, "link", "Let a person sign in by an OpenID provider: ISSUER is its address, SUBJECT their code there.",
        "ventanilla staff link ana.ruiz https://login.example 3f2a-77 --by luis.soto", _link,
    )  # fmt: skip
    link.add_argument("issuer", metavar="ISSUER")
    link.add_argument("subject", metavar="SUBJECT")
    link.add_argument("--reason", default="", metavar="WORDS", help="why, for the record")


def _declare_people(acts: Any) -> None:
    add = _act(
        acts, "add", "Take somebody on and print the link by which they set up their sign-in, once.",
        'ventanilla staff add ana.ruiz --name "Ana Ruiz" --role administrator', _add,
    )  # fmt: skip
    add.add_argument("--name", required=True, metavar="NAME", help="as it stands on pages and in the books")
    add.add_argument("--email", default="", metavar="ADDRESS")
    add.add_argument("--language", metavar="TAG", default="", help="one of the city's; its first, unless told")
    add.add_argument("--role", action="append", default=[], metavar="ROLE", help="from today on; may be given again")
    add.add_argument("--reason", default="", metavar="WORDS", help="why, for the record")
    listing = add_command(
        acts,
        "list",
        "List who works here, with the roles of today.",
        example="ventanilla staff list --left",
        run=_list,
    )
    listing.add_argument("--left", action="store_true", help="those who have left instead")
    for name, sentence, keeps in (
        ("reset-second-factor", "A new link for who lost their telephone and codes; the password stays.", True),
        ("reset-password", "A new link for who lost their password; the second factor is set anew too.", False),
    ):
        reset = _act(acts, name, sentence, f"ventanilla staff {name} ana.ruiz --reason lost", _reset)
        reset.add_argument("--reason", default="", metavar="WORDS", help="why, for the record")
        reset.set_defaults(keeps_password=keeps)
    leave = _act(
        acts, "offboard", "Somebody leaves: sessions, roles and links end now, and the name is never given again.",
        'ventanilla staff offboard ana.ruiz --reason "left for the county" --by luis.soto', _offboard,
    )  # fmt: skip
    leave.add_argument("--reason", required=True, metavar="WORDS", help="why, for the record")


def _declare_roles(acts: Any) -> None:
    grant = _act(
        acts, "grant", "Give a role, from today on or between two days (both included).",
        'ventanilla staff grant ana.ruiz supervisor --until 2026-12-31 --reason "covers for Eva" --by luis.soto',
        _grant,
    )  # fmt: skip
    grant.add_argument("--since", type=date.fromisoformat, metavar="DAY", help="its first day (today)")
    grant.add_argument("--until", type=date.fromisoformat, metavar="DAY", help="its last day (until it is ended)")
    end = _act(
        acts, "end-grant", "End a role from today on.",
        'ventanilla staff end-grant ana.ruiz supervisor --reason "Eva is back" --by luis.soto', _end_grant,
    )  # fmt: skip
    for command in (grant, end):
        command.add_argument("role", metavar="ROLE")
        command.add_argument("--reason", required=True, metavar="WORDS", help="why, for the record")


def _act(acts: Any, name: str, sentence: str, example: str, run: Any) -> argparse.ArgumentParser:
    command = add_command(acts, name, sentence, example=example, run=run)
    command.add_argument("username", metavar="USERNAME")
    command.add_argument("--by", metavar="USERNAME", help="the administrator who does this")
    return command


@dataclass(frozen=True)
class _House:
    """What the acts need."""

    settings: Settings
    sessions: Sessions
    clock: Clock
    city: City

    @property
    def door(self) -> Door:
        from portal.identity.staff.signing_in import Door
        from portal.identity.vault import SECOND_FACTORS, Vault

        keys = (self.settings.secret_key, *self.settings.secret_key_fallbacks)
        return Door(self.settings.proof_key.encode(), Vault(keys, SECOND_FACTORS))

    def who(self, by: str | None, *gives: str) -> int:
        from portal.identity.staff.administrators import who_acts

        return who_acts(self.sessions, self.city, by, self.clock.today(), gives=gives)


@contextmanager
def _house(*, secrets: bool = False) -> Iterator[_House]:
    from accounts.cities.queries import ruling
    from accounts.clock import SystemClock
    from accounts.database import reading

    settings = Settings.for_command(secrets=secrets)
    with database(settings) as sessions:
        with reading(sessions) as session:
            city = ruling(session).city
        yield _House(settings, sessions, SystemClock(city.identity.time_zone), city)


def _add(given: argparse.Namespace) -> None:
    from portal.identity.staff import people
    from portal.identity.staff.people import NewPerson, Role

    with _house(secrets=True) as house:
        by = house.who(given.by, *given.role)
        roles = tuple(Role(code, house.clock.today()) for code in given.role)
        language = given.language or house.city.identity.offered[0]
        if language not in house.city.identity.offered:
            raise SystemExit(f"ventanilla: the city does not offer {language!r}")
        person = NewPerson(given.username, given.name, given.email, language, roles)
        reason = given.reason or ("taken on" if given.by else "the first administrator")
        invited = people.add_person(
            house.sessions, house.door, house.city, person, by=by, now=house.clock.now(), reason=reason
        )
        print(f"{given.username} is added.")
        _print_link(house, invited, given.name)


def _list(given: argparse.Namespace) -> None:
    from accounts.database import reading
    from portal.identity.staff.queries import PAGE, people

    with _house() as house, reading(house.sessions) as session:
        count, after = 0, ""
        while page := people(session, house.clock.today(), left=given.left, after=after):
            for one in page[:PAGE]:
                state = "left" if one.offboarded_at else "" if one.is_set_up else "not set up yet"
                print(f"{one.username:<20} {one.name:<28} {', '.join(one.roles) or '-':<40} {state}".rstrip())
            count, after = count + len(page[:PAGE]), page[:PAGE][-1].username
    print(f"{count} people.")


def _reset(given: argparse.Namespace) -> None:
    from portal.identity.staff import people
    from portal.identity.staff.administrators import machine

    with _house(secrets=True) as house:
        by = house.who(given.by) if given.by else machine(house.sessions)
        invited = people.invite_again(
            house.sessions, house.door, given.username, by=by, now=house.clock.now(), reason=given.reason,
            keeps_password=given.keeps_password,
        )  # fmt: skip
        print(f"{given.username} is signed out everywhere and needs a new way in.")
        _print_link(house, invited, given.username)


def _offboard(given: argparse.Namespace) -> None:
    from portal.identity.staff import people

    with _house() as house:
        people.offboard(
            house.sessions, house.city, given.username, by=house.who(given.by), reason=given.reason,
            today=house.clock.today(), now=house.clock.now(),
        )  # fmt: skip
    print(f"{given.username} has left: every session, role and link has ended.")


def _grant(given: argparse.Namespace) -> None:
    from portal.identity.staff import people
    from portal.identity.staff.people import Role

    with _house() as house:
        role = Role(given.role, given.since or house.clock.today(), given.until)
        by = house.who(given.by, *([] if given.until else [given.role]))
        people.give_role(house.sessions, house.city, given.username, role, by=by, reason=given.reason)
    until = f" through {role.until}" if role.until else ""
    print(f"{given.username} has the role {role.code} from {role.since}{until}.")


def _end_grant(given: argparse.Namespace) -> None:
    from portal.identity.staff import people

    with _house() as house:
        ended = people.take_roles(
            house.sessions, house.city, given.username, given.role, by=house.who(given.by), reason=given.reason,
            today=house.clock.today(), now=house.clock.now(),
        )  # fmt: skip
    print(f"{given.username} has the role {given.role} no longer ({ended} ended).")


def _link(given: argparse.Namespace) -> None:
    from portal.identity.staff import people

    with _house() as house:
        people.link_identity(
            house.sessions, given.username, given.issuer, given.subject, by=house.who(given.by), reason=given.reason
        )
    print(f"{given.username} may sign in by {given.issuer}.")


def _print_link(house: _House, invited: Invited, name: str) -> None:
    print(f"Give this link to {name} and to nobody else. It is good once, for three days, and is not shown again:")
    print(f"  {house.settings.staff_url}/staff/invitations/{invited.token}")
