"""``python -m drills.nursery``: reads the portal's code once, then bears processes of it in a moment.

Each is a process of its own (a fork in a session of its own) that runs a module as ``python -m`` would, with the
arguments and the environment it was given; it may be killed like any other. One line of JSON asks, one answers. When
whoever asks is gone, however that came, everything that was born here is ended.
"""

from __future__ import annotations

import contextlib
import json
import os
import runpy
import signal
import sys
import traceback
from typing import Any

from portal import cli, create_app, jobs, queue, serving

WARM = (cli, create_app, jobs, queue, serving)
"""Imported so that no child has to."""
_ended: dict[int, int] = {}


def main() -> None:
    """Answer until the line is closed."""
    born: list[int] = []
    try:
        print(json.dumps({"ready": os.getpid()}), flush=True)
        for line in sys.stdin:
            print(json.dumps(_answer(json.loads(line), born)), flush=True)
    finally:
        for pid in born:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(pid, signal.SIGKILL)


def _answer(asked: dict[str, Any], born: list[int]) -> dict[str, Any]:
    if "pid" in asked:
        return {"status": _status(int(asked["pid"]))}
    pid = os.fork()
    if not pid:
        _live(asked)
    born.append(pid)
    return {"pid": pid}


def _status(pid: int) -> int | None:
    """How it ended (negative: by which signal), or None while it runs."""
    if pid not in _ended:
        found, status = os.waitpid(pid, os.WNOHANG)
        if not found:
            return None
        _ended[pid] = os.waitstatus_to_exitcode(status)
    return _ended[pid]


def _live(asked: dict[str, Any]) -> None:
    """The child's whole life; it never comes back."""
    status: object = 1
    try:
        os.setsid()
        os.chdir(asked["folder"])
        os.environ.clear()
        os.environ.update(asked["environment"])
        silence = os.open(os.devnull, os.O_RDONLY)
        log = os.open(asked["log"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        for ours, theirs in ((silence, 0), (log, 1), (log, 2)):
            os.dup2(ours, theirs)
        sys.argv = [asked["module"], *asked["arguments"]]
        runpy.run_module(asked["module"], run_name="__main__", alter_sys=True)
        status = 0
    except SystemExit as end:
        status = end.code
        if isinstance(status, str):
            print(status, file=sys.stderr)
    except BaseException:  # noqa: BLE001 - its last words
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else int(status is not None))


if __name__ == "__main__":
    main()
