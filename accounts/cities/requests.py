"""What people may ask for in writing: questions, papers, sign-offs, the clock, and what follows a decision."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from accounts.cities.chart import AccountKind
from accounts.cities.desk import Choice, Code
from accounts.cities.staffing import Permission
from accounts.pricing.effective import Effective, breaks
from accounts.pricing.texts import Frozen, Text

QuestionKind = Literal["line", "words", "day", "yes_no", "choice", "money", "email", "phone", "bill"]
EffectCode = Literal[
    "none", "open-service", "close-service", "move-service", "change-name", "change-address", "correct-bill",
    "credit-leak", "hold-penalties", "refund-credit",
]  # fmt: skip
Stops = Literal["shut-off", "penalties"]
MediaType = Literal["application/pdf", "image/jpeg", "image/png", "image/heic"]
Days = Annotated[int, Field(ge=1, le=3650)]


class Question(Frozen):
    """One question, as it stands on a page. Its code names the answer for good."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")]
    kind: QuestionKind
    label: Text
    hint: Text | None = None
    required: bool = True
    most: Annotated[int, Field(ge=1, le=5000)] = 200
    """Characters of an answer in words."""
    choices: tuple[Choice, ...] = ()

    @model_validator(mode="after")
    def _has_choices_where_one_is_made(self) -> Self:
        if (self.kind == "choice") != bool(self.choices):
            raise ValueError(f"{self.code}: choices are for questions of kind choice, and each of those has some")
        return self


class QuestionPage(Frozen):
    """Questions that are asked together; each page is kept as it is left."""

    title: Text
    questions: Annotated[tuple[Question, ...], Field(min_length=1)]


class WantedDocument(Choice):
    """A paper that goes with a request."""

    hint: Text | None = None
    required: bool = False


class SignOffStep(Choice):
    """Somebody must have looked at it before it is decided."""

    permission: Permission = Permission.CASES_WORK


class Pause(Frozen):
    """What an open request stops on its account: until it is decided, or for so many calendar days at most."""

    stops: Stops
    most_days: Days | None = None
    words: Text
    """Why, as resident and staff read it."""


class ReplyTemplate(Choice):
    """Words to begin a reply with; ``{name}`` and ``{number}`` are filled in; all may be changed before it goes."""

    text: Text


class RequestPart(Choice):
    """One of several things that a form asks for at once: a case of its own, with its own clock and decision."""

    division: Code
    answer_within: Days
    effect: EffectCode
    questions: Annotated[tuple[str, ...], Field(min_length=1)]
    """Codes of the questions whose answers it takes along; more than one part may take the same."""
    documents: tuple[str, ...] = ()
    """Codes of the papers that go with it."""
    templates: tuple[str, ...] = ()


