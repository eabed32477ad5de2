"""One process that starts the whole demo and ends all of it: database, mail, sandbox, web, worker."""

from __future__ import annotations

import fcntl
import json
import os
import signal
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from sqlalchemy import text

from accounts.database import engine_for
from demo import postgres
from demo.children import ChildDied, Children
from demo.progress import say, step
from demo.settings import (
    DAYS_AGO,
    OWNER_ONLY,
    STATE,
    Addresses,
    CannotStart,
    addresses,
    environment_of,
    write_private,
)
from portal.config import CHECKOUT, DEMO_ENVIRONMENT, Settings
from portal.migrations import migrate

DATABASE = "ventanilla"
READY_SECONDS = 120.0


class _Ended(BaseException):
    """Ctrl-C or SIGTERM."""


def main() -> int:
    """Run the demo until it is ended."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    began = time.monotonic()
    try:
        with _alone(STATE):
            return _run(STATE, began)
    except CannotStart as refusal:
        say(f"The demo cannot start. {refusal}")
        return 1
    except _Ended:
        return 0


def _run(state: Path, began: float) -> int:
    children = Children(state)
    if left := children.end_leftovers():
        if (state / "postgres").exists():
            postgres.stop(state / "postgres")
        say(f"  Ended what an earlier run left behind: {', '.join(left)}.")
    where = addresses(os.environ)
    embedded = "DATABASE_URL" not in os.environ
    try:
        app_url, owner_url = _database(state) if embedded else _given_database()
        environment = environment_of(state, where, app_url, owner_url)
        settings = Settings.from_environment(environment)
        is_empty = _migrate(state, settings, embedded=embedded)
        _start_processor(children, state, where, environment, is_new=is_empty)
        if is_empty:
            _fill(state, settings)
        _start(children, state, where, environment)
        _greet(where, time.monotonic() - began)
        while True:
            time.sleep(0.5)
            children.check()
    except ChildDied as death:
        say(f"\nThe demo stops: {death}")
        return 1
    except _Ended:
        return 0
    finally:
        _stop(children, state, embedded=embedded)


def _database(state: Path) -> tuple[str, str]:
    with step("Starting PostgreSQL"):
        server = postgres.start(state / "postgres")
        if not (state / "loaded").exists():
            # Whatever is in it was left by a load that was cut.
            postgres.drop_database(server, DATABASE)
        postgres.create_database(server, DATABASE)
    return server.app_url(DATABASE), server.owner_url(DATABASE)


def _given_database() -> tuple[str, str]:
    owner_url = os.environ.get("DATABASE_OWNER_URL", "")
    if not owner_url:
        raise CannotStart("DATABASE_URL is set; set DATABASE_OWNER_URL too, the owner's address, for the migrations.")
    return os.environ["DATABASE_URL"], owner_url


def _migrate(state: Path, settings: Settings, *, embedded: bool) -> bool:
    """Whether the database holds no city yet."""
    with step("Migrating the database"):
        migrate(settings.database_owner_url, settings.database_url)
    return not ((state / "loaded").exists() if embedded else _has_accounts(settings.database_url))


def _fill(state: Path, settings: Settings) -> None:
    """Load the demo city; some of its people have paid by card, on the processor's page."""
    from demo.city import load  # noqa: PLC0415 - slow to import, and needed once

    with step("Making a city of made-up people") as running:
        load(settings, running.report)
    (state / "loaded").touch()


def _has_accounts(url: str) -> bool:
    engine = engine_for(url, pool_size=1, application="ventanilla-demo")
    try:
        with engine.connect() as connection:
            return connection.scalar(text("SELECT 1 FROM customer_accounts LIMIT 1")) is not None
    finally:
        engine.dispose()


def _merchant() -> str:
    """As the processor's page names the city: its legal name, which a real processor has from its contract."""
    facts = tomllib.loads((CHECKOUT / "city" / "identity.toml").read_text())
    return str(facts["identity"]["legal_name"]["en"])


