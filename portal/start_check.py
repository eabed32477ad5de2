"""Why an installation must not start. The rules that keep test money and real money apart stand here."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from portal.identity import providers

if TYPE_CHECKING:
    from portal.config import Settings

DEMO_MARK = "demo-"
"""Every secret that the demo's supervisor makes carries it."""
SHORTEST_SECRET = 32


def problems_of(settings: Settings) -> list[str]:
    """Why this installation must not start: one sentence each, none of which repeats a secret."""
    problems = _missing(settings) + _address_problems(settings) + same_role(settings) + _processor_problems(settings)
    problems += _training_problems(settings)
    problems += providers.problems_of(settings.staff_oidc, is_production=settings.is_production)
    problems += providers.problems_of(settings.resident_oidc, is_production=settings.is_production)
    if not settings.is_production:
        return problems
    if settings.debug:
        problems.append("DEBUG is on: production never shows its insides.")
    if urlsplit(settings.base_url).scheme != "https":
        problems.append("BASE_URL must begin with https:// in production.")
    if settings.staff_base_url and urlsplit(settings.staff_base_url).scheme != "https":
        problems.append("STAFF_BASE_URL must begin with https:// in production.")
    if settings.kill_at:
        problems.append("KILL_AT is set: it makes processes die on purpose, in tests only.")
    if settings.clock_ahead:
        problems.append("CLOCK_AHEAD is set: it makes processes live in the future, in drills only.")
    if not settings.smtp_url:
        problems.append("SMTP_URL must be set: receipts leave by mail.")
    for name, value in _secrets(settings).items():
        if DEMO_MARK in value:
            problems.append(f"{name} holds a secret that was made for the demo; make a new one.")
    return problems


def _missing(settings: Settings) -> list[str]:
    problems = [] if settings.database_url else ["DATABASE_URL is not set."]
    problems += secret_problems(settings)
    if settings.metrics_token and len(settings.metrics_token) < SHORTEST_SECRET:
        problems.append(f"METRICS_TOKEN must have at least {SHORTEST_SECRET} characters, or be left out.")
    if not settings.stripe_key:
        problems.append("STRIPE_KEY is not set.")
    if not settings.stripe_webhook_secrets:
        problems.append("STRIPE_WEBHOOK_SECRETS is not set: nobody could tell a true webhook from a false one.")
    kind, _, folder = settings.text_provider.partition(":")
    if kind not in {"none", "folder", "twilio"} or (kind == "folder") != bool(folder):
        problems.append("TEXT_PROVIDER must be none, folder:PATH or twilio.")
    if kind == "twilio" and not (settings.twilio_account and settings.twilio_token and settings.twilio_from):
        problems.append("TWILIO_ACCOUNT, TWILIO_TOKEN and TWILIO_FROM must be set when TEXT_PROVIDER is twilio.")
    return problems


def secret_problems(settings: Settings) -> list[str]:
    """What is wrong with the two keys that the house makes its own secrets from."""
    problems = [
        f"{name} must have at least {SHORTEST_SECRET} characters; it has {len(value)}."
        for name, value in (("SECRET_KEY", settings.secret_key), ("PROOF_KEY", settings.proof_key))
        if len(value) < SHORTEST_SECRET
    ]
    if settings.secret_key and settings.secret_key == settings.proof_key:
        problems.append("SECRET_KEY and PROOF_KEY must differ.")
    return problems


def _address_problems(settings: Settings) -> list[str]:
    problems = []
    if not _is_address(settings.base_url):
        problems.append("BASE_URL must be the public address without a path, such as https://pay.example.gov.")
    if settings.staff_base_url and not _is_address(settings.staff_base_url):
        problems.append("STAFF_BASE_URL must be an address without a path, such as https://office.example.gov.")
    return problems


def _is_address(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and not (parts.path or parts.query)


def _processor_problems(settings: Settings) -> list[str]:
    problems = []
    live = settings.stripe_key.startswith(("sk_live_", "rk_live_"))
    if live and settings.stripe_api_base:
        problems.append("STRIPE_KEY is a live key, yet STRIPE_API_BASE names a sandbox; remove one of them.")
    elif settings.is_production and settings.stripe_api_base:
        problems.append("STRIPE_API_BASE names a sandbox; production speaks to the processor itself.")
    if live and not settings.is_production:
        where = "TRAINING is set" if settings.training else f"MODE is {settings.mode}"
        problems.append(f"STRIPE_KEY is a live key, and {where}: no real money outside production.")
    if settings.is_production and settings.stripe_key and not live:
        problems.append("STRIPE_KEY is a test key: production would receipt money that nobody paid.")
    return problems


def _training_problems(settings: Settings) -> list[str]:
    """What is practiced on reaches nobody outside by mistake."""
    if not settings.training:
        return ["TRAINING_SMTP_URL is set, and TRAINING is not."] if settings.training_smtp_url else []
    problems = []
    if settings.smtp_url:
        problems.append("SMTP_URL is set, and so is TRAINING: an exercise is mailed by TRAINING_SMTP_URL, or kept.")
    if settings.text_provider == "twilio":
        problems.append("TEXT_PROVIDER is twilio, and TRAINING is set: use none or folder:PATH.")
    return problems


def same_role(settings: Settings) -> list[str]:
    """The application may not connect as the owner of the database."""
    owner, app = urlsplit(settings.database_owner_url), urlsplit(settings.database_url)
    if owner.username and owner.username == app.username:
        return ["DATABASE_URL and DATABASE_OWNER_URL name the same role; the application must own nothing."]
    return []


def _secrets(settings: Settings) -> dict[str, str]:
    return {
        "SECRET_KEY": settings.secret_key,
        "SECRET_KEY_FALLBACKS": ",".join(settings.secret_key_fallbacks),
        "PROOF_KEY": settings.proof_key,
        "STRIPE_KEY": settings.stripe_key,
        "METRICS_TOKEN": settings.metrics_token,
        "STRIPE_WEBHOOK_SECRETS": ",".join(settings.stripe_webhook_secrets),
        **{
            f"{one.setting}CLIENT_SECRET": one.client_secret
            for one in (*settings.staff_oidc, *settings.resident_oidc)
        },
    }
