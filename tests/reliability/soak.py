"""``make soak``: storms for an hour (``MINUTES=``), each from its own seed; prints steps, crashes, violations."""

from __future__ import annotations

import argparse
import random
import sys
import time
import traceback
from collections import Counter

from portal import logs
from tests import database
from tests.reliability.storm import storm
from tests.reliability.test_machine import new_world


def main() -> int:
    """Exit status 1 if anything was wrong; the seed of each wrong storm is printed, to run it again."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--steps", type=int, default=60, help="acts in each storm (60)")
    parser.add_argument("--seed", type=int, help="run one storm again")
    given = parser.parse_args()
    logs.configure("CRITICAL")
    server = database.start_server()
    opened = database.open_database("ventanilla_soak")
    try:
        return _soak(opened, given.minutes, given.steps, given.seed)
    finally:
        opened.close()
        database.stop_server(server)


def _soak(db: database.TestDatabase, minutes: float, steps: int, only: int | None) -> int:
    began, storms, wrong, counts = time.monotonic(), 0, 0, Counter[str]()
    seed = only if only is not None else random.SystemRandom().randrange(10**6)
    while storms == 0 or (only is None and time.monotonic() - began < minutes * 60):
        storms += 1
        try:
            with new_world(db) as world:
                counts += storm(world, random.Random(seed), steps)
        except Exception:  # noqa: BLE001 - the soak goes on and tells at the end
            wrong += 1
            print(f"seed {seed} (--seed {seed} --steps {steps}):\n{traceback.format_exc()}", flush=True)
        seed += 1
        spent = (time.monotonic() - began) / 60
        print(_line(storms, storms * steps, counts, wrong, spent), flush=True)
    print(dict(sorted(counts.items())))
    return 1 if wrong else 0


def _line(storms: int, steps: int, counts: Counter[str], wrong: int, minutes: float) -> str:
    cards, crashes = counts["card"] - counts["not_paid"], counts["crash"]
    return f"{minutes:6.1f} min  {storms} storms  {steps} steps  {cards} paid  {crashes} crashes  {wrong} violations"


if __name__ == "__main__":
    sys.exit(main())
