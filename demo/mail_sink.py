"""A local mail server that keeps every mail as a file: ``python -m demo.mail_sink --port 2525 --folder mail/``."""

from __future__ import annotations

import argparse
import signal
import threading
import time
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller


class FolderHandler:
    """Writes each mail as ``.eml``, named so that the files sort by time; a mail appears whole or not at all."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - the library's name
        """Take one mail."""
        del server, session
        name = f"{time.time_ns():020d}"
        partial = self.folder / f".{name}.partial"
        partial.write_bytes(envelope.original_content)
        partial.replace(self.folder / f"{name}.eml")
        return "250 Kept"


def main() -> None:
    """Serve until SIGTERM."""
    parser = argparse.ArgumentParser(prog="python -m demo.mail_sink", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, required=True)
    given = parser.parse_args()
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    controller = Controller(FolderHandler(given.folder), hostname="127.0.0.1", port=given.port)
    controller.start()
    ended.wait()
    controller.stop()


if __name__ == "__main__":
    main()
