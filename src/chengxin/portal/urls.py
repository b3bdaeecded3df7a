"""Routes of the public face."""

from django.contrib.auth.views import LogoutView
from django.urls import path
from django.views.decorators.csrf import csrf_exempt
from django.views.i18n import set_language

from chengxin.accounts.guards import public, signed_in
from chengxin.portal import account, catalogue, content, feedback, guide, judging, verify, views

# Choosing a language changes nothing but one's own cookie; without a token in the form, public pages set no cookie.
choose_language = public("everybody chooses a language")(csrf_exempt(set_language))

urlpatterns = [
    path("", views.home, name="home"),
    path("search", views.search_page, name="search"),
    path("subjects/<str:code>.json", views.subject_json, name="subject-json"),
    path("subjects/<str:code>", views.subject, name="subject"),
    path("lists", judging.lists, name="lists"),
    path("lists/<slug:name>", judging.one_list, name="list"),
    path("inspections", judging.inspections, name="inspections"),
    path("inspections/<str:number>.json", judging.inspection_json, name="inspection-json"),
    path("inspections/<str:number>", judging.inspection, name="inspection"),
    path("verify", verify.verify, name="verify"),
    path("verify/keys.json", verify.keys_json, name="verify-keys"),
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
    path("account/factor", account.factor, name="factor"),
    path("account/confirm", account.confirm_password, name="confirm"),
    path("account/password", account.change_password, name="password"),
    path("account/claim", account.claim, name="claim"),
    path("sign-out", signed_in(LogoutView.as_view()), name="sign-out"),
    path("language", choose_language, name="language"),
]
