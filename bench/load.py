"""A small load generator, run as a process of its own: ``python -m bench.load`` with a job as JSON on stdin.

Each connection asks as soon as it has its answer. Bounded by seconds and by requests; only this machine is asked.
"""

from __future__ import annotations

import itertools
import json
import random
import socket
import statistics
import sys
import threading
import time
from dataclasses import asdict, dataclass

MOST_REQUESTS = 20_000
CLIENT = b"@client@"
NUMBER = b"@number@@"
"""Stand for the client's address and for a number of nine digits that nobody has: new ones for each request, so that
no throttle answers."""


@dataclass(frozen=True)
class Job:
    """What to send (in turn), on how many connections, for how long; every answer must have ``status``."""

    port: int
    connections: int
    seconds: float
    status: int
    requests: list[str]


@dataclass(frozen=True)
class Answered:
    """How it went."""

    count: int
    seconds: float
    p50: float
    p95: float
    wrong: dict[str, int]

    @property
    def per_second(self) -> float:
        return self.count / self.seconds if self.seconds else 0.0


def run(job: Job) -> Answered:
    """Do a job."""
    times: list[float] = []
    wrong: dict[str, int] = {}
    serial = itertools.count(1)
    began = time.perf_counter()
    threads = [
        threading.Thread(target=_ask, args=(job, place, serial, times, wrong)) for place in range(job.connections)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    cuts = statistics.quantiles(times, n=20) if len(times) > 1 else [0.0] * 19
    return Answered(len(times), seconds, statistics.median(times or [0.0]) * 1000, cuts[18] * 1000, wrong)


def _ask(job: Job, place: int, serial: itertools.count[int], times: list[float], wrong: dict[str, int]) -> None:
    requests = [request.encode("latin-1") for request in job.requests]
    until = time.perf_counter() + job.seconds
    with socket.create_connection(("127.0.0.1", job.port), timeout=30) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for turn in itertools.count(place):
            number = next(serial)
            if time.perf_counter() > until or number > MOST_REQUESTS:
                return
            began = time.perf_counter()
            connection.sendall(filled(requests[turn % len(requests)]))
            status = _answer(connection)
            times.append(time.perf_counter() - began)
            if status != job.status:
                wrong[str(status)] = wrong.get(str(status), 0) + 1


def filled(request: bytes) -> bytes:
    """A request with an address and a number that were never seen before."""
    client = "10.{}.{}.{}".format(*random.randbytes(3)).encode()
    return request.replace(CLIENT, client).replace(NUMBER, f"9{random.getrandbits(26):08d}".encode())


def _answer(connection: socket.socket) -> int:
    """Read one answer whole; its status."""
    held = b""
    while b"\r\n\r\n" not in held:
        held += _received(connection)
    head, _, body = held.partition(b"\r\n\r\n")
    lines = head.lower().split(b"\r\n")
    lengths = [int(line.split(b":")[1]) for line in lines if line.startswith(b"content-length:")]
    missing = (lengths[0] if lengths else 0) - len(body)
    while missing > 0:
        missing -= len(_received(connection))
    return int(lines[0].split()[1])


def _received(connection: socket.socket) -> bytes:
    received = connection.recv(262_144)
    if not received:
        raise ConnectionError("the server closed the connection")
    return received


def main() -> None:
    """One job from stdin, its outcome to stdout."""
    json.dump(asdict(run(Job(**json.load(sys.stdin)))), sys.stdout)


if __name__ == "__main__":
    main()
