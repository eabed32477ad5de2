"""The levers of the control API that move the processor's balance: odd movements, failing and unusual payouts."""

from __future__ import annotations

from werkzeug.wrappers import Response as AnyResponse

from sandbox import money
from sandbox.control import attempt, blueprint, given
from sandbox.pages import current_courier, current_world
from sandbox.store import Json


@blueprint.post("/movements")
def make_movement() -> AnyResponse:
    """Books a movement of any of the processor's types, without a source: ``type``, ``amount``, ``fee``."""

    def step() -> Json:
        world, wanted = current_world(), given()
        known = world.shapes.schemas["balance_transaction"]["properties"]["type"]["enum"]
        kind = str(wanted["type"])
        if kind not in known:
            raise ValueError(f"{kind} is not a type of balance transaction.")
        with world.store.transaction():
            return money.book(world, kind, None, int(wanted["amount"]), fee=int(wanted.get("fee") or 0))

    return attempt(step)


@blueprint.post("/payouts/fail")
def fail_payout() -> AnyResponse:
    """Lets a payout fail, also after it was paid: ``payout``, ``failure_code``."""

    def step() -> Json:
        world, wanted = current_world(), given()
        with current_courier().before_the_answer(), world.store.transaction():
            return money.fail_payout(
                world, str(wanted["payout"]), str(wanted.get("failure_code") or "account_closed")
            )

    return attempt(step)


@blueprint.post("/payouts/by-hand")
def pay_out_by_hand() -> AnyResponse:
    """Pays out what is available, as if somebody had asked for it."""

    def step() -> Json:
        world = current_world()
        with current_courier().before_the_answer(), world.store.transaction():
            return money.pay_out_by_hand(world)

    return attempt(step)


@blueprint.post("/payouts/debits")
def allow_debits() -> AnyResponse:
    """Lets payouts take from the bank (``allowed``: yes or no) what the balance lacks."""

    def step() -> Json:
        answer = "yes" if given().get("allowed") in (True, "yes") else "no"
        current_world().store.set_setting(money.DEBITS_BANK, answer)
        return {"allowed": answer}

    return attempt(step)
