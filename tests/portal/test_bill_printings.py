"""Bills on paper: parts that say what each bill says, in its language, whatever happened after the list was frozen;
a process that dies goes on to the same bytes; a list whose sums are those of the files."""

from __future__ import annotations

import csv
import io
import os
import subprocess
import sys
from io import BytesIO

import pytest
from pypdf import PdfReader
from sqlalchemy import event

from accounts import kill_points
from accounts.bill_printings import freezing, queries, service
from accounts.bill_printings.queries import PrintingView
from accounts.bill_printings.rules import FileChanged, NotMadeYet
from accounts.cities import queries as cities
from accounts.database import reading
from accounts.errors import NotFound
from accounts.staff.rules import Authority, NotAllowed, Permission
from portal.bill_printings import make_files, make_part
from portal.config import CHECKOUT
from tests.portal.public.test_bills import post
from tests.portal.scene import PROOF_KEY, Known, Scene
from tests.portal.staff.test_billing_pages import house

_MAKE = """
import sys
from portal import create_app
from portal.bill_printings import make_files
from portal.config import Settings
from portal.wiring import wiring
app = create_app(Settings.from_environment())
with app.app_context():
    make_files(wiring(), int(sys.argv[1]))
"""


def clerk(scene: Scene) -> Authority:
    one = int(scene.scalar("SELECT min(id) FROM actors"))
    return Authority(one, "staff:one", frozenset({Permission.BILLS_RUN}))


def begun(scene: Scene, houses: int, monkeypatch: pytest.MonkeyPatch, *, part: int = 2) -> tuple[int, list[Known]]:
    """A printing of a posted run, none of its files made; so many bills in a part at most."""
    monkeypatch.setattr(freezing, "PART", part)
    known = [house(scene, f"M-{number}", used=12) for number in range(houses)]
    post(scene)
    return frozen(scene, houses), known


def frozen(scene: Scene, seen: int) -> int:
    """A printing of the newest run, its list frozen."""
    run = int(scene.scalar("SELECT max(id) FROM billing_runs"))
    by, today, now = clerk(scene), scene.clock.today(), scene.clock.now()
    printing = freezing.begin(scene.sessions, by, run, now=now)
    freezing.count(scene.sessions, printing, now=now)
    freezing.ask_to_freeze(scene.sessions, by, printing, seen=seen)
    assert freezing.freeze(scene.sessions, printing, today=today, now=now)
    return printing


def view(scene: Scene, printing: int) -> PrintingView:
    with reading(scene.sessions) as session:
        return queries.printing(session, printing)


def made(scene: Scene, printing: int) -> int:
    with scene.app.app_context():
        return make_files(scene.wired, printing)


def taken(scene: Scene, printing: int, part: int) -> service.TakenFile:
    return service.take(scene.sessions, scene.wired.documents(), clerk(scene), printing, part)


def words(content: bytes) -> str:
    return " ".join(" ".join(sheet.extract_text() for sheet in PdfReader(BytesIO(content)).pages).split())