def _start_processor(
    children: Children, state: Path, where: Addresses, environment: Mapping[str, str], *, is_new: bool
) -> None:
    """The sandbox; beside a city that is made anew it is new too, and begins some days ago."""
    store = state / "sandbox.sqlite"
    if is_new:
        for file in state.glob(f"{store.name}*"):
            file.unlink()
    inherited = {name: value for name, value in os.environ.items() if name not in {*environment, *OWNER_ONLY}}
    with step("Starting the pretend card processor"):
        children.start(
            "sandbox", "sandbox", "--port", str(where.sandbox_port), "--store", str(store),
            "--webhook-url", f"{where.inside}/webhooks/processor",
            "--webhook-secret", environment["STRIPE_WEBHOOK_SECRETS"], "--public-url", where.sandbox,
            "--merchant", _merchant(), "--days-ago", str(DAYS_AGO if is_new else 0), environment=inherited,
        )  # fmt: skip
        until = time.monotonic() + READY_SECONDS
        while not _answers(f"{where.sandbox}/_sim/health") and time.monotonic() < until:
            children.check()
            time.sleep(0.1)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310 - our own address
            return True
    except OSError:
        return False


def _start(children: Children, state: Path, where: Addresses, environment: Mapping[str, str]) -> None:
    inherited = {name: value for name, value in os.environ.items() if name not in {*environment, *OWNER_ONLY}}
    ours = {name: value for name, value in environment.items() if name not in OWNER_ONLY}
    everything = {**inherited, **ours, "PYTHONUNBUFFERED": "1"}
    with step("Starting mail, worker and web") as running:
        children.start(
            "mail", "demo.mail_sink", "--port", str(where.mail_port), "--folder", str(state / "mail"),
            environment=inherited,
        )  # fmt: skip
        children.start("worker", "portal.cli", "worker", environment=everything)
        children.start("web", "portal.cli", "serve", environment=everything)
        _wait_until_ready(children, where, running.report)
        write_private(DEMO_ENVIRONMENT, environment)


def _wait_until_ready(children: Children, where: Addresses, report: Callable[[str], None]) -> None:
    until = time.monotonic() + READY_SECONDS
    while (missing := _not_ready(where)) and time.monotonic() < until:
        children.check()

        report(f"waiting for {missing}")
        time.sleep(0.2)
    if missing:
        raise ChildDied(f"it is not ready after {READY_SECONDS:.0f} seconds: {missing}.\n{children.tail('web')}")


def _not_ready(where: Addresses) -> str:
    """What ``/readyz`` misses; empty when the portal is ready."""
    try:
        with urllib.request.urlopen(f"{where.inside}/readyz", timeout=5):  # noqa: S310 - our own address
            return ""
    except urllib.error.HTTPError as answer:
        with answer, suppress(ValueError, KeyError, AttributeError):
            parts = json.load(answer)["parts"]
            return ", ".join(f"{name} ({said})" for name, said in parts.items() if said != "ok")
        return f"/readyz (it answers {answer.code})"
    except OSError:
        return "the web server"


def _greet(where: Addresses, seconds: float) -> None:
    say(f"\nReady after {seconds:.0f} seconds.\n")
    say(f"  The portal                     {where.portal}")
    say(f"  What to try, mails, cards      {where.portal}/demo")
    say(f"  The pretend card processor     {where.sandbox}")
    say("  The command line beside it     .venv/bin/ventanilla verify")
    say("\nNo real money moves here. Ctrl-C ends everything that was started.")


def _stop(children: Children, state: Path, *, embedded: bool) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    say("\nStopping ...")
    DEMO_ENVIRONMENT.unlink(missing_ok=True)
    children.stop()
    if embedded and (state / "postgres" / "data" / "PG_VERSION").exists():
        postgres.stop(state / "postgres")
    say("Stopped.")


@contextmanager
def _alone(state: Path) -> Iterator[None]:
    """One demo per state folder; the kernel lets go of the lock however the process ends."""
    state.mkdir(parents=True, exist_ok=True)
    with (state / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotStart(
                "A demo already runs in this checkout; end it first (Ctrl-C in its terminal)."
            ) from None
        yield


def _end(number: int, frame: FrameType | None) -> None:
    del number, frame
    raise _Ended


if __name__ == "__main__":
    sys.exit(main())
