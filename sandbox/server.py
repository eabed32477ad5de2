"""Runs the sandbox: the web server's threads and the courier's."""

from __future__ import annotations

import logging
import threading
from dataclasses import replace
from typing import Any

from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

from sandbox.app import build_world, create_app
from sandbox.courier import Courier
from sandbox.world import Settings, World

log = logging.getLogger("sandbox.http")
POLL = 0.05  # seconds until a stop is noticed


class Handler(WSGIRequestHandler):
    """Logs one line per request: no query, no body, so no card data."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Writes method, path and status."""
        log.info("%s %s -> %s (%s)", self.command, self.path.split("?")[0], code, size)

    def log(self, type: str, message: str, *args: Any) -> None:  # noqa: A002 - werkzeug's name
        """Leaves werkzeug's other messages out, for they may quote a request."""


class SandboxServer:
    """The sandbox as something to start and stop."""

    def __init__(self, settings: Settings, host: str, port: int) -> None:
        self.world: World = build_world(settings)
        self.courier = Courier(self.world)
        self.app = create_app(self.world, self.courier)
        self._http: BaseWSGIServer = make_server(host, port, self.app, threaded=True, request_handler=Handler)
        if not settings.public_url:
            self.world.settings = replace(settings, public_url=f"http://{host}:{self.port}")
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(POLL,), name="sandbox-http", daemon=True
        )

    @property
    def port(self) -> int:
        """The port it listens on, also where 0 was asked for."""
        return self._http.port

    def start(self) -> None:
        """Begins to answer and to send."""
        self.courier.start()
        self._thread.start()

    def stop(self) -> None:
        """Stops answering, then sending, then closes the store."""
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()
        self.courier.stop()
        self.world.store.close()
