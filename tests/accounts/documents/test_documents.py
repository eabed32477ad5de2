"""What people send in: known by what it is, drawn anew, kept whole, under its digest."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from pathlib import Path

import pi_heif
import pytest
from PIL import Image

from accounts.cities.requests import DocumentPolicy
from accounts.documents import store as stores
from accounts.documents.rules import (
    JPEG,
    PDF,
    PNG,
    NothingSent,
    NotTaken,
    Sent,
    TooLarge,
    TooManyFiles,
    TooManyPixels,
    Unreadable,
    media_type,
    shown_name,
)
from accounts.documents.service import examined
from accounts.documents.store import DocumentStore
from accounts.errors import DomainError, NotFound
from tests.accounts.assessments.city import city
from tests.factories import DAY

POLICY = city().document_policy(DAY)
TELEPHONE = (Path(__file__).parent / "telephone.heic").read_bytes()
PAGE = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\ntrailer\n<< /Root 1 0 R >>\n%%EOF\n"


def photo(kind: str = "JPEG", size: tuple[int, int] = (640, 480), **options: object) -> bytes:
    out = BytesIO()
    Image.linear_gradient("L").resize(size).convert("RGB").save(out, kind, **options)
    return out.getvalue()


def with_gps() -> bytes:
    """A photograph that says where it was taken, by whom, and that it lies on its side."""
    exif = Image.Exif()
    exif[0x010F], exif[0x0112], exif[0x013B] = "Camera", 6, "Ana Ruiz"
    exif.get_ifd(0x8825)[1], exif.get_ifd(0x8825)[2] = "N", (37.0, 44.0, 23.0)
    return photo(exif=exif.tobytes(), comment=b"taken at home")


def wider(heic: bytes, pixels: int) -> bytes:
    """A telephone's photograph that says it has so many pixels a side."""
    sizes = heic.index(b"ispe") + 8
    return heic[:sizes] + struct.pack(">II", pixels, pixels) + heic[sizes + 8 :]


