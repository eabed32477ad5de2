"""A window with people at it, for tests of its pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.customer_accounts.scan_lines import Printed, write
from accounts.money import Money
from tests.factories.window import FLOAT, Window
from tests.page_client import Page, PageClient
from tests.portal.scene import Known, Scene
from tests.portal.staff.files import desk_of
from tests.portal.staff.people import staff_of

LOOK = "See what is owed"
SPLIT_FLOAT = {5000: 1, 2000: 3, 1000: 5, 500: 4, 100: 20}
assert SPLIT_FLOAT == FLOAT


def pieces(counted: dict[int, int]) -> dict[str, str]:
    """What is typed into the rows of a count."""
    return {f"pieces_{value}": str(number) for value, number in counted.items()}


@dataclass
class Counter:
    """Rosa's open drawer, her screen, and the people who count after her."""

    scene: Scene
    window: Window
    rosa: PageClient
    drawer: int

    def scan_line(self, known: Known, cents: int) -> str:
        """Of a bill that asks this."""
        (layout, *_more) = self.scene.city.scan_layouts(self.scene.today)
        return write(layout, Printed(known.reference, Money(cents), due_on=self.scene.today))

    def look(self, known: Known, given: str = "", *, client: PageClient | None = None) -> Page:
        """Scan and look: the sale's page."""
        person = client or self.rosa
        person.get("/staff/window")
        line = self.scan_line(known, self.scene.balance(known).cents)
        return person.submit(LOOK, {"Scan line or number": line, "Cash handed over": given}, expect=200, budget=40)

    def sale(self) -> int:
        """The newest sale."""
        return int(self.scene.scalar("SELECT max(id) FROM sales"))

    def step(self, step: str, **fields: str) -> Page:
        """Press a button of the newest sale, with what its box has."""
        version = str(self.scene.scalar("SELECT version FROM sales WHERE id = :id", id=self.sale()))
        return self.press(step, version=version, **fields)

    def press(self, step: str, *, client: PageClient | None = None, **fields: str) -> Page:
        person = client or self.rosa
        data = {"csrf_token": token(person), "step": step, **fields}
        return person.post(f"/staff/window/sales/{self.sale()}", data, expect=None, budget=60)  # type: ignore[arg-type]

    def counts(self) -> dict[str, int]:
        """What a refused act leaves as it was."""
        tables = ("payments", "receipts", "journals", "payment_tenders", "drawer_movements", "drawer_counts")
        return {name: int(self.scene.scalar(f"SELECT count(*) FROM {name}")) for name in tables}


def token(client: PageClient) -> str:
    """The CSRF token of whoever is signed in there."""
    field = client.get("/staff/keys").soup.select_one('input[name="csrf_token"]')
    assert field is not None
    return str(field["value"])


def open_counter(scene: Scene) -> Counter:
    """A drawer of Rosa, open at till T1; she, Tomás and Sofía also have screens by those names."""
    rosa = staff_of(scene, "cashier", name="rosa")
    for name, role in (("tomas", "cashier"), ("sofia", "supervisor")):
        staff_of(scene, role, name=name)
    window = Window(desk_of(scene))
    return Counter(scene, window, rosa, window.open())


Opened = Callable[[], Counter]
