"""Settings: the only reader of the environment. What is wrong is said in one sentence per problem, all at once."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from portal.identity import providers
from portal.identity.providers import ProviderTerms
from portal.proxies import TrustedProxies
from portal.start_check import problems_of, same_role, secret_problems

CHECKOUT = Path(__file__).resolve().parent.parent
DEMO_ENVIRONMENT = CHECKOUT / ".state" / "demo" / "environment"
"""Written by the demo's supervisor, so that the command line beside a running demo needs no settings."""
STRIPE_ORIGIN = "https://checkout.stripe.com"
SURFACES = ("public", "resident", "staff")
_TEN_YEARS = 315_576_000
"""Seconds; a drill does not look further."""


class Mode(StrEnum):
    """What this installation is for. Unset means production: the strictest."""

    PRODUCTION = "production"
    DEMO = "demo"
    TEST = "test"


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything that differs between two installations; secrets stay out of its ``repr``."""

    mode: Mode = Mode.PRODUCTION
    training: bool = False
    """An installation to practice on, with a database of its own (``portal.training``)."""
    debug: bool = False
    database_url: str = field(default="", repr=False)
    database_owner_url: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    secret_key_fallbacks: tuple[str, ...] = field(default=(), repr=False)
    proof_key: str = field(default="", repr=False)
    base_url: str = "http://localhost:8000"
    stripe_key: str = field(default="", repr=False)
    stripe_webhook_secrets: tuple[str, ...] = field(default=(), repr=False)
    stripe_api_base: str | None = None
    stripe_allowed_origins: tuple[str, ...] = (STRIPE_ORIGIN,)
    smtp_url: str = field(default="", repr=False)
    training_smtp_url: str = field(default="", repr=False)
    text_provider: str = "none"
    twilio_account: str = ""
    twilio_token: str = field(default="", repr=False)
    twilio_from: str = ""
    metrics_token: str = field(default="", repr=False)
    trusted_proxies: TrustedProxies = field(default_factory=TrustedProxies)
    surfaces: tuple[str, ...] = SURFACES
    staff_base_url: str = ""
    staff_oidc: tuple[ProviderTerms, ...] = ()
    resident_oidc: tuple[ProviderTerms, ...] = ()
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 2
    threads: int = 8
    log_level: str = "INFO"
    kill_at: str = ""
    clock_ahead: int = 0
    city_folder: Path = CHECKOUT / "city"
    state: Path = CHECKOUT / ".state"
    documents_folder: Path | None = None

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """For ``serve``, ``worker`` and the web application: refuses to start when anything is unsafe or missing."""
        settings = cls.parsed(environment)
        _refuse(problems_of(settings))
        return settings

    @classmethod
    def for_command(
        cls, environment: Mapping[str, str] | None = None, *, owner: bool = False, secrets: bool = False
    ) -> Settings:
        """For commands that need the database, run where the other secrets are not known; ``secrets`` for those that
        also make links and keys, and so need ``SECRET_KEY`` and ``PROOF_KEY``."""
        settings = cls.parsed(environment)
        problems = [] if settings.database_url else ["DATABASE_URL is not set."]
        if owner and not settings.database_owner_url:
            problems.append("DATABASE_OWNER_URL is not set: migrations run as the owner of the database.")
        _refuse(problems + same_role(settings) + (secret_problems(settings) if secrets else []))
        return settings

    @classmethod
    def parsed(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """What the environment says, unjudged (``city check`` needs no more than that)."""
        reader = _Reader(_with_demo(os.environ) if environment is None else environment)
        settings = _read(reader)
        _refuse(reader.problems)
        return settings

    @property
    def documents(self) -> Path:
        """What people send in: a folder of this installation, outside of all that is served, and backed up."""
        return self.documents_folder or self.state / "documents"

    @property
    def is_production(self) -> bool:
        """Is this the real thing?"""
        return self.mode is Mode.PRODUCTION and not self.training

    @property
    def environment(self) -> str:
        """What the processor is told, and what comes back from it must say."""
        return "training" if self.training else self.mode.value

    @property
    def serves_staff_only(self) -> bool:
        """Is this the back office on a host of its own?"""
        return set(self.surfaces) == {"staff"}

    @property
    def staff_url(self) -> str:
        """The address of the back office: that of the whole portal, unless it has its own."""
        return self.staff_base_url or self.base_url

    @property
    def is_secure(self) -> bool:
        """Do browsers reach this process by https? Cookies are then bound to it."""
        return (self.staff_url if self.serves_staff_only else self.base_url).startswith("https://")

    @property
    def is_demo(self) -> bool:
        """Do ``/demo`` and ``/demo.json`` exist?"""
        return self.mode is Mode.DEMO


class _Reader:
    """Reads one value after the other and keeps a sentence for each that cannot be read."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self.environment = environment
        self.problems: list[str] = []

    def text(self, name: str, default: str = "") -> str:
        return self.environment.get(name, "").strip() or default

    def listed(self, name: str) -> tuple[str, ...]:
        return tuple(part.strip() for part in self.text(name).split(",") if part.strip())

    def number(self, name: str, default: int, least: int, most: int) -> int:
        raw = self.text(name, str(default))
        if raw.isascii() and raw.isdigit() and least <= int(raw) <= most:
            return int(raw)
        self.problems.append(f"{name} must be a whole number from {least} to {most}, not {raw!r}.")
        return default

    def switch(self, name: str) -> bool:
        raw = self.text(name, "0").lower()
        if raw not in {"0", "1", "true", "false", "yes", "no", "on", "off"}:
            self.problems.append(f"{name} must be 1 or 0, not {raw!r}.")
        return raw in {"1", "true", "yes", "on"}

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        raw = self.text(name, default)
        if raw in allowed:
            return raw
        self.problems.append(f"{name} must be one of {', '.join(allowed)}, not {raw!r}.")
        return default

    def providers(self, name: str) -> tuple[ProviderTerms, ...]:
        found = []
        for one in self.listed(name):
            if not providers.NAME.fullmatch(one):
                self.problems.append(f"{name} must be short names of small letters, digits and hyphens, not {one!r}.")
                continue
            start = providers.prefix(one, name)
            given = {key.removeprefix(start): self.text(key) for key in self.environment if key.startswith(start)}
            try:
                found.append(providers.parsed(one, given, name))
            except ValueError as error:
                self.problems.append(str(error))
        known = {
            f"{providers.prefix(one, name)}{setting}"
            for one in self.listed(name)
            for setting in providers.SETTINGS[name]
        }
        strange = sorted(key for key in self.environment if key.startswith(f"{name}_") and key not in known)
        self.problems += [f"{key} is set, and no provider of {name} has such a setting." for key in strange]
        return tuple(found)

    def proxies(self, name: str) -> TrustedProxies:
        try:
            return TrustedProxies.parse(self.text(name))
        except ValueError as error:
            self.problems.append(f"{name} must be a number of hops or a list of networks: {error}.")
            return TrustedProxies()


