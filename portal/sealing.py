"""All that a day's seal covers: every feature's part of the books, put together for closing and for verifying."""

from accounts.charges.sealed import OWED
from accounts.seals.canonical import LEDGER
from payments.payouts.sealed import PAID_OUT
from payments.posting.sealed import PAID

PARTS = (*LEDGER, *OWED, *PAID, *PAID_OUT)
