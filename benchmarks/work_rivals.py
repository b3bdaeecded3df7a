"""The twenty rules in plain Polars, pandera, pydantic, frictionless and ours: from the CSV to every finding in memory."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks import twenty
from benchmarks.measure import set_up, timed
from benchmarks.twenty import ON


def _answer(work: Any, rows: int) -> dict[str, Any]:
    seconds, found = timed(work)
    return {"seconds": seconds, "rows": rows, "findings": sum(found.values()), "fired": len(+Counter(found))}


def ours(path: str, rows: str) -> dict[str, Any]:
    """The engine as `check_file` uses it, with a plan of these twenty rules; findings carry their messages."""
    set_up()
    import numpy as np
    import polars as pl

    from benchmarks.twenty_plan import plan
    from chengxin.collection.checking import data_rows
    from chengxin.collection.judge import RowHashes, shared_keys
    from chengxin.engine.check import Checker
    from chengxin.engine.findings import Findings
    from chengxin.engine.headers import match_headings
    from chengxin.engine.readers import open_source

    the_plan = plan(Path(path))

    def work() -> dict[str, int]:
        frames, hashes = [], RowHashes()
        with open_source(Path(path)) as source:
            match = match_headings(source.columns, the_plan.columns)
            with Checker(the_plan, match) as checker:
                findings = Findings(the_plan, match.position)
                for chunk in source.chunks():
                    numbers, table = data_rows(chunk)
                    failures = checker.check(table, numbers)
                    hashes.add(failures)
                    frames.append(findings.of(failures, table))
        again, _ = shared_keys(*hashes.column("key"), np.empty(0, np.int64))
        counted = pl.concat(frames)["rule"].value_counts()
        return {**dict(counted.iter_rows()), "number.unique": len(again)}

    return _answer(work, int(rows))


def polars(path: str, rows: str) -> dict[str, Any]:
    """Expressions written by hand, one a rule, failures as a list of rows a rule."""
    import polars as pl

    kinds, offices = twenty.words(Path(path))

    def col(name: str) -> pl.Expr:
        return pl.col(name)

    def day(name: str) -> pl.Expr:
        return col(name).str.to_date("%Y-%m-%d", strict=False)

    def fails(rules: dict[str, pl.Expr]) -> list[pl.Expr]:
        return [expression.fill_null(False).alias(rule) for rule, expression in rules.items()]

    rules = {rule: col(c).is_null() for rule, c in twenty.REQUIRED.items()}
    rules |= {rule: ~col(c).str.contains(f"^{p}$") for rule, (c, p) in twenty.PATTERNS.items()}
    rules |= {
        "category.words": ~col("CF_XDR_LB").is_in(twenty.KINDS),
        "kinds.words": ~col("CF_CFLB").is_in(kinds),
        "authority.words": ~col("CF_CFJG").is_in(offices),
        "name.length": col("CF_XDR_MC").str.len_chars() > twenty.LENGTH,
        "fine.number": col("CF_NR_FK").is_not_null() & col("CF_NR_FK").cast(pl.Float64, strict=False).is_null(),
    }
    rules |= {rule: col(c).is_not_null() & day(c).is_null() for rule, c in twenty.DATES.items()}
    rules |= {
        "decided.not-future": day("CF_JDRQ") > ON,
        "until.not-before": day("CF_YXQ") < day("CF_JDRQ"),
        "fine.when": col("CF_CFLB").str.contains("罚款", literal=True) & col("CF_NR_FK").is_null(),
        "certificate.when": col("CF_CFLB").str.contains("吊销", literal=True) & col("CF_NR_ZKDX").is_null(),
        "number.unique": col("CF_WSH").is_not_null() & col("CF_WSH").is_duplicated(),
    }

    def work() -> dict[str, int]:
        frame = pl.scan_csv(path, infer_schema=False).select(fails(rules)).collect()
        return {rule: frame[rule].arg_true().len() for rule in frame.columns}

    return _answer(work, int(rows))


def pandera(path: str, rows: str) -> dict[str, Any]:
    """A DataFrameSchema on a Polars frame, all failure cases collected (`lazy=True`)."""
    import pandera.polars as pa
    import polars as pl
    from pandera.errors import SchemaErrors

    kinds, offices = twenty.words(Path(path))

    def on_frame(rule: str, expression: pl.Expr) -> pa.Check:
        return pa.Check(lambda data: data.lazyframe.select(expression.fill_null(True)), name=rule, error=rule)

    def day(name: str) -> pl.Expr:
        return pl.col(name).str.to_date("%Y-%m-%d", strict=False)

    def is_day(name: str) -> pl.Expr:
        return pl.col(name).is_null() | day(name).is_not_null()

    number = pl.col("CF_NR_FK").cast(pl.Float64, strict=False)
    patterns = {c: [pa.Check.str_matches(f"^{p}$")] for c, p in twenty.PATTERNS.values()}
    checks: dict[str, list[Any]] = {
        **patterns,
        "CF_XDR_LB": [pa.Check.isin(list(twenty.KINDS))], "CF_CFLB": [pa.Check.isin(kinds)], "CF_CFJG": [pa.Check.isin(offices)],
        "CF_XDR_MC": [pa.Check.str_length(max_value=twenty.LENGTH)],
        "CF_NR_FK": [on_frame("fine.number", pl.col("CF_NR_FK").is_null() | number.is_not_null())],
        **{c: [on_frame(rule, is_day(c))] for rule, c in twenty.DATES.items()},
    }  # fmt: skip
    whole = [
        on_frame("decided.not-future", day("CF_JDRQ") <= ON),
        on_frame("until.not-before", day("CF_YXQ") >= day("CF_JDRQ")),
        on_frame("fine.when", ~pl.col("CF_CFLB").str.contains("罚款", literal=True) | pl.col("CF_NR_FK").is_not_null()),
        on_frame("certificate.when", ~pl.col("CF_CFLB").str.contains("吊销", literal=True) | pl.col("CF_NR_ZKDX").is_not_null()),
        on_frame("number.unique", pl.col("CF_WSH").is_null() | ~pl.col("CF_WSH").is_duplicated()),
    ]  # fmt: skip
    required = set(twenty.REQUIRED.values())
    columns = {
        c: pa.Column(pl.String, checks.get(c, []), nullable=c not in required) for c in {*checks, *required, "CF_WSH"}
    }
    schema = pa.DataFrameSchema(columns, checks=whole)

    def work() -> dict[str, int]:
        frame = pl.read_csv(path, infer_schema=False)
        try:
            schema.validate(frame, lazy=True)
        except SchemaErrors as errors:
            cases = errors.failure_cases
            return dict(
                cases.select(pl.concat_str("column", "check", ignore_nulls=True)).to_series().value_counts().iter_rows()
            )
        return {}

    return _answer(work, int(rows))


def pydantic(path: str, rows: str) -> dict[str, Any]:
    """A model a row; what needs two fields stands in a validator after the fields, unique numbers are counted aside."""
    from typing import Annotated, Literal, Optional

    from pydantic import BaseModel, BeforeValidator, Field, ValidationError, model_validator
    from pydantic_core import PydanticCustomError

    kinds, offices = twenty.words(Path(path))
    empty = BeforeValidator(lambda v: v or None)
    optional_day = Annotated[Optional[date], empty]  # noqa: UP045
    code = Annotated[Annotated[str, Field(pattern=f"^{twenty.CODE}$")] | None, empty]
    kind, office = Literal[tuple(kinds)], Literal[tuple(offices)]  # type: ignore[valid-type]

    class Row(BaseModel):
        CF_XDR_MC: Annotated[str, Field(min_length=1, max_length=twenty.LENGTH)]
        CF_WSH: Annotated[str, Field(min_length=1)]
        CF_SY: Annotated[str, Field(min_length=1)]
        CF_YJ: Annotated[str, Field(min_length=1)]
        CF_XDR_SHXYM: code
        CF_CFJGDM: code
        CF_XDR_GSZC: Annotated[Annotated[str, Field(pattern=f"^{twenty.NUMBER}$")] | None, empty]
        CF_XDR_LB: Literal["法人及非法人组织", "个体工商户", "自然人"]
        CF_CFLB: kind  # type: ignore[valid-type]
        CF_CFJG: office  # type: ignore[valid-type]
        CF_NR_FK: Annotated[float | None, empty]
        CF_NR_ZKDX: Annotated[str | None, empty]
        CF_JDRQ: optional_day
        CF_YXQ: optional_day
        CF_GSJZQ: optional_day

        @model_validator(mode="after")
        def _together(self) -> Row:
            failed = []
            if self.CF_JDRQ and self.CF_JDRQ > ON:
                failed.append("decided.not-future")
            if self.CF_JDRQ and self.CF_YXQ and self.CF_YXQ < self.CF_JDRQ:
                failed.append("until.not-before")
            if "罚款" in self.CF_CFLB and self.CF_NR_FK is None:
                failed.append("fine.when")
            if "吊销" in self.CF_CFLB and self.CF_NR_ZKDX is None:
                failed.append("certificate.when")
            if failed:
                raise PydanticCustomError("together", "{rules}", {"rules": "|".join(failed)})
            return self

    def work() -> dict[str, int]:
        found: Counter[str] = Counter()
        findings, numbers = [], Counter()
        with open(path, encoding="utf-8", newline="") as file:
            for number, row in enumerate(csv.DictReader(file), start=1):
                numbers[row["CF_WSH"]] += 1
                try:
                    Row.model_validate(row)
                except ValidationError as error:
                    for one in error.errors(include_url=False, include_input=False):
                        names = (
                            one["ctx"]["rules"].split("|")
                            if one["type"] == "together"
                            else [f"{one['loc'][0]} {one['type']}"]
                        )
                        findings += [(number, name) for name in names]
                        found.update(names)
        numbers.pop("", None)
        found["number.unique"] = sum(n for n in numbers.values() if n > 1)
        return dict(found)

    return _answer(work, int(rows))


def frictionless(path: str, rows: str) -> dict[str, Any]:
    """A Table Schema and row constraints; the limit of errors is lifted."""
    from frictionless import Checklist, Resource, Schema, checks, system

    kinds, offices = twenty.words(Path(path))
    required = set(twenty.REQUIRED.values())
    patterns = dict(twenty.PATTERNS.values())
    lists = {"CF_XDR_LB": list(twenty.KINDS), "CF_CFLB": kinds, "CF_CFJG": offices}
    with open(path, encoding="utf-8") as file:
        headings = file.readline().strip().split(",")
    fields = []
    for heading in headings:
        limits: dict[str, Any] = {"required": True} if heading in required else {}
        limits |= {"pattern": patterns[heading]} if heading in patterns else {}
        limits |= {"enum": lists[heading]} if heading in lists else {}
        limits |= {"maxLength": twenty.LENGTH} if heading == "CF_XDR_MC" else {}
        limits |= {"unique": True} if heading == "CF_WSH" else {}
        kind = "date" if heading in twenty.DATES.values() else "number" if heading == "CF_NR_FK" else "string"
        fields.append({"name": heading, "type": kind, "constraints": limits})
    texts = (
        f"CF_JDRQ is None or str(CF_JDRQ) <= '{ON}'",
        "CF_JDRQ is None or CF_YXQ is None or str(CF_YXQ) >= str(CF_JDRQ)",
        "CF_CFLB is None or '罚款' not in CF_CFLB or CF_NR_FK is not None",
        "CF_CFLB is None or '吊销' not in CF_CFLB or CF_NR_ZKDX is not None",
    )

    def work() -> dict[str, int]:
        schema = Schema.from_descriptor({"fields": fields})
        checklist = Checklist(checks=[checks.row_constraint(formula=text) for text in texts])
        with system.use_context(trusted=True):
            report = Resource(path, schema=schema, encoding="utf-8").validate(checklist, limit_errors=10**9)
        return dict(Counter(_rule(*row) for row in report.flatten(["type", "fieldName", "note"])))

    return _answer(work, int(rows))


def _rule(kind: str, field: str | None, note: str) -> str:
    constraint = re.search(r'constraint "(\w+)"', note or "")
    return f"{field or note} {constraint[1] if constraint else kind}"
