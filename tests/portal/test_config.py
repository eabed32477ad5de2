"""Settings: what an installation refuses to start with, and what stands in nobody's log."""

from __future__ import annotations

from pathlib import Path

import pytest

from portal import config
from portal.config import Mode, Settings
from portal.proxies import TrustedProxies, client_of
from portal.start_check import problems_of

PRODUCTION = {
    "DATABASE_URL": "postgresql://ventanilla_app:pw@db/ventanilla",
    "SECRET_KEY": "s" * 40,
    "PROOF_KEY": "p" * 40,
    "BASE_URL": "https://pay.example.gov",
    "STRIPE_KEY": "rk_live_0123456789",
    "STRIPE_WEBHOOK_SECRETS": "whsec_new, whsec_old",
    "SMTP_URL": "smtps://user:pw@mail.example.gov",
}
DEMO = PRODUCTION | {
    "MODE": "demo",
    "BASE_URL": "http://localhost:8000",
    "SECRET_KEY": "demo-" + "s" * 40,
    "STRIPE_KEY": "sk_test_demo-1",
    "STRIPE_API_BASE": "http://127.0.0.1:8001",
}


def test_a_complete_production_starts() -> None:
    settings = Settings.from_environment(PRODUCTION)
    assert settings.mode is Mode.PRODUCTION
    assert settings.stripe_webhook_secrets == ("whsec_new", "whsec_old")
    assert settings.stripe_allowed_origins == ("https://checkout.stripe.com",)


def test_the_demo_may_use_the_sandbox_and_its_own_secrets() -> None:
    settings = Settings.from_environment(DEMO | {"STRIPE_ALLOWED_HOSTS": "pay.stripe.example.gov"})
    assert settings.is_demo
    assert settings.stripe_allowed_origins == (
        "https://checkout.stripe.com",
        "https://pay.stripe.example.gov",
        "http://127.0.0.1:8001",
    )


