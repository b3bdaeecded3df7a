"""The examples of `/styleguide`: every component in every state, as the code that makes it and the values it shows (F-26).

What stands in the examples is sample text and stays Chinese; titles and notes are in the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.paginator import Paginator
from django.utils.translation import gettext_lazy as _

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
)  # fmt: skip


@dataclass(frozen=True)
class Example:
    """A component: its title, when to use it, and template code that shows it."""

    id: str
    title: Any
    note: Any
    code: str


EXAMPLES = (
    Example("button", _("按钮"), _("一页只有一个主要按钮；删除一类的用危险按钮，并先问一句。"), """\
<div class="actions">
{% button "提交" %} {% button "存为草稿" kind="quiet" name="draft" value="1" %}
{% button "撤回" kind="danger" confirm="确定撤回？撤回后不能恢复。" %} {% button "清空" kind="plain" %}
{% action "#button" "下一步" kind="primary" %} {% action "#button" "返回列表" %}
</div>"""),
    Example("field", _("表单字段"), _("标签在上，提示在标签下，错误写在框的上方并说明怎样改。可不填的才标注。"), """\
<form>{% fields form %}{% button "保存" %}</form>"""),
    Example("wrong", _("有错的表单和错误汇总"), _("汇总在页首，逐条指向字段；页面标题以“出错：”开头，状态码 422。"), """\
{% error_summary wrong %}
<form>{% field wrong.name %}{% field wrong.kind %}</form>"""),
    Example("upload", _("上传"), _("没有脚本时就是普通的文件框；有脚本时显示传了多少。"), """\
<form enctype="multipart/form-data">{% upload sending.file %}{% button "上传并校验" %}</form>"""),
    Example("filters", _("筛选栏"), _("条件都在网址里，可以收藏和转发；已选的条件逐个可去掉。"), """\
{% filters narrowing tags %}"""),
    Example("status", _("状态标签"), _("文字说清楚状态，颜色只是重复一遍。"), """\
{% status "已撤回" %} {% status "已入库" "good" %} {% status "存疑" "warn" %}
{% status "不予入库" "bad" %} {% status "新" "info" %}"""),
    Example("grade", _("等级徽标"), _("等级一律写出文字和含义。"), """\
