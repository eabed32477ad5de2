"""``city check`` and ``city release``: the city's own folder, from draft to ruling version."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from portal.cli.commands import add_command, database
from portal.config import Settings


def add_commands(commands: Any) -> None:
    """Declare them."""
    city = add_command(
        commands,
        "city",
        "Check the city's folder, or make it the ruling version.",
        example="ventanilla city check city/",
    )
    acts = city.add_subparsers(title="acts", metavar="ACT", required=True)
    check = add_command(
        acts,
        "check",
        "Name file, line and field of everything that is wrong; changes nothing and needs no database.",
        example="ventanilla city check city/",
        run=_check,
    )
    release = add_command(
        acts,
        "release",
        "Propose the folder as the ruling version, or approve what another person proposed.",
        example="ventanilla city release city/ --propose-as ana.ruiz\n"
        "  ventanilla city release --approve 4 --as ben.cole",
        run=_release,
    )
    for command in (check, release):
        command.add_argument("folder", nargs="?", type=Path, metavar="FOLDER", help="instead of CITY_FOLDER")
    step = release.add_mutually_exclusive_group(required=True)
    step.add_argument("--propose-as", metavar="NAME", help="who proposes")
    step.add_argument("--approve", type=int, metavar="N", help="the number of the proposal")
    release.add_argument("--as", dest="approver", metavar="NAME", help="who approves: another person")
    release.add_argument("--reason", default="", metavar="WORDS", help="why, for the record")
    release.set_defaults(refuse=release.error)


def _check(given: argparse.Namespace) -> int:
    from accounts.cities.folder import CityInvalid, read_folder

    folder = given.folder or Settings.parsed().city_folder
    try:
        read_folder(folder)
    except CityInvalid as wrong:
        for problem in wrong.problems:
            print(problem)
        print(f"{len(wrong.problems)} problems in {folder}.")
        return 1
    print(f"{folder} is right.")
    return 0


def _release(given: argparse.Namespace) -> int:
    if given.approve and not given.approver:
        given.refuse("--approve needs --as NAME: who approves")
    from accounts.cities.folder import read_folder
    from accounts.clock import SystemClock
    from accounts.releases import service

    settings, clock = Settings.for_command(), SystemClock()
    with database(settings) as sessions:
        if given.approve:
            by = service.named(sessions, given.approver)
            service.approve(sessions, given.approve, by, clock=clock, reason=given.reason)
            print(f"Release {given.approve} rules from now on, approved by {given.approver}.")
            return 0
        city = read_folder(given.folder or settings.city_folder)
        by = service.named(sessions, given.propose_as)
        words = given.reason or "The city's folder as it stands."
        number = service.propose(sessions, city, by, reason=words, clock=clock).release_id
    print(f"Proposed as release {number}. Another person approves it:")
    print(f"  ventanilla city release --approve {number} --as NAME")
    return 0
