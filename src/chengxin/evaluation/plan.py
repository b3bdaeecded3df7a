"""From an evaluation model to what the engine runs: the only place where policy and engine meet here."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import lru_cache

from chengxin.engine.grading import plan as engine
from chengxin.engine.grading.days import period_of
from chengxin.policy.evaluation import Evaluation
from chengxin.policy.evaluation_check import compiled_model
from chengxin.policy.evaluation_compile import CompiledModel
from chengxin.policy.evaluation_indicators import Indicator
from chengxin.policy.evaluation_parts import Has, Span
from chengxin.policy.policies import Policies
from chengxin.standards.calendar import WorkCalendar
from chengxin.standards.sql import macro_names, macro_statements


def plan_for(model: Evaluation, packs: Policies) -> engine.GradingPlan:
    """The engine's plan for a model that has been checked."""
    compiled = compiled_model(model, packs)
    indicators = tuple(_indicator(compiled, n, i) for n, i in enumerate(model.indicators))
    return engine.GradingPlan(
        model=model.id,
        version=model.version,
        kinds=tuple(model.scope.subjects),
        indicators=indicators,
        groups=_groups(model),
        outcomes=tuple(
            engine.Outcome(o.id, compiled.texts[key, n, "when"], o.grade)
            for key, outcomes in (("veto", model.vetoes), ("direct", model.directs))
            for n, o in enumerate(outcomes)
        ),
        bands=tuple(
            engine.Band(g.id, g.at_least, compiled.text("grade", n, "when"))
            for n, g in enumerate(model.grades)
            if not g.direct_only
        ),
        start=model.score.start,
        floor=model.score.floor,
        ceiling=model.score.ceiling,
        decimals=model.score.decimals,
        scope=compiled.text("scope", "where"),
        has=tuple(_has(h, compiled.text("scope", "has", n, "where")) for n, h in enumerate(model.scope.has)),
        match_all=model.scope.match == "all",
        period=engine.Period(_span(model.observation.length), model.observation.ends)
        if model.observation
        else engine.Period(),
        fields=dict(compiled.fields),
        timely=model.cycle.moves_daily,
        macros=_macros(compiled, packs),
    )


def period(model: Evaluation, packs: Policies, on: date) -> tuple[date | None, date]:
    """First (None: since ever) and last day of the observation period of an evaluation on that day."""
    return period_of(plan_for(model, packs).period, on)


def _macros(compiled: CompiledModel, packs: Policies) -> tuple[str, ...]:
    """The macros that the model's texts call, with those they call in turn: making them all takes longer than grading."""
    bodies, data = _library(packs.work_calendar)
    wanted: set[str] = set()
    texts = list(compiled.texts.values())
    while texts:
        found = {name for name in bodies if any(f"{name}(" in text for text in texts)} - wanted
        wanted |= found
        texts = [bodies[name] for name in found]
    counting = any("getvariable(" in bodies[name] for name in wanted)
    return (*(data if counting else ()), *(bodies[name] for name in bodies if name in wanted))


@lru_cache(maxsize=4)
def _library(calendar: WorkCalendar | None) -> tuple[dict[str, str], list[str]]:
    """Macro name -> the statement that makes it, and the statements that put the calendar's days into the session."""
    names, statements = macro_names(), macro_statements(calendar)
    data, made = statements[: -len(names)], statements[-len(names) :]
    return dict(zip(names, made, strict=True)), data


def _span(span: Span) -> engine.Span:
    if span.days is not None:
        return engine.Span(span.days, "days")
    return engine.Span(span.months if span.months is not None else 12 * (span.years or 0), "months")


def _indicator(compiled: CompiledModel, n: int, i: Indicator) -> engine.Indicator:
    here = ("indicator", n)
    where, of = compiled.text(*here, "where"), compiled.text(*here, "of")
    found = None if i.aggregate == "formula" else _filter(compiled, i, where if of is None else _both(where, of))
    return engine.Indicator(
        id=i.id,
        aggregate=i.aggregate,
        filter=found,
        of=_filter(compiled, i, of) if of is not None else None,
        value=compiled.text(*here, "value"),
        decay=tuple((d.after_months, d.share) for d in i.decay),
        points=i.points,
        steps=tuple((s.at_least, s.points) for s in i.steps),
        map=tuple(i.map.items()),
        otherwise=i.otherwise,
        absent=i.absent,
        when=compiled.text(*here, "when"),
        weight=i.weight,
        floor=i.floor,
        ceiling=i.ceiling,
    )


def _both(*texts: str | None) -> str:
    return " AND ".join(f"({t})" for t in texts if t)


def _filter(compiled: CompiledModel, i: Indicator, where: str | None) -> engine.Filter:
    return engine.Filter(
        items=i.items,
        where=where,
        by=i.by,
        within=_span(i.within) if i.within else None,
        observed=i.within is None and i.window == "observation" and compiled.model.observation is not None,
        expired=i.expired,
    )


def _has(has: Has, where: str | None) -> engine.Filter:
    return engine.Filter(has.items, where, within=_span(has.within) if has.within else None, expired=has.expired)


def _groups(model: Evaluation) -> tuple[engine.Group, ...]:
    def members(group: str | None) -> Iterable[str]:
        return (i.id for i in model.indicators if i.group == group)

    named = [engine.Group(g.id, tuple(members(g.id)), g.weight, g.floor, g.ceiling) for g in model.groups]
    return (*named, engine.Group("", tuple(members(None))))
