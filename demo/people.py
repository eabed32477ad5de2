"""Made-up people, businesses and streets. Telephone numbers (555-01xx) ring nowhere; example.com takes no mail."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from random import Random

CITY, STATE, ZIP_CODE = "Río Claro", "CA", "95399"
HISPANIC_SHARE, SPANISH_AMONG_THEM = 0.52, 0.58
"""So that about three accounts in ten ask for Spanish."""

_HISPANIC_FIRST = (
    "María", "José", "Guadalupe", "Luis", "Rosa", "Juan", "Carmen", "Miguel", "Ana", "Francisco", "Elena", "Jesús",
    "Lucía", "Carlos", "Verónica", "Ramón", "Teresa", "Héctor", "Silvia", "Arturo", "Leticia", "Raúl", "Marisol",
    "Ernesto", "Patricia", "Gilberto", "Yolanda", "Óscar", "Esperanza", "Rubén",
)  # fmt: skip
_HISPANIC_LAST = (
    "García", "Hernández", "López", "Martínez", "González", "Rodríguez", "Pérez", "Sánchez", "Ramírez", "Torres",
    "Flores", "Rivera", "Gómez", "Díaz", "Reyes", "Morales", "Cruz", "Ortiz", "Gutiérrez", "Chávez", "Ramos",
    "Ruiz", "Mendoza", "Vásquez", "Castillo", "Jiménez", "Núñez", "Salazar", "Aguilar", "Delgado", "Peña", "Ibarra",
)  # fmt: skip
_OTHER_FIRST = (
    "James", "Linda", "Robert", "Susan", "Michael", "Karen", "David", "Nancy", "William", "Donna", "Thomas", "Grace",
    "Kevin", "Priya", "Brian", "Mei", "Steven", "Angela", "Harpreet", "Diane", "Mark", "Joyce", "Daniel", "Tuyet",
    "George", "Helen", "Paul", "Ruth", "Anthony", "Simone",
)  # fmt: skip
_OTHER_LAST = (
    "Walker", "Bennett", "Olsen", "Singh", "Carter", "Nguyen", "Silva", "Brooks", "Patel", "Foster", "Hayes", "Kim",
    "Murphy", "Sandhu", "Bailey", "Tran", "Cooper", "Dutra", "Griffin", "Wong", "Russell", "Lindqvist", "Perkins",
    "Avila", "Coleman", "Fitzgerald", "Marsh", "Whitfield", "Holloway", "Sutter", "Ainsworth", "Prescott",
)  # fmt: skip
_STREETS = (
    "Alder Way", "Almendra Street", "Arroyo Drive", "Avenida del Río", "Bishop Lane", "Calle Encina", "Canal Street",
    "Cherry Blossom Court", "Clearwater Avenue", "Cosecha Street", "Cottonwood Drive", "Delta View Road",
    "El Molino Way",
    "Fairgrounds Road", "Ferry Street", "Garza Lane", "Granary Street", "Harvest Moon Drive", "Heron Court",
    "Isla Street", "Jacaranda Way", "Juniper Street", "La Loma Avenue", "Levee Road", "Linden Street",
    "Madrone Court",
    "Mariposa Lane", "Mesquite Drive", "Mission Oak Way", "Nogal Street", "North Plaza Way", "Olivo Avenue",
    "Orchard Park Drive", "Paloma Court", "Pecan Street", "Peach Tree Lane", "Puente Street", "Quail Hollow Drive",
    "Railroad Avenue", "Ranchero Way", "River Bend Road", "Rosedale Avenue", "Sauce Court", "Sierra Vista Drive",
    "South Plaza Way", "Sycamore Street", "Tule Lane", "Valle Verde Drive", "Vineyard Street", "Walnut Grove Avenue",
    "Water Tower Road", "West Depot Street", "Willow Creek Drive", "Zinfandel Way",
)  # fmt: skip
_TRADES = {
    "Residential rental": (("Properties", "Homes", "Rentals"), ("Casas {}", "Rentas {}")),
    "Contractor, specialty": (("Plumbing", "Electric", "Roofing", "Painting"), ("Plomería {}", "Pinturas {}")),
    "Contractor, general": (("Construction", "Builders"), ("Construcciones {}",)),
    "Home occupation": (("Bookkeeping", "Design", "Tutoring"), ("Costuras {}", "Servicios {}")),
    "Retail": (("Hardware", "Gifts", "Market", "Shoes"), ("Abarrotes {}", "Zapatería {}", "Novedades {}")),
    "Restaurant": (("Diner", "Grill", "Café"), ("Taquería {}", "Panadería {}", "Mariscos {}")),
    "Medical services": (("Dental", "Family Clinic", "Optometry"), ("Clínica {}",)),
    "Professional": (("Law Office", "Engineering", "Accounting"), ("Despacho {}",)),
    "Beauty salon": (("Salon", "Barbers"), ("Estética {}", "Peluquería {}")),
    "Business services": (("Cleaning", "Printing", "Security"), ("Limpieza {}", "Imprenta {}")),
    "Auto repair": (("Auto Repair", "Tires"), ("Taller {}", "Llantera {}")),
    "Manufacturing": (("Cabinets", "Packing", "Metal Works"), ("Empacadora {}",)),
    "Wholesale": (("Produce", "Supply"), ("Distribuidora {}",)),
    "Commercial rental": (("Plaza", "Business Park"), ("Plaza {}",)),
    "Massage": (("Massage", "Day Spa"), ("Masajes {}",)),
}
"""Business type → words of its names."""
_FORMS = ("LLC", "Inc.", "", "", "& Sons", "Co.")
_CODE_LETTERS = "ACDEFGHJKLMNPQRTUVWXY34679"
"""No letter or digit that is taken for another."""


@dataclass(frozen=True)
class Person:
    """Somebody who does not exist."""

    first: str
    last: str
    language: str
    email: str
    phone: str

    @property
    def name(self) -> str:
        return f"{self.first} {self.last}"


class Town:
    """Draws people, businesses and addresses; the same seed gives the same town."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)  # noqa: S311 - a town, not a secret
        self._addresses: set[str] = set()
        self._businesses: set[str] = set()

    def person(self) -> Person:
        chance = self.random
        if chance.random() < HISPANIC_SHARE:
            first, last = chance.choice(_HISPANIC_FIRST), chance.choice(_HISPANIC_LAST)
            if chance.random() < 0.25:
                last = f"{last} {chance.choice(_HISPANIC_LAST)}"
            language = "es" if chance.random() < SPANISH_AMONG_THEM else "en"
        else:
            first, last, language = chance.choice(_OTHER_FIRST), chance.choice(_OTHER_LAST), "en"
        return Person(first, last, language, self.email(first, last), self.phone())

    def business(self, kind: str, owner: Person) -> str:
        """A name that no other business of the town has."""
        chance = self.random
        english, spanish = _TRADES[kind]
        while True:
            other = chance.choice(_HISPANIC_FIRST + _OTHER_LAST + _HISPANIC_LAST)
            if owner.language == "es" or chance.random() < 0.15:
                name = chance.choice(spanish).format(other)
            else:
                name = " ".join(filter(None, (other, chance.choice(english), chance.choice(_FORMS))))
            if name not in self._businesses:
                self._businesses.add(name)
                return name
            owner = self.person()

    def address(self, *, suite: bool = False) -> str:
        """A street address that nothing else has."""
        chance = self.random
        while True:
            line = f"{chance.randrange(100, 9900)} {chance.choice(_STREETS)}"
            if suite and chance.random() < 0.3:
                line += f", Suite {chance.randrange(1, 40)}"
            if line not in self._addresses:
                self._addresses.add(line)
                return line

    def street(self) -> str:
        return f"{self.random.randrange(1, 99) * 100} {self.random.choice(_STREETS)}"

    def phone(self) -> str:
        return f"209-555-01{self.random.randrange(100):02d}"

    def email(self, *names: str) -> str:
        """An address in a domain that RFC 2606 keeps from everybody; one in six has none."""
        if self.random.random() < 1 / 6:
            return ""
        plain = unicodedata.normalize("NFKD", ".".join(names)).encode("ascii", "ignore").decode()
        words = "".join(c if c.isalnum() else "." for c in plain.lower())
        return f"{words}{self.random.randrange(1000)}@example.{self.random.choice(('com', 'org'))}"

    def code(self) -> str:
        """The code on a bill: eight letters and digits."""
        return "".join(self.random.choices(_CODE_LETTERS, k=8))

    def plate(self) -> str:
        letters = "".join(self.random.choices("ABCDEFGHJKLMNPRSTUVWXYZ", k=3))
        return f"{self.random.randrange(4, 10)}{letters}{self.random.randrange(1000):03d}"
