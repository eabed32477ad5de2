"""The composition root: what the pages and jobs are given, built once from the settings."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from flask import current_app
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from accounts.cases.lifecycle import CaseDesk
from accounts.cities.queries import RulingCity, ruling
from accounts.cities.rules import City
from accounts.clock import CityClock, Clock, SystemClock
from accounts.customer_changes.desk import ChangeDesk
from accounts.database import Sessions, engine_for, reading, sessions_for
from accounts.documents.store import DocumentStore
from accounts.licenses.opening import rename_licenses
from accounts.lookups.rules import ProofRule
from accounts.lookups.service import Keys
from payments.collisions.service import Counter
from payments.drawers.service import CashDesk
from payments.gateway.base import Gateway
from payments.gateway.stripe import StripeGateway
from payments.lockboxes.items import LockboxDesk
from payments.mail_batches.service import MailDesk
from payments.payouts.service import PayoutDesk
from payments.sales.service import SaleDesk
from payments.settlements.service import Desk
from payments.terms import cash_terms, lockbox_desk, order_of_policy, payout_terms, terms_of
from portal.config import Settings
from portal.identity.oidc import Provider
from portal.identity.providers import ProviderTerms
from portal.identity.residents.signing_in import Door as ResidentDoor
from portal.identity.staff.signing_in import Door
from portal.identity.vault import ADDRESSES, RESIDENT_FACTORS, SECOND_FACTORS, Vault
from portal.mail import Mailer
from portal.notices.envelopes import PURPOSE as CHANGED_CHOICES
from portal.notices.envelopes import tells_both_ends
from portal.texts import TextSender, sender_for
from portal.training.outgoing import FOLDER, TrainingMailer, TrainingTexts
from portal.training.rules import for_training

CITY_SECONDS = 10.0
"""For so long a process may go on with the city's release that it read last."""


