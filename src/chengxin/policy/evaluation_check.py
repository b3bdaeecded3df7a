"""What shows of an evaluation model only when all files are read, and how one file outside the packs is read as a draft."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

from chengxin.policy.catalogue import Item
from chengxin.policy.errors import PolicyError, Problem
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_compile import CompiledModel, compile_model
from chengxin.policy.explain import explain
from chengxin.policy.gathered import Reading, Source
from chengxin.policy.packs import CodeTable
from chengxin.policy.policies import Policies
from chengxin.policy.reading import read_toml


def of_evaluations(reading: Reading) -> Iterator[Problem]:
    """Items and fields that are not there, texts that are not of the dialect, two versions of a model for one day."""
    items = newest(item for _, item in reading.of(Item))
    found = reading.of(Evaluation)
    for at, (source, model) in enumerate(found):
        yield from _faults(source, model, items, reading.tables)
        for earlier, other in found[:at]:
            if other.id == model.id and other.effective.overlaps(model.effective):
                said = f"{model.id} for {model.effective}, while {earlier.name} says {other.effective}"
                yield source.problem(("effective",), said, "versions that do not overlap: give the older one `to`")


def newest(items: Iterator[Item]) -> dict[str, Item]:
    """The newest version of every item."""
    found: dict[str, Item] = {}
    for item in items:
        if item.id not in found or found[item.id].effective.start < item.effective.start:
            found[item.id] = item
    return found


def _faults(
    source: Source, model: Evaluation, items: Mapping[str, Item], tables: Mapping[str, CodeTable]
) -> Iterator[Problem]:
    for fault in compile_model(model, items, tables)[1]:
        yield source.problem(fault.path, fault.found, fault.expected)


def read_model(file: Path, policies: Policies) -> Evaluation:
    """One model from a file anywhere, checked against `policies` as if it stood there. Raises `PolicyError`."""
    raw, lines = read_toml(file, file.name)
    source = Source(file.name, raw, lines)
    if raw.get("kind") != "evaluation":
        raise PolicyError([source.problem(("kind",), f"kind = {raw.get('kind')!r}", 'kind = "evaluation"')])
    try:
        model = Evaluation.model_validate(raw)
    except ValidationError as error:
        raise PolicyError([source.problem(p, f, e) for p, f, e in explain(error, Evaluation)]) from error
    problems = list(_faults(source, model, newest(c.item for c in policies.compiled), policies.tables))
    if problems:
        raise PolicyError(problems)
    return model


def compiled_model(model: Evaluation, policies: Policies) -> CompiledModel:
    """A model that has been checked, ready for the engine's plan."""
    return _compiled(_Same(model), _Same(policies))


class _Same:
    """A key that means this very object: packs are frozen, and hashing a whole pack would cost more than compiling."""

    def __init__(self, thing: object) -> None:
        self.thing = thing

    def __hash__(self) -> int:
        return id(self.thing)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.thing is other.thing


@lru_cache(maxsize=256)
def _compiled(model: _Same, policies: _Same) -> CompiledModel:
    assert isinstance(model.thing, Evaluation) and isinstance(policies.thing, Policies)
    items = newest(c.item for c in policies.thing.compiled)
    return compile_model(model.thing, items, policies.thing.tables)[0]
