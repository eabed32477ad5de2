"""Every kind of act that may need a second person, put together: the one mapping that pages and jobs hand on."""

from __future__ import annotations

from accounts.adjustments.service import Adjusting, Waiving
from accounts.approvals.acts import Act, Acts
from accounts.cities.queries import RulingCity
from accounts.fees.service import PostingFees
from accounts.mergers.service import MergerAct
from accounts.refunds.service import Refunding
from accounts.releases.service import Releasing
from payments.moves.service import Moving
from payments.reversals.service import Voiding
from payments.suspense.service import Identifying
from payments.terms import move_terms, reversal_terms, suspense_terms
from portal.wiring import Wiring


def acts_of(wired: Wiring) -> Acts:
    """The acts under the city that rules now; made for a request, like everything that depends on it."""
    return acts_under(wired.city())


def acts_under(ruling: RulingCity) -> Acts:
    """The acts under one release of the city."""
    acts: tuple[Act, ...] = (  # type: ignore[type-arg]
        Adjusting(ruling),
        Identifying(suspense_terms(ruling.city)),
        MergerAct(),
        Moving(move_terms(ruling.city)),
        PostingFees(ruling),
        Refunding(ruling),
        Releasing(),
        Voiding(reversal_terms(ruling.city)),
        Waiving(ruling),
    )
    return {act.kind: act for act in acts}