@dataclass
class Wiring:
    """Everything with an outside: database, clock, processor, mail. Tests replace parts of it."""

    settings: Settings
    engine: Engine
    sessions: Sessions
    clock: Clock
    gateway: Gateway
    mailer: Mailer
    texts: TextSender
    city_seconds: float = CITY_SECONDS
    _city: tuple[float, RulingCity] | None = None
    _vaults: dict[str, Vault] = field(default_factory=dict)
    _providers: dict[str, Provider] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def city(self) -> RulingCity:
        """The ruling release of the city, read again every few seconds."""
        now = time.monotonic()
        held = self._city
        if held is None or now - held[0] > self.city_seconds:
            held = (now, self._read_city(held))
            with self._lock:
                self._city = held
        return held[1]

    def _read_city(self, held: tuple[float, RulingCity] | None) -> RulingCity:
        """While the database is away, the release that was read last goes on: error pages still name the city."""
        try:
            with reading(self.sessions) as session:
                found = ruling(session)
        except OperationalError:
            if held is None:
                raise
            return held[1]
        return replace(found, city=for_training(found.city)) if self.settings.training else found

    @property
    def proof_key(self) -> bytes:
        """The key of HMACs: what a guest proves an account with, and addresses where only their sameness matters."""
        return self.settings.proof_key.encode()

    def desk(self) -> Desk:
        """What settling needs."""
        return online_desk(self.settings, self.sessions, self.gateway, self.clock, self.city().city)

    def change_desk(self) -> ChangeDesk:
        """What changing customers, and opening and closing accounts, needs."""
        followers = (rename_licenses, tells_both_ends(self.vault(CHANGED_CHOICES)))
        return ChangeDesk(self.sessions, self.clock, self.city().city, self.proof_key, followers)

    def case_desk(self) -> CaseDesk:
        """What cases need."""
        ruling = self.city()
        return CaseDesk(self.sessions, self.clock, ruling.city, ruling.release_id)

    def documents(self) -> DocumentStore:
        """The folder of what people send in."""
        return DocumentStore(self.settings.documents)

    def payout_desk(self) -> PayoutDesk:
        """What reading payouts needs; raises ``NotInTheCity`` under a release that names no accounts for it."""
        return PayoutDesk(self.sessions, self.gateway, self.clock, payout_terms(self.city().city))

    def cash_desk(self) -> CashDesk:
        """What drawers need; raises ``NotInTheCity`` where the city has no window."""
        city = self.city().city
        return CashDesk(self.sessions, self.clock, city.cash_policy(self.clock.today()), cash_terms(city))

    def sale_desk(self) -> SaleDesk:
        """What selling at the window needs."""
        city = self.city().city
        return SaleDesk(self.sessions, self.clock, city, terms_of(city), lambda on: order_of_policy(city, on))

    def counter(self) -> Counter:
        """What taking a sale needs, where the same might be paid online."""
        return Counter(self.sale_desk(), self.desk())

    def mail_desk(self) -> MailDesk:
        """What working the mail needs."""
        return MailDesk(self.cash_desk(), self.sale_desk(), self.desk(), self.proof_key)

    def lockbox_desk(self) -> LockboxDesk:
        """What importing lockbox files needs."""
        return lockbox_desk(self.desk(), self.city().city, self.proof_key)

    def door(self) -> Door:
        """What signing in needs: the key of HMACs, and the vault of second factors."""
        return Door(self.proof_key, self.vault(SECOND_FACTORS))

    def resident_door(self) -> ResidentDoor:
        """What residents' signing in needs."""
        secret = self.settings.proof_key.encode()
        return ResidentDoor(secret, self.vault(RESIDENT_FACTORS), self.vault(ADDRESSES))

    def provider(self, name: str) -> Provider | None:
        """An OpenID provider of staff by the settings; it keeps what it was told by its discovery."""
        return self._provider(name, self.settings.staff_oidc)

    def resident_provider(self, name: str) -> Provider | None:
        """One of residents."""
        return self._provider(name, self.settings.resident_oidc)

    def _provider(self, name: str, offered: Sequence[ProviderTerms]) -> Provider | None:
        terms = next((terms for terms in offered if terms.name == name), None)
        if terms is None:
            return None
        with self._lock:
            if terms.setting not in self._providers:
                self._providers[terms.setting] = Provider(terms)
            return self._providers[terms.setting]

    def vault(self, purpose: str) -> Vault:
        """What is encrypted for this purpose opens with this."""
        if purpose not in self._vaults:
            keys = (self.settings.secret_key, *self.settings.secret_key_fallbacks)
            self._vaults[purpose] = Vault(keys, purpose)
        return self._vaults[purpose]

    def lookup_keys(self) -> Keys:
        """What looking up needs: the key of the HMACs, and the proofs that the city takes."""
        proofs: Mapping[str, list[ProofRule]] = {
            kind: [ProofRule(proof.kind, proof.needs_zip) for proof in lookup.proofs]
            for kind, lookup in self.city().city.lookups.items()
        }
        return Keys(self.proof_key, proofs)


def gateway_of(settings: Settings) -> Gateway:
    """The processor's door."""
    return StripeGateway(settings.stripe_key, settings.stripe_webhook_secrets, settings.stripe_api_base)


def online_desk(settings: Settings, sessions: Sessions, gateway: Gateway, clock: Clock, city: City) -> Desk:
    """What settling needs, and closing a payment page."""
    return Desk(
        sessions=sessions,
        gateway=gateway,
        clock=clock,
        terms=terms_of(city),
        environment=settings.environment,
        livemode=settings.is_production and not settings.stripe_api_base,
        series=city.web_series(),
    )


def _mailer(settings: Settings) -> Mailer:
    if settings.training:
        return TrainingMailer(settings.training_smtp_url, folder=settings.state / FOLDER)
    return Mailer(settings.smtp_url)


def wire(settings: Settings) -> Wiring:
    """The real thing, from the settings."""
    engine = engine_for(settings.database_url, pool_size=settings.threads, application="ventanilla-web")
    wired = Wiring(
        settings=settings,
        engine=engine,
        sessions=sessions_for(engine),
        clock=SystemClock(),
        gateway=gateway_of(settings),
        mailer=_mailer(settings),
        texts=TrainingTexts(sender_for(settings)) if settings.training else sender_for(settings),
    )
    ahead = timedelta(seconds=settings.clock_ahead)
    wired.clock = CityClock(lambda: wired.city().city.identity.time_zone, ahead)
    return wired


def wiring() -> Wiring:
    """The wiring of the application that is serving this request or job."""
    found: Wiring = current_app.extensions["ventanilla"]
    return found
