"""Small pieces of SQL text that the macros are put together from."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chengxin.standards.text import BLANK_RANGES


@dataclass(frozen=True, slots=True)
class Macro:
    """One scalar macro: its name, its parameters as written, and the expression it stands for."""

    name: str
    parameters: str
    body: str

    def statement(self) -> str:
        """Write the statement that makes it."""
        return f"CREATE OR REPLACE TEMP MACRO {self.name}({self.parameters}) AS {self.body}"


def once(expression: str, variable: str, body: str) -> str:
    """Compute ``expression`` once and give it to ``body`` under a name.

    A lambda over a list of one is the only way to name a value inside an expression. It costs about 0.03 s a million
    values; DuckDB does not look into it for expressions that recur, so a guard inside it guards.
    """
    return f"list_transform([{expression}], lambda {variable}: {body})[1]"


def literal(text: str) -> str:
    """Write a text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def char_class(characters: str = "", ranges: Iterable[tuple[int, int]] = ()) -> str:
    """Write the inside of an RE2 character class, with every character as a code point: nothing to escape."""
    spans = [*((ord(character), ord(character)) for character in characters), *ranges]
    return "".join(
        f"\\x{{{first:X}}}-\\x{{{last:X}}}" if first < last else f"\\x{{{first:X}}}" for first, last in spans
    )


BLANK_CLASS = char_class(ranges=BLANK_RANGES)


def matches(value: str, pattern: str) -> str:
    """Ask for a full match."""
    return f"regexp_full_match({value}, {literal(pattern)})"


def contains_any(value: str, inside: str) -> str:
    """Ask whether any character of a class occurs."""
    return f"regexp_matches({value}, {literal(f'[{inside}]')})"


def no_run(value: str) -> str:
    """Ask that a code is not one character repeated: such runs are fillers, and some have a right check character."""
    return f"{value} <> repeat({value}[1], strlen({value}))"
