"""Plain functions that make what a test needs, through the real steps, with dull and valid defaults."""

from tests.factories.books import DAY, ORDER, TERMS, make_chart
from tests.factories.owed import make_account, make_charge, make_customer
from tests.factories.paid import pay, pay_attempt, promise

__all__ = [
    "DAY", "ORDER", "TERMS", "make_account", "make_charge", "make_chart", "make_customer", "pay", "pay_attempt",
    "promise",
]  # fmt: skip