def bomb(width: int, height: int) -> bytes:
    """A PNG of some hundred bytes that says it is enormous."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        body = kind + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\x00" * 99)) + chunk(
        b"IEND", b"")  # fmt: skip


def take(content: bytes, name: str = "photo.jpg", already: int = 0) -> tuple[str, str, bytes]:
    taken = examined(POLICY, Sent(name, content), already)
    return taken.name, taken.media_type, taken.content


def test_a_photograph_loses_where_it_was_taken_and_stands_upright() -> None:
    sent = with_gps()
    with Image.open(BytesIO(sent)) as before:
        assert before.getexif().get_ifd(0x8825), "control: the place is in the file"
    name, kind, content = take(sent)
    with Image.open(BytesIO(content)) as after:
        assert (dict(after.getexif()), after.info.get("comment"), after.size) == ({}, None, (480, 640))
    assert (name, kind) == ("photo.jpg", JPEG)
    assert b"Ana Ruiz" not in content


def test_what_a_telephone_calls_heic_becomes_a_jpeg_that_says_nothing_more() -> None:
    assert b"Ana Ruiz" in TELEPHONE, "control: who took it is in the file"
    for name in ("IMG_0001.HEIC", "photo.jpg", "letter.pdf"):
        shown, kind, content = take(TELEPHONE, name)
        with Image.open(BytesIO(content)) as after:
            assert (after.format, dict(after.getexif()), after.size) == ("JPEG", {}, (48, 64))
        assert (shown.rpartition(".")[2], kind) == ("jpg", JPEG)
        assert b"Ana Ruiz" not in content


def test_a_telephones_picture_is_measured_before_it_unfolds(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfold(_picture: object) -> None:
        pytest.fail("it was unfolded")

    monkeypatch.setattr(pi_heif.HeifFile, "to_pillow", unfold)
    small = POLICY.model_copy(update={"most_pixels": 64 * 48 - 1})
    with pytest.raises(TooManyPixels):
        examined(small, Sent("a.heic", TELEPHONE), 0)


def test_a_city_may_take_no_heic() -> None:
    without = DocumentPolicy.model_validate({**POLICY.model_dump(), "types": [PDF, JPEG]})
    with pytest.raises(NotTaken):
        examined(without, Sent("a.heic", TELEPHONE), 0)


def test_large_photographs_are_made_smaller_and_png_stays_png() -> None:
    name, kind, content = take(photo("PNG", (4000, 1000)), "scan.jpeg")
    with Image.open(BytesIO(content)) as picture:
        assert (name, kind, picture.size) == ("scan.png", PNG, (2600, 650))


def test_a_pdf_stays_as_it_is() -> None:
    assert take(PAGE, "../../etc/lease final (2).PDF") == ("lease final 2.pdf", PDF, PAGE)


def test_a_scanned_pdf_is_taken_whatever_bytes_its_pictures_hold() -> None:
    """By chance a scan of some megabytes holds "/JS" or "/AA"; and office programs say at which page to open."""
    scan = PAGE.replace(b"/Catalog", b"/Catalog /OpenAction [3 0 R /XYZ null null 0]").replace(
        b"trailer",
        b"2 0 obj\n<< /Length 24 >>\nstream\n\x00\x9c/JS \xff\x01/AA(\xfe\x07/Launch \nendstream\nendobj\ntrailer",
    )
    assert take(scan, "lease.pdf") == ("lease.pdf", PDF, scan)


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", NothingSent),
        (b"<html><script>alert(1)</script></html>", NotTaken),
        (b"GIF89a" + b"\x00" * 60, NotTaken),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", NotTaken),
        (b"MZ" + b"\x00" * 200, NotTaken),
        (b"PK\x03\x04" + b"\x00" * 60, NotTaken),
        (b"\x00\x00\x00\x18ftypheic" + b"\x00" * 40, Unreadable),
        (TELEPHONE[:300], Unreadable),
        (b"\x00\x00\x00\x18ftypisom" + b"\x00" * 40, NotTaken),  # a film
        (wider(TELEPHONE, 9_000), Unreadable),  # it is not what it says
        (b"<script>alert(1)</script>" + PAGE, NotTaken),  # two things at once
        (PAGE.replace(b"/Catalog", b"/Catalog /OpenAction << /S /JavaScript >>"), NotTaken),
        (PAGE.replace(b"/Catalog", b"/Catalog /AA << /O 7 0 R >>"), NotTaken),
        (PAGE.replace(b"/Catalog", b"/Catalog /EmbeddedFiles 5 0 R"), NotTaken),
        (PAGE.replace(b"%%EOF", b""), NotTaken),
        (PAGE + b"<script>alert(1)</script>" * 200, NotTaken),
        (b"\xff\xd8\xff\xe0" + b"not a picture at all" * 9, DomainError),
        (photo()[:300], Unreadable),
        (bomb(60_000, 60_000), TooManyPixels),
        (bomb(9_000, 9_000), TooManyPixels),
    ],
)
def test_what_is_no_paper_is_refused(content: bytes, refusal: type[DomainError]) -> None:
    with pytest.raises(refusal):
        take(content)


def test_a_picture_with_a_tail_is_kept_without_it() -> None:
    """A file that is a photograph and something else comes out as a photograph."""
    _name, _kind, content = take(photo() + b"<script>alert(1)</script>" + PAGE)
    assert b"script" not in content
    assert b"%PDF" not in content


def test_limits_are_the_city_s() -> None:
    with pytest.raises(TooLarge) as large:
        take(PAGE + b"0" * POLICY.most_bytes)
    assert large.value.facts == {"most": POLICY.most_bytes}
    with pytest.raises(TooManyFiles):
        take(PAGE, already=POLICY.most_files)
    only_photos = DocumentPolicy.model_validate({**POLICY.model_dump(), "types": [JPEG]})
    with pytest.raises(NotTaken):
        examined(only_photos, Sent("a.pdf", PAGE), 0)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("..\\..\\x.exe", "x.jpg"), ("a/b/recibo núm 3.jpg", "recibo núm 3.jpg"), ("", "document.jpg"),
        ('"; rm -rf.png', "rm -rf.jpg"), ("x\r\nSet-Cookie: a.png", "xSet-Cookie a.jpg"),
        ("y" * 300 + ".j", "y" * 80 + ".jpg"),
    ],
)  # fmt: skip
def test_a_name_is_plain_and_ends_in_what_it_is(name: str, shown: str) -> None:
    assert shown_name(name, JPEG) == shown


def test_type_is_by_content_whatever_the_name() -> None:
    assert [media_type(sent) for sent in (PAGE, photo(), photo("PNG"))] == [PDF, JPEG, PNG]


def test_a_file_is_kept_once_whole_for_its_owner_only(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path / "documents")
    digest = store.keep(PAGE)
    assert store.keep(PAGE) == digest
    files = [file for file in tmp_path.rglob("*") if file.is_file()]
    assert [file.name for file in files] == [digest]
    assert files[0].stat().st_mode & 0o077 == 0
    assert store.read(digest) == PAGE


def test_a_write_that_dies_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(stores.os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        DocumentStore(tmp_path).keep(PAGE)
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_only_digests_lead_anywhere_and_a_changed_file_is_not_given_out(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path)
    for wrong in ("../../etc/passwd", "", "A" * 64, "f" * 64):
        with pytest.raises(NotFound):
            store.read(wrong)
    digest = store.keep(PAGE)
    place = tmp_path / digest[:2] / digest
    place.write_bytes(PAGE + b" ")
    with pytest.raises(NotFound):
        store.read(digest)
