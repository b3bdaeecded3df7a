"""A register of practitioners, and one of them in her own archive (S-17, R-253, F-19)."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from chengxin.accounts.demonstration import Person
from chengxin.cli.demo.people import PRACTITIONER, auditor
from chengxin.cli.demo.stories import Event, Scene

if TYPE_CHECKING:
    import polars as pl

    from chengxin.policy.policies import Policies

HEALTH = "health"
_SEED, _PEOPLE = 20261122, 24
_MATTER, _PURPOSE = "practice-supervision", "医师变更执业注册审查"


def events(scene: Scene) -> Iterator[Event]:
    """The department reports, looks at one doctor by duty, and is refused where the matter does not name the items."""
    yield Event("practitioners", scene.ago(45), partial(_report, scene.ago(45)), 9, "卫生健康部门报送执业行为")
    yield Event("practitioner-looked", scene.ago(11), lambda: _look(scene, _MATTER), 11)
    yield Event("practitioner-refused", scene.ago(9), lambda: _look(scene, "administrative-licence"), 11)


def settle(password: str) -> Person:
    """The doctor's account, verified as hers."""
    from django.contrib.auth.hashers import make_password

    from chengxin.accounts import real_name
    from chengxin.accounts.actions import make_user
    from chengxin.accounts.models import User

    name, number = _doctor()
    user = make_user(PRACTITIONER, name, None, [])
    token = real_name.LocalProvider().own_token(name, number)
    real_name.enter_oneself(user, real_name.Oneself(name, number, token))
    User.objects.filter(pk=user.pk).update(password=make_password(password))
    return Person(PRACTITIONER, name, "本人", "执业医师本人：看自己的信用档案，知道谁看过，提出异议")


def _rows(day: date, packs: Policies) -> pl.DataFrame:
    from chengxin.tools.generator.practitioners import conduct

    authority = packs.agency(HEALTH).name
    return conduct(_PEOPLE, _SEED, day, packs, occupation="医师", authority=authority)


def _doctor() -> tuple[str, str]:
    """Name and number of the first of them; they are the same whatever the day."""
    from chengxin.registry.packs import policies

    packs = policies()
    item = packs.item("practitioner", date(2026, 11, 21))
    first = _rows(date(2026, 11, 21), packs)
    return tuple(str(first[item.field(n).label][0]) for n in ("person_name", "id_number"))  # type: ignore[return-value]


def _report(day: date) -> None:
    from chengxin.cli.demo.submitting import Example, carry_on
    from chengxin.registry.packs import policies

    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / f"practitioner-{HEALTH}-{day:%Y%m%d}.csv"
        _rows(day, policies()).write_csv(file)
        carry_on(Example(file, "practitioner", HEALTH), "demo:practitioners")


def _look(scene: Scene, matter: str) -> None:
    """A look that the doctor finds in her archive; the second one was refused."""
    import contextlib

    from chengxin.accounts.persons import person_code
    from chengxin.registry.disclosure import Audience
    from chengxin.registry.looks import Ask, NoBasis, look
    from chengxin.registry.queries import find_subject

    subject = find_subject(person_code(*_doctor()))
    assert subject is not None
    with contextlib.suppress(NoBasis):
        look(scene.actor(auditor(HEALTH)), subject, Ask(Audience.DUTY, _PURPOSE, matter, HEALTH))
