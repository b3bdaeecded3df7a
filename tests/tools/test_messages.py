"""The English catalogue is whole, and the tool that says so can tell when it is not (CONTRIBUTING.md, two languages)."""

from __future__ import annotations

import gettext
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from chengxin.tools import messages

SOURCE = """
from django.utils.translation import gettext as _, gettext_lazy, ngettext
def say(n):
    print(_("查询"), gettext_lazy("目录"), ngettext("一个", "%(n)s 个", n), "不翻译")
    return f"<b>{_('里面')} {ngettext('一页', '%(n)s 页', n)}</b>"
"""
TEMPLATE = """{% load i18n %}<p class="x">{% translate "你好" %}{# 注 #}</p>
  {% blocktranslate with who=name %}批次 {{ who }} 已收到{% endblocktranslate %} {{ x|default:_("没有") }}
{% blocktranslate count n=n %}一批{% plural %}{{ n }} 批{% endblocktranslate %}"""


@pytest.fixture
def used(tmp_path: Path) -> Catalog:
    (tmp_path / "code.py").write_text(SOURCE, "utf-8")
    (tmp_path / "page.html").write_text(TEMPLATE, "utf-8")
    return messages.extract(tmp_path)


def test_the_shipped_catalogue_is_whole() -> None:
    assert messages.faults(messages.read(), messages.extract()) == []


def test_texts_of_code_and_templates_are_found(used: Catalog) -> None:
    ids = {m.id for m in used if m.id}
    assert ids == {
        "查询",
        "目录",
        ("一个", "%(n)s 个"),
        "里面",
        ("一页", "%(n)s 页"),
        "你好",
        "批次 %(who)s 已收到",
        "没有",
        ("一批", "%(n)s 批"),
    }


def translated(used: Catalog) -> Catalog:
    known = Catalog(locale="en")
    for message in used:
        if message.id:
            known.add(message.id, _english(message.id))
    return known


def _english(id: str | tuple[str, ...]) -> str | tuple[str, ...]:
    return ("one", "%(n)s of them") if isinstance(id, tuple) else "text" + (" %(who)s" if "%(who)s" in id else "")


def test_a_whole_catalogue_has_no_faults(used: Catalog) -> None:
    assert messages.faults(translated(used), used) == []


@pytest.mark.parametrize(
    ("id", "english", "fault"),
    [
        ("查询", "", "no English: 查询"),
        ("查询", "查 it", "Chinese in the English: 查询"),
        ("批次 %(who)s 已收到", "Batch received", "other places than the Chinese has"),
        ("没人用的话", "words that nobody uses", "used nowhere: 没人用的话"),
    ],
)
def test_what_is_missing_wrong_or_left_over_is_named(used: Catalog, id: str, english: str, fault: str) -> None:
    known = translated(used)
    known.add(id, english)
    known[id].string = english
    assert any(f.startswith(fault) for f in messages.faults(known, used))


def test_uncertain_and_obsolete_texts_are_named(used: Catalog) -> None:
    known = translated(used)
    known["目录"].flags.add("fuzzy")
    known.obsolete["旧话"] = known["目录"]
    assert messages.faults(known, used) == ["uncertain (fuzzy): 目录", "obsolete: 旧话"]


def test_updating_keeps_the_english_and_drops_what_nothing_uses(used: Catalog, tmp_path: Path) -> None:
    known = translated(used)
    known.add("没人用的话", "gone")
    messages.write(messages.update(known, used), tmp_path / "en.po")
    again = messages.read(tmp_path / "en.po")
    assert again["查询"].string == "text"
    assert again.get("没人用的话") is None
    before = (tmp_path / "en.po").read_bytes()
    messages.write(messages.update(again, used), tmp_path / "en.po")
    assert (tmp_path / "en.po").read_bytes() == before


def test_the_compiled_catalogue_is_made_once_and_read_by_gettext(tmp_path: Path) -> None:
    folder = messages.compiled(tmp_path)
    made = folder / "en" / "LC_MESSAGES" / "django.mo"
    when = made.stat().st_mtime_ns
    assert messages.compiled(tmp_path) == folder
    assert made.stat().st_mtime_ns == when
    assert gettext.translation("django", folder, ["en"]).gettext("信用查询") == "Look up"


def test_where_nothing_can_be_written_the_interface_stays_chinese(tmp_path: Path) -> None:
    (tmp_path / "locale").write_text("a file where a folder should be")
    assert not list(messages.compiled(tmp_path).rglob("*.mo"))


def test_the_command_fails_when_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert messages.main(["--check"]) == 0
    monkeypatch.setattr(messages, "read", lambda: Catalog(locale="en"))
    assert messages.main(["--check"]) == 1
    assert "no English: 放行入库   (chengxin/workbench/templates/workbench/decide.html)" in capsys.readouterr().err
