"""Names, streets and contacts of people who do not exist, as unevenly common as they are in life.

A few names are everybody's and most are almost nobody's (Zipf, flattened at the top: of a hundred people three are
called Maria and one is a Garcia). The rare ones are put together from syllables, so that a large city has as many
different words as it would have.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from random import Random

from accounts.premises.rules import address_key, plain

FLATTENED = 10
"""How flat the top is: the commonest of n names is borne by about log((10 + 1) / 10) / log((10 + n) / 10)."""
_FIRST = (
    "María", "José", "Juan", "Maria", "David", "Michael", "Luis", "Guadalupe", "Jennifer", "Robert", "Carlos", "Ana",
    "James", "Jesús", "Linda", "Rosa", "Miguel", "William", "Elena", "Francisco", "Verónica", "Daniel", "Teresa",
    "Manuel", "Lucía", "Joseph", "Antonio", "Susan", "Ramón", "Patricia", "Héctor", "Karen", "Priya", "Tuyet", "Mei",
)  # fmt: skip
_LAST = (
    "García", "Hernández", "López", "Martínez", "González", "Rodríguez", "Smith", "Pérez", "Nguyen", "Johnson",
    "Sánchez", "Ramírez", "Williams", "Torres", "Flores", "Singh", "Brown", "Rivera", "Gómez", "Díaz", "Reyes", "Lee",
    "Morales", "Cruz", "Ortiz", "Gutiérrez", "Chávez", "Ramos", "Ruiz", "Mendoza", "Vásquez", "Kaur", "Castillo",
    "Jiménez", "Núñez", "Peña", "Ibarra", "Tran", "O'Brien", "Walker", "Bennett", "Olsen", "Foster", "Whitfield",
)  # fmt: skip
_STARTS = (
    "Al", "An", "Bar", "Bel", "Bren", "Cal", "Car", "Cor", "Dal", "Del", "Dor", "El", "Far", "Fen", "Gal", "Gar",
    "Gres", "Hal", "Har", "Hol", "Is", "Jan", "Kar", "Kel", "Lan", "Lor", "Mal", "Mar", "Mon", "Nor", "Or", "Pal",
    "Per", "Quin", "Ral", "Ros", "San", "Sel", "Tam", "Tor", "Val", "Ver", "Wes", "Yar", "Zam",
)  # fmt: skip
_MIDDLES = (
    "a", "ba", "be", "bi", "ca", "co", "da", "de", "di", "e", "ga", "i", "la", "le", "li", "lo", "ma", "me", "mi",
    "na", "ne", "ni", "o", "ra", "re", "ri", "sa", "se", "ta", "te", "ti", "va",
)  # fmt: skip
_ENDS = (
    "bert", "brook", "dez", "dini", "don", "ford", "gan", "gren", "ham", "hurst", "kin", "land", "lera", "lin", "low",
    "man", "mont", "nell", "nova", "quist", "rado", "rez", "rico", "ro", "sen", "ski", "ston", "tero", "ton", "wick",
)  # fmt: skip
_ROADS = ("wood", "field", "view", "brook", "crest", "dale", "grove", "hill", "lake", "side", "mont", "vale", "haven")
_TYPES = ("Street", "Avenue", "Drive", "Court", "Lane", "Way", "Road", "Circle")
_TRADES = ("Plumbing", "Market", "Taquería", "Auto Repair", "Salon", "Dental", "Properties", "Construction", "Café")
_FORMS = ("LLC", "Inc.", "", "& Sons")


@dataclass(frozen=True)
class Household:
    """Who holds an account, where, and how to reach them. A business has no last name."""

    name: str
    last_name: str
    email: str
    phone: str
    address: str
    address_key: str


class Names:
    """Draws households; the same seed gives the same ones."""

    def __init__(self, seed: int = 7) -> None:
        self.random = Random(seed)
        made = [start + middle + end for start, middle, end in product(_STARTS, _MIDDLES, _ENDS)]
        self.random.shuffle(made)
        self.last = [*_LAST, *made]
        self.first = [*_FIRST, *(name for name in made[::29])]
        roads = [f"{start}{middle}{end}" for start, middle, end in product(_STARTS, ("", "a", "o"), _ROADS)]
        self.streets = [f"{road} {_TYPES[place % len(_TYPES)]}" for place, road in enumerate(roads)]
        self.random.shuffle(self.streets)

    def household(self, serial: int, *, is_business: bool) -> Household:
        """The holder of account ``serial``."""
        first, last = self.drawn(self.first), self.drawn(self.last)
        name = f"{first} {last}"
        if is_business:
            ending = f"{self.random.choice(_TRADES)} {self.random.choice(_FORMS)}".strip()
            name = f"{last} {ending}"
        elif self.random.random() < 0.2:
            name = f"{name} {self.drawn(self.last)}"
        address = f"{self.random.randrange(100, 9900)} {self.drawn(self.streets)}"
        if self.random.random() < 0.15:
            address += f", Apt {self.random.randrange(1, 40)}"
        return Household(
            name=name,
            last_name="" if is_business else last,
            email=f"{plain(first)}.{plain(last).replace(' ', '')}{serial}@example.org",
            phone=f"({self.random.choice(('209', '559'))}) {self.random.randrange(200, 1000)}-{serial % 10000:04d}",
            address=address,
            address_key=address_key(address),
        )

    def drawn(self, names: Sequence[str]) -> str:
        """One of them, the first ones much more often than the last ones."""
        place = FLATTENED * ((len(names) + FLATTENED) / FLATTENED) ** self.random.random() - FLATTENED
        return names[min(int(place), len(names) - 1)]