def _read(reader: _Reader) -> Settings:
    mode = Mode(reader.choice("MODE", "production", tuple(Mode)))
    surfaces = reader.listed("SURFACES") or SURFACES
    if unknown := set(surfaces) - set(SURFACES):
        reader.problems.append(f"SURFACES names {', '.join(sorted(unknown))}; known are {', '.join(SURFACES)}.")
    base_url = reader.text("BASE_URL", "http://localhost:8000").rstrip("/")
    api_base = reader.text("STRIPE_API_BASE").rstrip("/") or None
    return Settings(
        mode=mode,
        training=reader.switch("TRAINING"),
        debug=reader.switch("DEBUG"),
        database_url=reader.text("DATABASE_URL"),
        database_owner_url=reader.text("DATABASE_OWNER_URL"),
        secret_key=reader.text("SECRET_KEY"),
        secret_key_fallbacks=reader.listed("SECRET_KEY_FALLBACKS"),
        proof_key=reader.text("PROOF_KEY"),
        base_url=base_url,
        stripe_key=reader.text("STRIPE_KEY"),
        stripe_webhook_secrets=reader.listed("STRIPE_WEBHOOK_SECRETS"),
        stripe_api_base=api_base,
        stripe_allowed_origins=_origins(reader.listed("STRIPE_ALLOWED_HOSTS"), api_base),
        **_outgoing(reader),
        metrics_token=reader.text("METRICS_TOKEN"),
        trusted_proxies=reader.proxies("TRUSTED_PROXIES"),
        surfaces=surfaces,
        staff_base_url=reader.text("STAFF_BASE_URL").rstrip("/"),
        staff_oidc=reader.providers(providers.STAFF),
        resident_oidc=reader.providers(providers.RESIDENTS),
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.number("PORT", 8000, 1, 65535),
        workers=reader.number("WORKERS", 2, 1, 256),
        threads=reader.number("THREADS", 8, 1, 256),
        log_level=reader.choice("LOG_LEVEL", "INFO", ("DEBUG", "INFO", "WARNING", "ERROR")),
        kill_at=reader.text("KILL_AT"),
        clock_ahead=reader.number("CLOCK_AHEAD", 0, 0, _TEN_YEARS),
        city_folder=Path(reader.text("CITY_FOLDER", str(CHECKOUT / "city"))),
        state=Path(reader.text("STATE", str(CHECKOUT / ".state"))),
        documents_folder=Path(folder) if (folder := reader.text("DOCUMENTS")) else None,
    )


def _outgoing(reader: _Reader) -> dict[str, Any]:
    """By which mail and text messages leave."""
    return {
        "smtp_url": reader.text("SMTP_URL"),
        "training_smtp_url": reader.text("TRAINING_SMTP_URL"),
        "text_provider": reader.text("TEXT_PROVIDER", "none"),
        "twilio_account": reader.text("TWILIO_ACCOUNT"),
        "twilio_token": reader.text("TWILIO_TOKEN"),
        "twilio_from": reader.text("TWILIO_FROM"),
    }


def _origins(hosts: tuple[str, ...], api_base: str | None) -> tuple[str, ...]:
    """Where a payer may be sent: the processor's page, the city's own domain for it, and the sandbox."""
    named = [host if "://" in host else f"https://{host}" for host in hosts]
    return tuple(dict.fromkeys([STRIPE_ORIGIN, *named, *([api_base] if api_base else [])]))


def _with_demo(environment: Mapping[str, str]) -> Mapping[str, str]:
    """The environment over the running demo's, which counts only when nothing else was set."""
    if environment.get("DATABASE_URL") or environment.get("MODE", Mode.DEMO) != Mode.DEMO:
        return environment
    if not DEMO_ENVIRONMENT.exists():
        return environment
    lines = (line.partition("=") for line in DEMO_ENVIRONMENT.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in lines} | dict(environment)


def _refuse(problems: list[str]) -> None:
    if problems:
        raise SystemExit("Ventanilla does not start:\n" + "\n".join(f"  - {problem}" for problem in problems))
