"""The demo's register of practitioners: reported, looked at, refused, and seen by the doctor herself (S-17, R-253)."""

from __future__ import annotations

import pytest
from django.utils import timezone

from chengxin.accounts.actions import make_user
from chengxin.accounts.models import Organisation, Role
from chengxin.cli.demo.people import PRACTITIONER, auditor, reporter
from chengxin.cli.demo.stories import Scene, practitioners
from chengxin.registry.looks import looks_at
from chengxin.registry.models import Record, Subject
from chengxin.standards.citizen_id import citizen_id_problem
from chengxin.tools.generator.practitioners import citizen_ids

TODAY = timezone.localdate()


@pytest.mark.once
def test_the_story_of_the_practitioners(store: object) -> None:
    health = practitioners.HEALTH
    make_user(reporter(health), "报送", None, [(health, Role.REPORTER)])
    make_user(auditor(health), "审核", None, [(health, Role.AUDITOR)])
    person = practitioners.settle("a-long-pass-phrase")
    for event in practitioners.events(Scene(TODAY, "", "")):
        event.run()
    assert Subject.objects.filter(kind="natural_person").count() == Record.objects.count() == 24
    [unit] = Organisation.objects.filter(memberships__user__username=PRACTITIONER)
    assert Record.objects.filter(subject__code=unit.code).count() == 1, "her account leads to her record"
    assert [bool(look.refused) for look in looks_at(unit.code, drafts=())] == [True, False]
    assert person.username == PRACTITIONER and person.name != unit.name


def test_invented_people_have_right_numbers_that_nobody_has() -> None:
    numbers = citizen_ids(3000, 7).to_list()
    assert not [n for n in numbers if citizen_id_problem(n, TODAY)]
    assert all(n.startswith("990101") for n in numbers) and len(set(numbers)) == 3000
