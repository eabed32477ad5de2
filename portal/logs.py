"""Logs: one JSON object per line on stderr, with the request's id, without card numbers and e-mail addresses."""

from __future__ import annotations

import logging
import re
import secrets
import sys
from collections.abc import Mapping
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from portal.card_numbers import mask_pans

_MAIL = re.compile(r"[^\s@<>\"',;:()\[\]{}]{1,64}@[^\s@<>\"',;:()\[\]{}/]{1,255}")
_INCOMING = re.compile(r"[A-Za-z0-9-]{8,64}")
_EXACT = frozenset({"timestamp", "level", "request_id"})
"""Ours, made by us: masking them could only garble them."""
_DEEPEST = 6
QUIET = (
    "granian.access",
    "urllib3",
    "stripe",
    "procrastinate.periodic",
    "procrastinate.blueprints",
    "alembic.runtime.migration",
)


def configure(level: str = "INFO", stream: TextIO | None = None) -> None:
    """Send structlog and the standard library's records through the same processors; call once per process."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                without_personal_data,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, root.level))
    logging.captureWarnings(capture=True)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of a module."""
    return structlog.stdlib.get_logger(name)


def request_id(incoming: str = "") -> str:
    """The id that a trusted proxy gave the request, if it looks like one, else a new one."""
    return incoming if _INCOMING.fullmatch(incoming) else secrets.token_hex(8)


def bind(**values: object) -> None:
    """Put ``values`` (a request's or a job's id) on every line of this context, replacing those of the last one."""
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(**values)


def unbind() -> None:
    """Forget what :func:`bind` put there."""
    structlog.contextvars.clear_contextvars()


def without_personal_data(logger: Any, method: str, event: EventDict) -> EventDict:
    """Processor: mask what may be a card number or an e-mail address in every value, tracebacks included."""
    del logger, method
    return {key: value if key in _EXACT else _masked(value) for key, value in event.items()}


def masked(text: str) -> str:
    """``text`` without card numbers and e-mail addresses."""
    return _MAIL.sub("[e-mail]", mask_pans(text))


def _masked(value: object, depth: int = 0) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        cleaned = masked(str(value))
        return value if cleaned == str(value) else cleaned
    if isinstance(value, Mapping) and depth < _DEEPEST:
        return {masked(str(key)): _masked(inner, depth + 1) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset) and depth < _DEEPEST:
        return [_masked(inner, depth + 1) for inner in value]
    return masked(value if isinstance(value, str) else repr(value))
