"""The cities and counties of Jiangsu with their division codes (GB/T 2260); tests compare them with the code table.

The places are real because codes and addresses need them; everything that stands in them is invented.
"""

from __future__ import annotations

import polars as pl

PROVINCE = ("320000", "江苏")
_CITIES = """
3201 南京 30 02玄武区 04秦淮区 05建邺区 06鼓楼区 11浦口区 13栖霞区 14雨花台区 15江宁区 16六合区 17溧水区 18高淳区
3202 无锡 16 05锡山区 06惠山区 11滨湖区 13梁溪区 14新吴区 81江阴市 82宜兴市
3203 徐州 11 02鼓楼区 03云龙区 05贾汪区 11泉山区 12铜山区 21丰县 22沛县 24睢宁县 81新沂市 82邳州市
3204 常州 11 02天宁区 04钟楼区 11新北区 12武进区 13金坛区 81溧阳市
3205 苏州 34 05虎丘区 06吴中区 07相城区 08姑苏区 09吴江区 81常熟市 82张家港市 83昆山市 85太仓市
3206 南通 14 12通州区 13崇川区 14海门区 23如东县 81启东市 82如皋市 85海安市
3207 连云港 5 03连云区 06海州区 07赣榆区 22东海县 23灌云县 24灌南县
3208 淮安 6 03淮安区 04淮阴区 12清江浦区 13洪泽区 26涟水县 30盱眙县 31金湖县
3209 盐城 9 02亭湖区 03盐都区 04大丰区 21响水县 22滨海县 23阜宁县 24射阳县 25建湖县 81东台市
3210 扬州 8 02广陵区 03邗江区 12江都区 23宝应县 81仪征市 84高邮市
3211 镇江 5 02京口区 11润州区 12丹徒区 81丹阳市 82扬中市 83句容市
3212 泰州 7 02海陵区 03高港区 04姜堰区 81兴化市 82靖江市 83泰兴市
3213 宿迁 6 02宿城区 11宿豫区 22沭阳县 23泗阳县 24泗洪县
"""


def places() -> pl.DataFrame:
    """One row a county: `code`, `county` (姑苏区), `city` (苏州), `city_code` and `weight`."""
    rows = []
    for line in _CITIES.split("\n")[1:-1]:
        prefix, city, weight, *counties = line.split()
        for county in counties:
            rows.append((prefix + county[:2], county[2:], city, prefix + "00", int(weight) / len(counties)))
    return pl.DataFrame(rows, schema=["code", "county", "city", "city_code", "weight"], orient="row")