class RequestKind(Effective):
    """A kind of request in a time."""

    code: Code
    name: Text
    lead: Text
    """What it is for, in a sentence or two."""
    account_kinds: tuple[AccountKind, ...] = ()
    """It is about an account of one of these; none: about no account that is here yet."""
    pages: tuple[QuestionPage, ...] = ()
    documents: tuple[WantedDocument, ...] = ()
    sign_offs: tuple[SignOffStep, ...] = ()
    decided_with: Permission = Permission.CASES_DECIDE
    division: Code
    """Who has it first: a division of the desk policy."""
    answer_within: Days
    """Business days; the clock stands while the city waits for the resident."""
    effect: EffectCode = "none"
    pauses: tuple[Pause, ...] = ()
    file_within: Days | None = None
    """Calendar days after the bill that the answer of kind ``bill`` names was sent; late ones are refused."""
    once_in_days: Days | None = None
    """Per account: the next one only so many days after the last."""
    letter: bool = False
    """Whether the decision goes out as a letter."""
    next_step: Text | None = None
    """What somebody may do who does not agree with the decision; stands in the letter."""
    templates: tuple[ReplyTemplate, ...] = ()
    guests: bool = False
    """Whether somebody without a sign-in may ask for it, once the account is proved as in the look-up."""
    parts: tuple[RequestPart, ...] = ()
    """Handed in, it becomes one case for each of these; none: one case."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions, in the order in which they are asked."""
        return tuple(question for page in self.pages for question in page.questions)

    @property
    def needs_account(self) -> bool:
        return bool(self.account_kinds)

    def as_parts(self) -> tuple[RequestKind, ...]:
        """The kinds of the cases that it becomes: each with the questions, papers and replies of its part."""
        return tuple(self._as_part(part) for part in self.parts) or (self,)

    def _as_part(self, part: RequestPart) -> RequestKind:
        asked = (
            page.model_copy(update={"questions": tuple(one for one in page.questions if one.code in part.questions)})
            for page in self.pages
        )
        return self.model_copy(
            update={
                "name": part.name, "division": part.division, "answer_within": part.answer_within,
                "effect": part.effect, "parts": (), "pages": tuple(page for page in asked if page.questions),
                "documents": tuple(one for one in self.documents if one.code in part.documents),
                "templates": tuple(one for one in self.templates if one.code in part.templates),
            }
        )  # fmt: skip

    def question(self, code: str) -> Question | None:
        return next((question for question in self.questions if question.code == code), None)

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        for what, codes in (
            ("question", [question.code for question in self.questions]),
            ("document", [document.code for document in self.documents]),
            ("sign-off", [step.code for step in self.sign_offs]),
            ("template", [template.code for template in self.templates]),
        ):
            for code in codes:
                if codes.count(code) > 1:
                    raise ValueError(f"{self.code}: two {what}s are called {code}")
        bills = [question for question in self.questions if question.kind == "bill" and question.required]
        if self.file_within is not None and not bills:
            raise ValueError(f"{self.code}: file_within counts from a bill, and no question asks for one")
        if self.pauses and not self.account_kinds:
            raise ValueError(f"{self.code}: a pause is of an account, and it is about none")
        return self

    @model_validator(mode="after")
    def _leaves_nothing_out_of_its_parts(self) -> Self:
        if not self.parts:
            return self
        if self.effect != "none" or self.pauses or self.sign_offs or self.letter:
            raise ValueError(f"{self.code}: its parts say what follows, and have no pauses, sign-offs or letter")
        papers = [code for part in self.parts for code in part.documents]
        questions = {code for part in self.parts for code in part.questions}
        templates = {code for part in self.parts for code in part.templates}
        for what, known, taken in (
            ("question", {one.code for one in self.questions}, questions),
            ("document", {one.code for one in self.documents}, set(papers)),
            ("template", {one.code for one in self.templates}, templates),
        ):
            for code in sorted(known ^ taken):
                raise ValueError(f"{self.code}: {what} {code} is in no part, or a part names it that is not there")
        if len(papers) != len(set(papers)):
            raise ValueError(f"{self.code}: a paper goes with one part")
        return self


class DocumentPolicy(Effective):
    """What may be sent in, in a time."""

    types: Annotated[tuple[MediaType, ...], Field(min_length=1)]
    """By what a file is, whatever it is called. Photographs are drawn anew: what else was in the file is gone."""
    most_bytes: Annotated[int, Field(ge=100_000, le=20_000_000)]
    most_files: Annotated[int, Field(ge=1, le=50)]
    most_pixels: Annotated[int, Field(ge=1_000_000, le=200_000_000)] = 50_000_000
    longest_side: Annotated[int, Field(ge=800, le=10_000)] = 2600
    """Pixels that a photograph is kept with along its longer side."""


class DraftPolicy(Effective):
    """How long what was never handed in is kept, since somebody was last at it."""

    guest_days: Annotated[int, Field(ge=1, le=365)]
    """Of somebody without a sign-in, who comes back by a mailed link alone."""
    resident_days: Annotated[int, Field(ge=30, le=3650)]
    notice_days: Annotated[int, Field(ge=1, le=29)]
    """A resident is told so many days before."""


def kinds_on(kinds: Sequence[RequestKind], on: date) -> tuple[RequestKind, ...]:
    """Kinds in force on a day, in the order of the city's file."""
    return tuple(kind for kind in kinds if kind.covers(on))


def problems(
    kinds: Sequence[RequestKind], divisions: Sequence[frozenset[str]]
) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Versions of a kind follow each other; its division is known to every desk policy."""
    places: dict[str, list[int]] = {}
    for index, kind in enumerate(kinds):
        places.setdefault(kind.code, []).append(index)
        if not all(kind.division in known for known in divisions):
            yield ("request_kinds", index, "division"), f"there is no division {kind.division!r}"
    for indexes in places.values():
        for place, message in breaks([kinds[index] for index in indexes]):
            yield ("request_kinds", indexes[place], "valid_from"), message