@pytest.mark.parametrize(
    ("base", "change", "sentence"),
    [
        (PRODUCTION, {"DATABASE_URL": ""}, "DATABASE_URL is not set"),
        (PRODUCTION, {"TRAINING": "1"}, "STRIPE_KEY is a live key, and TRAINING is set: no real money"),
        (PRODUCTION, {"TRAINING": "1"}, "SMTP_URL is set, and so is TRAINING"),
        (PRODUCTION, {"TRAINING": "1", "TEXT_PROVIDER": "twilio"}, "TEXT_PROVIDER is twilio, and TRAINING is set"),
        (PRODUCTION, {"TRAINING_SMTP_URL": "smtp://x"}, "TRAINING_SMTP_URL is set, and TRAINING is not"),
        (PRODUCTION, {"SECRET_KEY": ""}, "SECRET_KEY must have at least 32 characters; it has 0"),
        (PRODUCTION, {"PROOF_KEY": "short"}, "PROOF_KEY must have at least 32 characters; it has 5"),
        (PRODUCTION, {"PROOF_KEY": "s" * 40}, "must differ"),
        (PRODUCTION, {"SECRET_KEY": "demo-" + "x" * 40}, "SECRET_KEY holds a secret that was made for the demo"),
        (PRODUCTION, {"PROOF_KEY": "demo-" + "x" * 40}, "PROOF_KEY holds a secret that was made for the demo"),
        (PRODUCTION, {"STRIPE_WEBHOOK_SECRETS": "whsec_demo-1"}, "STRIPE_WEBHOOK_SECRETS holds a secret"),
        (PRODUCTION, {"SECRET_KEY_FALLBACKS": "demo-old"}, "SECRET_KEY_FALLBACKS holds a secret"),
        (PRODUCTION, {"METRICS_TOKEN": "short"}, "METRICS_TOKEN must have at least 32 characters, or be left out"),
        (PRODUCTION, {"METRICS_TOKEN": "demo-" + "x" * 40}, "METRICS_TOKEN holds a secret"),
        (PRODUCTION, {"STRIPE_KEY": ""}, "STRIPE_KEY is not set"),
        (PRODUCTION, {"STRIPE_KEY": "sk_test_1"}, "STRIPE_KEY is a test key"),
        (PRODUCTION, {"STRIPE_WEBHOOK_SECRETS": " , "}, "STRIPE_WEBHOOK_SECRETS is not set"),
        (PRODUCTION, {"STRIPE_API_BASE": "http://127.0.0.1:8001"}, "live key, yet STRIPE_API_BASE names a sandbox"),
        (PRODUCTION, {"DEBUG": "1"}, "DEBUG is on"),
        (PRODUCTION, {"KILL_AT": "K1"}, "KILL_AT is set"),
        (PRODUCTION, {"CLOCK_AHEAD": "60"}, "CLOCK_AHEAD is set"),
        (PRODUCTION, {"DEBUG": "maybe"}, "DEBUG must be 1 or 0"),
        (PRODUCTION, {"BASE_URL": "http://pay.example.gov"}, "BASE_URL must begin with https"),
        (PRODUCTION, {"BASE_URL": "https://pay.example.gov/portal"}, "without a path"),
        (PRODUCTION, {"SMTP_URL": ""}, "receipts leave by mail"),
        (PRODUCTION, {"DATABASE_OWNER_URL": "postgres://ventanilla_app:x@db/y"}, "the same role"),
        (PRODUCTION, {"MODE": "live"}, "MODE must be one of production, demo, test"),
        (PRODUCTION, {"PORT": "80x"}, "PORT must be a whole number"),
        (PRODUCTION, {"SURFACES": "public,office"}, "SURFACES names office"),
        (PRODUCTION, {"STAFF_BASE_URL": "http://office.example.gov"}, "STAFF_BASE_URL must begin with https"),
        (PRODUCTION, {"STAFF_BASE_URL": "https://office.example.gov/desk"}, "STAFF_BASE_URL must be an address"),
        (PRODUCTION, {"TRUSTED_PROXIES": "everyone"}, "TRUSTED_PROXIES must be"),
        (PRODUCTION, {"TEXT_PROVIDER": "pigeon"}, "TEXT_PROVIDER must be"),
        (PRODUCTION, {"TEXT_PROVIDER": "folder"}, "TEXT_PROVIDER must be"),
        (PRODUCTION, {"TEXT_PROVIDER": "twilio"}, "TWILIO_ACCOUNT, TWILIO_TOKEN and TWILIO_FROM"),
        (DEMO, {"STRIPE_KEY": "sk_live_1", "STRIPE_API_BASE": ""}, "live key, and MODE is demo"),
        (DEMO, {"STRIPE_KEY": "sk_live_1"}, "live key, yet STRIPE_API_BASE names a sandbox"),
        (DEMO, {"MODE": "production"}, "STRIPE_API_BASE names a sandbox"),
    ],
)
def test_refuses_to_start(base: dict[str, str], change: dict[str, str], sentence: str) -> None:
    with pytest.raises(SystemExit, match="Ventanilla does not start") as refusal:
        Settings.from_environment(base | change)
    assert sentence in str(refusal.value)


ENTRA = {
    "STAFF_OIDC": "entra",
    "STAFF_OIDC_ENTRA_ISSUER": "https://login.example/tenant/v2.0",
    "STAFF_OIDC_ENTRA_CLIENT_ID": "the-portal",
    "STAFF_OIDC_ENTRA_CLIENT_SECRET": "c" * 40,
    "STAFF_OIDC_ENTRA_ROLES": "City Clerks=clerk",
}


def test_providers_of_staff_are_read_from_the_environment() -> None:
    with pytest.raises(SystemExit, match="STAFF_OIDC_ENTRA_ROLES must be pairs"):
        Settings.from_environment(PRODUCTION | ENTRA | {"STAFF_OIDC_ENTRA_ROLES": "clerk"})
    given = {"STAFF_OIDC_ENTRA_ROLES": "City Clerks=clerk, cn=fin=finance", "STAFF_OIDC_ENTRA_JOIN": "groups"}
    (one,) = Settings.from_environment(PRODUCTION | ENTRA | given).staff_oidc
    assert one.roles == (("City Clerks", "clerk"), ("cn=fin", "finance"))
    assert (one.label, one.groups_claim, one.scope, one.join) == ("Entra", "groups", "openid profile email", "groups")
    assert "cccc" not in repr(one)
    by_directory = {"STAFF_OIDC_ENTRA_ROLES": "cn=clerks,ou=hall=clerk; cn=fin,ou=hall=finance"}
    (one,) = Settings.from_environment(PRODUCTION | ENTRA | by_directory).staff_oidc
    assert one.roles == (("cn=clerks,ou=hall", "clerk"), ("cn=fin,ou=hall", "finance"))
    two = {"STAFF_OIDC": "entra, okta-west", "STAFF_OIDC_OKTA_WEST_LABEL": "Okta"} | {
        f"STAFF_OIDC_OKTA_WEST_{name}": f"https://okta.example/{name}"
        for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET")
    }
    assert [one.label for one in Settings.from_environment(PRODUCTION | ENTRA | two).staff_oidc] == ["Entra", "Okta"]


