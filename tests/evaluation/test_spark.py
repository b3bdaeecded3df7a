"""`--engine spark` gives and stores what the engine in this process gives (issue 3, part 1)."""

from __future__ import annotations

import pytest

from chengxin.engine.grading.cluster import java_home
from chengxin.evaluation.actions import evaluate
from chengxin.evaluation.models import Run
from chengxin.evaluation.spark import ClusterRefused

from .world import ACTOR, MODEL, commitment, current, penalty, recomputed, register

pytestmark = [
    pytest.mark.once,
    pytest.mark.slow,
    pytest.mark.skipif(java_home() is None, reason="there is no Java here"),
    pytest.mark.xdist_group("spark"),
]


def test_the_road_over_spark_leads_to_the_same_grades(province, settings) -> None:
    settings.SPARK_FOLDER, settings.SPARK_MASTER, settings.EVALUATION_SLICE = province.home / "shared", "local[2]", 2
    register(1, 2, 3, 4, 5)
    penalty(1, "苏环罚〔2026〕1号", "2026-05-20")
    penalty(3, "苏环罚〔2026〕2号", "2026-05-20", "serious")
    commitment(5, "承诺5", "2026-01-05")
    done = evaluate(MODEL, ACTOR, engine="spark")
    run = Run.objects.get()
    assert (done.subjects, run.engine, run.finished) == (3, "spark", True)
    assert current(MODEL) == recomputed(MODEL, run.day)
    assert evaluate(MODEL, ACTOR).changed == 0
    assert list((province.home / "shared").iterdir()) == []


def test_a_cluster_that_is_not_there_is_said_and_nothing_is_half_done(province, settings) -> None:
    settings.SPARK_FOLDER, settings.SPARK_MASTER = province.home / "shared", "spark://127.0.0.1:9"
    register(1)
    with pytest.raises(ClusterRefused, match="is the master running"):
        evaluate(MODEL, ACTOR, engine="spark")
    assert current(MODEL) == {} and not Run.objects.filter(finished=True).exists()
