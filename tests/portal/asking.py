"""Requests that residents have handed in, so that a test of pages begins where people work on them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from accounts.account_links.service import link
from accounts.actors.models import ActorKind
from accounts.actors.service import actor_id
from accounts.cases import asking, handing_in
from accounts.cases.asking import Asker
from accounts.database import transaction
from accounts.documents.rules import Sent
from tests.accounts.documents.test_documents import PAGE
from tests.portal.scene import Known, Scene


def stop(scene: Scene) -> dict[str, str]:
    """Answers of who leaves in eight days."""
    last = scene.today + timedelta(days=8)
    return {"stop_on": last.isoformat(), "forwarding_address": "9 Oak Road, Fresno, CA 93701", "reason": "Off <away>"}


def resident(scene: Scene, name: str = "ana") -> int:
    """An actor who is a resident."""
    with transaction(scene.sessions) as session:
        return actor_id(session, f"resident:{name}", ActorKind.RESIDENT, name.title())


def linked(scene: Scene, known: Known, name: str = "ana") -> int:
    actor = resident(scene, name)
    link(scene.sessions, actor, known.id, "bill_code", now=scene.clock.now())
    return actor


def handed_in(
    scene: Scene,
    known: Known | None,
    kind: str,
    answers: Mapping[str, Any],
    *papers: str,
    language: str = "en",
    name: str = "ana",
) -> int:
    """A request as the city gets it; its id."""
    desk, actor = scene.wired.case_desk(), resident(scene, name)
    account = known.id if known else None
    case = asking.begin(desk, Asker(actor, language=language), kind, account)
    asking.keep_answers(desk, case, answers)
    for paper in papers:
        asking.add_document(desk, scene.wired.documents(), case, paper, Sent("lease.pdf", PAGE), actor_id=actor)
    handing_in.submit(desk, case)
    return case


def bill_of(scene: Scene, known: Known) -> int:
    """A bill that was sent three days ago."""
    scene.run_as_owner(
        """INSERT INTO bills (customer_account_id, number, billed_on, due_on, delinquent_on, source_system)
           VALUES (:account, :number, :on, :on, :on, 'ventanilla')""",
        account=known.id, number=f"B-{known.id}", on=scene.today - timedelta(days=3),
    )  # fmt: skip
    return int(scene.scalar("SELECT max(id) FROM bills"))
