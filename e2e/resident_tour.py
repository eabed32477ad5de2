"""The pages of residents, one after the other: of somebody who has lived here for years, and of somebody new."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext

from accounts.cases import asking, handing_in
from accounts.cases import service as cases
from accounts.cases.asking import Asker
from accounts.documents.rules import Sent
from demo.residents import move_in
from e2e.clerks import Clerk
from e2e.window import Window
from portal.identity.residents.cookies import NAME
from tests.accounts.counter import person
from tests.accounts.documents.test_documents import photo
from tests.portal.resident.people import PASSWORD, signed_in
from tests.portal.scene import Scene

WIDTHS = {"phone": (360, 740), "desk": (1280, 860)}
FULL = {"en": "grace.kim@example.com", "es": "maria.lopez@example.com"}
NEW = {"en": "new@example.com", "es": "nueva@example.com"}
OPEN = ("sign-in", "sign-in/link", "register", "mail-sent", "sign-in/ended")
OWN = (
    "", "accounts/add", "accounts/add-many", "payments", "messages", "messages/number", "messages/sent", "requests",
    "requests/new",
    "your-sign-in", "your-sign-in/password", "your-sign-in/app", "your-sign-in/e-mail", "your-sign-in/passkeys/new",
)  # fmt: skip
OF_ACCOUNT = ("", "/bill", "/name", "/people", "/people/new", "/paper", "/level", "/remove")
EMPTY = ("", "payments", "messages", "messages/sent", "requests", "requests/new", "your-sign-in")


@dataclass(frozen=True)
class Home:
    """What somebody has whose pages are full: an account, a request that is not sent, one that waits for them."""

    account: str
    draft: int
    waiting: int


def let_in(window: Window) -> None:
    """The residents of the demonstration."""
    assert window.scene is not None
    move_in(window.scene.sessions, window.scene.clock, window.state)


def furnish_home(window: Window, language: str) -> Home:
    """They have asked for two things, and the city asks back."""
    scene = window.scene
    assert scene is not None
    began = signed_in(scene.sessions, scene.clock, FULL[language], lang=language, password=PASSWORD)
    wanted = """SELECT a.id, a.reference FROM account_links l JOIN customer_accounts a ON a.id = l.customer_account_id
                 WHERE l.actor_id = :actor AND l.ended_at IS NULL AND a.kind = 'utility' ORDER BY a.id LIMIT 1"""
    (home,) = scene.rows(wanted, actor=began.actor_id)
    return Home(home.reference, *_asks(scene, began.actor_id, home.id, language))


def _asks(scene: Scene, actor: int, account: int, language: str) -> tuple[int, int]:
    desk = scene.wired.case_desk()
    draft = asking.begin(desk, Asker(actor, language=language), "stop-service", account)
    paper = Sent("IMG_2041.jpg", photo())
    asking.add_document(desk, scene.wired.documents(), draft, "escrow-papers", paper, actor_id=actor)
    waiting = asking.begin(desk, Asker(actor, language=language), "bill-question", account)
    why = {"en": "Why is it twice as high as last year?", "es": "¿Por qué es el doble que el año pasado?"}
    asking.keep_answers(desk, waiting, {"question": why[language]})
    handing_in.submit(desk, waiting)
    clerk = person(scene.sessions, "clerk")
    version = "SELECT version FROM cases WHERE id = :case"
    cases.take(desk, clerk, waiting, seen=scene.scalar(version, case=waiting))
    back = {"en": "Was anybody at home that month?", "es": "¿Hubo alguien en casa ese mes?"}
    cases.ask(desk, clerk, waiting, back[language], seen=scene.scalar(version, case=waiting))
    return draft, waiting


def resident_pictures(window: Window, browser: Browser, folder: Path, language: str) -> None:
    """Everything in one language, at both widths."""
    home = furnish_home(window, language)
    account, request = f"accounts/{home.account}", "requests/{}".format
    full = [
        *OWN, *(f"{account}{page}" for page in OF_ACCOUNT), request(home.waiting),
        f"{request(home.waiting)}/withdraw",
        *(f"{request(home.draft)}/{page}" for page in ("pages/1", "documents", "check")),
    ]  # fmt: skip
    for width, size in WIDTHS.items():
        for who, email, paths in (
            ("guest", "", OPEN), ("full", FULL[language], full), ("new", NEW[language], EMPTY),
        ):  # fmt: skip
            context = browser.new_context(viewport={"width": size[0], "height": size[1]})
            context.add_cookies([{"name": "language", "value": language, "url": window.url}])
            if email:
                comes_in(window, context, email, language)
            tab = Clerk.sits_down(window, context, language)
            for number, path in enumerate(paths, 1):
                tab.page.goto(f"{window.url}/my/{path}".rstrip("/"))
                name = path.replace(home.account, "account").replace("/", "-") or "home"
                picture = folder / f"my-{width}-{language}-{who}-{number:02d}-{name}.png"
                tab.page.screenshot(path=str(picture), full_page=True, animations="disabled")
            context.close()


def comes_in(window: Window, context: BrowserContext, email: str, language: str) -> None:
    """The browser of a resident who signed in a moment ago."""
    assert window.scene is not None
    began = signed_in(window.scene.sessions, window.scene.clock, email, lang=language)
    context.add_cookies([{"name": NAME, "value": began.token, "url": window.url}])