<ul class="list">
<li>{% grade "绿色" "good" "守信，可以减少检查" %}</li>
<li>{% grade "黄色" "warn" "轻微失信，按常规检查" %}</li>
<li>{% grade "黑色" "bad" "严重失信，列为重点监管" %}</li>
<li>{% grade "B" "" "纳税信用" %}</li>
</ul>"""),
    Example("notice", _("提示"), _("一页最多两条；标题一句话，正文说怎么办。"), """\
{% notice %}<p>普通说明。</p>{% endnotice %}
{% notice "good" title="已收到" %}<p>编号 YY-2026-000012，三个工作日内告知是否受理。</p>{% endnotice %}
{% notice "warn" title="还差一步" %}<p>请在 2026年12月1日前补正材料。</p>{% endnotice %}
{% notice "bad" title="没有通过核验" %}<p>第 2 页的内容被改动。</p>{% endnotice %}
{% notice "info" title="试运行" %}<p>这一项目前只有示例数据。</p>{% endnotice %}"""),
    Example("facts", _("摘要列表"), _("已知的事实一行一条；代码用等宽数字。"), """\
{% facts facts %}"""),
    Example("table", _("表格"), _("第一格是行的名称；数字靠右，单位写在表头；窄屏上一行成为一张卡片。"), """\
{% table table %}"""),
    Example("nothing", _("空状态"), _("说明为什么是空的，下一步做什么。"), """\
{% empty "还没有批次：报送第一个文件后会列在这里。" "#nothing" "报送一个文件" %}
{% table none %}"""),
    Example("pages", _("翻页"), _("知道总数的用页码；不数总数的只有上一页、下一页。"), """\
{% pages page %}
{% pages_by "#pages" "#pages" %}"""),
    Example("crumbs", _("面包屑"), _("回到来处；当前页不在其中。"), """\
{% crumbs crumbs %}"""),
    Example("tabs", _("标签页"), _("同一事物的几个方面，各有自己的网址。"), """\
{% tabs tabs "单位的几个方面" %}"""),
    Example("side", _("第二导航"), _("工作台和我的信用的导航；窄屏上收起在一行里。"), """\
{% second_menu sections "示例导航" %}"""),
    Example("cards", _("入口卡片"), _("一件事一张，标题是动词开头的短语。"), """\
{% cards cards %}"""),
    Example("counts", _("计数"), _("数字自己会说话的时候用；带单位和日期。"), """\
{% counts counts %}"""),
    Example("timeline", _("时间线"), _("发生过的事，按时间排列，写明是谁。"), """\
{% timeline events %}"""),
    Example("steps", _("步骤"), _("一个程序走到哪一步；逾期的写明逾期。"), """\
{% steps steps %}"""),
    Example("progress", _("进度"), _("较长的处理；不知道总数时只说已处理多少。"), """\
{% progress known %}
{% progress unknown %}"""),
    Example("bars", _("图表：柱"), _("一句话说出结论，图在其后，数字在表里；没有脚本时表是展开的。"), """\
{% chart bars %}"""),
    Example("lines", _("图表：线"), _("看变化用线；缺的月份断开，不当作零。"), """\
{% chart lines %}"""),
    Example("stack", _("图表：堆叠"), _("看构成随时间的变化。"), """\
{% chart stack %}"""),
    Example("pie", _("图表：环"), _("只用于五类以内的构成。"), """\
{% chart pie %}"""),
    Example("across", _("图表：横条"), _("名称较长时自动横放。"), """\
{% chart across %}"""),
)  # fmt: skip


class _Form(forms.Form):
    name = forms.CharField(label="单位名称", help_text="营业执照上的全称，例如“苏州云岭精密机械有限公司”。")
    day = forms.DateField(label="决定日期", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    kind = forms.ChoiceField(
        label="申请修复的信息", choices=[("penalty", "行政处罚"), ("list", "严重失信名单")], widget=forms.RadioSelect
    )
    marks = forms.MultipleChoiceField(
        label="送达方式",
        choices=[("page", "网页"), ("post", "邮寄")],
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    region = forms.ChoiceField(label="地区", choices=[("", "全部地区"), ("320100", "南京市"), ("320500", "苏州市")])
    reason = forms.CharField(
        label="理由", required=False, widget=forms.Textarea, help_text="写明哪一处不对、依据什么。"
    )
    agree = forms.BooleanField(label="我承诺以上内容属实", error_messages={"required": "请先勾选承诺。"})


class _Sending(forms.Form):
    file = forms.FileField(label="数据文件", help_text="CSV、XLSX 或 XML，不超过 200 MB。")


class _Narrowing(forms.Form):
    q = forms.CharField(label="名称", required=False)
    region = forms.ChoiceField(label="地区", choices=[("", "全部"), ("320100", "南京市")], required=False)
    month = forms.CharField(label="月份", required=False, widget=forms.TextInput(attrs={"type": "month"}))


_BEIJING = ZoneInfo("Asia/Shanghai")
_MONTHS = ("6 月", "7 月", "8 月", "9 月", "10 月", "11 月")


@lru_cache(maxsize=1)
def values() -> Mapping[str, Any]:
    """What the examples show; invented."""
    return {**_forms(), **_lists(), **_ways(), **_charts()}


def _forms() -> dict[str, Any]:
    wrong = _Form({"name": "", "kind": "none"}, auto_id="wrong_%s")
    wrong.fields["name"].error_messages = {"required": "请填写单位名称，要与营业执照一致。"}
    return {
        "form": _Form(auto_id="form_%s"),
        "wrong": wrong,
        "sending": _Sending(auto_id="sending_%s"),
        "narrowing": _Narrowing({"q": "云岭", "region": "320100"}, auto_id="narrowing_%s"),
        "tags": [Tag("名称：云岭", "#filters"), Tag("地区：南京市", "#filters")],
    }


def _lists() -> dict[str, Any]:
    columns = [Column("单位", wide=True), Column("状态"), Column("罚款（万元）", number=True), Column("决定日期")]
    rows = [
        [Cell("苏州云岭精密机械有限公司", href="#table"), Cell("公示中", tone="warn"), "1.2", date(2026, 9, 30)],
        [
            Cell("南京泊禾食品有限公司", href="#table", note="曾用名：泊禾食品厂"),
            Cell("已修复", tone="good"),
            12000,
            None,
        ],
    ]
    return {
        "facts": [
            Fact("统一社会信用代码", "91320505QX26A0011U", code=True),
            Fact("成立日期", date(2019, 3, 8)),
            Fact("最近更新", datetime(2026, 11, 21, 9, 5, tzinfo=_BEIJING)),
            Fact("认定机关", "江苏省生态环境厅", href="#facts"),
            Fact("曾用名", ("苏州云岭五金厂", "云岭五金")),
            Fact("联系电话", ""),
        ],
        "table": Table("行政处罚", columns, rows, show_caption=True),
        "none": Table("名单", columns, [], empty="这份名单上现在没有单位。"),
        "page": Paginator(range(237), 10).page(7),
        "counts": [
            Count("登记的单位", 20000),
            Count("今天到期", 3, "warn", "#counts"),
            Count("已经逾期", 1, "bad", note="最早的一件逾期两天"),
            Count("入库率", "99.2%", "good", note="目标 98%"),
        ],
    }


def _ways() -> dict[str, Any]:
    events = [
        Event(date(2026, 11, 2), "申请人提出异议", "文号抄写有误", "苏州云岭精密机械有限公司", "info"),
        Event(datetime(2026, 11, 3, 9, 12, tzinfo=_BEIJING), "受理", who="林知夏", tone="good", href="#timeline"),
        Event(datetime(2026, 11, 20, 18, 0, tzinfo=_BEIJING), "核查逾期", "已催办一次", tone="bad"),
        Event(None, "待办结"),
    ]
    steps = [
        Step("收到", "done", "2026-11-02"), Step("信源单位核查", "late", "应于 2026-11-19 前答复", "#steps"),
        Step("中心复核", "now", "还剩 2 个工作日"), Step("告知结果"),
    ]  # fmt: skip
    return {
        "crumbs": [Crumb("信用查询", "#crumbs"), Crumb("苏州云岭精密机械有限公司", "#crumbs")],
        "tabs": [
            Tab("概况", "#tabs", current=True),
            Tab("信用信息", "#tabs", count=12),
            Tab("查询记录", "#tabs", count=0),
        ],
        "sections": [
            Section("报送", [Tab("报送文件", "#side"), Tab("批次", "#side", current=True, count=4)]),
            Section("办件", [Tab("待办", "#side"), Tab("办理情况", "#side")]),
        ],
        "cards": [
            Card("查信用", "按名称、简称或代码查单位。", "#cards"),
            Card("办修复", "满足条件的失信信息可以申请修复。", "#cards", count=2, tone="warn"),
            Card("核验报告", "凭编号或文件核对一份报告。", "#cards"),
        ],
        "events": events,
        "steps": steps,
        "known": Progress("逐行检查", 12345, 40000, steps),
        "unknown": Progress("正在读取文件", 5120),
    }


def _charts() -> dict[str, Any]:
    stored, doubted = (412, 380, None, 455, 520, 498), (12, 20, 8, 5, 9, 3)
    one, two = Series("入库", stored), Series("存疑", doubted)
    grades = Series("单位", (812, 154, 34))
    return {
        "bars": Chart("各月入库", "十月最多，520 条；八月没有报送。", _MONTHS, [one], "bar", "条", "月份"),
        "lines": Chart("入库与存疑", "入库回升，存疑下降。", _MONTHS, [one, two], "line", "条", "月份"),
        "stack": Chart("校验结果的构成", "存疑的不到百分之六。", _MONTHS, [one, two], "stack", "条", "月份"),
        "pie": Chart(
            "信用等级", "八成的单位是绿色。", ("绿色", "黄色", "黑色"), [grades], "pie", "个", "等级", ("good", "warn", "bad")
        ),
        "across": Chart(
            "各单位入库率", "三家达到目标，一家没有。",
            ("江苏省市场监督管理局", "江苏省生态环境厅", "江苏省应急管理厅", "江苏省工业和信息化厅"),
            [Series("入库率", (99.1, 98.4, 98.0, 91.7))], unit="%", corner="信源单位",
        ),
    }  # fmt: skip
