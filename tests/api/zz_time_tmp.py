import time, statistics, os, pytest
from .world import settle, batch
from ..registry.staged import *
from ..collection.files import penalty, text
from chengxin.registry import search
@pytest.fixture
def world(store, settings):
    settings.API_RATES={"key":os.environ.get("R","100000/60"),"address":os.environ.get("R","100000/60")}
    return settle()
def test_time(world):
    send(*(row(n, YUNLING, "苏州云岭精密机械有限公司", f"{n}号") for n in range(1,31)))
    send(*(row(n, f"X{n}", f"苏州澄砚{n}号商贸有限公司", f"x{n}号", scheme="other") for n in range(1, 2000)))
    search.follow()
    b=batch()
    def t(name, f, n=60):
        f(); xs=[]
        for _ in range(n):
            a=time.perf_counter(); r=f(); xs.append((time.perf_counter()-a)*1000)
        xs.sort(); print(f"{name:28s} p50 {xs[len(xs)//2]:7.2f} ms  p95 {xs[int(len(xs)*.95)]:7.2f} ms  {r.status_code}")
    from django.test import Client
    c=Client(); h={"Authorization":"Bearer "+world.keys["reporter"]}
    g=lambda p,**k: (lambda: c.get("/api/v1"+p, **k))
    t("unknown (bare)", g("/nothing/here"))
    t("codes/severities", g("/codes/severities"))
    t("openapi.json", g("/openapi.json"))
    t("catalogue", g("/catalogue"))
    t("catalogue/penalty", g("/catalogue/penalty"))
    t("subject 30 records", g(f"/subjects/{YUNLING}"))
    e=c.get(f"/api/v1/subjects/{YUNLING}").headers["ETag"]
    t("subject 304", g(f"/subjects/{YUNLING}", headers={"If-None-Match":e}))
    t("search 2 chars", g("/subjects?q=澄砚"))
    t("changes 50", g("/changes"))
    t("changes 200", g("/changes?limit=200"))
    t("batches", g("/batches", headers=h))
    t("batch", g(f"/batches/{b.number}", headers=h))
    t("findings", g(f"/batches/{b.number}/findings", headers=h))
    t("quality", g("/quality", headers=h), 20)
    k=[0]
    def post():
        k[0]+=1
        return c.post("/api/v1/batches", data=text([penalty(k[0])]).encode(), content_type="application/octet-stream", headers={**h,"Idempotency-Key":f"k{k[0]}","Chengxin-Item":"penalty","Chengxin-Source":"ecology-environment"})
    t("POST 1 row, checked", post, 10)
    from chengxin.accounts.limits import count, Rate
    xs=[]
    for _ in range(2000):
        a=time.perf_counter(); count("x",Rate(10**6,60)); xs.append((time.perf_counter()-a)*1e6)
    xs.sort(); print("count()  p50 %.0f us p99 %.0f us"%(xs[1000],xs[1980]))
