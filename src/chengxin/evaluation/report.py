"""A simulation as a page that stands alone and as CSV files: whoever decides about a model need not have the platform."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from chengxin.evaluation.simulation_tables import Rows, Simulated, tables_of
from chengxin.standards.cells import csv_lines


def write_report(done: Simulated, out: Path) -> list[Path]:
    """Write report.html and one CSV for each table that has rows into `out` (moves.csv is written by the run itself)."""
    out.mkdir(parents=True, exist_ok=True)
    page = out / "report.html"
    page.write_text(render_to_string("evaluation/simulation.html", context_of(done)), "utf-8")
    files = [page]
    for name, rows in tables_of(done):
        if rows:
            files.append(out / f"{name}.csv")
            _write(files[-1], rows)
    return files


def context_of(done: Simulated) -> dict[str, Any]:
    """Everything a page about a simulation shows, as plain data but for the two models."""
    labels = {i.id: i.label for model in (done.against, done.draft) if model for i in model.indicators}
    columns = [g["grade"] for g in done.grades]
    counts = {(row["before"], row["after"]): row["subjects"] for row in done.migration}
    matrix = [
        {"before": b, "cells": [{"subjects": counts.get((b, a), 0), "same": a == b} for a in columns]} for b in columns
    ]
    splits = [(_("按地区"), done.by_region), (_("按行业"), done.by_industry), (_("按规模"), done.by_size)]
    return {
        "draft": done.draft,
        "against": done.against,
        "day": done.day,
        "subjects": done.subjects,
        "moved": done.moved,
        "up": done.up,
        "down": done.down,
        "grades": done.grades,
        "columns": columns,
        "matrix": matrix,
        "indicators": [{**i, "label": labels.get(i["indicator"], i["indicator"])} for i in done.indicators],
        "splits": [(title, rows) for title, rows in splits if rows],
        "moves": done.moves,
        "outside": _("（不参评）"),
    }


def _write(file: Path, rows: Rows) -> None:
    with file.open("w", encoding="utf-8", newline="") as handle:
        handle.writelines(csv_lines(list(rows[0]), (row.values() for row in rows)))
