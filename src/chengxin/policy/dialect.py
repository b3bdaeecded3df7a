"""The small SQL in which a policy says what its named constraints cannot: parsed, whitelisted, written anew.

Only the regenerated text is ever executed (design.md section 6; trials.md 1.4: a whitelist without that let comments and
odd casts through). Functions are parsed without any meaning of their own, so that `add_months(d, 3)` stays our macro and
does not become sqlglot's idea of it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import Any, ClassVar

from sqlglot import exp
from sqlglot.dialects.duckdb import DuckDB
from sqlglot.errors import SqlglotError
from sqlglot.parsers.duckdb import DuckDBParser
from sqlglot.tokenizer_core import Token, TokenType

from chengxin.standards.sql import macro_names

MAX_LENGTH = 4000
MAX_WORDS = 400
MAX_DEPTH = 40
"""Limits of a text a person is to read; longer chains and deeper nesting would also exhaust the parser's stack."""

MACROS = frozenset(macro_names())
"""Macros of chengxin.standards.sql that a policy may call."""

FUNCTIONS = MACROS | {
    "length", "len", "lower", "upper", "trim", "left", "right", "substr", "substring", "replace", "concat", "strpos",
    "starts_with", "ends_with", "contains", "regexp_matches", "regexp_full_match", "regexp_extract", "regexp_replace",
    "coalesce", "nullif", "if", "least", "greatest", "abs", "round", "floor", "ceil", "year", "month", "day", "date_diff",
    "list_contains", "list_has", "list_has_any", "list_has_all", "list_distinct",
}  # fmt: skip

CASTS = frozenset({"DATE", "INT", "BIGINT", "DECIMAL", "DOUBLE", "VARCHAR", "TEXT"})

ALWAYS = frozenset({"reported_on", "today"})
"""Columns that every table has."""

_NODES = (
    exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.And, exp.Or, exp.Not,
    exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.NullSafeEQ, exp.NullSafeNEQ, exp.Is, exp.In, exp.Between,
    exp.Like, exp.Add, exp.Sub, exp.Mul, exp.Div, exp.IntDiv, exp.Mod, exp.Neg, exp.DPipe, exp.Case, exp.If,
    exp.Cast, exp.TryCast, exp.DataType, exp.DataTypeParam, exp.Array, exp.Anonymous,
)  # fmt: skip

_WORDS = {
    exp.Subquery: "a subquery", exp.Select: "a query", exp.Window: "a window (OVER)", exp.Star: "*", exp.Lambda: "a lambda",
    exp.Exists: "EXISTS", exp.Filter: "FILTER", exp.Placeholder: "a parameter", exp.Bracket: "an index in [ ]",
    exp.Interval: "INTERVAL (use add_months or add_working_days)", exp.Dot: "a name with dots", exp.Struct: "a struct",
}  # fmt: skip


class DialectError(ValueError):
    """The text is no rule of ours: what was found, what was expected, and at which character (1-based)."""

    def __init__(self, found: str, expected: str, position: int) -> None:
        super().__init__(f"found {found} at character {position}; expected {expected}")
        self.found = found
        self.expected = expected
        self.position = position


class _RuleText(DuckDB):
    """DuckDB's grammar in which every function is only a name with arguments."""

    class Parser(DuckDBParser):
        FUNCTIONS: ClassVar[dict[str, Any]] = {}
        FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {
            name: parse for name, parse in DuckDBParser.FUNCTION_PARSERS.items() if name in ("CAST", "TRY_CAST")
        }
        NO_PAREN_FUNCTIONS: ClassVar[dict[Any, Any]] = {}
        NO_PAREN_FUNCTION_PARSERS: ClassVar[dict[str, Any]] = {"CASE": DuckDBParser.NO_PAREN_FUNCTION_PARSERS["CASE"]}


_DIALECT = _RuleText()


def columns_of(fields: Iterable[str]) -> frozenset[str]:
    """The columns a rule over these fields may name: typed, `_text`, `reported_on`, `today`."""
    names = list(fields)
    return frozenset(names) | {f"{n}_text" for n in names} | ALWAYS


