"""Turns what pydantic says about a model into what an author of policies needs to read."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel, ValidationError

from chengxin.policy.errors import Mismatch
from chengxin.policy.reading import TomlPath

Finding = tuple[TomlPath, str, str]
"""Path of the key, what was found, what was expected."""

_KINDS = {
    "string_type": "text in quotes",
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "bool_parsing": "true or false",
    "tuple_type": "a list in [ ]",
    "list_type": "a list in [ ]",
    "mapping_type": "a table in { }",
    "dict_type": "a table in { }",
    "model_type": "a table in { }",
    "date_type": "a date such as 2026-03-01, without quotes",
    "date_from_datetime_parsing": "a date such as 2026-03-01, without quotes",
    "date_parsing": "a date such as 2026-03-01, without quotes",
    "decimal_type": "a number",
    "decimal_parsing": "a number",
}


def explain(error: ValidationError, model: type[BaseModel]) -> Iterator[Finding]:
    """One finding for each fault of the file, in the order of the file."""
    faults = error.errors(include_url=False)
    paths: set[TomlPath] = {tuple(fault["loc"]) for fault in faults}
    for fault in faults:
        path: TomlPath = tuple(fault["loc"])
        if fault["type"] == "too_short" and any(p[: len(path)] == path and p != path for p in paths):
            continue  # its elements are there but faulty, and that is said already
        yield _one(path, fault["type"], fault.get("ctx", {}), fault.get("input"), fault["msg"], model)


def _one(path: TomlPath, kind: str, ctx: dict[str, Any], given: Any, message: str, model: type[BaseModel]) -> Finding:
    cause = ctx.get("error")
    if isinstance(cause, Mismatch):
        return (*path, *cause.path), cause.found, cause.expected
    if kind == "missing":
        return path, "nothing", f"the key `{path[-1]}`"
    if kind == "extra_forbidden":
        keys = keys_at(model, path[:-1])
        near = difflib.get_close_matches(str(path[-1]), keys, n=1)
        hint = f"`{near[0]}`, perhaps; the keys here are " if near else "one of the keys "
        return path, f"the key `{path[-1]}`", hint + ", ".join(keys)
    if kind == "literal_error":
        return path, repr(given), f"one of {ctx['expected']}"
    if kind == "string_pattern_mismatch":
        return path, repr(given), "small letters, digits and `_` or `-`, a letter first"
    if kind in ("too_short", "string_too_short"):
        return path, "nothing in it", "at least one"
    return path, _shown(given), _KINDS.get(kind, message)


def _shown(given: Any) -> str:
    text = repr(given)
    return text if len(text) < 80 else text[:77] + "…"


def keys_at(model: type[BaseModel], path: TomlPath) -> list[str]:
    """The keys that may stand in the table at `path`."""
    here: type[BaseModel] | None = model
    for step in path:
        if isinstance(step, int) or here is None:
            continue
        info = next((i for n, i in here.model_fields.items() if step in (n, i.alias)), None)
        here = _model_in(info.annotation) if info else None
    return [i.alias or n for n, i in here.model_fields.items()] if here else []


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model inside `tuple[Model, ...]`, `Model | None` or `Model`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    inside = (_model_in(part) for part in getattr(annotation, "__args__", ()))
    return next((m for m in inside if m is not None), None)
