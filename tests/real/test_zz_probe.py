import time
from .way import *
def show(name,b):
    print("\n##",name,b.state,b.reason,b.seconds,counts(b),rules(b))
ADDED = {"名单类别": "其他", "列入依据": "《国务院关于建立完善守信联合激励和失信联合惩戒制度的指导意见》", "列入事由": "见失信领域", "列入日期": "2017-11-01", "列入决定机关": "国家公共信用信息中心"}
def test_probe(store, shared_data, tmp_path):
    from chengxin.registry.models import Subject,Record,Identifier,SubjectName
    bl=shared_data/"credit-blacklists"; mx=shared_data/"mixed-credit-records"
    b=take_in(with_columns(bl/"ecommerce_severe_dishonesty_2017.csv",tmp_path/"e.csv",**ADDED),"serious-list","market-regulation"); show("ecom+",b)
    b=take_in(with_columns(bl/"transport_logistics_dishonesty_2017.csv",tmp_path/"t.csv",**ADDED|{"名单类别":"运输物流严重失信"}),"serious-list","transport"); show("transport+",b)
    print(receipt(b).filter(pl.col("level")=="doubt").select("row","rule","found").rows())
    b=take_in(with_columns(bl/"finance_judgment_debtors_ocr.csv",tmp_path/"o.csv",**{"发布日期":"2017-06-01"}),"judgment-defaulter","court"); show("ocr+",b)
    print(Record.objects.filter(held=False).values_list("item").count())
    b=take_in(mx/"wage_arrears_and_debtors_2024.csv","serious-list","human-resources"); show("wage",b)
    b=take_in(mx/"wage_arrears_and_debtors_2024.csv","judgment-defaulter","court"); show("wage/jd",b)
    b=take_in(mx/"judgment_debtors.csv","judgment-defaulter","court"); show("jd",b)
    from chengxin.standards.uscc import make_uscc
    rows=rows_of(mx/"abnormal_and_serious_lists.csv")
    for n,r in enumerate(rows): r["统一社会信用代码"]=make_uscc("9","1","320500",f"QX28{n:04d}")
    f=write(tmp_path/"a.csv",rows)
    b=take_in(f,"abnormal","market-regulation"); show("abn",b)
    print(receipt(b).select("row","rule","level","found","message").rows()[:12])
    b=take_in(f,"serious-list","market-regulation"); show("ser",b)
    print(receipt(b).select("row","rule","level","found").rows())
    rows=rows_of(mx/"discharge_permits.csv")
    for r in rows: r["统一社会信用代码"]=r["排污许可证编号"][:18]; r["行政许可决定文书号"]=r["排污许可证编号"]; r["行政许可决定文书名称"]="排污许可证"; r["许可类别"]="普通"; r["许可内容"]="排放污染物"; r["许可机关"]="生态环境主管部门"
    b=submit(write(tmp_path/"d.csv",rows),"licence","ecology-environment"); show("permits",b)
    print(b.headings); print(receipt(b).select("row","rule","level","found","message").rows())
