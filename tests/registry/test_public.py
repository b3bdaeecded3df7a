"""What is public is said once: the ORM, SQL and disclosure agree on every record and every subject (G-09, G-13, R-237)."""

from __future__ import annotations

import itertools
from datetime import date, timedelta

import pytest
from django.db import connection

from chengxin.registry.disclosure import Audience, Facts, refusal
from chengxin.registry.models import Record, Standing, Subject, SubjectKind
from chengxin.registry.public import known_sql, no_person, public_records, public_sql, publicly_known
from chengxin.registry.rows import held_under
from tests.portal import shelf

pytestmark = pytest.mark.usefixtures("store")
DAY = shelf.TODAY
ENDS = (None, DAY - timedelta(days=1), DAY, DAY + timedelta(days=1))


@pytest.fixture
def world(store: object) -> dict[int, Facts]:
    """Every combination of what decides, once for each kind of subject: record number -> its facts."""
    owners = [
        shelf.subject(f"试例单位{n}", f"{n}" * 18, kind=kind, found=False) for n, kind in enumerate(SubjectKind.values)
    ]
    heads, facts = [], []
    for owner, publish, held, standing, until, kept in itertools.product(
        owners, (True, False), (True, False), Standing.values, ENDS, ENDS
    ):
        mark = f"{len(heads):032d}"
        heads.append(
            Record(
                item="penalty", source=shelf.ECOLOGY, key=mark, key_hash=mark, subject=owner, change=0, content_hash=mark,
                publish=publish, held=held, standing=standing, public_until=until, retain_until=kept,
            )
        )  # fmt: skip
        facts.append(Facts(owner.kind, standing, held, True, "all", until, kept, publish))
    Record.objects.bulk_create(heads)
    return dict(zip(Record.objects.order_by("pk").values_list("pk", flat=True), facts, strict=True))


def in_sql(sql: str, values: list[object]) -> set[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return {number for (number,) in cursor.fetchall()}


@pytest.mark.parametrize("day", [DAY, DAY + timedelta(days=1), DAY - timedelta(days=2), DAY + timedelta(days=9)])
def test_orm_sql_and_disclosure_say_the_same_of_every_record(world: dict[int, Facts], day: date) -> None:
    right = {pk for pk, facts in world.items() if not refusal(facts, Audience.PUBLIC, "", day)}
    assert right and right != set(world)
    orm = Record.objects.filter(public_records(day)).exclude(subject__kind=SubjectKind.NATURAL_PERSON)
    assert set(orm.values_list("pk", flat=True)) == right
    shown, values = public_sql(day, "x")
    sql = f"""SELECT x.id FROM registry_record x JOIN registry_subject u ON u.id = x.subject_id
              WHERE {shown} AND {no_person()}"""
    assert in_sql(sql, values) == right


@pytest.mark.parametrize("kind", SubjectKind.values)
@pytest.mark.parametrize("provisional", [True, False])
def test_a_subject_is_known_while_something_of_it_may_be_shown(kind: str, provisional: bool) -> None:
    """Each state of the only record on its own: what leaves publicity takes an unregistered subject with it."""
    expected: dict[int, bool] = {}
    for n, (publish, held, standing, until, kept) in enumerate(
        itertools.product((True, False), (True, False), Standing.values, ENDS, ENDS)
    ):
        owner = shelf.subject(f"单位{n}", f"{n:018d}", kind=kind, provisional=provisional, found=False)
        mark = f"{n:032d}"
        Record.objects.create(
            item="penalty", source=shelf.ECOLOGY, key=mark, key_hash=mark, subject=owner, change=0, content_hash=mark,
            publish=publish, held=held, standing=standing, public_until=until, retain_until=kept,
        )  # fmt: skip
        facts = Facts(kind, standing, held, True, "all", until, kept, publish)
        person = kind == SubjectKind.NATURAL_PERSON
        expected[owner.pk] = not person and (not provisional or not refusal(facts, Audience.PUBLIC, "", DAY))
    known, values = known_sql(DAY)
    assert in_sql(f"SELECT u.id FROM registry_subject u WHERE {known}", values) == {
        k for k, yes in expected.items() if yes
    }
    assert {s.pk: publicly_known(s, DAY) for s in Subject.objects.all()} == expected
    rows = {s.pk: held_under(s.code, DAY) for s in Subject.objects.all()}
    assert {pk: held and held.known for pk, held in rows.items()} == expected, "the page's own statement says the same"
