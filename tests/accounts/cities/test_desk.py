"""How the counter works is the city's: its lists are checked as its rates are."""

from __future__ import annotations

from pathlib import Path

import pytest

from accounts.cities.desk import choice
from accounts.cities.folder import CityInvalid, read_folder
from accounts.cities.rules import City
from tests.factories import DAY


def test_the_lists_of_a_day(city: City) -> None:
    policy = city.desk_policy(DAY)
    assert {one.code for one in policy.channels} == {"phone", "counter", "mail", "e-mail", "text", "fax", "visit"}
    assert [one.code for one in policy.verifications if not one.proves] == ["not-verified"]
    assert [one.code for one in policy.seniors()] == ["seniors"]
    found = choice(policy.topics, "leak")
    assert found is not None
    assert found.name.in_("es") == "Fuga o consumo alto"
    assert choice(policy.topics, "weather") is None
    assert policy.division("nowhere") is None


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('code = "fax"', 'code = "phone"', "phone stands there twice"),
        (", proves = false", "", "somebody was not verified"),
        (", takes_escalations = true", "", "no division takes escalations"),
        ('"escrow-papers", "trustee-deed"]', '"trust-me"]', "there is no document 'trust-me'"),
        ('es = "Ventanilla"', 'fr = "Guichet"', "no words in 'es'"),
        ("old_name_days = 90", "old_name_days = -1", "greater than or equal to 0"),
        ('code = "leak"', 'code = "Leak!"', "match pattern"),
    ],
)
def test_a_mistake_is_named(folder: Path, before: str, after: str, said: str) -> None:
    path = folder / "desk.toml"
    words = path.read_text()
    assert before in words
    path.write_text(words.replace(before, after, 1))
    with pytest.raises(CityInvalid, match=said) as caught:
        read_folder(folder)
    assert all(problem.file == "desk.toml" for problem in caught.value.problems)
