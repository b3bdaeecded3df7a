"""Search by code and by name, two characters upwards, abbreviations and former names included (S-11)."""

from __future__ import annotations

import json

import pytest

from chengxin.registry import search
from chengxin.registry.models import Record, Subject
from chengxin.registry.profile import public_profile
from chengxin.standards.text import name_key
from chengxin.standards.uscc import make_uscc

from .staged import row, send

pytestmark = pytest.mark.usefixtures("store")
NAMES = [
    "苏州云岭精密机械有限公司",
    "南京泊禾农业科技有限公司",
    "无锡澄砚文化传播有限公司",
    "云岭（常州）贸易有限公司",
    "ＡＢＣ云帆100%物流公司",
]
CODES = [make_uscc("9", "1", "320500", f"MA1TEK{n}7") for n in range(len(NAMES))]


@pytest.fixture(autouse=True)
def _names(store: object) -> None:
    send(*(row(n, c, name, f"{n}号") for n, (c, name) in enumerate(zip(CODES, NAMES, strict=True), start=1)))
    search.follow()


def names(query: str, **more: int) -> list[str]:
    return [h.current_name for h in search.search(query, **more)]


def test_two_characters_find_every_name_that_has_them() -> None:
    assert sorted(names("云岭")) == sorted([NAMES[0], NAMES[3]])


def test_the_whole_name_comes_first_whatever_its_width_and_brackets() -> None:
    assert names("云岭(常州) 贸易有限公司")[0] == NAMES[3]
    assert names("abc云帆") == [NAMES[4]]


def test_an_abbreviation_whose_characters_stand_apart() -> None:
    assert names("苏云精") == [NAMES[0]]
    assert names("宁泊禾") == [] and names("南泊禾") == [NAMES[1]]


def test_a_code_finds_its_subject_however_it_is_typed() -> None:
    assert names(CODES[2]) == [NAMES[2]]
    assert names(f" {CODES[2].lower()} ") == [NAMES[2]]
    assert names(CODES[2][8:17]) == [NAMES[2]], "the organisation code inside is enough"


def test_a_former_name_leads_to_the_subject_under_its_present_one() -> None:
    send(row(1, CODES[1], "南京新禾农业有限公司", CODES[1]), item="registration", source="market-regulation", batch=2)
    search.follow()
    assert names("泊禾") == ["南京新禾农业有限公司"] == names("新禾")


def test_the_answer_says_which_name_matched() -> None:
    """A former name is no present one: the reader sees why the subject was found."""
    said = json.dumps([{"name": "南京老泊禾厂", "key": name_key("南京老泊禾厂")}], ensure_ascii=False)
    renamed = row(1, CODES[1], "南京新禾农业有限公司", CODES[1], former_names=said)
    send(renamed, item="registration", source="market-regulation", batch=2)
    search.follow()
    assert [(h.name, h.current_name) for h in search.search("老泊禾")] == [("南京老泊禾厂", "南京新禾农业有限公司")]
    assert [h.name for h in search.search("泊禾农业")] == [NAMES[1]]


def test_who_is_known_only_from_what_is_not_public_is_not_found() -> None:
    code = make_uscc("9", "1", "320500", "MA1TEKH7")
    send(row(9, code, "苏州疑名贸易有限公司", "9号", held=1), batch=2)
    send(row(9, make_uscc("9", "1", "320500", "MA1TEKP7"), "苏州微疑贸易有限公司", "10号", publish=0), batch=3)
    Subject.objects.filter(name=NAMES[4]).update(kind="natural_person")
    search.follow()
    assert names("疑名") == names("微疑") == names(code) == names("云帆") == []


@pytest.mark.parametrize("query", ["", " ", "云", "%", "%%", "__", "x' OR 1=1 --", '"', "云 OR 岭", "*", "不存在"])
def test_short_strange_and_hostile_queries_find_nothing_and_break_nothing(query: str) -> None:
    assert names(query) == []


def test_a_percent_sign_is_a_percent_sign() -> None:
    assert names("100%") == [NAMES[4]]


def test_pages_do_not_overlap() -> None:
    assert len({*names("公司", limit=2), *names("公司", limit=2, offset=2), *names("公司", limit=2, offset=4)}) == 5


def test_following_twice_indexes_nothing_twice() -> None:
    assert search.follow() == 0 and not search.behind()
    assert Subject.objects.count() == 5 and len(names("云岭")) == 2


@pytest.mark.parametrize(
    "left",
    [
        {"standing": "repaired"},
        {"standing": "withdrawn"},
        {"standing": "shielded"},
        {"public_until": "2020-01-01"},
        {"retain_until": "2020-01-01"},
    ],
)
def test_who_was_known_only_by_what_has_left_publicity_is_not_found_any_more(left: dict[str, str]) -> None:
    """R-237: a repaired record must not go on speaking through a name that nothing public stands under."""
    code = make_uscc("9", "1", "320500", "MA1TEKR7")
    send(row(9, code, "苏州留痕贸易有限公司", "9号"), batch=2)
    search.follow()
    assert Subject.objects.get(code=code).provisional and names("留痕") == names(code) == ["苏州留痕贸易有限公司"]
    Record.objects.filter(subject__code=code).update(**left)
    assert names("留痕") == names(code) == names("苏留痕") == []
    assert public_profile(code) is None
