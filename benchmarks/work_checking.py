"""Work of bench (a): bare typed reads of a CSV, and our check of it."""

from __future__ import annotations

import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.measure import set_up, timed

DATES = ("CF_JDRQ", "CF_YXQ", "CF_GSJZQ")
AMOUNTS = ("CF_NR_FK", "CF_NR_WFFF")


def polars(path: str) -> dict[str, Any]:
    """Read with types: texts, dates and amounts; what is no date becomes null."""
    import polars as pl

    schema = _types(path, pl.String, pl.Date, pl.Float64)

    def read() -> int:
        return pl.read_csv(path, schema=schema, ignore_errors=True).height

    seconds, rows = timed(read)
    return {"seconds": seconds, "rows": rows}


def polars_streaming(path: str) -> dict[str, Any]:
    """The same by the streaming engine."""
    import polars as pl

    schema = _types(path, pl.String, pl.Date, pl.Float64)
    seconds, frame = timed(lambda: pl.scan_csv(path, schema=schema, ignore_errors=True).collect(engine="streaming"))
    return {"seconds": seconds, "rows": frame.height}


def duckdb(path: str) -> dict[str, Any]:
    """Read into a table with types; what is no date becomes null."""
    import duckdb as engine

    columns = _types(path, "VARCHAR", "VARCHAR", "VARCHAR")
    # nullif keeps DuckDB 2.0 from pushing the cast into the reader, where it is no longer a try
    casts = [
        f"try_cast(nullif({c}, '') AS {kind}) AS {c}" for kind, cs in (("DATE", DATES), ("DOUBLE", AMOUNTS)) for c in cs
    ]
    con = engine.connect()
    layout = "header = true, auto_detect = false, delim = ',', quote = '\"'"
    select = f"SELECT * REPLACE ({', '.join(casts)}) FROM read_csv('{path}', {layout}, columns = {columns})"
    seconds, _ = timed(lambda: con.execute(f"CREATE TABLE t AS {select}"))
    rows = con.execute("SELECT count(*) FROM t").fetchone()
    return {"seconds": seconds, "rows": rows[0] if rows else 0}


def ours(path: str, day: str, big: str = "", which: str = "all") -> dict[str, Any]:
    """Check the file by the rules of the item and write the receipt; `big` lifts the limit of the file's size.

    `which` = "rejecting" leaves only the rules that reject by the form of a cell, and the check digits inside a code.
    """
    set_up()
    from dataclasses import replace
    from functools import partial

    from chengxin.collection import checking
    from chengxin.engine.readers import Limits
    from chengxin.paths import policies_dir
    from chengxin.policy import load

    if big == "big":
        checking.open_source = partial(checking.open_source, limits=Limits(max_bytes=1 << 40))  # type: ignore[assignment]
    chosen: list[str] = []
    whole = checking.plan_for

    def plan_for(*args: Any, **more: Any) -> Any:
        plan = whole(*args, **more)
        kept = [r for r in plan.rules if not r.test or which == "all" or _rejecting(r)]
        chosen.extend(r.id for r in kept if r.test)
        return replace(plan, rules=tuple(kept))

    checking.plan_for = plan_for
    packs = load(policies_dir())
    on = date.fromisoformat(day)
    item = packs.item("penalty", on)
    with tempfile.TemporaryDirectory(dir=Path(path).parent) as folder:
        seconds, checked = timed(
            lambda: checking.check_file(
                Path(path), item, packs, reported_on=on, today=on, folder=Path(folder), ask_register=False
            )
        )
        receipt = (Path(folder) / "receipt.csv").stat().st_size
    return {
        "seconds": seconds,
        "rows": checked.received,
        "rejected": len(checked.verdict.rejected),
        "doubtful": len(checked.verdict.doubtful),
        "faults": sum(int(str(f["count"])) for f in checked.faults),
        "fired": len(checked.faults),
        "rules": len(chosen),
        "receipt": receipt,
    }


def _rejecting(rule: Any) -> bool:
    return (rule.level == "reject" and rule.stage == "form") or rule.id.endswith((".inner", "organisation_code.check"))


def _types(path: str, text: Any, day: Any, amount: Any) -> dict[str, Any]:
    with open(path, encoding="utf-8") as file:
        headings = file.readline().strip().split(",")
    return {h: day if h in DATES else amount if h in AMOUNTS else text for h in headings}
