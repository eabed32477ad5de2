"""``python -m fuzz TARGET [--seconds 60]``: one target under atheris, which follows the branches that inputs take.

An input that breaks a promise ends the run with its trace, and is kept in ``.state/fuzz/TARGET/``; the next run
begins with what the last ones found worth keeping.
"""

from __future__ import annotations

import argparse
import importlib
import logging
import random
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

from fuzz.changes import bytes_changed

TARGETS = ("webhook_bodies", "import_profiles", "lookup_input")
STATE = Path(__file__).parent.parent / ".state" / "fuzz"
MOST_BYTES = 16_384
SLOW_SECONDS = 20
INSTRUMENTED = ["accounts", "payments", "portal.card_numbers", "json", "tomllib", "fuzz", "csv", "_strptime"]
HOW_TO = "atheris is not here: it is built for Linux on x86_64 only. Try: .venv/bin/pip install atheris"


def main() -> None:
    """Run a target until its time is over or a promise is broken."""
    given = _arguments()
    try:
        atheris = importlib.import_module("atheris")
    except ImportError:
        raise SystemExit(HOW_TO) from None
    logging.disable()
    with atheris.instrument_imports(include=INSTRUMENTED):
        target = importlib.import_module(f"fuzz.{given.target}")
    corpus = STATE / given.target / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    _plant(target)
    options = [
        f"-max_total_time={given.seconds}", f"-max_len={MOST_BYTES}", f"-timeout={SLOW_SECONDS}",
        f"-artifact_prefix={corpus.parent}/", "-rss_limit_mb=1024", "-print_final_stats=1",
    ]  # fmt: skip
    atheris.Setup([sys.argv[0], *options, str(corpus)], target.try_bytes, custom_mutator=_changes(target))
    atheris.Fuzz()


def _plant(target: ModuleType) -> None:
    """The seeds, beside what earlier runs found."""
    for number, seed in enumerate(target.SEEDS):
        (STATE / target.__name__.rpartition(".")[2] / "corpus" / f"seed-{number}").write_bytes(seed)


def _changes(target: ModuleType) -> Callable[[bytes, int, int], bytes]:
    """Two of three inputs are others of the same form; the rest are any bytes."""

    def change(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311
        made: bytes = target.changed(data, chance) if chance.random() < 2 / 3 else bytes_changed(data, chance)
        return made[:most]

    return change


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("target", choices=TARGETS)
    parser.add_argument("--seconds", type=int, default=60)
    return parser.parse_args()


if __name__ == "__main__":
    main()
