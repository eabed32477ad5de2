"""``python -m sandbox``: the sandbox from the command line."""

from __future__ import annotations

import argparse
import logging
import signal
import sys
import threading
from pathlib import Path

from sandbox.server import SandboxServer
from sandbox.world import Settings


def arguments() -> argparse.Namespace:
    """Reads the command line."""
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8001)
    parser.add_argument("--store", type=Path, required=True, help="the SQLite file that keeps everything")
    parser.add_argument("--webhook-url", help="where events are sent")
    parser.add_argument("--webhook-secret", help="what they are signed with (whsec_...)")
    parser.add_argument("--public-url", default="", help="the address people's browsers use")
    parser.add_argument("--merchant", default="Example City", help="the name on the payment page")
    parser.add_argument("--days-ago", type=int, default=0, help="let the clock of a new store begin in the past")
    parser.add_argument("--check", action="store_true", help="hold every answer against the specification")
    return parser.parse_args()


def main() -> None:
    """Serves until SIGTERM or SIGINT."""
    given = arguments()
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(name)s %(message)s")
    given.store.parent.mkdir(parents=True, exist_ok=True)
    settings = Settings(
        store=given.store,
        public_url=given.public_url.rstrip("/"),
        webhook_url=given.webhook_url,
        webhook_secret=given.webhook_secret,
        merchant=given.merchant,
        check=given.check,
        days_ago=given.days_ago,
    )
    server = SandboxServer(settings, given.host, given.port)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ended.set())
    server.start()
    logging.getLogger("sandbox").info("Sandbox on %s. No real money.", server.world.settings.public_url)
    ended.wait()
    server.stop()


if __name__ == "__main__":
    main()
