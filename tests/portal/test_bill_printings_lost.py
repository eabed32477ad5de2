"""A file of a printing that is lost, or altered on the disk: made again from the frozen list, or not at all."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.bill_printings import lost, service
from accounts.bill_printings.rules import FileChanged, FileLost
from accounts.errors import NotFound
from accounts.staff.rules import Authority, NotAllowed
from tests.portal.scene import Scene
from tests.portal.staff.people import staff_of
from tests.portal.staff.test_billing_pages import token
from tests.portal.test_bill_printings import begun, clerk, made, taken, view


def place(scene: Scene, printing: int, part: int) -> Path:
    """Where the file of a part is on the disk."""
    digest = (
        view(scene, printing).list_sha256
        if part == service.LIST
        else str(scene.scalar("SELECT sha256 FROM bill_print_parts WHERE number = :part", part=part))
    )
    return scene.wired.documents().folder / digest[:2] / digest


def acts(scene: Scene) -> list[tuple[Any, ...]]:
    found = scene.rows("SELECT act, details ->> 'part' FROM audit_entries WHERE act LIKE 'bill-print-%' ORDER BY id")
    return [tuple(row) for row in found]


def ask_again(scene: Scene, printing: int, part: int) -> None:
    lost.ask_again(scene.sessions, clerk(scene), printing, part)


@pytest.mark.parametrize("part", [1, service.LIST])
@pytest.mark.parametrize("altered", [False, True])
def test_a_lost_file_is_made_again_and_is_the_same(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, part: int, altered: bool
) -> None:
    printing, _known = begun(scene, 2, monkeypatch)
    made(scene, printing)
    before = taken(scene, printing, part).content
    file = place(scene, printing, part)
    file.unlink()
    if altered:
        file.write_bytes(b"%PDF something else")
    scene.run_as_owner("UPDATE customers SET name = 'Somebody Else', mailing_address = '9 Far St', language = 'es'")
    scene.run_as_owner("UPDATE charges SET open_cents = 0")
    scene.clock.advance(days=40)
    with pytest.raises(FileLost):
        taken(scene, printing, part)
    ask_again(scene, printing, part)
    ask_again(scene, printing, part)
    waiting = "SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'bill_print_file_lost'"
    assert scene.scalar(waiting) == 1, "asked twice is asked once"
    scene.run_jobs()
    again = taken(scene, printing, part)
    assert (again.content == before, again.is_copy) == (True, True)
    said = str(part)
    assert acts(scene) == [
        ("bill-print-taken", said), ("bill-print-lost", said), ("bill-print-made-again", said),
        ("bill-print-taken-again", said),
    ]  # fmt: skip


def test_a_file_that_comes_out_otherwise_is_refused_and_nothing_is_kept(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    printing, _known = begun(scene, 1, monkeypatch)
    made(scene, printing)
    file = place(scene, printing, 1)
    file.unlink()
    scene.run_as_owner("UPDATE charges SET description = jsonb_build_object('en', 'Other', 'es', 'Otra')")
    ask_again(scene, printing, 1)
    with pytest.raises(FileChanged):
        scene.run_jobs()
    assert not file.exists()
    assert acts(scene) == [("bill-print-lost", "1"), ("bill-print-differs", "1")]
    with pytest.raises(FileLost):
        taken(scene, printing, 1)
    ask_again(scene, printing, 1)  # somebody mended what was wrong, and tries again
    assert acts(scene)[-1] == ("bill-print-lost", "1")


def test_only_who_may_asks_and_only_for_a_file_that_was_made(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    printing, _known = begun(scene, 1, monkeypatch)
    made(scene, printing)
    nobody = Authority(clerk(scene).actor_id, "x")
    with pytest.raises(NotAllowed):
        lost.ask_again(scene.sessions, nobody, printing, 1)
    for number, part in ((printing, 2), (printing, -1), (printing + 9, 1)):
        with pytest.raises(NotFound):
            ask_again(scene, number, part)
    assert acts(scene) == []


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_page_says_what_becomes_of_a_lost_file(
    scene: Scene, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    printing, _known = begun(scene, 1, monkeypatch)
    made(scene, printing)
    for part in (1, service.LIST):
        place(scene, printing, part).unlink()
    ana = staff_of(scene, "clerk", lang=language)
    page = f"/staff/bill-printings/{printing}"
    for part in (1, service.LIST):
        answer = ana.browser.post(f"{page}/files/{part}", data={"csrf_token": token(ana)})
        assert (answer.status_code, answer.headers["Location"]) == (303, page)
        said = ana.get(page).text
        assert ("being made again" if language == "en" else "haciendo de nuevo") in said
    scene.run_jobs()
    assert ("being made again" if language == "en" else "haciendo de nuevo") not in ana.get(page).text
    assert ana.browser.post(f"{page}/files/1", data={"csrf_token": token(ana)}).status_code == 200
    place(scene, printing, 1).unlink()
    scene.run_as_owner("UPDATE charges SET description = jsonb_build_object('en', 'Other', 'es', 'Otra')")
    ana.browser.post(f"{page}/files/1", data={"csrf_token": token(ana)})
    with pytest.raises(FileChanged):
        scene.run_jobs()
    assert ("could not be made again as it was" if language == "en" else "no se pudo hacer de nuevo") in ana.get(
        page
    ).text