def test_each_bill_is_there_in_its_language_with_its_address(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    printing, (first, second, third) = begun_with_addresses(scene, monkeypatch)
    assert made(scene, printing) == 2
    said = [words(taken(scene, printing, part).content) for part in (1, 2)]
    assert "1 Elm St Lodi, CA 95240" in said[0]
    assert f"{printing}-1-000001" in said[0]
    assert "PO Box 2 Lodi, CA 95241" in said[0]
    assert "Por pagar" in said[0] or "Cómo pagar" in said[0]
    assert "How to pay" in said[0]
    assert f"{printing}-2-000003" in said[1]
    for known, text in zip((first, second, third), (said[0], said[0], said[1]), strict=True):
        assert known.number in text
    sheets = PdfReader(BytesIO(taken(scene, printing, 1).content))
    assert sheets.trailer["/Root"]["/MarkInfo"]["/Marked"]  # type: ignore[index]
    pages = scene.rows("SELECT pages FROM bill_print_parts ORDER BY number")
    assert sum(pages[0][0]) == len(sheets.pages)
    assert len(pages[0][0]) == 2


def begun_with_addresses(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> tuple[int, list[Known]]:
    known = [house(scene, f"A-{number}", used=12) for number in range(3)]
    for number, one in enumerate(known, start=1):
        address = ("1 Elm St, Lodi, CA 95240", "PO Box 2, Lodi, CA 95241", "3 Oak St, Lodi, CA 95242")[number - 1]
        scene.run_as_owner(
            "UPDATE customers SET mailing_address = :address, language = :language"
            " WHERE id = (SELECT customer_id FROM customer_accounts WHERE id = :id)",
            address=address, language="es" if number == 2 else "en", id=one.id,
        )  # fmt: skip
    monkeypatch.setattr(freezing, "PART", 2)
    post(scene)
    return frozen(scene, 3), known


def test_what_happens_after_the_list_was_frozen_changes_no_byte(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    printing, known = begun(scene, 2, monkeypatch)
    found = view(scene, printing)
    with reading(scene.sessions) as session:
        city = cities.release(session, found.city_release_id)
    with scene.app.app_context():
        before = make_part(scene.wired, city, found, 1)
        scene.run_as_owner(
            "UPDATE customers SET name = 'Somebody Else', mailing_address = '9 Far St', language = 'es'"
        )
        scene.run_as_owner("UPDATE charges SET open_cents = 0")
        scene.run_as_owner("UPDATE customer_accounts SET is_protected = true")
        scene.clock.advance(days=3)
        assert make_part(scene.wired, city, found, 1) == before
    assert len(known) == 2


def test_a_process_that_dies_goes_on_to_the_same_bytes(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    printing, _known = begun(scene, 3, monkeypatch, part=1)
    found = view(scene, printing)
    with reading(scene.sessions) as session:
        city = cities.release(session, found.city_release_id)
    with scene.app.app_context():
        expected = [make_part(scene.wired, city, found, number)[0] for number in (1, 2, 3)]
    for point, kept in (("bill-printings.part-on-disk", 0), ("bill-printings.part-kept", 1)):
        died = in_a_process(scene, printing, point)
        assert died.returncode == kill_points.EXIT_CODE, died.stderr
        assert scene.scalar("SELECT count(*) FROM bill_print_parts") == kept
    with pytest.raises(NotMadeYet):
        taken(scene, printing, 2)
    finished = in_a_process(scene, printing, "")
    assert finished.returncode == 0, finished.stderr
    assert [taken(scene, printing, number).content for number in (1, 2, 3)] == expected
    assert view(scene, printing).made_at is not None
    assert made(scene, printing) == 0


def in_a_process(scene: Scene, printing: int, kill_at: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.environ["PATH"], "MODE": "test", "DATABASE_URL": scene.db.app_url, "BASE_URL": "http://localhost",
        "SECRET_KEY": "a secret key for tests, long enough to count", "PROOF_KEY": PROOF_KEY,
        "STRIPE_KEY": scene.sandbox.key, "STRIPE_WEBHOOK_SECRETS": scene.sandbox.webhook_secret,
        "STRIPE_API_BASE": scene.sandbox.url, "KILL_AT": kill_at, "STATE": str(scene.wired.settings.state),
    }  # fmt: skip
    return subprocess.run(
        [sys.executable, "-c", _MAKE, str(printing)], cwd=CHECKOUT, env=environment, capture_output=True, text=True,
        timeout=240, check=False,
    )  # fmt: skip


def test_the_list_has_every_bill_and_totals_that_tie(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    printing, known = begun(scene, 3, monkeypatch)
    with pytest.raises(NotMadeYet):
        taken(scene, printing, service.LIST)
    made(scene, printing)
    first, again = (taken(scene, printing, service.LIST) for _ in range(2))
    assert (first.is_copy, again.is_copy, first.content == again.content) == (False, True, True)
    assert "REPRINT" in again.name
    rows = list(csv.DictReader(io.StringIO(first.content.decode())))
    bills, totals = [row for row in rows if row["mark"] != "TOTAL"], [row for row in rows if row["mark"] == "TOTAL"]
    assert {row["account"] for row in bills} == {one.reference for one in known}
    assert [row["sequence"] for row in bills] == ["1", "2", "3"]
    assert totals[-1]["bill"] == "3"
    assert [totals[-1][empty] for empty in ("part", "sequence", "account", "language", "zip")] == [""] * 5
    assert totals[-1]["pages"] == str(sum(int(row["pages"]) for row in bills))
    asked = scene.scalar("SELECT sum(amount_cents) FROM billing_totals")
    assert round(float(totals[-1]["bill_amount"]) * 100) == int(asked)
    acts = scene.rows(
        "SELECT act, details ->> 'part' FROM audit_entries WHERE act LIKE 'bill-print-taken%' ORDER BY id"
    )
    assert [tuple(row) for row in acts] == [("bill-print-taken", "0"), ("bill-print-taken-again", "0")]


def test_only_who_may_takes_a_file_and_only_one_that_is_there(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    printing, _known = begun(scene, 1, monkeypatch)
    made(scene, printing)
    store, nobody = scene.wired.documents(), Authority(clerk(scene).actor_id, "x")
    with pytest.raises(NotAllowed):
        service.take(scene.sessions, store, nobody, printing, 1)
    for number, part in ((printing, 2), (printing, -1), (printing + 9, 1)):
        with pytest.raises(NotFound):
            taken(scene, number, part)
    with pytest.raises(FileChanged):
        service.keep_part(scene.sessions, store, printing, 1, (b"%PDF another", [1]), now=scene.clock.now())
    assert scene.scalar("SELECT count(*) FROM audit_entries WHERE act LIKE 'bill-print-taken%'") == 0


def test_statements_of_a_part_do_not_grow_with_its_bills(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    printing, _known = begun(scene, 4, monkeypatch, part=3)
    found = view(scene, printing)
    with reading(scene.sessions) as session:
        city = cities.release(session, found.city_release_id)
    seen: list[str] = []
    event.listen(scene.db.app, "before_cursor_execute", lambda *args: seen.append(args[2]))
    counts = []
    for number in (1, 2):
        seen.clear()
        with scene.app.app_context():
            make_part(scene.wired, city, found, number)
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 5
