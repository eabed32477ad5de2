"""What is the same for every reader is rendered once; what is not does not compile as shared."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest
from jinja2 import DictLoader, Environment, TemplateSyntaxError

from portal.shared_parts import PortalEnvironment, SharedParts
from tests.portal.scene import Scene


def _environment(source: str) -> Environment:
    return Environment(loader=DictLoader({"page": source}), extensions=[SharedParts], autoescape=True)


def _shown(environment: Environment, **names: Any) -> str:
    given = {"city": "Río Claro", "locale_code": "en", "demo_mode": False, **names}
    return environment.get_template("page").render(given)


def test_a_part_is_rendered_once_for_each_language_and_city() -> None:
    asked: Counter[str] = Counter()

    def url_for(endpoint: str) -> str:
        asked[endpoint] += 1
        return f"/{endpoint}?a&b"

    page = _environment("{% shared %}<a href='{{ url_for('help') }}'>{{ locale_code }} {{ city }}</a>{% endshared %}")
    for _ in range(3):
        assert _shown(page, url_for=url_for) == "<a href='/help?a&amp;b'>en Río Claro</a>"
        assert _shown(page, url_for=url_for, locale_code="es") == "<a href='/help?a&amp;b'>es Río Claro</a>"
        assert _shown(page, url_for=url_for, city="<b>") == "<a href='/help?a&amp;b'>en &lt;b&gt;</a>"
    assert asked["help"] == 3


def test_a_part_is_kept_under_what_its_tag_names() -> None:
    page = _environment("{% shared labels, current %}{% for l in labels %}{{ l }}{{ loop.index == current }} {% endfor %}{% endshared %}")  # fmt: skip # noqa: E501
    assert _shown(page, labels=["a", "b"], current=1) == "aTrue bFalse "
    assert _shown(page, labels=["a", "b"], current=2) == "aFalse bTrue "
    assert _shown(page, labels=["a", "c"], current=2) == "aFalse cTrue "


@pytest.mark.parametrize(
    "body",
    ["{{ csrf_token() }}", "{{ form.number }}", "{{ session }}", "{% if request.args %}{% endif %}", "{{ g.client }}",
     "{{ form_open('/') }}", "{% for l in labels %}{{ l }}{% endfor %}", "{{ loop.index }}",
     "{{ url_for(page) }}", "{% set city = 1 %}{{ holder }}", "{{ _('Hello %(name)s', name=holder) }}"],
)  # fmt: skip
def test_what_belongs_to_one_reader_does_not_compile(body: str) -> None:
    with pytest.raises(TemplateSyntaxError, match="a shared part may not depend on"):
        _environment(f"{{% shared %}}{body}{{% endshared %}}").get_template("page")


def test_the_names_of_all_templates_lie_in_one_layer(scene: Scene) -> None:
    """Whichever extension asks for an environment first, it gets ours."""
    assert isinstance(scene.app.jinja_env, PortalEnvironment)
    assert type(scene.app.jinja_env.get_template("public/lookups/find.html").globals) is dict


def test_two_readers_share_no_token_and_see_their_own_language(scene: Scene) -> None:
    one, other, tercero = scene.guest("203.0.113.1"), scene.guest("203.0.113.2"), scene.guest("203.0.113.3", "es")
    tokens = {guest.get("/pay").soup.select_one("[name=csrf_token]")["value"] for guest in (one, other)}  # type: ignore[index]
    assert len(tokens) == 2
    assert "Main menu" in one.get("/pay").body.decode()
    assert "Main menu" not in tercero.get("/pay").body.decode()
    assert one.get("/pay").soup.select_one('.site-nav [aria-current="page"]').text == "Pay"  # type: ignore[union-attr]
    assert one.get("/help").soup.select_one('.site-nav [aria-current="page"]').text == "Help"  # type: ignore[union-attr]
