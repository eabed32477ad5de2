"""The operations, one module per kind of object; importing this package fills the registry."""

from sandbox.operations import (
    balances,
    charges,
    checkout_sessions,
    customers,
    event_log,
    payment_intents,
    payment_methods,
    payouts,
    refunds,
    setup_intents,
    webhook_endpoints,
)

__all__ = [
    "balances",
    "charges",
    "checkout_sessions",
    "customers",
    "event_log",
    "payment_intents",
    "payment_methods",
    "payouts",
    "refunds",
    "setup_intents",
    "webhook_endpoints",
]
