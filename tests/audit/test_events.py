"""The catalogue of events is complete: nothing is written that it does not list, nothing listed that nobody writes."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import chengxin
from chengxin.audit.events import EVENTS, known

SOURCE = Path(chengxin.__file__).parent


@dataclass(frozen=True)
class Call:
    """One call of `audit.actions.record`: the words its action can be (`x.*` where it ends in data), and its fields."""

    where: str
    actions: tuple[str, ...]
    fields: tuple[str, ...]
    open: bool


@cache
def calls() -> list[Call]:
    return [call for path in sorted(SOURCE.rglob("*.py")) for call in _calls(path)]


def _calls(path: Path) -> Iterator[Call]:
    tree = ast.parse(path.read_text("utf-8"))
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module == "chengxin.audit.actions"
        for alias in node.names if alias.name == "record"
    }  # fmt: skip
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            where = f"{path.relative_to(SOURCE)}:{node.lineno}"
            fields = tuple(k.arg for k in node.keywords if k.arg)
            yield Call(where, tuple(_words(node.args[1], where)), fields, len(fields) < len(node.keywords))


def _words(node: ast.expr, where: str) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _words(node.body, where)
        yield from _words(node.orelse, where)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield f"{node.values[0].value}*"
    else:
        raise AssertionError(f"{where}: the action must be written out, or begin with its family")


def test_the_source_is_read() -> None:
    assert len(calls()) > 15
    assert any(action.endswith("*") for call in calls() for action in call.actions)


def test_every_act_that_is_written_is_in_the_catalogue() -> None:
    missing = [(c.where, a) for c in calls() for a in c.actions if known(a) is None]
    assert not missing, f"audit/events.py does not list {missing}"


def test_every_act_of_the_catalogue_is_written_somewhere() -> None:
    written = {action for call in calls() for action in call.actions}
    unwritten = [action for action in EVENTS if action not in written]
    assert not unwritten, f"nobody writes {unwritten}; take them out of audit/events.py"


def test_details_hold_what_the_catalogue_says() -> None:
    wrong = []
    for call in calls():
        for action in call.actions:
            what = known(action)
            if what is not None and not what.open:
                wrong += [(call.where, action, f) for f in call.fields if f not in what.fields]
                wrong += [(call.where, action, "**")] if call.open else []
    assert not wrong


def test_every_act_has_a_meaning_in_plain_chinese() -> None:
    assert all(any("一" <= c <= "鿿" for c in what.meaning) for what in EVENTS.values())
