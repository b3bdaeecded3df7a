"""The road over a Spark cluster: slices of the register become Parquet buckets, their grades come back and are stored."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
from django.conf import settings
from django.utils.translation import gettext_noop as _

from chengxin.accounts.refusals import Refusal
from chengxin.engine.grading.cluster import Cluster, NotStarted, grade_on_cluster
from chengxin.engine.grading.plan import GradingPlan
from chengxin.engine.grading.run import Bucket
from chengxin.evaluation import loading
from chengxin.policy.policies import Policies


class ClusterRefused(Refusal):
    """The cluster did not start; the text says why."""


def graded(plan: GradingPlan, packs: Policies, day: date, past: bool) -> Iterator[tuple[pa.Table, str]]:
    """As the road in this process: the grades of one slice after the other, each with the SELECT of its subjects."""
    from chengxin.evaluation.actions import slices

    scratch = Path(settings.SPARK_FOLDER)
    scratch.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=scratch, prefix="grading-"))
    try:
        buckets, selects = [], []
        for number, select in enumerate(slices()):
            loading.touch(select)
            loaded = loading.load(plan, packs, past=past)
            bucket = Bucket(*(str(folder / f"{part}-{number}.parquet") for part in ("subjects", "records", "grades")))
            pa.parquet.write_table(loaded.subjects, bucket.subjects, compression="zstd")
            pa.parquet.write_table(loaded.records, bucket.records, compression="zstd")
            buckets.append(bucket)
            selects.append(select)
        try:
            grade_on_cluster(plan, day, buckets, Cluster(settings.SPARK_MASTER, settings.SPARK_MEMORY))
        except NotStarted as reason:
            raise ClusterRefused(_("Spark 集群没有启动：%(reason)s"), reason=str(reason)) from reason
        for bucket, select in zip(buckets, selects, strict=True):
            yield pa.parquet.read_table(bucket.result), select
    finally:
        shutil.rmtree(folder, ignore_errors=True)
