"""All that a day's seal covers: every feature's part of the books, put together for closing and for verifying."""

from accounts.approvals.sealed import DECIDED
from accounts.charges.sealed import OWED
from accounts.seals.canonical import LEDGER
from payments.bank_deposits.sealed import DEPOSITED
from payments.closings.sealed import PACKETS
from payments.moves.sealed import MOVES
from payments.payouts.sealed import PAID_OUT
from payments.posting.sealed import PAID
from payments.returned_payments.sealed import RETURNED
from payments.reversals.sealed import REVERSALS

PARTS = (*LEDGER, *OWED, DECIDED, *PAID, MOVES, REVERSALS, RETURNED, *PAID_OUT, *DEPOSITED, PACKETS)