def test_providers_of_residents_take_a_key_instead_of_a_secret_and_know_no_groups(tmp_path: Path) -> None:
    key = tmp_path / "key.pem"
    key.write_text("-----BEGIN PRIVATE KEY-----\nof tests\n-----END PRIVATE KEY-----\n")
    given = {
        "RESIDENT_OIDC": "login-gov",
        "RESIDENT_OIDC_LOGIN_GOV_ISSUER": "https://secure.login.example/",
        "RESIDENT_OIDC_LOGIN_GOV_CLIENT_ID": "urn:gov:example",
        "RESIDENT_OIDC_LOGIN_GOV_CLIENT_KEY_FILE": str(key),
        "RESIDENT_OIDC_LOGIN_GOV_ACR_VALUES": "urn:acr.login.gov:auth-only",
    }
    (one,) = Settings.from_environment(PRODUCTION | given).resident_oidc
    assert (one.client_secret, one.acr_values) == ("", "urn:acr.login.gov:auth-only")
    assert "of tests" not in repr(one)
    for change, sentence in (
        ({"RESIDENT_OIDC_LOGIN_GOV_ROLES": "a=b"}, "no provider of RESIDENT_OIDC has such a setting"),
        ({"RESIDENT_OIDC_LOGIN_GOV_CLIENT_KEY_FILE": str(tmp_path / "none")}, "names a file that cannot be read"),
        ({"RESIDENT_OIDC_LOGIN_GOV_CLIENT_KEY_FILE": ""}, "RESIDENT_OIDC_LOGIN_GOV_CLIENT_SECRET must be set"),
        ({"RESIDENT_OIDC_LOGIN_GOV_CLIENT_SECRET": "c" * 40}, "one is enough"),
    ):
        with pytest.raises(SystemExit, match=sentence):
            Settings.from_environment(PRODUCTION | given | change)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"STAFF_OIDC_ENTRA_ISSUER": ""}, "STAFF_OIDC_ENTRA_ISSUER must be set: STAFF_OIDC names entra"),
        ({"STAFF_OIDC_ENTRA_CLIENT_SECRET": ""}, "STAFF_OIDC_ENTRA_CLIENT_SECRET must be set"),
        ({"STAFF_OIDC_ENTRA_CLIENT_ID": ""}, "STAFF_OIDC_ENTRA_CLIENT_ID must be set"),
        ({"STAFF_OIDC_ENTRA_ISSUER": "http://login.example"}, "must begin with https:// in production"),
        ({"STAFF_OIDC_ENTRA_ISSUER": "login.example"}, "must be the provider's address"),
        ({"STAFF_OIDC_ENTRA_ISSUER": "https://a:b@login.example"}, "must be the provider's address"),
        ({"STAFF_OIDC_ENTRA_JOIN": "email"}, "STAFF_OIDC_ENTRA_JOIN must be groups"),
        ({"STAFF_OIDC_ENTRA_ROLES": "", "STAFF_OIDC_ENTRA_JOIN": "groups"}, "JOIN needs STAFF_OIDC_ENTRA_ROLES"),
        ({"STAFF_OIDC_ENTRA_SCOPE": "profile"}, "STAFF_OIDC_ENTRA_SCOPE must hold openid"),
        ({"STAFF_OIDC_ENTRA_CLIENT_SECRET": "demo-x"}, "STAFF_OIDC_ENTRA_CLIENT_SECRET holds a secret that was made"),
        ({"STAFF_OIDC_ENTRA_ROLE": "x=clerk"}, "STAFF_OIDC_ENTRA_ROLE is set, and no provider"),
        ({"STAFF_OIDC": ""}, "STAFF_OIDC_ENTRA_ISSUER is set, and no provider"),
        ({"STAFF_OIDC": "Entra ID"}, "STAFF_OIDC must be short names"),
        ({"STAFF_OIDC": "entra, entra"}, "two providers with the name entra"),
    ],
)
def test_half_a_provider_is_refused(change: dict[str, str], sentence: str) -> None:
    roles = {"STAFF_OIDC_ENTRA_ROLES": "City Clerks=clerk"}
    with pytest.raises(SystemExit, match="Ventanilla does not start") as refusal:
        Settings.from_environment(PRODUCTION | ENTRA | roles | change)
    assert sentence in str(refusal.value)
    assert "cccc" not in str(refusal.value)


