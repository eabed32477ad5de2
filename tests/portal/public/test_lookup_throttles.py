"""How often may one guess: counted in the database, per client and account, never by a cookie."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.lookups import service
from accounts.lookups.rules import PER_ACCOUNT, PER_CLIENT, PER_CLIENT_AND_ACCOUNT, NoMatch
from accounts.lookups.service import Guess
from portal.proxies import TrustedProxies, client_of
from tests.database import TestDatabase
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene, find, lookup, make_scene
from tests.sandbox_server import Sandbox

UNKNOWN = "100-999-98"


def miss(scene: Scene, client: PageClient, number: str, *, proof: str = "WRONG222", expect: int = 422) -> Page:
    """One wrong guess, a second after the last."""
    scene.clock.advance(seconds=1)
    client.get("/pay")
    return client.submit("See what you owe", lookup(number, proof), expect=expect)


def misses(scene: Scene, count: int, number: str, address: str = "203.0.113.7") -> None:
    """Wrong guesses by one client, without its pages."""
    guess = Guess(number, "WRONG222", "", client_of(address), frozenset())
    for _ in range(count):
        scene.clock.advance(seconds=1)
        with pytest.raises(NoMatch):
            service.find(scene.sessions, scene.wired.lookup_keys(), guess, scene.clock.now())


def test_ten_misses_in_ten_minutes_close_one_account_to_one_client(scene: Scene) -> None:
    known, other = scene.open("utility", 50_00), scene.open("utility", 60_00)
    misses(scene, PER_CLIENT_AND_ACCOUNT[0], known.number)
    guest = scene.guest()
    closed = miss(scene, guest, known.number, proof=known.proof, expect=429)
    assert "too many tries" in closed.errors[0]
    assert find(guest, other).heading == "What you owe"
    assert find(scene.guest("198.51.100.20"), known).heading == "What you owe"
    scene.clock.advance(minutes=10, seconds=1)
    assert find(guest, known).heading == "What you owe"


def test_an_unknown_number_closes_just_the_same(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    pages = []
    for number in (known.number, UNKNOWN):
        misses(scene, PER_CLIENT_AND_ACCOUNT[0], number)
        page = miss(scene, scene.guest(), number, expect=429)
        pages.append((page.status, page.bare(number, "WRONG222"), page.statements))
    assert pages[0] == pages[1]


def test_every_number_of_an_account_counts_as_the_same_account(scene: Scene) -> None:
    known = scene.open("utility", 50_00, numbers=(("10-004217-01", "former"),))
    misses(scene, 5, known.number)
    misses(scene, 5, "10-004217-01")
    miss(scene, scene.guest(), known.number, proof=known.proof, expect=429)


def test_sixty_misses_in_an_hour_close_everything_to_one_client(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    for place in range(6):
        misses(scene, PER_CLIENT[0] // 6, f"900-000-{place:03d}")
    miss(scene, scene.guest(), known.number, proof=known.proof, expect=429)
    scene.clock.advance(hours=1)
    assert find(scene.guest(), known).heading == "What you owe"


def test_fifty_misses_of_new_clients_in_a_day_ask_new_clients_for_a_code(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    holder = scene.guest("192.0.2.55")
    find(holder, known)
    for place in range(10):
        misses(scene, PER_ACCOUNT[0] // 10, known.number, f"198.51.100.{place}")
    closed = miss(scene, scene.guest("198.51.100.99"), known.number, proof=known.proof, expect=429)
    assert "send a code" in closed.errors[0]
    assert find(holder, known).heading == "What you owe", "who proved it before is not locked out by others"


def test_who_proved_an_account_before_passes_from_any_address_and_only_with_the_right_proof(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    holder = scene.guest()
    find(holder, known)
    misses(scene, PER_CLIENT_AND_ACCOUNT[0], known.number)
    miss(scene, holder, known.number, expect=429)
    assert find(holder, known).heading == "What you owe"


def test_a_forged_cookie_of_known_accounts_passes_nothing(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    misses(scene, PER_CLIENT_AND_ACCOUNT[0], known.number)
    for forged in ("[1]", "WzFd.AAAA", "", f"[{known.id}].x"):
        guest = scene.guest()
        guest.browser.set_cookie("known", forged)
        miss(scene, guest, known.number, proof=known.proof, expect=429)


def test_a_cookie_for_one_account_does_not_open_guessing_at_another(scene: Scene) -> None:
    mine, theirs = _two_with_one_number(scene)
    guest = scene.guest()
    find(guest, mine)
    misses(scene, PER_CLIENT_AND_ACCOUNT[0], theirs.number)
    miss(scene, guest, "77-1", proof="8OTHER22", expect=429)


def _two_with_one_number(scene: Scene) -> tuple[Known, Known]:
    """Two accounts that former systems gave the same number."""
    mine = scene.open("utility", 50_00, numbers=(("77-1", "water"),))
    theirs = scene.open("utility", 50_00, numbers=(("77-1", "sewer"),), proofs=(("bill_code", "8OTHER22"),))
    return mine, theirs


def test_a_cookie_does_not_reset_the_counters(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    guest = scene.guest()
    for _ in range(PER_CLIENT_AND_ACCOUNT[0]):
        guest.browser.delete_cookie("ventanilla")
        miss(scene, guest, known.number)
    guest.browser.delete_cookie("ventanilla")
    miss(scene, guest, known.number, proof=known.proof, expect=429)


def test_a_whole_ipv6_household_is_one_client(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    for place in range(PER_CLIENT_AND_ACCOUNT[0]):
        misses(scene, 1, known.number, f"2001:db8:1:2::{place + 1:x}")
    miss(scene, scene.guest("2001:db8:1:2:ffff::9"), known.number, proof=known.proof, expect=429)
    assert find(scene.guest("2001:db8:1:3::1"), known).heading == "What you owe"


def test_an_invented_forwarding_header_does_not_make_a_new_client(scene: Scene) -> None:
    known = scene.open("utility", 50_00)
    misses(scene, PER_CLIENT_AND_ACCOUNT[0], known.number)
    guest = scene.guest(**{"X-Forwarded-For": "192.0.2.1"})
    miss(scene, guest, known.number, proof=known.proof, expect=429)


def test_a_trusted_proxy_names_the_client(db: TestDatabase, sandbox: Sandbox, tmp_path: Path) -> None:
    scene = make_scene(db, sandbox, tmp_path, trusted_proxies=TrustedProxies.parse("10.0.0.0/8"))
    known = scene.open("utility", 50_00)
    behind = {"X-Forwarded-For": "6.6.6.6, 192.0.2.1"}
    guest = scene.guest("10.1.2.3", **behind)
    for _ in range(PER_CLIENT_AND_ACCOUNT[0]):
        miss(scene, guest, known.number)
    miss(scene, scene.guest("10.9.9.9", **{"X-Forwarded-For": "192.0.2.1"}), known.number, expect=429)
    assert find(scene.guest("10.1.2.3", **{"X-Forwarded-For": "192.0.2.2"}), known).heading == "What you owe"


def test_no_network_address_is_kept(scene: Scene) -> None:
    misses(scene, 1, UNKNOWN, "203.0.113.77")
    assert scene.rows("SELECT * FROM lookup_misses")
    assert "203.0.113" not in str(scene.rows("SELECT * FROM lookup_misses"))


def test_old_misses_are_forgotten_at_night(scene: Scene) -> None:
    misses(scene, 2, UNKNOWN)
    scene.clock.advance(days=1, minutes=1)
    assert service.forget_old_misses(scene.sessions, scene.clock.now()) == 2
    assert scene.scalar("SELECT count(*) FROM lookup_misses") == 0
