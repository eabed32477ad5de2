"""The pulse as a screen of sentences, and as JSON for whoever reads it by machine."""

from __future__ import annotations

from collections.abc import Sequence

from portal.pulse.rules import Line, Pulse


def screen(lines: Sequence[Line], pulse: Pulse, base_url: str) -> str:
    """One line each, what needs a person below it, and a last line that counts."""
    said = [f"{base_url}, {pulse.at:%Y-%m-%d %H:%M} UTC", ""]
    for line in lines:
        said.append(f"{'LOOK ' if line.needs else 'ok   '}  {line.name:<17} {line.sentence}")
        said += [f"         - {need}" for need in line.needs]
    count = sum(bool(line.needs) for line in lines)
    said += ["", f"{count} of {len(lines)} need a person." if count else "Nothing needs a person."]
    return "\n".join(said)


def as_json(lines: Sequence[Line], pulse: Pulse) -> dict[str, object]:
    """What the screen says, and the figures behind it. Spans are seconds, instants ISO 8601 in UTC."""
    return {
        "at": pulse.at.isoformat(),
        "needs_a_person": any(line.needs for line in lines),
        "lines": [{"name": line.name, "sentence": line.sentence, "needs": list(line.needs)} for line in lines],
        "figures": {
            "webhooks": dict(pulse.webhooks.outcomes),
            "webhooks_unfollowed": pulse.webhooks.unfollowed,
            "webhook_arrival_seconds": int(pulse.webhooks.arrival.total_seconds()),
            "attempts_unsettled": [vars(row) for row in pulse.unsettled],
            "paid_unposted": pulse.unposted,
            "paid_unposted_oldest_seconds": int(pulse.oldest_unposted.total_seconds()),
            "queue": vars(pulse.queue),
            "sweeps": {
                kind: {
                    "finished_at": sweep.finished_at.isoformat() if sweep.finished_at else None,
                    "clean_at": sweep.clean_at.isoformat() if sweep.clean_at else None,
                }
                for kind, sweep in pulse.sweeps.items()
            },
            "exceptions": [vars(row) for row in pulse.exceptions],
            "sealed_through": pulse.sealed_through.isoformat() if pulse.sealed_through else None,
            "days_waiting": pulse.days_waiting,
        },
    }
