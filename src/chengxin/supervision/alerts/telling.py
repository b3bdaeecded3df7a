"""Grades that moved are told to those whom the model names (`[[told]]`, R-149, R-155): the subject, the department, the city.

Province, nation and public hear of them by exchange and publication. Each move is told once; a first grade is no move.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from chengxin.policy.evaluation import Evaluation, models, unit_of
from chengxin.policy.policies import Policies
from chengxin.registry.models import FeedConsumer, Subject
from chengxin.registry.packs import policies
from chengxin.supervision.alerts.finding import Found, keep
from chengxin.supervision.grades import Moved, moved_grades, newest_entry

CONSUMER = "supervision:told"
RULE = "told-"
"""What the rule of such a notice is called, before the id of its model."""

_RECEIVERS = ("subject", "department", "city")
_PIECE = 500
_TEXT = "{}在“{}”中的等级由{}变为{}，自{}起。"
_TEXT_EN = "{}: the grade under “{}” has changed from {} to {}, from {} on."


def tell_moves(day: date, actor: str) -> int:
    """Tell every move since the last time; returns how many are new. What moved before the first time is not told."""
    consumer, made = FeedConsumer.objects.get_or_create(name=CONSUMER, defaults={"position": newest_entry()})
    moves = [] if made else list(moved_grades(consumer.position))
    if not moves:
        return 0
    rows = _addressed(moves, policies(), day)
    found = Found()
    if rows.height:
        keep(rows, day, actor, found)
    FeedConsumer.objects.filter(pk=CONSUMER).update(position=moves[-1].entry)
    return found.told


def _addressed(moves: list[Moved], packs: Policies, day: date) -> pl.DataFrame:
    """One row for each addressee of each move, as `finding.keep` takes them."""
    known = {m.id: m for m in models(packs, day) if m.told}
    schema = {
        "entry": pl.Int64,
        "subject_id": pl.Int64,
        "model": pl.String,
        "before": pl.String,
        "grade": pl.String,
        "on": pl.Date,
    }
    frame = pl.DataFrame([m for m in moves if m.model in known], schema=schema, orient="row")
    tells = pl.DataFrame(
        [(m.id, m.version, m.label, m.label_en, r, unit_of(m, packs)) for m in known.values() for r in _receivers(m)],
        schema=["model", "version", "label", "label_en", "receiver", "unit"], orient="row",
    )  # fmt: skip
    grades = pl.DataFrame(
        [(m.id, g.id, g.label, g.label_en) for m in known.values() for g in m.grades],
        schema=["model", "id", "word", "word_en"], orient="row",
    )  # fmt: skip
    if frame.is_empty() or tells.is_empty():
        return pl.DataFrame()
    joined = frame.join(_subjects(frame["subject_id"].unique().to_list()), on="subject_id").join(tells, on="model")
    joined = joined.join(
        grades.rename({"word": "was", "word_en": "was_en"}), left_on=["model", "before"], right_on=["model", "id"]
    )
    joined = joined.join(grades, left_on=["model", "grade"], right_on=["model", "id"])
    to = pl.when(pl.col("receiver") == "subject").then("code").when(pl.col("receiver") == "department").then("unit")
    return joined.select(
        pl.int_range(pl.len(), dtype=pl.Int64).alias("position"),
        pl.concat_str(pl.lit(RULE), "model").str.slice(0, 60).alias("rule"), "version", "subject_id",
        pl.col("code").alias("whom"), pl.format("moved:{}:{}", "model", "entry").alias("cause"),
        pl.format(_TEXT, "name", "label", "was", "word", "on").alias("text"),
        pl.format(_TEXT_EN, "name", "label_en", "was_en", "word_en", "on").alias("text_en"), "receiver",
        to.otherwise(pl.col("region").str.slice(0, 4)).alias("addressee"),
    ).filter(pl.col("addressee") != "")  # fmt: skip


def _receivers(model: Evaluation) -> list[str]:
    """Whom the model names; a class that is internal by nature is never told to its subject."""
    named = {t.who for t in model.told}
    hidden = {"subject"} if model.publication.audience == "internal" else set()
    return [r for r in _RECEIVERS if r in named - hidden]


def _subjects(ids: list[int]) -> pl.DataFrame:
    """Code, name and region of organisations; natural persons are told nothing here (G-13)."""
    rows: list[tuple[int, str, str, str]] = []
    for n in range(0, len(ids), _PIECE):
        some = Subject.objects.filter(pk__in=ids[n : n + _PIECE]).exclude(kind="natural_person")
        rows += some.values_list("pk", "code", "name", "region")
    schema = {"subject_id": pl.Int64, "code": pl.String, "name": pl.String, "region": pl.String}
    return pl.DataFrame(rows, schema=schema, orient="row")
