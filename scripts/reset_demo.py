"""Remove the demo's state, after ending what a killed demo may have left running: python3 scripts/reset_demo.py."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".state" / "demo"
PYTHON = ROOT / ".venv" / "bin" / "python"
END_LEFTOVERS = """
from demo import postgres
from demo.children import Children
from demo.settings import STATE
Children(STATE).end_leftovers()
if (STATE / "postgres" / "data" / "PG_VERSION").exists():
    postgres.stop(STATE / "postgres")
"""


def main() -> int:
    if not STATE.exists():
        sys.stdout.write("There is no demo to forget.\n")
        return 0
    with (STATE / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            sys.stdout.write("The demo is running; end it first (Ctrl-C in its terminal).\n")
            return 1
        if PYTHON.exists():
            subprocess.run([PYTHON, "-c", END_LEFTOVERS], check=False, cwd=ROOT)  # noqa: S603 - our own code
        shutil.rmtree(STATE)
    sys.stdout.write("The demo's database, mails, texts and secrets are gone; `make demo` starts over.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