def regenerate(text: str, columns: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    """Check one expression against the whitelist and write it anew; also give the columns it reads, in order.

    Raises `DialectError` for anything else than one expression of the listed nodes, functions, casts and `columns`.

    >>> regenerate("len(penalty_kinds)>0", columns_of(["penalty_kinds"]))
    ('len("penalty_kinds") > 0', ('penalty_kinds',))
    """
    try:
        return _regenerate(text, columns)
    except RecursionError:
        raise DialectError("nesting too deep to read", f"at most {MAX_DEPTH} levels", 1) from None


@functools.lru_cache(maxsize=4096)
def _regenerate(text: str, columns: frozenset[str]) -> tuple[str, tuple[str, ...]]:
    tree = _parse(text)
    used: dict[str, None] = {}
    for node in tree.dfs():
        _check_node(node, text)
        if isinstance(node, exp.Column):
            used[_check_column(node, columns, text)] = None
    for column in tree.find_all(exp.Column):
        column.this.set("quoted", True)
    return tree.sql(dialect=_DIALECT, normalize_functions=False, comments=False), tuple(used)


def _parse(text: str) -> exp.Expr:
    if len(text) > MAX_LENGTH:
        raise DialectError(f"{len(text)} characters", f"at most {MAX_LENGTH}", MAX_LENGTH)
    try:
        tokens = _DIALECT.tokenize(text)
        _check_tokens(tokens, text)
        trees = [tree for tree in _DIALECT.parser().parse(tokens, text) if tree is not None]
    except SqlglotError as error:
        raise _syntax(error, text) from error
    if len(trees) != 1:
        raise DialectError(f"{len(trees)} expressions", "exactly one", 1)
    return trees[0]


def _check_tokens(tokens: list[Token], text: str) -> None:
    if len(tokens) > MAX_WORDS:
        raise DialectError(f"{len(tokens)} words and signs", f"at most {MAX_WORDS}", tokens[MAX_WORDS].start + 1)
    depth = 0
    for token in tokens:
        if token.comments:
            raise DialectError("a comment", "no comments: a note belongs into the key `note`", token.end + 2)
        if token.token_type == TokenType.SEMICOLON:
            raise DialectError("';'", "one expression without ';'", token.start + 1)
        depth += (token.text in "([{" and len(token.text) == 1) - (token.text in ")]}" and len(token.text) == 1)
        if depth > MAX_DEPTH:
            raise DialectError(f"{depth} open brackets", f"at most {MAX_DEPTH}", token.start + 1)
    for run in (TokenType.NOT, TokenType.DASH):
        streak = 0
        for token in tokens:
            streak = streak + 1 if token.token_type == run else 0
            if streak > MAX_DEPTH:
                raise DialectError(f"{streak} times {token.text}", f"at most {MAX_DEPTH}", token.start + 1)
    if not text.strip():
        raise DialectError("nothing", "an SQL expression", 1)


def _syntax(error: SqlglotError, text: str) -> DialectError:
    first = (getattr(error, "errors", None) or [{}])[0]
    what = first.get("description") or str(error).splitlines()[0]
    rows = text.split("\n")[: max(first.get("line") or 1, 1) - 1]
    position = sum(len(row) + 1 for row in rows) + (first.get("col") or 1)
    return DialectError(f"no expression ({what})", "one SQL expression of DuckDB", position)


def _check_node(node: exp.Expr, text: str) -> None:
    if type(node) not in _NODES:
        word = next((w for kind, w in _WORDS.items() if isinstance(node, kind)), type(node).__name__)
        expected = (
            "comparisons, and/or/not, in, between, like, is null, case, + - * /, ||, lists, casts and the functions"
        )
        raise DialectError(word, expected + " of the rule dialect", _position(node, text))
    if isinstance(node, exp.Anonymous):
        _check_function(node, text)
    elif isinstance(node, exp.DataType):
        name = node.this.name if hasattr(node.this, "name") else str(node.this)
        if name not in CASTS or any(not isinstance(e, exp.DataTypeParam) for e in node.expressions):
            raise DialectError(
                f"a cast to {node.sql(_DIALECT)}", "one of " + ", ".join(sorted(CASTS)), _position(node, text)
            )
    elif isinstance(node, exp.In) and (node.args.get("query") or node.args.get("unnest") or node.args.get("field")):
        raise DialectError("IN without a list", "in ('…', '…'), or list_contains(column, '…')", _position(node, text))


def _check_function(node: exp.Anonymous, text: str) -> None:
    name = node.this if isinstance(node.this, str) else node.name
    if name.lower() not in FUNCTIONS or node.args.get("quoted"):
        raise DialectError(f"the function {name}", "one of " + ", ".join(sorted(FUNCTIONS)), _position(node, text))
    node.set("this", name.lower())


def _check_column(node: exp.Column, columns: frozenset[str], text: str) -> str:
    name = node.name
    if len(node.parts) != 1 or name not in columns:
        near = ", ".join(sorted(c for c in columns if not c.endswith("_text")))
        raise DialectError(
            f"the column {node.sql(_DIALECT)}", f"a field of the item ({near}) or its _text", _position(node, text)
        )
    return name


def _position(node: exp.Expr, text: str) -> int:
    """Where a node begins, 1-based; nodes without a mark of their own are placed at their first marked part."""
    for part in node.walk():
        if "start" in part.meta:
            return int(part.meta["start"]) + 1
    at = text.lower().find(node.sql(_DIALECT).lower()[:6])
    return max(at, 0) + 1
