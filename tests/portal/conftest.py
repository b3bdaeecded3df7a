"""What the public pages are tested with: one organisation with a few records of every kind of standing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from chengxin.registry.models import Identifier, Subject

from . import shelf

CODE = "91320505QX26A0011U"


@dataclass(frozen=True)
class Shelf:
    """An organisation and a natural person."""

    firm: Subject
    person: Subject


@pytest.fixture
def filled(scene: Callable[..., Shelf]) -> Shelf:
    return scene(_fill)


def _fill() -> Shelf:
    firm = shelf.subject(
        "苏州云岭精密机械有限公司", CODE, former=("苏州云岭五金厂",), address="南京市玄武区澄泥路 18 号"
    )
    Identifier.objects.create(subject=firm, scheme="registration_number", value="320505000123455")
    person = shelf.subject("欧阳云岭", "p" * 40, kind="natural_person", scheme="person")
    shelf.record(firm, "苏环罚〔2026〕1号")
    shelf.record(person, "苏环罚〔2026〕2号")
    return Shelf(firm, person)
