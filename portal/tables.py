"""Every table of the house under one metadata; migrations and the migration check read it."""

from accounts import audit
from accounts.account_links import models as account_links
from accounts.actors import models as actors
from accounts.approvals import models as approvals
from accounts.bill_printings import models as bill_printings
from accounts.billing_runs import models as billing_runs
from accounts.cases import models as cases
from accounts.cash_only import models as cash_only
from accounts.charges import models as charges
from accounts.citations import models as citations
from accounts.cities import models as cities
from accounts.consents import models as consents
from accounts.contacts import models as contacts
from accounts.customer_accounts import models as customer_accounts
from accounts.customer_changes import models as customer_changes
from accounts.customers import models as customers
from accounts.database import Base
from accounts.documents import models as documents
from accounts.exceptions import models as exceptions
from accounts.imports import models as imports
from accounts.ledger import models as ledger
from accounts.licenses import models as licenses
from accounts.lookups import models as lookups
from accounts.mergers import models as mergers
from accounts.message_choices import models as message_choices
from accounts.pauses import models as pauses
from accounts.premises import models as premises
from accounts.refunds import models as refunds
from accounts.seals import models as seals
from accounts.searches import models as searches
from accounts.staff import models as staff
from accounts.utilities import models as utilities
from payments.attempts import models as attempts
from payments.bank_deposits import models as bank_deposits
from payments.bank_statements import models as bank_statements
from payments.baskets import models as baskets
from payments.closings import models as closings
from payments.drawers import models as drawers
from payments.findings import models as findings
from payments.journal_exports import models as journal_exports
from payments.lockboxes import models as lockboxes
from payments.mail_batches import models as mail_batches
from payments.manual_receipts import models as manual_receipts
from payments.moves import models as moves
from payments.no_sales import models as no_sales
from payments.pay_links import models as pay_links
from payments.payouts import models as payouts
from payments.posting import models as posting
from payments.receipts import models as receipts
from payments.remittances import models as remittances
from payments.reports import models as reports
from payments.returned_payments import models as returned_payments
from payments.reversals import models as reversals
from payments.sales import models as sales
from payments.suspense import models as suspense
from payments.sweeps import models as sweeps
from payments.turn_ins import models as turn_ins
from payments.webhooks import models as webhooks
from portal.identity.residents import models as residents
from portal.identity.staff import models as identity
from portal.messages_sent import models as messages_sent
from portal.training import models as training

__all__ = [
    "account_links",
    "actors",
    "approvals",
    "attempts",
    "audit",
    "bank_deposits",
    "bank_statements",
    "baskets",
    "bill_printings",
    "billing_runs",
    "cases",
    "cash_only",
    "charges",
    "citations",
    "cities",
    "closings",
    "consents",
    "contacts",
    "customer_accounts",
    "customer_changes",
    "customers",
    "documents",
    "drawers",
    "exceptions",
    "findings",
    "identity",
    "imports",
    "journal_exports",
    "ledger",
    "licenses",
    "lockboxes",
    "lookups",
    "mail_batches",
    "manual_receipts",
    "mergers",
    "message_choices",
    "messages_sent",
    "moves",
    "no_sales",
    "pauses",
    "pay_links",
    "payouts",
    "posting",
    "premises",
    "receipts",
    "refunds",
    "remittances",
    "reports",
    "residents",
    "returned_payments",
    "reversals",
    "sales",
    "seals",
    "searches",
    "staff",
    "suspense",
    "sweeps",
    "training",
    "turn_ins",
    "utilities",
    "webhooks",
]  # fmt: skip
metadata = Base.metadata
