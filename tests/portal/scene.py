"""A small city that works: released from ``city/``, wired to a real sandbox, with accounts of all three kinds.

``scene.open(...)`` puts an account with charges into the books by the real steps; ``scene.guest()`` is a person's
browser; ``scene.run_jobs()`` does what follows the facts so far. When a test ends, the books must prove themselves
and the processor must not have seen a request that its specification does not know.
"""

from __future__ import annotations

import functools
import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import text

from accounts.actors.service import actor_id
from accounts.charges.service import NewCharge, raise_charges
from accounts.citations.models import Citation
from accounts.cities.folder import read_folder
from accounts.cities.rules import City
from accounts.cities.service import approve, propose
from accounts.clock import FixedClock
from accounts.customer_accounts.models import AccountKind
from accounts.customer_accounts.rules import shown
from accounts.customer_accounts.service import Holder, NewAccount, Place, open_accounts
from accounts.customers.models import CustomerKind
from accounts.database import Sessions, reading, transaction
from accounts.ledger.rules import Source
from accounts.licenses.models import License
from accounts.money import Money
from accounts.utilities.models import UtilityAccount
from payments.baskets import service as baskets
from payments.gateway.stripe import StripeGateway
from payments.terms import bounds_of
from portal import create_app, jobs, queue
from portal.config import CHECKOUT, STRIPE_ORIGIN, Mode, Settings
from portal.proxies import TrustedProxies
from portal.verify import verify
from portal.wiring import Wiring
from sandbox import spec
from tests.database import TestDatabase
from tests.page_client import Page, PageClient
from tests.sandbox_server import Sandbox, running_sandbox

PROOF_KEY = "a key of proofs for tests, long enough"
LINES = {"utility": ("water", "sewer"), "license": ("business-license",), "citation": ("parking",)}
BILL_CODE = "K7RM2PQX"
PLATE = "8ABC123"
BUSINESS = "Taquería El Sol LLC"
ZIP = "93706"


@functools.cache
def shipped_city() -> City:
    """The city of the demonstration; read once."""
    return read_folder(CHECKOUT / "city")


class _Compiled(BytecodeCache):
    """Templates are compiled once for all applications of a test run: it is most of a page's first time."""

    def __init__(self) -> None:
        self.found: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key + bucket.checksum in self.found:
            bucket.bytecode_from_string(self.found[bucket.key + bucket.checksum])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self.found[bucket.key + bucket.checksum] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@dataclass
