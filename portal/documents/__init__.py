"""Documents on paper: tagged PDFs (PDF/UA-1) set from ``templates/documents``, whose words come from the catalog."""

from portal.documents.deposit_slip import deposit_slip_pdf
from portal.documents.receipt import receipt_pdf

__all__ = ["deposit_slip_pdf", "receipt_pdf"]
