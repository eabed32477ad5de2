"""The folder of documents: outside of what is served, each file under the SHA-256 of its content."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from accounts.errors import NotFound

_DIGEST = re.compile(r"^[0-9a-f]{64}$")
_MINE_ONLY, _FOLDER = 0o600, 0o700


def digest_of(content: bytes) -> str:
    """The name of a file in the folder."""
    return hashlib.sha256(content).hexdigest()


@dataclass(frozen=True)
class DocumentStore:
    """Files are written whole or not at all, before the row that names them: one that no row names is an orphan, and
    harmless; a row never names a file that is not there."""

    folder: Path

    def keep(self, content: bytes) -> str:
        """Write it, once whoever sends it; the digest under which it is found."""
        digest = digest_of(content)
        place = self._place(digest)
        if place.exists():
            return digest
        place.parent.mkdir(mode=_FOLDER, parents=True, exist_ok=True)
        part = place.with_name(f".{digest}.{secrets.token_hex(6)}")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MINE_ONLY)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            part.replace(place)
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        self._settle(place.parent)
        return digest

    def read(self, digest: str) -> bytes:
        """What is kept under a digest, proved by it; raises :class:`~accounts.errors.NotFound`."""
        try:
            content = self._place(digest).read_bytes()
        except FileNotFoundError as error:
            raise NotFound("the file is not in the folder") from error
        if digest_of(content) != digest:
            raise NotFound("the file is another one than was sent")
        return content

    def delete(self, digest: str) -> None:
        """Nothing is kept under a digest any more; again changes nothing."""
        place = self._place(digest)
        if not place.parent.exists():
            return
        place.unlink(missing_ok=True)
        self._settle(place.parent)

    def _place(self, digest: str) -> Path:
        if not _DIGEST.match(digest):
            raise NotFound("no digest")
        return self.folder / digest[:2] / digest

    @staticmethod
    def _settle(folder: Path) -> None:
        """The new name, too, is on the disk before anything says so."""
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
