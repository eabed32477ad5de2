"""A sale on the screen: its forms, what each of their buttons does, and the page that shows it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import redirect, render_template, request, url_for

from accounts.charges.rules import Allocated, allocate
from accounts.database import reading
from accounts.errors import DomainError
from accounts.money import ZERO, Money
from payments.collisions import service as collisions
from payments.collisions.queries import in_the_way
from payments.collisions.rules import PageStillOpen, Promised
from payments.drawers import queries as drawers
from payments.drawers.queries import DrawerView
from payments.drawers.rules import DrawerNotOpen
from payments.sales import queries as sales
from payments.sales import service
from payments.sales.drafts import Draft
from payments.sales.owing import OwingAccount, owing
from payments.sales.rules import NotPaidInFull, SaleView, check_tender
from payments.sales.service import Saving, Take, Taken
from portal.forms.window import AddForm, ItemForm, ParkForm, TakeForm, TenderForm, amounts_form
from portal.i18n import gettext as _
from portal.i18n import locale_code, money_text
from portal.languages import offered
from portal.messages import sentence
from portal.staff import window_finding as finding
from portal.staff import window_steps as steps
from portal.staff.blueprint import may_see, staff_user, was_sent
from portal.staff.done import say
from portal.staff.drawers import Answer
from portal.staff.kept_forms import kept_here
from portal.staff.lists import link_to
from portal.staff.slips import taken_page
from portal.wiring import wiring
from portal.words.city_names import till_name

_UNPROCESSABLE = 422


class Forms:
    """The forms of a sale, of which one was sent."""

    def __init__(self, sale: SaleView, drawer: DrawerView | None) -> None:
        self.sale, self.drawer = sale, drawer
        self.accounts = accounts_of(sale)
        kept = kept_here()
        self.add, self.item, self.tender = AddForm(kept=kept), ItemForm(kept=kept), TenderForm(kept=kept)
        self.park, self.take = ParkForm(kept=kept), TakeForm(kept=kept)
        self.amounts = amounts_form(self.accounts, kept=kept)
        self.catalog = wiring().city().city.catalog(wiring().clock.today())
        self.item.offer(self.catalog)
        self.candidates: tuple[Any, ...] = ()
        self.sent: Any = self.take

    @property
    def draft(self) -> Draft:
        return self.sale.draft

    def answer(self) -> Answer:
        """Do what the button says."""
        pressed = request.form.get("step", "")
        act, _dash, rest = pressed.partition("-")
        acts: dict[str, tuple[Any, Callable[[], Answer | None]]] = {
            "add": (self.add, self._add),
            "item": (self.item, self._item),
            "tender": (self.tender, self._tender),
            "park": (self.park, self._park),
            "take": (self.take, self._take),
            "exact": (self.take, self._take),
        }
        if act in acts:
            self.sent, do = acts[act]
        else:
            self.sent = self.amounts if act in {"amounts", "total", "past", "given"} else self.take
            do = {"drop": self._drop, "remove": lambda: self._remove(rest)}.get(act, lambda: self._amounts(pressed))
        if self.sent.validate():
            try:
                done = do()
            except DomainError as refusal:
                self._refuse(refusal)
                if self.sale.receipt_id is not None:  # the same form, sent a second time in the same moment
                    return redirect(url_for("staff.slips_show", receipt_id=self.sale.receipt_id), 303)
            else:
                if done is not None:
                    return done
        return sale_page(self.sale, self.drawer, self)

    def _refuse(self, refusal: DomainError) -> None:
        with reading(wiring().sessions) as session:
            self.sale = sales.sale_by_id(session, self.sale.id) or self.sale
            self.accounts = accounts_of(self.sale)
        self.take.beside.data = ",".join(refusal.attempts) if isinstance(refusal, PageStillOpen) else ""
        words = sentence(refusal)
        if isinstance(refusal, NotPaidInFull):
            words = _("%(amount)s is still missing. Nothing was taken.", amount=money_text(self.draft.missing))
        self.sent.refuse(words, why=type(refusal).__name__)

    def _add(self) -> Answer | None:
        picked = request.form.get("pick", "")
        found = (
            finding.Found(int(picked)) if picked.isascii() and picked.isdigit() else finding.find(self.add.scan.data)
        )
        self.candidates = found.candidates
        if found.account_id is None:
            if not found.candidates:
                self.add.refuse(_("No account fits. Type it another way, or look for the name."), "scan")
            return None
        more = read_owing([found.account_id])
        if not more:
            self.add.refuse(_("No account fits. Type it another way, or look for the name."), "scan")
            return None
        finding.note_looks([more[0].id])
        return self._saved(steps.with_account(self.draft, finding.first_line(more[0], found.asked)))

    def _amounts(self, pressed: str) -> Answer | None:
        return self._saved(steps.with_amounts(self.draft, self.accounts, self.amounts, pressed))

    def _item(self) -> Answer | None:
        item = next((one for one in self.catalog if one.code == self.item.item.data), None)
        if item is None:
            return None
        if item.unit is None and not self.item.price.data:
            self.item.refuse(_("Enter the amount."), "price")
            return None
        if item.needs_project and not self.item.project.data:
            self.item.refuse(_("Choose a project for this item."), "project")
            return None
        quantity = self.item.quantity.data or 1
        project = self.item.project.data if item.projects else ""
        return self._saved(steps.with_item(self.draft, item, quantity, self.item.price.data, project))

    def _tender(self) -> Answer | None:
        draft = steps.with_tender(self.draft, self.tender)
        for line in draft.tenders:
            check_tender(line)
        return self._saved(draft)

    def _remove(self, which: str) -> Answer | None:
        what, _dash, place = which.partition("-")
        if what not in {"accounts", "items", "tenders"} or not place.isdigit():
            return None
        return self._saved(steps.without(self.draft, what, int(place)))

    def _park(self) -> Answer | None:
        service.park(wiring().sale_desk(), staff_user().authority, self.sale.id, self.park.note.data)
        say(_("The sale is put aside: %(note)s.", note=self.park.note.data), "info")
        return redirect(url_for("staff.window_show"), 303)

    def _drop(self) -> Answer | None:
        service.give_up(wiring().sale_desk(), staff_user().authority, self.sale.id)
        say(_("The sale is given up. Nothing was taken."), "info")
        return redirect(url_for("staff.window_show"), 303)

    def _take(self) -> Answer | None:
        parts, by = wiring(), staff_user().authority
        draft = self.draft
        if request.form.get("step") == "exact":
            draft = steps.with_given(draft, steps.without_cash(draft).missing)
        elif self.take.given.raw_text is not None:
            draft = steps.with_given(draft, self.take.given.data)
        self.sale = service.save(parts.sale_desk(), by, self._saving(draft))
        if self.drawer is None or self.drawer.state != "open":
            raise DrawerNotOpen("no drawer is open", state="none")
        told = frozenset(int(one) for one in (self.take.told.data or "").split(",") if one.isdigit())
        taken: Taken = collisions.take(
            parts.counter(),
            by,
            Take(self.sale.id, self.drawer.id, told, steps.owed_of(self.take.owed.data), version=self.sale.version),
            knowing=(self.take.beside.data or "").split(",") if self.take.knowingly.data else (),
        )
        was_sent()
        return taken_page(taken, self.drawer, had_cash=bool(draft.cash))

    def _saved(self, draft: Draft) -> Answer:
        service.save(wiring().sale_desk(), staff_user().authority, self._saving(draft))
        return redirect(url_for("staff.window_sale", sale_id=self.sale.id), 303)

    def _saving(self, draft: Draft) -> Saving:
        """As the screen has it; ``version`` is the one that it showed."""
        asked = request.form.get("language", "")
        language = asked if asked in offered() else self.sale.language
        return Saving(self.sale.form_key, draft, language, self.sale.note, _number(request.form.get("version")))


def accounts_of(sale: SaleView) -> list[OwingAccount]:
    """The accounts of a sale as they stand now."""
    return read_owing([line.customer_account_id for line in sale.draft.accounts])


def read_owing(account_ids: list[int]) -> list[OwingAccount]:
    parts = wiring()
    with reading(parts.sessions) as session:
        return owing(session, account_ids, parts.clock.today(), parts.clock.now(), **may_see(staff_user()))


def sale_page(sale: SaleView, drawer: DrawerView | None, forms: Forms | None = None) -> Answer:
    """The sale as it stands, with what is owed, what is on its way, and the change."""
    forms = forms or Forms(sale, drawer)
    parts, draft = wiring(), sale.draft
    forms.take.language.data = sale.language
    if forms.sent is not forms.take or not forms.take.errors:
        given = steps.given_of(draft)
        forms.take.given.data = given or None
        forms.take.given.raw_text = str(given) if given else ""
    forms.take.told.data = ",".join(str(one.id) for account in forms.accounts for one in account.on_its_way)
    forms.take.owed.data = steps.owed_text(forms.accounts)
    city = parts.city().city
    lines = [
        (line, account, _met(account, line.amount, line.targets))
        for line in draft.accounts
        for account in forms.accounts
        if account.id == line.customer_account_id
    ]
    for line, account, _allocated in lines:
        if not forms.amounts.errors:
            forms.amounts[f"amount_{account.id}"].data = line.amount
            forms.amounts[f"amount_{account.id}"].raw_text = str(line.amount)
            forms.amounts[f"charges_{account.id}"].data = list(line.targets)
    names = {item.code: item.name.in_(locale_code()) for item in city.catalog_items}
    page = render_template(
        "staff/window/sale.html", sale=sale, draft=draft, forms=forms, form=forms.sent, lines=lines, names=names,
        drawer=drawer, till_name=till_name, candidates=forms.candidates, bare=steps.without_cash(draft),
        is_full=_is_full(drawer), policy=city.cash_policy(parts.clock.today()),
        holds=[a for a in forms.accounts if a.cash_only and a.id not in sale.overridden],
        by_check=any(line.kind == "check" for line in draft.tenders),
        links_out=_links_out(draft),
        links={account.id: _link(sale, account, line.amount) for line, account, _allocated in lines},
    )  # fmt: skip
    return page, _UNPROCESSABLE if forms.sent.errors else 200


def _links_out(draft: Draft) -> list[Promised]:
    """Links to pay the same, by which nobody has gone on yet: taking the money withdraws them."""
    sold, parts = {line.customer_account_id: line.amount for line in draft.accounts}, wiring()
    with reading(parts.sessions) as session:
        return [one for one in in_the_way(session, sold, parts.clock.now()) if not one.attempt_id]


def _link(sale: SaleView, account: OwingAccount, amount: Money) -> str:
    """Where a link for what is missing is sent to the customer's own telephone; nothing where nothing is."""
    rest = min(amount, sale.draft.missing)
    if rest <= ZERO:
        return ""
    return link_to("pay_links_new", reference=account.reference, sale=sale.id, amount=rest.cents)


def _met(account: OwingAccount, amount: Any, targets: tuple[int, ...]) -> Allocated:
    """Which charges the money would meet now."""
    parts = wiring()
    return allocate(amount, account.charges, parts.sale_desk().order(parts.clock.today()), targets)


def _is_full(drawer: DrawerView | None) -> bool:
    """Whether the drawer holds more cash than the city wants; how much it holds is not told."""
    if drawer is None:
        return False
    parts = wiring()
    policy = parts.city().city.cash_policy(parts.clock.today())
    with reading(parts.sessions) as session:
        return drawers.contents(session, [drawer.id])[drawer.id].cash > policy.warn


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdigit() else None
