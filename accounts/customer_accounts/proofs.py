"""The forms in which people give a proof that they have in front of them."""

from __future__ import annotations

import re
from collections.abc import Iterator

from accounts.customer_accounts.rules import proof_key as compared

SHORTEST_PROOF = 2
_NOT_LETTERS = re.compile(r"[\W\d_]+")
_LEGAL_FORM = re.compile(r"[\s,]+(?:l\.?l\.?c|inc|corp|co|l\.?l\.?p|l\.?p|ltd|p\.?c)\.?\s*$", re.IGNORECASE)


def proof_forms(kind: str, proof: str) -> Iterator[str]:
    """The texts under which a proof is accepted: of two last names either one too, of a ZIP the first five digits,
    of a business name also the one without ``LLC`` and the like."""
    forms = [proof]
    if kind == "last_name":
        forms += _NOT_LETTERS.split(proof)
    elif kind == "business_name":
        forms.append(_LEGAL_FORM.sub("", proof))
    elif kind == "zip":
        forms = [proof[:5]]
    return (form for form in forms if len(form if form.isalnum() else compared(form)) >= SHORTEST_PROOF)