class Outbox:
    """A mailer and sender of texts that keeps what it was given; ``fails`` is raised instead, once each."""

    mails: list[EmailMessage] = field(default_factory=list)
    texts: list[tuple[str, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def send(self, message: Any, body: str = "", reference: str = "") -> str:
        """What the other side calls it: the Message-ID, or a name of a text after its reference."""
        if self.fails:
            raise self.fails.pop(0)
        if isinstance(message, EmailMessage):
            self.mails.append(message)
            return str(message["Message-ID"])
        self.texts.append((message, body))
        return f"SM-{reference}-{len(self.texts)}"


@dataclass(frozen=True)
class Known:
    """An account as its holder knows it."""

    id: int
    reference: str
    proof: str
    owed: Money

    @property
    def number(self) -> str:
        return shown(self.reference)


@dataclass
class Scene:
    """Everything that a test of the window needs."""

    db: TestDatabase
    app: Flask
    wired: Wiring
    clock: FixedClock
    sandbox: Sandbox
    outbox: Outbox
    city: City
    serial: int = 0

    @property
    def sessions(self) -> Sessions:
        return self.db.sessions

    @property
    def today(self) -> date:
        return self.clock.today()

    def guest(self, address: str = "203.0.113.7", lang: str = "en", **headers: str) -> PageClient:
        """A person who has never been here."""
        return PageClient(self.app, self.db.app, self.sandbox.url, lang, address, dict(headers))

    def open(self, kind: str = "utility", *cents: int, past_due: Sequence[int] = (), **changes: Any) -> Known:
        """An account that owes ``cents`` in twenty days and ``past_due`` since ten days; two lines for a utility."""
        (known,) = self.open_many([(kind, cents or (120_00,), past_due, changes)])
        return known

    def open_many(self, wanted: Sequence[tuple[str, Sequence[int], Sequence[int], dict[str, Any]]]) -> list[Known]:
        """Many accounts in one transaction."""
        news = [self._new(kind, changes) for kind, _, _, changes in wanted]
        with transaction(self.sessions) as session:
            opened = open_accounts(session, [new for new, _ in news], proof_key=PROOF_KEY.encode())
            session.add_all(
                self._details(account.id, kind) for account, (kind, *_) in zip(opened, wanted, strict=True)
            )
            charges = [
                self._charge(account.id, LINES[kind][place % len(LINES[kind])], cents, days)
                for account, (kind, due, past, _) in zip(opened, wanted, strict=True)
                for days, amounts in ((20, due), (-10, past))
                for place, cents in enumerate(amounts)
                if cents
            ]
            if charges:
                self._raise(session, charges)
        return [
            Known(account.id, account.reference, proof, Money(sum(due) + sum(past)))
            for account, (_, due, past, _), (_, proof) in zip(opened, wanted, news, strict=True)
        ]

    def add_charge(self, known: Known, cents: int, line: str) -> None:
        """A charge that comes later."""
        with transaction(self.sessions) as session:
            self._raise(session, [self._charge(known.id, line, cents, 25)])

    def scalar(self, sql: str, **values: Any) -> Any:
        """One value, read as the owner."""
        with self.db.owner.connect() as connection:
            return connection.execute(text(sql), values).scalar()

    def run_as_owner(self, sql: str, **values: Any) -> None:
        """What only the owner of the database could do behind our back."""
        with self.db.owner.begin() as connection:
            connection.execute(text(sql), values)

    def rows(self, sql: str, **values: Any) -> list[Any]:
        with self.db.owner.connect() as connection:
            return list(connection.execute(text(sql), values))

    def facts(self) -> list[tuple[str, dict[str, Any]]]:
        """Jobs that wait, oldest first."""
        rows = self.rows("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")
        return [(row.task_name, row.args) for row in rows]

    def run_jobs(self) -> list[str]:
        """Do what follows the facts so far, as the worker would; one that fails stays and raises."""
        app = queue.queue_app(self.db.app_url)
        jobs.register(app, self.app)
        done = []
        for row in self.rows("SELECT id, task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"):
            app.tasks[row.task_name](**row.args)
            with self.db.owner.begin() as connection:
                connection.execute(
                    text("UPDATE procrastinate_jobs SET status = 'succeeded' WHERE id = :id"), {"id": row.id}
                )
            done.append(row.task_name)
        return done

    def balance(self, known: Known) -> Money:
        cents = self.scalar(
            "SELECT coalesce(sum(open_cents), 0) FROM charges WHERE customer_account_id = :id", id=known.id
        )
        return Money(int(cents))

    def events(self, kind: str) -> list[bytes]:
        """What the processor would tell a webhook, newest first, to the byte."""
        told = self.sandbox.client().v1.events.list({"type": kind, "limit": 20})
        return [json.dumps(event.to_dict(), indent=2).encode() for event in told.data]

    def _new(self, kind: str, changes: dict[str, Any]) -> tuple[NewAccount, str]:
        self.serial += 1
        proofs, proof = {
            "utility": ((("bill_code", BILL_CODE), ("last_name", "López Ruiz")), BILL_CODE),
            "license": ((("bill_code", BILL_CODE), ("business_name", BUSINESS)), BILL_CODE),
            "citation": ((("plate", PLATE),), PLATE),
        }[kind]
        holder = Holder(
            name=changes.pop("name", BUSINESS if kind == "license" else "María López Ruiz"),
            kind=CustomerKind.BUSINESS if kind == "license" else CustomerKind.PERSON,
            last_name="" if kind == "license" else "López Ruiz",
            email=changes.pop("email", f"holder{self.serial}@example.com"),
            phone=changes.pop("phone", ""),
            language=changes.pop("language", "en"),
        )
        place = Place(f"{1480 + self.serial} Elm Street", "Río Claro", zip_code=ZIP) if kind != "citation" else None
        given = {"holder": holder, "place": place, "proofs": proofs, "opened_on": date(2024, 1, 2), **changes}
        return NewAccount(kind=AccountKind(kind), **given), proof

    def _details(self, account_id: int, kind: str) -> UtilityAccount | License | Citation:
        if kind == "utility":
            return UtilityAccount(customer_account_id=account_id)
        if kind == "license":
            held = self.city.license_classes[0].code
            return License(customer_account_id=account_id, business_name=BUSINESS, license_class=held)
        return Citation(
            customer_account_id=account_id,
            issued_at=self.clock.now() - timedelta(days=20),
            violation_code="80.69",
            violation="Street sweeping",
            plate=PLATE,
        )

    def _charge(self, account_id: int, line: str, cents: int, days: int) -> NewCharge:
        terms, due_on = self.city.revenue_line(line), self.today + timedelta(days=days)
        return NewCharge(
            customer_account_id=account_id,
            revenue_line=line,
            kind="service",
            fund=terms.fund,
            receivable=terms.receivable,
            revenue=terms.revenue,
            amount=Money(cents),
            description={"en": f"{line} for a month", "es": f"{line} por un mes"},
            billed_on=due_on - timedelta(days=20),
            due_on=due_on,
            delinquent_on=due_on + timedelta(days=1),
            working={"imported": {"profile": "scene", "key": ""}},
        )

    def _raise(self, session: Any, charges: Sequence[NewCharge]) -> None:
        self.serial += 1
        raise_charges(
            session,
            charges,
            source=Source("test-bill", str(self.serial), "raise"),
            kind="bill",
            effective_on=self.today,
            actor_id=actor_id(session, "system"),
        )


def find(client: PageClient, known: Known, **typed: Any) -> Page:
    """Look an account up as its holder; ``proof`` and ``zip_code`` may be given otherwise. Its page."""
    client.get("/pay")
    client.submit(
        "See what you owe", lookup(typed.pop("number", known.number), typed.pop("proof", known.proof), **typed)
    )
    return client.follow()


def lookup(number: str, proof: str, zip_code: str = "") -> dict[str, str | bool]:
    """What is typed into the form of the look-up."""
    return {"Account, license": number, "Something only you would know": proof, "ZIP code": zip_code}


def add(client: PageClient, known: Known, choice: str = "", other: str = "") -> Page:
    """Find an account and put it into the basket; ``choice`` begins the label of a choice. The basket."""
    find(client, known)
    chosen: dict[str, str | bool] = {choice: True} if choice else {}
    client.submit("Continue", {**chosen, "Other amount": other})
    return client.follow()


def leave(client: PageClient, email: str = "", budget: int = 30) -> str:
    """Go from the basket to the processor's page; its address."""
    client.get("/basket")
    return client.submit("Go to the payment page", {"Email": email}, budget=budget).location


def put_many(scene: Scene, client: PageClient, accounts: Sequence[Known]) -> None:
    """What finding and adding many accounts leaves behind, without opening as many pages."""
    with client.browser.session_transaction() as session:
        token = session.setdefault("basket", "a token for tests")
        session["proven"] = {**session.get("proven", {}), **{known.reference: known.id for known in accounts}}
    for known in accounts:
        baskets.put(scene.sessions, token, known.id, bounds=bounds_of(scene.city))


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    """One sandbox for all tests of a folder; what they left in it does not matter, what they asked of it does."""
    spec.ensure()
    with running_sandbox(tmp_path_factory.mktemp("sandbox"), merchant="City of Río Claro") as running:
        yield running


@pytest.fixture
def scene(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> Iterator[Scene]:
    """The city on this very day (the processor's clock cannot be set back), ten in the morning or later."""
    made = make_scene(db, sandbox, tmp_path)
    yield made
    sandbox.server.app.extensions["faults"].clear()
    if not made.scalar("SELECT count(*) FROM attempts"):
        return
    with reading(db.sessions) as session:
        assert [violation for check in verify(session) for violation in check.violations] == []
    assert sandbox.violations() == []


def make_scene(db: TestDatabase, sandbox: Sandbox, state: Path, **changes: Any) -> Scene:
    """A released city, its application, and nobody in it yet."""
    city = shipped_city()
    if changes.pop("released", True):
        approve(db.sessions, propose(db.sessions, city, "staff:maker"), "staff:checker")
    settings = Settings(
        mode=changes.pop("mode", Mode.TEST),
        database_url=db.app_url,
        secret_key="a secret key for tests, long enough to count",
        proof_key=PROOF_KEY,
        base_url=changes.pop("base_url", "http://localhost"),
        stripe_key=sandbox.key,
        stripe_webhook_secrets=(sandbox.webhook_secret,),
        stripe_api_base=sandbox.url,
        stripe_allowed_origins=(STRIPE_ORIGIN, sandbox.url),
        trusted_proxies=changes.pop("trusted_proxies", TrustedProxies()),
        state=state,
        **changes,
    )
    clock, outbox = FixedClock(datetime.fromtimestamp(sandbox.now(), UTC)), Outbox()
    gateway = StripeGateway(settings.stripe_key, settings.stripe_webhook_secrets, settings.stripe_api_base)
    wired = Wiring(
        settings, db.app, db.sessions, clock, gateway, outbox, outbox,  # type: ignore[arg-type]
        city_seconds=math.inf,  # no page runs a statement more because the machine was slow
    )  # fmt: skip
    return Scene(db, _app(settings, wired), wired, clock, sandbox, outbox, city)


_APPS: dict[Settings, Flask] = {}
"""One application for each set of settings: to make it, and to load its templates, takes as long as a page."""


def _app(settings: Settings, wired: Wiring) -> Flask:
    key = settings if settings.is_demo else replace(settings, state=Path())
    if key not in _APPS:
        _APPS[key] = create_app(settings, wired)
        _APPS[key].jinja_env.bytecode_cache = _COMPILED
    app = _APPS[key]
    app.extensions["ventanilla"] = wired
    return app
