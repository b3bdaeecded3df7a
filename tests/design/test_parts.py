"""Every component keeps the contract that readers with a keyboard, a screen reader or a narrow screen rely on (F-26)."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from typing import Any, get_args

import pytest
from django import forms
from django.core.paginator import Paginator
from django.template import engines
from django.test import RequestFactory
from django.utils import translation

from chengxin.design import charts, navigation
from chengxin.design.shapes import (
    Card,
    Cell,
    Chart,
    Column,
    Count,
    Crumb,
    Event,
    Fact,
    Progress,
    Section,
    Series,
    Step,
    Tab,
    Table,
    Tag,
)
from chengxin.policy.evaluation_parts import Common

pytestmark = pytest.mark.once


class Form(forms.Form):
    name = forms.CharField(label="名称", help_text="全称")
    kind = forms.ChoiceField(label="种类", choices=[("a", "甲"), ("b", "乙")], widget=forms.RadioSelect)
    note = forms.CharField(label="说明", required=False)
    agree = forms.BooleanField(label="承诺属实")
    file = forms.FileField(label="文件", required=False)
    secret = forms.CharField(widget=forms.HiddenInput, initial="x")


def draw(code: str, address: str = "/", **values: Any) -> str:
    return str(engines["django"].from_string("{% load parts %}" + code).render(values, RequestFactory().get(address)))


def test_a_button_asks_before_what_is_dangerous_and_escapes_its_words() -> None:
    html = draw("""{% button words kind="danger" name="do" value="x" confirm="确定？" %}""", words="删除 <b>")
    assert html == '<button class="danger" name="do" value="x" data-confirm="确定？">删除 &lt;b&gt;</button>'
    assert draw("""{% button "提交" %}""") == "<button>提交</button>"
    assert (
        draw("""{% action href "去" %}""", href="/a?b=1&c=2") == '<a class="button quiet" href="/a?b=1&amp;c=2">去</a>'
    )


def test_a_field_has_a_label_its_hint_and_its_error_by_reference() -> None:
    html = draw("{% field form.name %}", form=Form({}))
    assert '<label for="id_name">名称</label>' in html
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described and 'aria-invalid="true"' in html
    assert all(f'id="{id}"' in html for id in described[1].split())
    assert "（可不填）" in draw("{% field form.note %}", form=Form())
    assert "（可不填）" not in draw("{% field form.name %}", form=Form())


def test_choices_stand_in_a_fieldset_and_a_tick_beside_its_label() -> None:
    html = draw("{% fields form %}", form=Form({}))
    assert re.search(r"<fieldset[^>]*>\s*<legend>种类", html)
    assert re.search(r'<input type="checkbox"[^>]*><label for="id_agree">承诺属实</label>', html)
    assert html.count('type="hidden"') == 1


def test_an_error_summary_leads_to_each_field_and_is_absent_without_errors() -> None:
    form = Form({"kind": "z"})
    form.add_error(None, "两处不能同时为空。")
    html = draw("{% error_summary form %}", form=form)
    links = re.findall(r'<a href="#([^"]+)">([^<]+)</a>', html)
    assert links[0] == ("id_name", "两处不能同时为空。")
    assert {"id_name", "id_kind_0", "id_agree"} == {id for id, _ in links}
    assert all(f'id="{id}"' in draw("{% fields form %}", form=form) for id, _ in links)
    assert 'role="alert"' in html and "autofocus" in html
    assert draw("{% error_summary form %}", form=Form()).strip() == ""
    assert draw("{% error_summary form %}", form=None).strip() == ""


def test_an_upload_is_an_ordinary_file_field_whose_progress_hides_until_needed() -> None:
    html = draw("{% upload form.file %}", form=Form())
    assert '<label for="id_file">' in html and 'type="file"' in html
    assert re.search(r"data-under-way hidden><progress[^>]*aria-label=", html)


def test_a_filter_bar_is_a_get_form_and_its_tags_say_what_they_take_off() -> None:
    html = draw("{% filters form tags %}", form=Form(), tags=[Tag("地区：南京市", "/x?q=1")])
    assert 'method="get"' in html and "（可不填）" not in html
    assert '<a class="tag" href="/x?q=1">地区：南京市<span class="out-of-sight">（去掉这一条）</span></a>' in html


def test_status_and_grade_are_words_first() -> None:
    assert draw("""{% status "存疑" "warn" %}""") == '<span class="tag warn">存疑</span>'
    html = draw("""{% grade "黄色" "warn" "轻微失信" %}""")
    assert "<strong>黄色</strong>" in html and "<span>轻微失信</span>" in html


def test_a_notice_shows_its_inside_as_a_template_does() -> None:
    html = draw("""{% notice "bad" title=title %}<p>{{ text }}</p>{% endnotice %}""", title="<i>", text="<b>")
    assert html.strip() == '<div class="note bad"><p class="note-title">&lt;i&gt;</p><p>&lt;b&gt;</p></div>'


def test_facts_are_pairs_that_tell_days_codes_and_gaps() -> None:
    moment = datetime(2026, 11, 21, 1, 5, tzinfo=UTC)
    facts = [Fact("日", date(2026, 2, 1)), Fact("号", "Q1", code=True), Fact("无", None), Fact("时", moment, href="/x")]
    html = draw("{% facts facts %}", facts=facts)
    assert "<dd>2026年2月1日</dd>" in html and '<dd class="code">Q1</dd>' in html and "<dd>—</dd>" in html
    assert '<a href="/x">2026-11-21 09:05</a>' in html, "the platform's clock, not Greenwich's"


def test_a_table_has_a_caption_scopes_and_roles_that_survive_the_cards_of_narrow_screens() -> None:
    table = Table(
        "处罚", [Column("单位"), Column("罚款（万元）", number=True)], [[Cell("甲", href="/a", note="旧名"), 12000]]
    )
    html = draw("{% table table %}", table=table)
    assert '<caption class="out-of-sight">处罚</caption>' in html
    assert html.count('scope="col"') == 2 and html.count('scope="row"') == 1
    assert re.search(r'<th scope="row" role="rowheader"[^>]*><a href="/a">甲</a>', html)
    assert '<td role="cell" data-label="罚款（万元）" class="number">12,000' in html
    assert 'role="region" tabindex="0" aria-label="表格：处罚"' in html
    with pytest.raises(ValueError):
        draw("{% table table %}", table=Table("处罚", [Column("单位")], [["甲", 1]]))


def test_an_empty_table_says_so() -> None:
    html = draw("{% table table %}", table=Table("处罚", [Column("单位")], [], empty="没有处罚。"))
    assert "没有处罚。" in html and "<table" not in html


def test_scroll_is_a_region_that_a_keyboard_reaches() -> None:
    html = draw("""{% scroll "各项" %}<table></table>{% endscroll %}""")
    assert html.strip() == '<div class="scroll" role="region" tabindex="0" aria-label="各项"><table></table></div>'


def test_pages_keep_the_rest_of_the_address_and_name_the_present_one() -> None:
    page = Paginator(range(237), 10).page(7)
    html = draw("""{% pages page at="#rows" %}""", "/list?q=云岭&page=7", page=page)
    assert 'aria-label="第 7 页">7</a>' in html and html.count('aria-current="page"') == 1
    assert 'href="?q=%E4%BA%91%E5%B2%AD&amp;page=8#rows" rel="next"' in html
    assert "第 7 页，共 24 页" in html
    assert draw("{% pages page %}", page=Paginator([1], 10).page(1)).strip() == ""


def test_pages_by_cursor_show_only_the_ways_there_are() -> None:
    html = draw("""{% pages_by "" "?after=9" %}""")
    assert 'rel="next"' in html and 'rel="prev"' not in html
    assert draw("""{% pages_by "" "" %}""").strip() == ""


def test_an_empty_state_says_what_to_do_next() -> None:
    assert '<a class="button quiet" href="/submit">报送</a>' in draw("""{% empty "还没有批次。" "/submit" "报送" %}""")


def test_crumbs_tabs_and_navigation_are_named_and_say_where_one_is() -> None:
    assert re.search(r'<nav class="trail" aria-label="[^"]+"><ol><li>', draw("{% crumbs c %}", c=[Crumb("首页", "/")]))
    tabs = [Tab("概况", "/a", current=True), Tab("记录", "/b", count=0)]
    html = draw("""{% tabs tabs "方面" %}""", tabs=tabs)
    assert 'aria-label="方面"' in html and html.count("aria-current") == 1 and '"number-of">0<' in html
    side = draw("""{% second_menu s "工作台" %}""", s=[Section("报送", tabs), Section("待办", tabs[:1])])
    assert side.count("<p>报送</p>") == 2 and "<p>待办</p>" not in side, "wide and folded; one entry needs no heading"
    assert "<details>" in side


def test_the_main_navigation_knows_where_one_is_and_leaves_out_what_is_not_there(monkeypatch: Any) -> None:
    html = draw("{% main_menu %}", "/subjects/91320505QX26A0011U")
    assert html.count('href="/search" aria-current="true"') == 2 and "<details>" in html, "spread out, and folded"
    monkeypatch.setattr(
        navigation, "MAIN", (navigation.Entry("没有", "/not/there"), navigation.Entry("名单", "/lists"))
    )
    assert [t.label for t in navigation.main_menu("/lists")] == ["名单"]


def test_cards_and_counts_are_no_headings_and_show_what_waits() -> None:
    html = draw(
        "{% cards c %}{% counts n %}", c=[Card("办修复", "说明", "/r", count=0)], n=[Count("逾期", 12345, "bad", "/l")]
    )
    assert "<h" not in html
    assert '<a href="/r"><strong>办修复</strong> <span class="number-of">0</span></a>' in html
    assert '<dt><a href="/l">逾期</a></dt><dd>12,345</dd>' in html


def test_a_timeline_tells_machines_the_moment() -> None:
    html = draw("{% timeline e %}", e=[Event(date(2026, 11, 2), "受理", who="林知夏"), Event(None, "待办结")])
    assert 'datetime="2026-11-02"' in html and html.count("<time") == 1


def test_steps_say_their_state_in_words() -> None:
    html = draw("{% steps s %}", s=[Step("收到", "done"), Step("核查", "late"), Step("告知")])
    assert re.findall(r'<span class="state">([^<]+)', html) == ["已完成", "已逾期", "未开始"]
    assert html.count('aria-current="step"') == 1


def test_progress_with_and_without_a_known_end() -> None:
    known = draw("{% progress p %}", p=Progress("检查", 12345, 40000))
    assert 'max="40000" value="12345"' in known and "12,345 / 40,000，31%" in known
    unknown = draw("{% progress p %}", p=Progress("读取", 5120))
    assert "value=" not in unknown and "已处理 5,120" in unknown


CHART = Chart("入库", "十月最多。", ["9 月", "10 月"], [Series("入库", [12000, None])], unit="条", corner="月份")


def test_a_chart_carries_its_sentence_its_data_and_an_open_table_with_the_same_numbers(monkeypatch: Any) -> None:
    monkeypatch.setattr(charts, "_is_there", lambda: True)
    html = draw("{% chart c %}", c=CHART)
    data = re.search(r'<script id="[^"]+" type="application/json">(.*?)</script>', html)
    assert data and json.loads(data[1])["series"] == [{"name": "入库", "values": [12000, None]}]
    assert "<details open>" in html and "十月最多。" in html
    assert "入库（条）" in html and "12,000" in html and "—" in html
    assert 'data-chart="/static/chengxin/charts.js"' in html and '<div class="drawing" hidden>' in html
    assert html == draw("{% chart c %}", c=CHART), "the same page has the same bytes, and the same ETag"


def test_a_chart_without_its_script_is_a_table(monkeypatch: Any) -> None:
    monkeypatch.setattr(charts, "_is_there", lambda: False)
    html = draw("{% chart c %}", c=CHART)
    assert "data-chart" not in html and "<details open>" in html


def test_chinese_words_on_an_english_page_are_marked_as_chinese() -> None:
    with translation.override("en"):
        html = draw("{% facts f %}", f=[Fact("Name", "云岭"), Fact("Code", "Q1")])
    assert '<dd lang="zh-Hans">云岭</dd>' in html and "<dd>Q1</dd>" in html


def test_no_component_needs_inline_script_or_style() -> None:
    """Strict CSP: whatever the examples of the style guide show."""
    from chengxin.design.examples import EXAMPLES, values

    html = "".join(draw(e.code, **values()) for e in EXAMPLES)
    assert not re.search(r"\sstyle=|\son\w+=|<style|javascript:", html)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)), "no id twice"


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize(
    ("number", "text"),
    [(999, "999"), (1000, "1,000"), (1234567, "1,234,567"), (-4321, "-4,321"), (None, "—"), ("A", "A")],
)
def test_numbers_have_separators_in_both_languages(language: str, number: Any, text: str) -> None:
    with translation.override(language):
        assert draw("{{ n|grouped }}", n=number) == text
        if isinstance(number, int):
            assert f">{text}<" in draw("{% counts c %}", c=[Count("条", number)])
            assert f">{text}<" in draw("{% tabs t 'x' %}", t=[Tab("甲", "/", count=number)])
            assert f">{text}<" in draw(
                "{% table t %}", t=Table("表", [Column("甲"), Column("乙", number=True)], [["a", number]])
            )


def test_each_word_that_all_grades_share_has_a_tone_of_its_own() -> None:
    words = get_args(Common)
    tones = [draw("{{ w|grade_tone }}", w=w) for w in words]
    assert len(set(tones)) == len(words), "a chart of grades tells them apart"
    assert draw("{{ w|grade_tone }}", w="none") == draw("{{ w|grade_tone }}", w="unheard") == ""
    assert 'class="grade bad"' in draw("{% grade '严重失信' w|grade_tone %}", w="poor")