def test_says_every_problem_at_once_and_repeats_no_secret() -> None:
    secret = "demo-abcdefghijklmnopqrstuvwxyz0123456789"
    with pytest.raises(SystemExit) as refusal:
        Settings.from_environment(PRODUCTION | {"SECRET_KEY": secret, "DEBUG": "on", "STRIPE_KEY": "sk_test_zzzz"})
    assert str(refusal.value).count("\n  - ") == 3
    assert secret not in str(refusal.value)
    assert "zzzz" not in str(refusal.value)


def test_secrets_stay_out_of_the_repr() -> None:
    text = repr(Settings.from_environment(PRODUCTION))
    for value in ("ssss", "pppp", "rk_live", "whsec", "pw@"):
        assert value not in text


def test_commands_need_only_the_database() -> None:
    assert Settings.for_command({"DATABASE_URL": "postgresql://app@db/v"}).database_url
    with pytest.raises(SystemExit, match="DATABASE_OWNER_URL is not set"):
        Settings.for_command({"DATABASE_URL": "postgresql://app@db/v"}, owner=True)
    with pytest.raises(SystemExit, match="the same role"):
        Settings.for_command({"DATABASE_URL": "postgresql://a@db/v", "DATABASE_OWNER_URL": "postgresql://a@db/v"})


def test_a_running_demo_answers_for_an_empty_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    demo = tmp_path / "environment"
    demo.write_text("".join(f"{name}={value}\n" for name, value in DEMO.items()))
    monkeypatch.setattr(config, "DEMO_ENVIRONMENT", demo)
    for name in (*PRODUCTION, *DEMO):
        monkeypatch.delenv(name, raising=False)
    assert Settings.from_environment().is_demo
    monkeypatch.setenv("PORT", "9000")
    assert Settings.from_environment().port == 9000
    monkeypatch.setenv("MODE", "production")
    with pytest.raises(SystemExit, match="DATABASE_URL is not set"):
        Settings.from_environment()
    monkeypatch.delenv("MODE")
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/x")
    assert Settings.parsed().mode is Mode.PRODUCTION


def test_default_settings_are_not_fit_to_start() -> None:
    assert problems_of(Settings())


@pytest.mark.parametrize(
    ("trusted", "remote", "header", "address"),
    [
        ("", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("1", "10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("1", "10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("2", "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("2", "10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.0/8", "203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.0/8", "10.0.0.1", "not an address", "10.0.0.1"),
        ("10.0.0.0/8", "10.0.0.1", "198.51.100.1:4711", "198.51.100.1"),
        ("2001:db8::/32", "2001:db8::1", "[2001:4860::8]:99", "2001:4860::8"),
        ("10.0.0.0/8", "::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
    ],
)
def test_the_nearest_address_that_is_no_proxy(trusted: str, remote: str, header: str, address: str) -> None:
    assert TrustedProxies.parse(trusted).address_of(remote, header) == address


def test_a_client_is_an_address_or_a_household() -> None:
    assert client_of("198.51.100.1") == "198.51.100.1"
    assert client_of("2001:db8:1:2:3:4:5:6") == client_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert client_of("::ffff:198.51.100.1") == "198.51.100.1"
    assert client_of("garbage") == "unknown"
