"""Routes of the public face."""

from typing import Any

from django.contrib.auth.views import LogoutView
from django.urls import URLPattern, path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from chengxin.accounts.guards import public, signed_in
from chengxin.portal import (
    account,
    catalogue,
    content,
    feedback,
    feeds,
    guide,
    home,
    inspections,
    lists,
    mine,
    open_data,
    profile,
    publicity,
    searching,
    sitemap,
    statistics,
    verify,
)
from chengxin.portal.boards import BOARDS

# Choosing a language changes nothing but one's own cookie; without a token in the form, public pages set no cookie.
choose_language = public("everybody chooses a language")(csrf_exempt(set_language))


def _board(board: str) -> list[URLPattern]:
    """The routes of a board: its columns as pages, for programs, as tables and as feeds."""
    named: dict[str, Any] = {"board": board}
    return [
        path(board, publicity.index, named, name=board),
        path(f"{board}/<slug:item>.json", publicity.column_json, named, name=f"{board}-json"),
        path(f"{board}/<slug:item>.csv", publicity.column_csv, named, name=f"{board}-csv"),
        path(f"{board}/<slug:item>/feed.xml", feeds.atom, named, name=f"{board}-feed"),
        path(f"{board}/<slug:item>/feed.json", feeds.json_feed, named, name=f"{board}-feed-json"),
        path(f"{board}/<slug:item>", publicity.column, named, name=f"{board}-column"),
    ]


urlpatterns = [
    path("", home.home, name="home"),
    path("home.json", home.home_json, name="home-json"),
    path("search", searching.search_page, name="search"),
    path("search.json", searching.search_json, name="search-json"),
    path("subjects/<str:code>.json", profile.subject_json, name="subject-json"),
    path("subjects/<str:code>", profile.subject, name="subject"),
    *(route for board in BOARDS for route in _board(board)),
    path("lists", lists.lists, name="lists"),
    path("lists.json", lists.lists_json, name="lists-json"),
    path("lists/<slug:name>.json", lists.list_json, name="list-json"),
    path("lists/<slug:name>", lists.one_list, name="list"),
    path("inspections", inspections.inspections, name="inspections"),
    path("inspections.json", inspections.inspections_json, name="inspections-json"),
    path("inspections/<str:number>.json", inspections.inspection_json, name="inspection-json"),
    path("inspections/<str:number>", inspections.inspection, name="inspection"),
    path("statistics", statistics.statistics, name="statistics"),
    path("statistics.json", statistics.statistics_json, name="statistics-json"),
    path("open-data", open_data.index, name="open-data"),
    path("open-data/datapackage.json", open_data.data_package, name="open-data-package"),
    path("open-data/<slug:item>.<str:format>", open_data.download, name="open-data-file"),
    path("site-map", sitemap.page, name="site-map"),
    path("sitemap.xml", sitemap.index_xml, name="sitemap"),
    path("sitemap-pages.xml", sitemap.pages_xml, name="sitemap-pages"),
    path("sitemap-subjects-<int:number>.xml", sitemap.subjects_xml, name="sitemap-subjects"),
    path("robots.txt", sitemap.robots, name="robots"),
    path("verify", verify.verify, name="verify"),
    path("verify/keys.json", verify.keys_json, name="verify-keys"),
    path("verify/programs/<slug:name>.py", verify.program, name="verify-program"),
    path("catalogue", catalogue.index, name="catalogue"),
    path("catalogue/datapackage.json", catalogue.data_package_json, name="data-package"),
    path("catalogue/<slug:item>", catalogue.show, name="item"),
    path("catalogue/<slug:item>/schema.json", catalogue.schema_json, name="item-schema"),
    path("catalogue/<slug:item>/template.xlsx", catalogue.template_xlsx, name="item-template"),
    path("news", content.index, name="news"),
    path("news/feed.xml", content.feed_xml, name="news-feed-xml"),
    path("news/feed.json", content.feed_json, name="news-feed-json"),
    path("news/<int:pk>.json", content.show_json, name="news-item-json"),
    path("news/<int:pk>", content.show, name="news-item"),
    path("guide", guide.index, name="guide"),
    path("guide/<slug:procedure>", guide.show, name="guide-procedure"),
    path("feedback", feedback.write, name="feedback"),
    path("feedback/find", feedback.find, name="feedback-find"),
    path("feedback/<str:code>", feedback.answer, name="feedback-answer"),
    path("sign-in", account.sign_in, name="sign-in"),
    path("sign-in/code", account.code, name="sign-in-code"),
    path("account", mine.account, name="account"),
    path("account/sessions", mine.end_others, name="account-sessions"),
    path("account/invitation/<str:uid>/<str:token>", mine.invitation, name="invitation"),
    path("account/factor", account.factor, name="factor"),
    path("account/confirm", account.confirm_password, name="confirm"),
    path("account/password", account.change_password, name="password"),
    path("account/claim", account.claim, name="claim"),
    path("sign-out", signed_in(LogoutView.as_view()), name="sign-out"),
    path("language", choose_language, name="language"),
]
