"""On which line of a TOML text each value begins. The text must be valid: ``tomllib`` has read it before."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]

_TOKENS = re.compile(
    r'''(?P<string>"""(?:[^\\]|\\.)*?"{3,5}|\'\'\'.*?\'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*')'''
    r"""|(?P<comment>\#[^\n]*)|(?P<newline>\n)|(?P<space>[ \t\r]+)|(?P<mark>[\[\]{}=,])"""
    r"""|(?P<bare>[^\s\[\]{}=,"'\#]+)""",
    re.DOTALL,
)


class Token:
    """A piece of the text and its line, counted from 1."""

    __slots__ = ("kind", "line", "words")

    def __init__(self, kind: str, words: str, line: int) -> None:
        self.kind, self.words, self.line = kind, words, line


def lines_of(text: str) -> dict[Path, int]:
    """Path of every key, table and array item → line. The items of ``[[rates]]`` are ``("rates", 0)`` and so on."""
    return _Reader(_tokens(text)).read()


def _tokens(text: str) -> list[Token]:
    tokens, line = [], 1
    for match in _TOKENS.finditer(text):
        kind = match.lastgroup or ""
        if kind not in {"space", "comment"}:
            tokens.append(Token(kind, match[0], line))
        line += match[0].count("\n")
    return tokens


class _Reader:
    def __init__(self, tokens: list[Token]) -> None:
        self.tokens = [*tokens, Token("end", "", tokens[-1].line if tokens else 1)]
        self.at = 0
        self.lines: dict[Path, int] = {}
        self.counts: dict[Path, int] = {}

    def read(self) -> dict[Path, int]:
        table: Path = ()
        while self._next().kind != "end":
            if self._next().words == "[":
                table = self._heading()
            elif self._next().kind == "newline":
                self.at += 1
            else:
                self._pair(table)
        return self.lines

    def _next(self) -> Token:
        return self.tokens[self.at]

    def _take(self) -> Token:
        self.at += 1
        return self.tokens[self.at - 1]

    def _heading(self) -> Path:
        line = self._take().line
        many = self._next().words == "["
        self.at += many
        keys = self._key()
        self.at += 2 if many else 1
        path: Path = ()
        for key in keys[:-1]:
            self.lines.setdefault((*path, key), line)
            path = self._newest((*path, key))
        path = (*path, keys[-1])
        self.lines.setdefault(path, line)
        if many:
            index = self.counts.get(path, 0)
            self.counts[path] = index + 1
            path = (*path, index)
            self.lines[path] = line
        return path

    def _newest(self, path: Path) -> Path:
        """A heading below ``[[rates]]`` belongs to the newest of the rates."""
        return (*path, self.counts[path] - 1) if path in self.counts else path

    def _key(self) -> list[str]:
        keys: list[str] = []
        while self._next().kind in {"bare", "string"}:
            token = self._take()
            if token.kind == "string":
                keys.append(token.words[1:-1])
            else:
                keys += [part for part in token.words.split(".") if part]
        return keys

    def _pair(self, table: Path) -> None:
        line, path = self._next().line, table
        for key in self._key():
            path = (*path, key)
            self.lines.setdefault(path, line)
        self.at += 1  # the equals sign
        self._value(path)

    def _value(self, path: Path) -> None:
        self.lines.setdefault(path, self._next().line)
        opening = self._next().words
        if opening == "[":
            self._items(path)
        elif opening == "{":
            self._inline_table(path)
        else:
            while self._next().kind in {"bare", "string"}:
                self.at += 1

    def _items(self, path: Path) -> None:
        self.at += 1
        index = 0
        while self._next().words != "]":
            if self._next().kind == "newline" or self._next().words == ",":
                self.at += 1
                continue
            self._value((*path, index))
            index += 1
        self.at += 1

    def _inline_table(self, path: Path) -> None:
        self.at += 1
        while self._next().words != "}":
            if self._next().kind == "newline" or self._next().words == ",":
                self.at += 1
                continue
            self._pair(path)
        self.at += 1
