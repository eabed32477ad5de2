"""Make the environment in .venv from the hash-pinned lock; does nothing when it is there and unchanged.

    python3 scripts/set_up.py

Uses only what Python itself brings, because it runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "installed-from.txt"
LOCK = ROOT / "requirements" / "development.lock"
NODE_LOCK = ROOT / "requirements" / "node.lock"
LAUNCHER = VENV / "bin" / "ventanilla"
OLDEST_PYTHON = (3, 11)
OLDEST_NODE = (20, 19)


def say(text: str) -> None:
    sys.stdout.write(f"set-up: {text}\n")
    sys.stdout.flush()


def main() -> int:
    if sys.version_info < OLDEST_PYTHON:
        found = ".".join(str(part) for part in sys.version_info[:3])
        say(f"Ventanilla needs Python 3.11 or newer; this is {found}. Name another: make PYTHON=python3.12 ...")
        return 1
    locks = [LOCK] if has_node() else [LOCK, NODE_LOCK]
    if not STAMP.exists() or STAMP.read_text() != fingerprint(locks):
        began = time.monotonic()
        if not (VENV / "bin" / "python").exists() and not make_venv():
            return 1
        STAMP.unlink(missing_ok=True)
        for lock in locks:
            if status := install(lock):
                say(f"installing {lock.name} failed; what pip said stands above")
                return status
        STAMP.write_text(fingerprint(locks))
        say(f"installed in {time.monotonic() - began:.0f} s")
    write_launcher()
    return 0


def fingerprint(locks: list[Path]) -> str:
    """What the environment is made of: locks, Python, and its place (an environment cannot be moved)."""
    digest = hashlib.sha256(f"{sys.version_info[:2]} {ROOT}".encode())
    for lock in locks:
        digest.update(lock.read_bytes())
    return digest.hexdigest()


def has_node() -> bool:
    """Is there a Node on this machine that can build the styles?"""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    said = subprocess.run([node, "--version"], check=False, capture_output=True, text=True).stdout  # noqa: S603
    parts = said.strip().lstrip("v").split(".")
    return len(parts) >= 2 and all(part.isdigit() for part in parts[:2]) and tuple(map(int, parts[:2])) >= OLDEST_NODE


def make_venv() -> bool:
    say("making .venv")
    done = subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=False, capture_output=True, text=True)  # noqa: S603
    if done.returncode:
        shutil.rmtree(VENV, ignore_errors=True)
        say("Python cannot make an environment here. On Debian: apt-get install python3-venv")
        say((done.stdout + done.stderr).strip())
    return not done.returncode


def install(lock: Path) -> int:
    """Run pip, which checks every file's hash; one line shows how far it is."""
    total = sum(not line.startswith((" ", "#")) for line in lock.read_text().splitlines())
    command = [str(VENV / "bin" / "python"), "-m", "pip", "install", "--disable-pip-version-check"]
    command += ["--no-input", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    say(f"installing up to {total} packages of {lock.relative_to(ROOT)}, each checked by its hash")
    began, count, tail = time.monotonic(), 0, []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:  # noqa: S603
        for line in pip.stdout or ():
            tail = [*tail[-30:], line]
            if line.startswith(("Collecting ", "Requirement already satisfied: ")):
                count += 1
                if count % 10 == 0 or count == total:
                    say(f"  {count} of {total}, {time.monotonic() - began:.0f} s")
            elif line.startswith("Installing collected"):
                say(f"  unpacking, {time.monotonic() - began:.0f} s")
    if pip.returncode:
        sys.stdout.writelines(tail)
    return pip.returncode


def write_launcher() -> None:
    """``.venv/bin/ventanilla``: the command line of this checkout, without building a package."""
    text = f"#!{VENV / 'bin' / 'python'}\nimport sys\n\nsys.path.insert(0, {str(ROOT)!r})\n"
    text += "from portal.cli import main\n\nsys.exit(main())\n"
    if not LAUNCHER.exists() or LAUNCHER.read_text() != text:
        LAUNCHER.write_text(text)
        LAUNCHER.chmod(0o755)


if __name__ == "__main__":
    sys.exit(main())
